"""The cost of rtpcore's own code a packet: instructions by callgrind, and nanoseconds beside them."""

from __future__ import annotations

import json
import subprocess
import sys
from statistics import median

from loopback import build
from pipeline.instructions import CountFailed, count

__all__ = ["collect", "lines"]

STAGES = {"latch": "the latch of a locked leg", "path": "the whole path: read, judge, track, route, count"}
SMALL, LARGE = 20_000, 120_000
TIMED_PACKETS, TIMED_ROUNDS = 1_000_000, 7


def _command(stage: str) -> list[str]:
    return [sys.executable, str(build.BENCH / "stage.py"), stage]


def _nanoseconds(stage: str) -> list[float]:
    words = [*_command(stage), str(TIMED_PACKETS), "--rounds", str(TIMED_ROUNDS)]
    shown = subprocess.run(words, capture_output=True, text=True, check=False)
    if shown.returncode:
        raise CountFailed(f"The stage {stage} cannot be run: {(shown.stderr.strip().splitlines() or ['?'])[-1]}")
    each = json.loads(shown.stdout)
    assert isinstance(each, list)
    return each


def collect() -> dict[str, dict[str, float]]:
    """Measure every stage, less the loop that drives it; raise CountFailed in one sentence."""
    times = {stage: _nanoseconds(stage) for stage in STAGES}  # builds the driver, which callgrind must not see
    empty, _ = count([*_command("empty"), "{packets}"], SMALL, LARGE)
    found = {}
    for stage, each in times.items():
        instructions, _ = count([*_command(stage), "{packets}"], SMALL, LARGE)
        found[stage] = {
            "instructions_per_packet": round(instructions - empty, 1),
            "nanoseconds_per_packet": median(each),
            "nanoseconds_least": min(each),
            "nanoseconds_greatest": max(each),
        }
    return found


def lines(found: dict[str, dict[str, float]]) -> list[str]:
    """The figures as a Markdown table."""
    rows = ["| stage | instructions/packet | ns/packet |", "| --- | ---: | ---: |"]
    for stage, each in found.items():
        times = [each[f"nanoseconds_{name}"] for name in ("per_packet", "least", "greatest")]
        shown = "{:.1f} ({:.1f} to {:.1f})".format(*times)
        rows.append(f"| {STAGES[stage]} | {each['instructions_per_packet']:,.0f} | {shown} |")
    return rows
