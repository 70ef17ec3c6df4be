"""Attacks relays side by side, with the scenarios of tests/behaviour, over UDP in a network of its own; see --help."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from loopback import build, facts
from loopback.relays import RelayFailed
from loopback.report import facts_lines, read_docs, write_docs
from security import network, report
from security.configurations import CONFIGURATIONS, QUICK, Configuration
from security.rounds import Result, run_rounds
from security.rows import NAMES, select

DOCS = build.BENCH.parent / "docs" / "security.md"
ROUNDS = 3
LONGEST_WAIT_S, QUICK_WAIT_S = 5.0, 2.0
PRIORITY = -10
"""A player that waits for a core plays parties that pause."""
SAID = ("when", "commit", "processor", "processors", "kernel", "python", "relays")
FAILURES = (ValueError, RelayFailed, network.NetworkFailed)

EXAMPLES = """\
examples:
  bench/run_security.py                                       every relay that is installed, all rows, 3 rounds
  bench/run_security.py --quick                               four relays, one round: a minute and a half
  bench/run_security.py --relays rtpcore-guarded,rtpengine-heuristic --rows A01,A04 --json results.json
  bench/run_security.py --write-docs                          and put the tables into docs/security.md

It needs root, or user namespaces; ip and unshare; rtpengine and rtp.io where these are to be attacked too.
Exit status: 0; 1 when rtpcore failed to carry a call without an attack; 2 when something cannot be done as asked."""


@dataclass(frozen=True)
class Arguments:
    """What was asked for, with the defaults filled in."""

    configurations: list[Configuration]
    names: list[str]
    rounds: int
    longest_wait_s: float
    json: Path | None
    write_docs: bool


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, without the usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def _names(text: str) -> list[str]:
    return [name for name in text.split(",") if name]


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0.")
    return int(text)


def _configurations(names: list[str] | None, quick: bool) -> list[Configuration]:
    """Those asked for, all of which must be there; or all that are, the others being named."""
    found, left_out = [], set()
    for name in names or (QUICK if quick else CONFIGURATIONS):
        if name not in CONFIGURATIONS:
            raise ValueError(f"There is no relay {name!r}, only {', '.join(CONFIGURATIONS)}.")
        lack = CONFIGURATIONS[name].kind.missing()
        if lack and names:
            raise ValueError(f"The relay {name} cannot be attacked: {lack}.")
        if lack:
            left_out.add(f"left out: {CONFIGURATIONS[name].kind.name}, because {lack}")
        else:
            found.append(CONFIGURATIONS[name])
    for line in sorted(left_out):
        print(line, file=sys.stderr)
    if not found:
        raise ValueError("No relay is left to be attacked.")
    return found


def _read() -> Arguments:
    parser = _Parser(
        prog="bench/run_security.py",
        description="Attacks relays side by side, with the scenarios of tests/behaviour.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--quick", action="store_true", help="four relays, one round, waits in mid-call cut to 2 s")
    add("--relays", type=_names, metavar="A,B,...", help=f"of {', '.join(CONFIGURATIONS)}; default: those installed")
    add("--rows", type=_names, metavar="A,B,...", default=list(NAMES), help=f"of {', '.join(NAMES)}; default: all")
    add("--rounds", type=_positive, metavar="N", help=f"times each relay is attacked ({ROUNDS})")
    add("--json", type=Path, metavar="FILE", help="write everything, every round, to FILE")
    add("--write-docs", action="store_true", help="replace the measured block of docs/security.md")
    found = parser.parse_args()
    return Arguments(
        configurations=_configurations(found.relays, found.quick),
        names=found.rows,
        rounds=found.rounds or (1 if found.quick else ROUNDS),
        longest_wait_s=QUICK_WAIT_S if found.quick else LONGEST_WAIT_S,
        json=found.json,
        write_docs=found.write_docs,
    )


def _tell(what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)


def _circumstances(asked: Arguments, result: Result) -> dict[str, object]:
    kinds = list({each.kind.name: each.kind for each in asked.configurations}.values())
    known = facts.collect(None, kinds)
    latest_s = max(played.slip_s for plays in result.rounds.values() for played in plays)
    return {name: known[name] for name in SAID} | {
        "rounds": asked.rounds,
        "seconds a call waits at most": asked.longest_wait_s,
        "a packet was late by at most, ms": round(latest_s * 1000),
    }


def _document(title_level: str, tables: dict[str, list[str]]) -> list[str]:
    lines: list[str] = []
    for title, table in tables.items():
        lines += ["", f"{title_level} {title}", "", *table]
    return lines


def _run() -> int:
    asked = _read()
    if asked.json:
        asked.json.parent.mkdir(parents=True, exist_ok=True)
        asked.json.open("a").close()  # a file that cannot be written is better known now than after the measuring
    if asked.write_docs:
        read_docs(DOCS)
    rows = select(asked.names, asked.longest_wait_s)
    network.enter()
    with suppress(PermissionError):
        os.nice(PRIORITY)  # of the player, and of the relays, which inherit it
    result = run_rounds(asked.configurations, rows, asked.rounds, _tell)
    circumstances = _circumstances(asked, result)
    tables = report.tables(result)
    print("\n".join([*facts_lines(circumstances), *_document("==", tables)]), flush=True)
    if asked.json:
        whats = {row.name: row.what for row in rows}
        found = {"circumstances": circumstances, "rows": whats, "relays": result.as_json()}
        asked.json.write_text(json.dumps(found, indent=1) + "\n")
    if asked.write_docs:
        write_docs(DOCS, [*(f"- {line}" for line in facts_lines(circumstances)), *_document("###", tables)])
    own = [each.name for each in asked.configurations if each.kind.name == "rtpcore"]
    return 0 if all(result.carries(name) for name in own) else 1


def main() -> int:
    """Run it; errors are one sentence and status 2."""
    # A relay is ended on the way out, so the way out must be taken.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        return _run()
    except OSError as failure:
        print(f"bench/run_security.py: {failure.filename or 'the system'}: {failure.strerror}.", file=sys.stderr)
        return 2
    except FAILURES as failure:
        print(f"bench/run_security.py: {failure}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("bench/run_security.py: stopped", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
