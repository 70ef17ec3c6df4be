"""The command line of bench/run.py: read, checked and completed before anything is measured."""

from __future__ import annotations

import argparse
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from loopback import cores, scenarios
from loopback.measure import Plan
from loopback.relays import RELAYS, RelayKind
from loopback.scenarios import Scenario

__all__ = ["Arguments", "read"]

PARTS = ("pipeline", "micro", "loopback")
PORTS_A_SESSION = 4  # two legs, RTP and RTCP
EPHEMERAL = 32_768  # from here on the kernel gives ports out by itself

EXAMPLES = """\
examples:
  bench/run.py                                        every part, every relay that is installed, 6 rounds
  bench/run.py --quick --parts loopback               saturation only, 2 rounds of one second
  bench/run.py --relays rtpcore,rtpengine --scenarios paced-50k,paced-4k
  bench/run.py --sessions 4000 --window 512 --json results.json
  bench/run.py --write-docs                           and put the tables into docs/benchmarks.md

The first relay named is compared with each of the others. Exit status: 0; 1 when a round of rtpcore lost, changed or
reordered a packet, or no round of any relay counts; 2 when something cannot be done as asked."""


@dataclass(frozen=True)
class Arguments:
    """What was asked for, with the defaults filled in."""

    parts: list[str]
    quick: bool
    kinds: list[RelayKind]
    chosen: list[Scenario]
    plan: Plan
    rounds: int
    json: Path | None
    write_docs: bool


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


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="bench/run.py",
        description="Measures relays side by side over loopback, and the parts of rtpcore one by one.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--quick", action="store_true", help="2 rounds of one second, saturation only, unless said otherwise")
    add("--parts", type=_names, metavar="A,B,...", default=list(PARTS), help=f"of {', '.join(PARTS)}; default: all")
    add("--relays", type=_names, metavar="A,B,...", help=f"of {', '.join(RELAYS)}; default: those installed")
    add("--scenarios", type=_names, metavar="A,...", help=f"of {', '.join(scenarios.SCENARIOS)}; default: all")
    add("--sessions", type=_positive, metavar="N", help="sessions of the saturation scenario (1000)")
    add("--window", type=_positive, metavar="PACKETS", help="packets in flight there (256)")
    add("--rounds", type=_positive, metavar="N", help="times each relay is measured (6)")
    add("--seconds", type=_seconds, metavar="S", help="measured seconds of each round (2)")
    add("--warm-up", type=_seconds, metavar="S", default=0.5, help="seconds of load before that (0.5)")
    add("--wait", type=_seconds, metavar="S", default=0.0, help="before each, wait up to S for other processes to rest")
    add("--ports", type=_ports, metavar="LOW-HIGH", help="the relays' ports; default: from 10000, twice what is needed")
    add("--relay-core", type=int, metavar="N", help="core of the relay; default: the last")
    add("--generator-core", type=int, metavar="N", help="core of the generator; default: another one")
    add("--json", type=Path, metavar="FILE", help="write everything, every round, to FILE")
    add("--write-docs", action="store_true", help="replace the measured block of docs/benchmarks.md")
    return parser


def _kinds(names: list[str] | None) -> list[RelayKind]:
    """The relays asked for, all of which must be there; or all that are, the others being named."""
    if names is not None:
        for name in names:
            if name not in RELAYS:
                raise ValueError(f"There is no relay {name!r}, only {', '.join(RELAYS)}.")
            lack = RELAYS[name].missing()
            if lack:
                raise ValueError(f"The relay {name} cannot be measured: {lack}.")
        return [RELAYS[name] for name in dict.fromkeys(names)]
    found = []
    for kind in RELAYS.values():
        lack = kind.missing()
        if lack:
            print(f"left out: {kind.name}, because {lack}", file=sys.stderr)
        else:
            found.append(kind)
    return found


def _enough_ports(chosen: list[Scenario]) -> range:
    """Twice what the largest scenario needs, since some relays choose at random; where the kernel gives out none."""
    most = max(scenario.sessions for scenario in chosen)
    return range(10_000, min(10_000 + 100 + 2 * PORTS_A_SESSION * most, EPHEMERAL))


def read() -> Arguments:
    """Read the command line; raise ValueError, in one sentence, for what cannot be done as asked."""
    found = _parser().parse_args()
    for name in found.parts:
        if name not in PARTS:
            raise ValueError(f"There is no part {name!r}, only {', '.join(PARTS)}.")
    kinds = _kinds(found.relays)
    if not kinds:
        raise ValueError("No relay is left to be measured.")
    names = found.scenarios or (["saturation"] if found.quick else list(scenarios.SCENARIOS))
    chosen = scenarios.select(names, found.sessions, found.window)
    return Arguments(
        parts=found.parts,
        quick=found.quick,
        kinds=kinds,
        chosen=chosen,
        plan=Plan(
            cores=cores.choose_cores(found.relay_core, found.generator_core),
            seconds=found.seconds or (1.0 if found.quick else 2.0),
            warm_up=found.warm_up,
            ports=found.ports or _enough_ports(chosen),
            wait=found.wait,
        ),
        rounds=found.rounds or (2 if found.quick else 6),
        json=found.json,
        write_docs=found.write_docs,
    )
