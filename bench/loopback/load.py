"""Runs the compiled generator against a relay's sessions and reads the relay's CPU clocks at its start and stop."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import Any

from loopback import build
from loopback.cores import Usage, read_usage
from loopback.relays import RunningRelay
from loopback.scenarios import Scenario

__all__ = ["Ends", "GeneratorFailed", "Load", "Tally", "load", "open_ends"]

PROVEN_STATUS = (0, 1)  # 1: the relay did not pass the proof, which is a result; anything else is a failure

Ends = tuple[socket.socket, socket.socket]


class GeneratorFailed(Exception):
    """The generator ended without a result."""


@dataclass(frozen=True)
class Tally:
    """What became of the packets, from the proof to the last one drained: sent = received + lost."""

    sent: int
    received: int
    lost: int
    reordered: int
    duplicated: int
    corrupt: int
    misrouted: int
    generator_dropped: int

    def flaws(self) -> dict[str, int]:
        """What went wrong: the counters that should be 0 and are not."""
        counted = ("lost", "reordered", "duplicated", "corrupt", "misrouted")
        return {name: getattr(self, name) for name in counted if getattr(self, name)}


@dataclass(frozen=True)
class Load:
    """What the generator measured. Without proof there is nothing but the tally."""

    proven: bool
    tally: Tally
    usage: Usage
    packets: int = 0
    seconds: float = 0.0
    latency_us: dict[str, float] | None = None
    send_lateness_us: dict[str, float] | None = None
    busy_share: float = 0.0
    cpu_seconds: float = 0.0


@contextmanager
def open_ends() -> Iterator[Ends]:
    """Two bound sockets with even ports whose odd neighbours are bound too: RTCP must not stray into the other one."""
    kept: list[socket.socket] = []
    ends: list[socket.socket] = []
    try:
        while len(ends) < 2:
            end, neighbour = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
            kept += end, neighbour
            end.bind(("127.0.0.1", 0))
            port = end.getsockname()[1]
            if port % 2:
                continue
            try:
                neighbour.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            ends.append(end)
        yield ends[0], ends[1]
    finally:
        for each in kept:
            each.close()


def load(relay: RunningRelay, scenario: Scenario, ends: Ends, core: int, seconds: float, warm_up: float) -> Load:
    """Load `relay` as `scenario` says, from the sockets `ends`; the generator ends with the caller, come what may."""
    listing = build.BUILD / "sessions.txt"
    listing.write_text("".join("{} {} {} {}\n".format(*session) for session in relay.sessions))
    descriptors = [end.fileno() for end in ends]
    words = [
        *(str(build.generator()), "--sessions", str(listing), "--fds", ",".join(map(str, descriptors))),
        *("--cpu", str(core), "--seconds", str(seconds), "--warm-up", str(warm_up)),
        *scenario.generator_words(),
    ]
    begin = end = read_usage(relay.pid)
    result: dict[str, Any] = {}
    generator = subprocess.Popen(words, stdout=subprocess.PIPE, pass_fds=descriptors, start_new_session=True)
    try:
        assert generator.stdout is not None
        with generator.stdout:
            for line in generator.stdout:
                news = json.loads(line)
                if news["event"] == "start":
                    begin = read_usage(relay.pid)
                elif news["event"] == "stop":
                    end = read_usage(relay.pid)
                else:
                    result = news
        status = generator.wait()
    finally:
        if generator.poll() is None:
            generator.kill()
            generator.wait()
    if not result or status not in PROVEN_STATUS:
        raise GeneratorFailed(f"The generator ended with status {status}.")
    return _result(result, end.since(begin))


def _result(result: dict[str, Any], usage: Usage) -> Load:
    tally = Tally(**{field.name: result[field.name] for field in fields(Tally)})
    if not result["proven"]:
        return Load(False, tally, usage)
    return Load(
        proven=True,
        tally=tally,
        usage=usage,
        packets=result["measured_packets"],
        seconds=result["seconds"],
        latency_us=result["latency_us"],
        send_lateness_us=result["send_lateness_us"],
        busy_share=result["busy_share"],
        cpu_seconds=result["cpu_seconds"],
    )
