"""rtpcore through its public API: one worker, every leg's address declared, default policy."""

from __future__ import annotations

import os

from protocol import Announcer, Arguments, Endpoint, read_arguments, wait_for_end

import rtpcore


def make_call(relay: rtpcore.Relay, number: int, arguments: Arguments) -> tuple[Endpoint, Endpoint]:
    """Make one call as a daemon would; return the ports that (the caller, the callee) sends to."""
    session = relay.create_session(f"bench-{number}")
    legs = []
    for name, peer in (("caller", arguments.caller), ("callee", arguments.callee)):
        leg = session.add_leg(name)
        leg.publish()
        leg.signal(event="answer", declared=peer, signalling=[peer[0]], payload_types={0: 8000})
        legs.append(leg)
    return legs[0].address, legs[1].address


def main() -> None:
    """Run the relay until stdin ends."""
    arguments = read_arguments("rtpcore, one worker.")
    announcer = Announcer()
    with rtpcore.Relay([rtpcore.Interface("127.0.0.1")], ports=arguments.ports, workers=1) as relay:
        announcer.started(os.getpid())
        announcer.ready([make_call(relay, number, arguments) for number in range(arguments.sessions)])
        wait_for_end()


if __name__ == "__main__":
    main()
