"""Relays between two parties, each given as the address in its SDP, until Ctrl-C.

python examples/asyncio_relay.py 127.0.0.1:5004 127.0.0.1:6000
"""

from __future__ import annotations

import asyncio
import contextlib
import sys

import rtpcore
import rtpcore.aio


async def relay_between(parties: list[tuple[str, int]]) -> None:
    async with rtpcore.aio.Relay([rtpcore.Interface("127.0.0.1")]) as relay:
        session = await relay.create_session("example")
        for name, declared in zip(("caller", "callee"), parties, strict=True):
            leg = await session.add_leg(name)
            await leg.publish()
            # A daemon would take the second address from where the signalling came from.
            leg.signal("answer", declared=declared, signalling=[declared[0]])
            print(f"{name} {declared} sends to {leg.address}", flush=True)
        async for event in relay.events():
            print(f"{event.leg} {event.name} {event.source}", flush=True)


if __name__ == "__main__":
    hosts_and_ports = [argument.rpartition(":") for argument in sys.argv[1:]]
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(relay_between([(host, int(port)) for host, _, port in hosts_and_ports]))
