"""Measures relays side by side over loopback, and the parts of rtpcore one by one; see --help."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import arguments
from loopback import build, facts, report
from loopback.load import GeneratorFailed
from loopback.measure import Measurement
from loopback.relays import RelayFailed
from loopback.rounds import run_rounds
from loopback.scenarios import Scenario
from micro import figures as micro
from pipeline import figures as pipeline
from pipeline.instructions import CountFailed

DOCS = build.BENCH.parent / "docs" / "benchmarks.md"
FAILURES = (ValueError, build.BuildError, RelayFailed, GeneratorFailed, micro.MicroFailed)


@dataclass(frozen=True)
class Part:
    """One table of the report. `sound` is false when what was measured did not work as it must."""

    title: str
    lines: list[str]
    figures: object
    sound: bool = True

    def show(self) -> None:
        """Print it."""
        print("\n".join(["", f"== {self.title}", "", *self.lines]), flush=True)


def _pipeline() -> Part:
    title = "rtpcore's own code, without sockets"
    try:
        found = pipeline.collect()
    except CountFailed as failure:
        return Part(title, [f"Not measured: {failure}"], None)
    return Part(title, pipeline.lines(found), found)


def _micro(quick: bool) -> Part:
    title = "Parsers and trackers, called from Python"
    lack = micro.missing()
    if lack:
        return Part(title, [f"Not measured: {lack}."], None)
    rows = micro.collect(0.1 if quick else 0.5)
    return Part(title, micro.lines(rows), rows)


def _loopback(asked: arguments.Arguments, scenario: Scenario) -> Part:
    def tell(number: int, found: Measurement) -> None:
        print(report.round_line(number, found), flush=True)

    print(f"\n{scenario.name}, {scenario.title}:", flush=True)
    result = run_rounds(asked.kinds, scenario, asked.plan, asked.rounds, tell)
    own = result.rounds.get("rtpcore", [])
    counted = any(each.counts for found in result.rounds.values() for each in found)
    return Part(
        f"{scenario.name}: {scenario.title}",
        report.scenario_lines(result),
        report.as_json(result),
        sound=counted and all(each.counts for each in own),
    )


def _measure(asked: arguments.Arguments) -> list[Part]:
    steps: list[Callable[[], Part]] = []
    if "pipeline" in asked.parts:
        steps.append(_pipeline)
    if "micro" in asked.parts:
        steps.append(partial(_micro, asked.quick))
    if "loopback" in asked.parts:
        steps += [partial(_loopback, asked, scenario) for scenario in asked.chosen]
    parts = []
    for step in steps:
        part = step()
        part.show()
        parts.append(part)
    return parts


def _run() -> int:
    asked = arguments.read()
    if asked.json:
        asked.json.open("a").close()  # a file that cannot be written is better known now than after the measuring
    if asked.write_docs:
        report.read_docs(DOCS)
    circumstances = facts.collect(asked.plan.cores, asked.kinds) | {
        "rounds": asked.rounds,
        "seconds_a_round": asked.plan.seconds,
        "warm_up_seconds": asked.plan.warm_up,
    }
    print("\n".join(report.facts_lines(circumstances)), flush=True)
    parts = _measure(asked)
    if asked.json:
        found = {"circumstances": circumstances, "parts": {part.title: part.figures for part in parts}}
        asked.json.write_text(json.dumps(found, indent=2) + "\n")
    if asked.write_docs:
        document = [f"- {line}" for line in report.facts_lines(circumstances)]
        for part in parts:
            document += ["", f"### {part.title}", "", *part.lines]
        report.write_docs(DOCS, document)
    return 0 if all(part.sound for part in parts) else 1


def main() -> int:
    """Run the benchmark; errors are one sentence and status 2."""
    # A relay and a generator are ended on the way out, so the way out must be taken.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        return _run()
    except OSError as failure:
        print(f"bench/run.py: {failure.filename or 'the system'}: {failure.strerror}.", file=sys.stderr)
        return 2
    except FAILURES as failure:
        print(f"bench/run.py: {failure}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("bench/run.py: stopped", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
