"""Floods one port of a relay with strangers while a phone talks, with the kernel lock and without; see --help."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from flooding.barrage import FORGED, KINDS
from flooding.call import Outcome, under_flood

VICTIMS = ("locked", "unlocked", "learning")
EXAMPLES = """\
kinds of flood:
{kinds}

victims: locked, the phone's own port; unlocked, the same with kernel_lock="off"; learning, a port of another session on
the same worker, which nobody has latched.

examples:
  bench/flood.py                                  every kind at 200,000 packets/s for 10 s, each with every victim
  bench/flood.py --seconds 2 --kinds stranger --victims locked,unlocked
  bench/flood.py --json results.json

The relay (with the phone) has one core and the flood another. Kinds that forge addresses need root. Exit status: 0; 1
when a datagram is unaccounted for, or a locked port lost more than 0.1 % of the phone's packets to strangers."""
HEADING = (
    "| flood | victim | packets/s | delivered | p50 | p99 | read | dropped by the kernel | relay CPU | RSS |\n"
    "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
)


def _chosen(text: str, known: tuple[str, ...]) -> list[str]:
    names = [name for name in text.split(",") if name]
    for name in names:
        if name not in known:
            raise argparse.ArgumentTypeError(f"there is no {name!r}, only {', '.join(known)}")
    return names


def _arguments() -> argparse.Namespace:
    kinds = "\n".join(f"  {name:10} {what}" for name, what in KINDS.items())
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=EXAMPLES.format(kinds=kinds), formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kinds", type=lambda text: _chosen(text, tuple(KINDS)), default=list(KINDS))
    parser.add_argument("--victims", type=lambda text: _chosen(text, VICTIMS), default=list(VICTIMS))
    parser.add_argument("--rate", type=int, default=200_000, metavar="PACKETS_A_SECOND")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--json", type=Path, metavar="FILE")
    return parser.parse_args()


def line(run: Outcome) -> str:
    """One row of the table."""
    return (
        f"| {run.kind} | {run.victim} | {run.offered_a_second:,} | {run.delivered} of {run.legitimate} "
        f"| {run.latency_p50_us / 1000:.2f} ms | {run.latency_p99_us / 1000:.2f} ms | {run.read:,} "
        f"| {run.kernel_dropped:,} | {run.relay_cpu_share:.0%} | {run.resident_growth_kib:+} KiB |"
    )


def _sound(run: Outcome) -> bool:
    kept = run.victim != "locked" or run.kind in ("phone", "observer") or run.delivered >= 0.999 * run.legitimate
    return run.conserved and kept


def main() -> int:
    """Run each kind with each victim and print the table."""
    asked = _arguments()
    usable = sorted(os.sched_getaffinity(0))
    cores = (usable[-1], usable[0]) if len(usable) > 1 else None
    if os.geteuid() != 0 and set(asked.kinds) & set(FORGED):
        print("bench/flood.py: forging addresses needs root; those kinds are left out.", file=sys.stderr)
        asked.kinds = [kind for kind in asked.kinds if kind not in FORGED]
    print(HEADING, flush=True)
    runs = []
    for kind in asked.kinds:
        for victim in asked.victims:
            runs.append(under_flood(kind, victim, asked.rate, asked.seconds, cores))
            print(line(runs[-1]), flush=True)
    if asked.json:
        asked.json.write_text(json.dumps([run.as_json() for run in runs], indent=2) + "\n")
    return 0 if all(map(_sound, runs)) else 1


if __name__ == "__main__":
    sys.exit(main())
