"""The calls of rtp.io, which is RTPProxy as a Python package, through its command socket.

Where the SDP has a private address it is given the signalling's, as Kamailio's module does without its flag `r`.
"""

from __future__ import annotations

import importlib
import os
import socket

import calls
from calls import Party, Ports
from protocol import Announcer, Endpoint

REPLY_SECONDS = 5


class RtpioCalls:
    """One proxy. Tags are named after the legs."""

    def __init__(self, control: socket.socket, interface: str, flags: str) -> None:
        self._control = control
        self._modifiers = f"{flags}L{interface}"
        self._answered: set[str] = set()

    def offer(self, call: str, party: Party) -> Ports:
        tags = f"{party.leg};1" + (f" {calls.other(party.leg)};1" if call in self._answered else "")
        return {calls.other(party.leg): self._ask("U", call, party, tags)}

    def answer(self, call: str, party: Party) -> Ports:
        self._answered.add(call)
        offerer = calls.other(party.leg)
        return {offerer: self._ask("L", call, party, f"{offerer};1 {party.leg};1")}

    def delete(self, call: str) -> Ports:
        reply = self._say(f"D {call} near;1 far;1")
        if reply != "0":
            raise SystemExit(f"rtp.io answered {reply!r} to the end of {call}.")
        return {}

    def _ask(self, command: str, call: str, party: Party, tags: str) -> Endpoint:
        host = party.hosts[0] if calls.is_private(party) else party.declared[0]
        words = self._say(f"{command}{self._modifiers} {call} {host} {party.declared[1]} {tags}").split()
        if len(words) < 2 or not words[0].isdecimal() or words[0] == "0":
            raise SystemExit(f"rtp.io answered {' '.join(words)!r} to {command} of {call}.")
        return words[1], int(words[0])

    def _say(self, command: str) -> str:
        self._control.sendall(command.encode() + b"\n")
        return self._control.recv(4096).decode().strip()


def main() -> None:
    """Run the proxy inside this process until stdin ends."""
    parser = calls.arguments("rtp.io, to be attacked.")
    parser.add_argument("--modifiers", default="")
    asked = parser.parse_args()
    proxy = importlib.import_module("rtp.io").rtpproxy(ttl=3600, port_min=asked.ports[0], port_max=asked.ports[-1])
    control = proxy.rtpp_sock
    control.settimeout(REPLY_SECONDS)
    Announcer().started(os.getpid())
    calls.serve(RtpioCalls(control, asked.interface, asked.modifiers))


if __name__ == "__main__":
    main()
