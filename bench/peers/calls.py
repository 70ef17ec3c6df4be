"""What every relay does that is attacked side by side: it takes calls one by one, as a SIP proxy would make them.

Lines of JSON: {"event": "started", "pid": ...} on stdout once the relay runs; then a request a line on stdin, and its
reply, {"ports": {"near": [host, port], "far": [host, port]}} or {"error": "..."}, on stdout. Ends when stdin does.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_network
from typing import Protocol

from protocol import Endpoint

__all__ = ["Calls", "Party", "Ports", "arguments", "is_private", "other", "serve"]

Ports = dict[str, Endpoint]
"""Where the party of each leg has to send, as far as the relay has said."""
PRIVATE = [ip_network(net) for net in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")]


@dataclass(frozen=True)
class Party:
    """What the signalling of one party says: of which leg, why, its address in the SDP, and where it came from."""

    leg: str
    event: str
    declared: Endpoint
    hosts: list[str]


class Calls(Protocol):
    """A relay, as a SIP proxy sees it. `party` speaks: it offers, or it answers the other one's offer."""

    def offer(self, call: str, party: Party) -> Ports: ...

    def answer(self, call: str, party: Party) -> Ports: ...

    def delete(self, call: str) -> Ports: ...


def other(leg: str) -> str:
    """The leg that faces `leg`."""
    return "far" if leg == "near" else "near"


def is_private(party: Party) -> bool:
    """Whether a proxy would take the SDP for one from behind NAT, as Kamailio's nat_uac_test("8") does."""
    return any(IPv4Address(party.declared[0]) in net for net in PRIVATE)


def arguments(description: str) -> argparse.ArgumentParser:
    """The command line that every relay understands; a relay adds its own options."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--interface", required=True, metavar="HOST")
    parser.add_argument("--ports", required=True, metavar="LOW-HIGH", type=_ports)
    return parser


def _ports(text: str) -> range:
    low, _, high = text.partition("-")
    return range(int(low), int(high) + 1)


def _reply(calls: Calls, line: str) -> dict[str, object]:
    asked = json.loads(line)
    if asked["do"] == "delete":
        return {"ports": calls.delete(asked["call"])}
    host, port = asked["declared"]
    party = Party(asked["leg"], asked["event"], (host, port), asked["hosts"])
    return {"ports": (calls.offer if asked["do"] == "offer" else calls.answer)(asked["call"], party)}


def serve(calls: Calls) -> None:
    """Answer requests until stdin ends. What a relay refuses is told, and ends the process."""
    for line in sys.stdin:
        try:
            reply = _reply(calls, line)
        except SystemExit as refusal:
            print(json.dumps({"error": str(refusal)}), flush=True)
            raise
        print(json.dumps(reply), flush=True)
