"""What every relay under measurement does: read its arguments, announce its ports as JSON, run until stdin ends.

Lines on stdout: {"event": "started", "pid": ...} once the relay runs without sessions, then {"event": "ready",
"sessions": [[caller_host, caller_port, callee_host, callee_port], ...], "setup_seconds": ...}.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import dataclass

__all__ = ["Announcer", "Arguments", "Endpoint", "read_arguments", "wait_for_end"]

Endpoint = tuple[str, int]


@dataclass(frozen=True)
class Arguments:
    """How many sessions to make, where their parties are, and which local ports may be used."""

    sessions: int
    caller: Endpoint
    callee: Endpoint
    ports: range


def _endpoint(text: str) -> Endpoint:
    host, _, port = text.rpartition(":")
    return host, int(port)


def _ports(text: str) -> range:
    low, _, high = text.partition("-")
    return range(int(low), int(high) + 1)


def read_arguments(description: str) -> Arguments:
    """Read the command line that the harness gives to every relay."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--sessions", type=int, default=1)
    parser.add_argument("--caller", type=_endpoint, required=True, metavar="HOST:PORT")
    parser.add_argument("--callee", type=_endpoint, required=True, metavar="HOST:PORT")
    parser.add_argument("--ports", type=_ports, default=range(10000, 30000), metavar="LOW-HIGH")
    found = parser.parse_args()
    return Arguments(found.sessions, found.caller, found.callee, found.ports)


class Announcer:
    """Tells the harness how far the relay is."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    def started(self, pid: int) -> None:
        """The relay runs as process `pid` and has no session yet."""
        self._say(event="started", pid=pid)
        self._started = time.monotonic()

    def ready(self, sessions: list[tuple[Endpoint, Endpoint]]) -> None:
        """Every session can take packets at the ports given: (for the caller, for the callee)."""
        rows = [[*caller, *callee] for caller, callee in sessions]
        self._say(event="ready", sessions=rows, setup_seconds=time.monotonic() - self._started)

    @staticmethod
    def _say(**fields: object) -> None:
        print(json.dumps(fields), flush=True)


def wait_for_end() -> None:
    """Block until the harness closes stdin, or is gone."""
    sys.stdin.buffer.read()
