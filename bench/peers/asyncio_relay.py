"""A relay as an asyncio programmer writes it first: two DatagramProtocols a session that hand packets to each other."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from typing import cast

from protocol import Announcer, Arguments, Endpoint, read_arguments


class Leg(asyncio.DatagramProtocol):
    """One port: takes packets from its declared peer only and passes them to the other leg's peer."""

    def __init__(self, peer: Endpoint) -> None:
        self.peer = peer
        self.other: Leg | None = None
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: Endpoint) -> None:
        other = self.other
        if addr == self.peer and other is not None and other.transport is not None:
            other.transport.sendto(data, other.peer)


async def _open_leg(ports: Iterator[int], peer: Endpoint) -> tuple[Leg, Endpoint]:
    loop = asyncio.get_running_loop()
    for port in ports:
        try:
            _, leg = await loop.create_datagram_endpoint(lambda: Leg(peer), local_addr=("127.0.0.1", port))
        except OSError:
            continue
        return leg, ("127.0.0.1", port)
    raise SystemExit("The port range is too small for that many sessions.")


async def relay(arguments: Arguments) -> None:
    """Open the sessions, announce them, and relay until stdin ends."""
    announcer = Announcer()
    announcer.started(os.getpid())
    ports = iter(arguments.ports[::2])
    sessions = []
    for _ in range(arguments.sessions):
        caller, caller_address = await _open_leg(ports, arguments.caller)
        callee, callee_address = await _open_leg(ports, arguments.callee)
        caller.other, callee.other = callee, caller
        sessions.append((caller_address, callee_address))
    announcer.ready(sessions)
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), ended.set)
    await ended.wait()


if __name__ == "__main__":
    asyncio.run(relay(read_arguments("An asyncio UDP relay, as a yardstick.")))
