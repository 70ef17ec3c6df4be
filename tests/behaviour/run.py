"""Plays the scenarios and prints their figures, each with its bound; see --help."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

# The tests stand beside the package, and the installed one comes first.
sys.path.append(str(Path(__file__).resolve().parents[2]))

from tests.behaviour import virtual
from tests.behaviour.figures import Figures, faults
from tests.behaviour.loopback import play
from tests.behaviour.rounds import again_if_late, groups
from tests.behaviour.scenario import ANY, Clock, Scenario
from tests.behaviour.table import SCENARIOS

__all__ = ["main"]

NAMES = {"inj": "inj", "bleed_ms": "bleed", "lost": "lost", "dead_ms": "dead"}
EPILOG = """\
Each figure stands before its bound: inj, packets of attackers that were forwarded; bleed, milliseconds of the call that
went to anybody but its parties; lost, packets of the phone that were not forwarded; dead, milliseconds of the peer's
media that did not reach the phone. "-" is no bound: what no relay can prevent without keys.
Exit status: 0; 1 when a bound is broken; 2 when something cannot be done as asked."""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, without the usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def _limits(scenario: Scenario, clock: Clock) -> dict[str, int | None]:
    bounds = scenario.bounds
    found = {"inj": bounds.inj, "bleed_ms": bounds.bleed_ms, "lost": bounds.lost, "dead_ms": bounds.dead_on(clock)}
    return {name: None if limit >= ANY else limit for name, limit in found.items()}


def _over_udp(scenarios: Sequence[Scenario]) -> dict[str, Figures]:
    found: dict[str, Figures] = {}
    possible = [scenario for scenario in scenarios if os.geteuid() == 0 or not scenario.forges_hosts]
    for scenario in scenarios:
        if scenario not in possible:
            print(f"{scenario.id} over UDP is left out: forging a source address needs root.", file=sys.stderr)
    for group in groups(possible):
        played = play(group)
        found |= {scenario.id: again_if_late(scenario, played[scenario.id]).figures for scenario in group}
    return found


def _row(scenario: Scenario, plays: Mapping[Clock, Figures]) -> dict[str, Any]:
    return {
        "id": scenario.id,
        "what": scenario.what,
        "raises": sorted(scenario.raises),
        "faults": [
            f"{clock}: {fault}" for clock, figures in plays.items() for fault in faults(scenario, clock, figures)
        ],
        **{clock: {"bounds": _limits(scenario, clock), "figures": asdict(figures)} for clock, figures in plays.items()},
    }


def _cells(row: Mapping[str, Any], clocks: Sequence[Clock]) -> list[str]:
    found = []
    for clock in clocks:
        for name in NAMES:
            if clock not in row:
                found.append("")
                continue
            limit = row[clock]["bounds"][name]
            found.append(f"{row[clock]['figures'][name]}/{'-' if limit is None else limit}")
    return found


def _print(rows: Sequence[Mapping[str, Any]], clocks: Sequence[Clock]) -> None:
    heads = [NAMES[name] + (" udp" if clock == "udp" else "") for clock in clocks for name in NAMES]
    table = [["id", *heads, "", "what"]]
    table += [
        [row["id"], *_cells(row, clocks), "BROKEN" if row["faults"] else "ok", "; ".join((row["what"], *row["faults"]))]
        for row in rows
    ]
    widths = [max(len(line[column]) for line in table) for column in range(len(table[0]))]
    for line in table:
        cells = [line[0].ljust(widths[0])]
        cells += [text.rjust(width) for text, width in zip(line[1:-2], widths[1:-2], strict=True)]
        print("  ".join((*cells, line[-2].ljust(widths[-2]), line[-1])))


def main(words: Sequence[str] | None = None) -> int:
    """The exit status."""
    parser = _Parser(
        prog="tests/behaviour/run.py",
        description="Plays the scenarios of tests/behaviour, in virtual time and on request over UDP on loopback.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("ids", nargs="*", metavar="ID", help="of a scenario, or how several begin; default: all")
    parser.add_argument("--udp", action="store_true", help="also over UDP against a relay, 14 at a time: 90 s for all")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write rows, bounds, figures and events to FILE")
    asked = parser.parse_args(words)
    for name in asked.ids:
        if not any(known.startswith(name) for known in SCENARIOS):
            parser.error(f"there is no scenario {name!r}.")
    wanted = [
        scenario
        for scenario in SCENARIOS.values()
        if not asked.ids or any(scenario.id.startswith(name) for name in asked.ids)
    ]
    clocks: tuple[Clock, ...] = ("virtual", "udp") if asked.udp else ("virtual",)
    over_udp = _over_udp(wanted) if asked.udp else {}
    rows = []
    for scenario in wanted:
        plays: dict[Clock, Figures] = {"virtual": virtual.play(scenario)}
        if scenario.id in over_udp:
            plays["udp"] = over_udp[scenario.id]
        rows.append(_row(scenario, plays))
    _print(rows, clocks)
    if asked.json:
        asked.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    broken = sum(bool(row["faults"]) for row in rows)
    print(f"{len(rows)} scenarios, {broken} with a broken bound.")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
