"""The calls of Debian's rtpengine, through the NG protocol, with the flags that Kamailio's own configuration sends.

That is `replace-origin replace-session-connection`, and `SIP-source-address` where the SDP has a private address.
"""

from __future__ import annotations

import shutil
import signal
import socket
import sys
import tempfile
from pathlib import Path

import bencode
import calls
import rtpengine
from calls import Party, Ports
from protocol import Announcer

OFFERED = {"hold": "sendonly"}
ANSWERED = {"hold": "recvonly"}


class RtpengineCalls:
    """One daemon. Tags are named after the legs."""

    def __init__(self, client: rtpengine.NgClient, flags: list[str]) -> None:
        self._client = client
        self._flags = flags
        self._answered: set[str] = set()

    def offer(self, call: str, party: Party) -> Ports:
        said = {"to_tag": self._tag(call, calls.other(party.leg))} if call in self._answered else {}
        ports = {calls.other(party.leg): self._ask("offer", call, party, party.leg, OFFERED, **said)}
        if not said:
            ports[party.leg] = self._local_port(call, party.leg, ports[calls.other(party.leg)][0])
        return ports

    def answer(self, call: str, party: Party) -> Ports:
        self._answered.add(call)
        offerer = calls.other(party.leg)
        to_tag = self._tag(call, party.leg)
        return {offerer: self._ask("answer", call, party, offerer, ANSWERED, to_tag=to_tag)}

    def delete(self, call: str) -> Ports:
        self._client.ask(command="delete", call_id=call, from_tag=self._tag(call, "near"))
        return {}

    @staticmethod
    def _tag(call: str, leg: str) -> str:
        return f"{call}-{leg}"

    def _ask(
        self, command: str, call: str, party: Party, from_leg: str, directions: dict[str, str], **said: str
    ) -> tuple[str, int]:
        flags: list[bencode.Value] = [*self._flags, *(["SIP-source-address"] if calls.is_private(party) else [])]
        reply = self._client.ask(
            command=command,
            call_id=call,
            from_tag=self._tag(call, from_leg),
            sdp=rtpengine.sdp(party.declared, party.leg, directions.get(party.event, "sendrecv")),
            flags=flags,
            replace=["origin", "session-connection"],
            received_from=["IP4", party.hosts[0]],
            supports=["load limit"],
            **said,
        )
        described = reply["sdp"]
        assert isinstance(described, bytes)
        return rtpengine.media_address(described)

    def _local_port(self, call: str, leg: str, host: str) -> tuple[str, int]:
        """The port that the offering party will be told with the answer, and that a sprayer finds before."""
        found = self._client.ask(command="query", call_id=call)["tags"]
        try:
            stream = found[self._tag(call, leg)]["medias"][0]["streams"][0]  # type: ignore[index, call-overload]
            return host, int(stream["local port"])  # type: ignore[index, call-overload, arg-type]
        except (KeyError, IndexError, TypeError):
            raise SystemExit(f"rtpengine does not say which port {leg} of {call} has: {found!r}.") from None


def main() -> None:
    """Run rtpengine until stdin ends."""
    parser = calls.arguments("rtpengine in user space, to be attacked.")
    parser.add_argument("--learning", default="delayed")
    parser.add_argument("--flags", default="")
    asked = parser.parse_args()
    for program in ("rtpengine", "setpriv"):
        if not shutil.which(program):
            raise SystemExit(f"The program {program} is not installed.")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        ng_port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        daemon = rtpengine.start(ng_port, asked.ports, Path(folder), asked.interface, asked.learning)
        try:
            client = rtpengine.NgClient(ng_port)
            client.ask(command="ping")
            Announcer().started(daemon.pid)
            calls.serve(RtpengineCalls(client, [flag for flag in asked.flags.split(",") if flag]))
        finally:
            rtpengine.stop(daemon)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    main()
