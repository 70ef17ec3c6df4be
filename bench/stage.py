"""Drives one stage of the packet path over N packets, without sockets: what pipeline/instructions.py counts."""

from __future__ import annotations

import argparse
import json
import sys
import time

from pipeline.build import build

METHODS = {"path": "run", "latch": "run_latch", "track": "run_track", "empty": "run_empty"}


def _nanoseconds(method: str, pipeline: object, packets: int) -> float:
    begin = time.process_time_ns()
    arrived = getattr(pipeline, method)(packets)
    taken = time.process_time_ns() - begin
    if arrived != packets:
        raise SystemExit(f"Of {packets} packets {arrived} came through.")
    return taken / packets


def main() -> int:
    """Run the stage once; with --rounds also time it, less the empty loop, and print the rounds as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stage", choices=METHODS)
    parser.add_argument("packets", type=int)
    parser.add_argument("--rounds", type=int, default=0, help="time it so often, in turn with the empty loop")
    arguments = parser.parse_args()
    pipeline = build().Pipeline()
    method = METHODS[arguments.stage]
    _nanoseconds(method, pipeline, arguments.packets)
    if arguments.rounds:
        each = [
            _nanoseconds(method, pipeline, arguments.packets)
            - _nanoseconds(METHODS["empty"], pipeline, arguments.packets)
            for _ in range(arguments.rounds)
        ]
        print(json.dumps(each))
    return 0


if __name__ == "__main__":
    sys.exit(main())
