"""Measures relays side by side over loopback, and the parts of rtpcore one by one."""

from __future__ import annotations

import argparse
import json
import re
import signal
import sys
from pathlib import Path
from typing import NoReturn

from loopback import build, cores, facts, report, scenarios
from loopback.load import GeneratorFailed
from loopback.measure import Measurement, Plan
from loopback.relays import RELAYS, RelayFailed, RelayKind
from loopback.rounds import ScenarioResult, run_rounds

EXAMPLES = """\
examples:
  bench/run.py                                        every relay that is installed, every scenario, 6 rounds
  bench/run.py --quick                                2 rounds of one second, saturation only
  bench/run.py --relays rtpcore,rtpengine --scenarios paced-50k,paced-4k
  bench/run.py --sessions 4000 --window 512 --json results.json
  bench/run.py --write-docs                           and put the tables into docs/benchmarks.md

The first relay named is compared with each of the others. Exit status: 0; 1 when a packet was lost, changed or out of
order in a round of rtpcore, or nothing counts; 2 when something cannot be used as asked."""

DOCS = build.BENCH.parent / "docs" / "benchmarks.md"


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, without the usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def _names(text: str) -> list[str]:
    return [name for name in text.split(",") if name]


def _ports(text: str) -> range:
    found = re.fullmatch(r"(\d+)-(\d+)", text)
    ports = range(int(found[1]), int(found[2]) + 1) if found else range(0)
    if not 1024 <= ports.start < ports.stop <= 65536:
        raise argparse.ArgumentTypeError(f"{text!r} is no range of ports LOW-HIGH from 1024 to 65535.")
    return ports


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0.")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 3600:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds above 0 and up to 3600.")
    return seconds


def _arguments() -> argparse.Namespace:
    parser = _Parser(
        prog="bench/run.py",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--quick", action="store_true", help="2 rounds of one second, saturation only, unless said otherwise")
    add("--relays", type=_names, metavar="A,B,...", help=f"of {', '.join(RELAYS)}; default: those installed")
    add("--scenarios", type=_names, metavar="A,...", help=f"of {', '.join(scenarios.SCENARIOS)}; default: all")
    add("--sessions", type=_positive, metavar="N", help="sessions of the saturation scenario (1000)")
    add("--window", type=_positive, metavar="PACKETS", help="packets in flight there (256)")
    add("--rounds", type=_positive, metavar="N", help="times each relay is measured (6)")
    add("--seconds", type=_seconds, metavar="S", help="measured seconds of each round (2)")
    add("--warm-up", type=_seconds, metavar="S", default=0.5, help="seconds of load before that (0.5)")
    add("--ports", type=_ports, metavar="LOW-HIGH", default=range(10000, 30000), help="the relays' ports (10000-29999)")
    add("--relay-core", type=int, metavar="N", help="core of the relay; default: the last")
    add("--generator-core", type=int, metavar="N", help="core of the generator; default: another one")
    add("--json", type=Path, metavar="FILE", help="write everything, every round, to FILE")
    add("--write-docs", action="store_true", help="replace the measured block of docs/benchmarks.md")
    return parser.parse_args()


def _kinds(names: list[str] | None) -> list[RelayKind]:
    """The relays asked for, all of which must be there; or all that are, the others being named."""
    if names is not None:
        for name in names:
            if name not in RELAYS:
                raise ValueError(f"There is no relay {name!r}, only {', '.join(RELAYS)}.")
            lack = RELAYS[name].missing()
            if lack:
                raise ValueError(f"The relay {name} cannot be measured: {lack}.")
        return [RELAYS[name] for name in names]
    found = []
    for kind in RELAYS.values():
        lack = kind.missing()
        if lack:
            print(f"left out: {kind.name}, because {lack}", file=sys.stderr)
        else:
            found.append(kind)
    return found


def _tell(number: int, found: Measurement) -> None:
    print(report.round_line(number, found), flush=True)


def _document(result: ScenarioResult) -> list[str]:
    scenario = result.scenario
    load = f"{scenario.window} packets in flight" if scenario.window else f"{scenario.rate:,} packets/s"
    return [
        f"### {scenario.name}: {scenario.title}",
        "",
        f"{scenario.sessions:,} session(s), {load}, {'one direction' if scenario.one_way else 'both directions'}.",
        "",
        *report.table(result),
        "",
        *(f"- {line}" for line in report.ratio_lines(result)),
        *(f"- Note: {line}" for line in report.warnings(result)),
        "",
    ]


def _run(arguments: argparse.Namespace) -> int:
    kinds = _kinds(arguments.relays)
    if not kinds:
        raise ValueError("No relay is left to be measured.")
    names = arguments.scenarios or (["saturation"] if arguments.quick else list(scenarios.SCENARIOS))
    chosen = scenarios.select(names, arguments.sessions, arguments.window)
    rounds = arguments.rounds or (2 if arguments.quick else 6)
    seconds = arguments.seconds or (1.0 if arguments.quick else 2.0)
    placed = cores.choose_cores(arguments.relay_core, arguments.generator_core)
    plan = Plan(placed, seconds, arguments.warm_up, arguments.ports)
    circumstances = facts.collect(placed, kinds) | {
        "rounds": rounds,
        "seconds_a_round": seconds,
        "warm_up_seconds": arguments.warm_up,
    }
    if arguments.json:
        arguments.json.open("a").close()  # now rather than after all the measuring
    if arguments.write_docs:
        report.read_docs(DOCS)
    for line in report.facts_lines(circumstances):
        print(line)
    document: list[str] = []
    results = []
    for scenario in chosen:
        print(f"\n{scenario.name}: {scenario.title}", flush=True)
        result = run_rounds(kinds, scenario, plan, rounds, _tell)
        results.append(result)
        lines = _document(result)
        print("\n".join(lines[3:]), flush=True)
        document += lines
    if arguments.json:
        found = {"circumstances": circumstances, "loopback": [report.as_json(result) for result in results]}
        arguments.json.write_text(json.dumps(found, indent=2) + "\n")
    if arguments.write_docs:
        report.write_docs(DOCS, [*(f"- {line}" for line in report.facts_lines(circumstances)), "", *document[:-1]])
    flawed = [each for result in results for each in result.rounds.get("rtpcore", []) if not each.counts]
    counted = any(each.counts for result in results for rows in result.rounds.values() for each in rows)
    return 1 if flawed or not counted else 0


def main() -> int:
    """Run the benchmark; see --help."""
    arguments = _arguments()
    # A relay and a generator are ended on the way out, so the way out must be taken.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        return _run(arguments)
    except OSError as failure:
        print(f"bench/run.py: {failure.filename or 'the system'}: {failure.strerror}.", file=sys.stderr)
        return 2
    except (ValueError, build.BuildError, RelayFailed, GeneratorFailed) as failure:
        print(f"bench/run.py: {failure}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("bench/run.py: stopped", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
