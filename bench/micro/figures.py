"""Runs the micro benchmarks of this folder and reads what pytest-benchmark found."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys

from loopback import build

__all__ = ["NEEDED", "MicroFailed", "Row", "collect", "lines", "missing"]

NEEDED = ("pytest", "pytest_benchmark", "rtpcore")

Row = dict[str, object]


class MicroFailed(Exception):
    """The micro benchmarks did not pass."""


def missing() -> str | None:
    """What has to be installed first, or None."""
    names = [name for name in NEEDED if not importlib.util.find_spec(name)]
    return f"{', '.join(names)} not installed for {sys.executable}" if names else None


def collect(seconds: float) -> list[Row]:
    """Run them, each for about `seconds`; return a row each: group, name, nanoseconds a packet, and packets a loop."""
    build.BUILD.mkdir(parents=True, exist_ok=True)
    out = build.BUILD / "micro.json"
    words = [
        *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(build.BENCH / "micro")),
        *(f"--benchmark-json={out}", f"--benchmark-max-time={seconds}", "--benchmark-disable-gc"),
    ]
    shown = subprocess.run(words, cwd=build.BUILD, capture_output=True, text=True, check=False)
    if shown.returncode:
        said = shown.stdout.strip().splitlines() or shown.stderr.strip().splitlines() or ["it said nothing."]
        raise MicroFailed(f"The micro benchmarks failed, and {' '.join(words[1:5])} says: {said[-1]}")
    rows: list[Row] = []
    for each in json.loads(out.read_text())["benchmarks"]:
        scale = 1e9 / each["extra_info"]["packets"]
        stats = each["stats"]
        rows.append(
            {
                "group": each["group"],
                "name": each["name"].removeprefix("test_").replace("_", " "),
                "nanoseconds": stats["median"] * scale,
                "nanoseconds_least": stats["min"] * scale,
                "rounds": stats["rounds"],
            }
        )
    groups = list(dict.fromkeys(row["group"] for row in rows))
    return sorted(rows, key=lambda row: groups.index(row["group"]))


def lines(rows: list[Row]) -> list[str]:
    """The figures as a Markdown table; in each group, rtpcore is the measure of the others."""
    table = ["| what | who | ns/packet, median | least | times rtpcore |", "| --- | --- | ---: | ---: | ---: |"]
    for row in rows:
        own = [each for each in rows if each["group"] == row["group"] and str(each["name"]).startswith("rtpcore")]
        times, least = row["nanoseconds"], row["nanoseconds_least"]
        assert isinstance(times, float) and isinstance(least, float)
        factor = "" if not own else f"{times / float(str(own[0]['nanoseconds'])):.1f}"
        table.append(f"| {row['group']} | {row['name']} | {times:,.0f} | {least:,.0f} | {factor} |")
    return table
