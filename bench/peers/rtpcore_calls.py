"""rtpcore's calls, through its public API: the profile is said, everything else is the default."""

from __future__ import annotations

import os

import calls
from calls import Party, Ports
from protocol import Announcer

import rtpcore

PAYLOAD_TYPES = {0: 8000, 13: 8000, 101: 8000}


class RtpcoreCalls:
    """One relay. A leg's port is published when the other party is about to be told of it."""

    def __init__(self, relay: rtpcore.Relay, profile: str) -> None:
        self._relay = relay
        self._profile = profile
        self._sessions: dict[str, rtpcore.Session] = {}
        self._legs: dict[str, dict[str, rtpcore.Leg]] = {}
        self._offers: dict[str, Party] = {}

    def offer(self, call: str, party: Party) -> Ports:
        if call not in self._sessions:
            session = self._sessions[call] = self._relay.create_session(call)
            self._legs[call] = {
                leg: session.add_leg(leg, policy=rtpcore.LatchPolicy(self._profile)) for leg in ("near", "far")
            }
            self._legs[call][calls.other(party.leg)].publish()
            self._offers[call] = party
        else:
            self._signal(call, party, party.event)
        return self._ports(call)

    def answer(self, call: str, party: Party) -> Ports:
        offer = self._offers.pop(call, None)
        if offer is None:
            self._signal(call, party, "refresh")
        else:
            self._legs[call][offer.leg].publish()
            self._signal(call, offer, "answer")
            self._signal(call, party, "answer")
        return self._ports(call)

    def delete(self, call: str) -> Ports:
        self._sessions.pop(call).close()
        del self._legs[call]
        return {}

    def _signal(self, call: str, party: Party, event: str) -> None:
        leg = self._legs[call][party.leg]
        leg.signal(event, declared=party.declared, signalling=party.hosts, payload_types=PAYLOAD_TYPES)

    def _ports(self, call: str) -> Ports:
        return {name: leg.address for name, leg in self._legs[call].items()}


def main() -> None:
    """Run the relay until stdin ends."""
    parser = calls.arguments("rtpcore, to be attacked.")
    parser.add_argument("--profile", default="guarded")
    asked = parser.parse_args()
    with rtpcore.Relay([rtpcore.Interface(asked.interface)], ports=asked.ports) as relay:
        Announcer().started(os.getpid())
        calls.serve(RtpcoreCalls(relay, asked.profile))


if __name__ == "__main__":
    main()
