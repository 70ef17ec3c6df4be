"""Fuzzes every target for its share of the time, and says how many executions there were.

Modules come from --library, where `make fuzz` has built them with clang, its coverage and its address and undefined
behaviour sanitizers. What fails stays in tests/fuzz/crashes; once mended, add its line to the corpus.
The corpus is one text file a target, a line of hexadecimal octets an input; --merge rewrites it with the smallest set
of inputs, old and found, that reaches as much.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import atheris

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parents[1]
CORPUS = HERE / "corpus"
CRASHES = HERE / "crashes"
# By target: the longest input in octets, and the share of the time.
TARGETS = {
    "rtp": (300, 0.1),
    "rtcp": (400, 0.2),
    "batch": (300, 0.1),
    "classify": (40, 0.05),
    "stun": (200, 0.1),
    "latch": (800, 0.35),
    "ssrc_table": (400, 0.1),
}
# Fewer edges than the smallest target reaches: the modules are not instrumented.
LEAST_COVERAGE = 20


@dataclass(frozen=True)
class Outcome:
    target: str
    status: int
    executions: int
    seconds: float
    coverage: int
    inputs: int


def environment(library: Path) -> dict[str, str]:
    runtime = Path(atheris.path()) / "asan_with_fuzzer.so"
    return {
        **os.environ,
        "LD_PRELOAD": str(runtime),
        "PYTHONPATH": f"{library}:{CHECKOUT}",
        # An allocator of its own would hide reads past the end of Python's small objects.
        "PYTHONMALLOC": "malloc",
        "ASAN_OPTIONS": "detect_leaks=0:allocator_may_return_null=1",
        "UBSAN_OPTIONS": "print_stacktrace=1",
    }


def unpack(target: str, folder: Path) -> Path:
    """The corpus of a target as the folder of files that libFuzzer wants."""
    inputs = folder / target
    inputs.mkdir(parents=True, exist_ok=True)
    path = CORPUS / f"{target}.txt"
    for line in path.read_text().split() if path.exists() else ():
        data = bytes.fromhex(line)
        (inputs / hashlib.sha1(data, usedforsecurity=False).hexdigest()).write_bytes(data)
    return inputs


def run(target: str, arguments: Iterable[str | Path], library: Path, log: Path) -> tuple[int, str]:
    itself = log.with_suffix(".sh")
    itself.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tests.fuzz.fuzz {target} "$0" "$@"\n')
    itself.chmod(0o755)
    command = [itself, *arguments]
    with log.open("w") as file:
        done = subprocess.run(
            command, cwd=log.parent, env=environment(library), stdout=file, stderr=subprocess.STDOUT, check=False
        )
    return done.returncode, log.read_text(errors="replace")


def last_number(pattern: str, text: str) -> int:
    found = re.findall(pattern, text)
    return int(found[-1]) if found else 0


def finding(text: str) -> str:
    """The part of a log that says what went wrong."""
    lines = text.splitlines()
    first = [at for at, line in enumerate(lines) if re.search(r"ERROR:|runtime error:|Uncaught|^Traceback", line)]
    return "\n".join(lines[first[0] : first[0] + 30] if first else lines[-30:])


def fuzz(target: str, seconds: float, library: Path, work: Path) -> Outcome:
    inputs = unpack(target, work / "corpus")
    CRASHES.mkdir(exist_ok=True)
    arguments = [f"-max_total_time={max(1, round(seconds))}", f"-max_len={TARGETS[target][0]}", "-timeout=10"]
    arguments += ["-rss_limit_mb=2048", "-print_final_stats=1", f"-artifact_prefix={CRASHES}/{target}-"]
    status, text = run(target, [*arguments, inputs], library, work / f"{target}.log")
    coverage = last_number(r"cov: (\d+)", text)
    if status == 0 and coverage < LEAST_COVERAGE:
        text += f"\n{coverage} edges were reached: the modules in {library} are not instrumented.\n"
        status = 1
    if status != 0:
        print(finding(text), file=sys.stderr)
    executions = last_number(r"stat::number_of_executed_units:\s+(\d+)", text)
    return Outcome(target, status, executions, seconds, coverage, last_number(r"corp: (\d+)", text))


def merge(target: str, library: Path, work: Path) -> None:
    smallest = work / "merged" / target
    smallest.mkdir(parents=True, exist_ok=True)
    for old in smallest.iterdir():
        old.unlink()
    arguments: list[str | Path] = ["-merge=1", f"-max_len={TARGETS[target][0]}", smallest, work / "corpus" / target]
    status, text = run(target, arguments, library, work / f"{target}-merge.log")
    if status != 0:
        raise SystemExit(f"the corpus of {target} could not be merged:\n{text[-2000:]}")
    CORPUS.mkdir(exist_ok=True)
    lines = sorted((path.read_bytes().hex() for path in smallest.iterdir()), key=lambda line: (len(line), line))
    (CORPUS / f"{target}.txt").write_text("".join(f"{line}\n" for line in lines if line))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--library", type=Path, required=True, help="folder of the instrumented package")
    parser.add_argument("--work", type=Path, required=True, help="folder for logs and unpacked inputs")
    parser.add_argument("--seconds", type=float, default=60.0, help="for all targets together (default: 60)")
    parser.add_argument("--targets", nargs="+", choices=TARGETS, default=list(TARGETS), metavar="TARGET")
    parser.add_argument("--merge", action="store_true", help="rewrite the corpus with what was found")
    parser.add_argument("--json", type=Path, help="also write the outcomes to this file")
    options = parser.parse_args()
    library, work = options.library.resolve(), options.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    outcomes = []
    shares = sum(TARGETS[target][1] for target in options.targets)
    for target in options.targets:
        outcome = fuzz(target, options.seconds * TARGETS[target][1] / shares, library, work)
        outcomes.append(outcome)
        verdict = f"FAILED, see {work / target}.log" if outcome.status else "nothing found"
        print(
            f"{target:10} {outcome.executions:>10,} executions in {outcome.seconds:.0f} s, "
            f"{outcome.coverage:>5} edges, {outcome.inputs:>4} inputs: {verdict}",
            flush=True,
        )
        if options.merge and outcome.status == 0:
            merge(target, library, work)
    failed = sum(outcome.status != 0 for outcome in outcomes)
    print(f"{sum(outcome.executions for outcome in outcomes):,} executions, {failed} of {len(outcomes)} targets failed")
    if options.json:
        options.json.write_text(json.dumps([asdict(outcome) for outcome in outcomes], indent=1) + "\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
