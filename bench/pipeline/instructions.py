"""Counts the instructions that a program executes for each packet, under callgrind.

The program is run twice, with few and with many packets, and the difference counts: what it does at start and at the
end drops out. Unlike time, the figure does not depend on what else the machine does, so it can be a gate in CI.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

EXAMPLES = """\
examples:
  bench/pipeline/instructions.py --limit 450 -- .venv/bin/python bench/stage.py path {packets}
  bench/pipeline/instructions.py --annotate 20 -- .venv/bin/python bench/stage.py latch {packets}

{packets} in the command is replaced by the number of packets, with leading zeros. Its loop over packets must be
compiled: callgrind slows Python itself down about fifty-fold, and the interpreter's instructions would count.
Exit status: 0; 1 above --limit; 2 when the program cannot be counted."""

BUILD = Path(__file__).resolve().parents[2] / "build" / "bench"


class CountFailed(Exception):
    """The program, or valgrind, did not run to its end."""


def _fill(command: list[str], packets: int) -> list[str]:
    # Of one width in all runs: longer arguments move the stack, and that alone costs some instructions.
    return [word.replace("{packets}", f"{packets:012d}") for word in command]


def _environment() -> dict[str, str]:
    # A seed that changes would change the interpreter's dictionaries, and so the count.
    return os.environ | {"PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}


def _run(words: list[str]) -> None:
    try:
        subprocess.run(words, check=True, capture_output=True, text=True, env=_environment())
    except OSError as failure:
        raise CountFailed(f"{words[0]} cannot be run: {failure.strerror}.") from None
    except subprocess.CalledProcessError as failure:
        said = [line for line in failure.stderr.splitlines() if line and not line.startswith("==")]  # valgrind's are ==
        last = said[-1] if said else "it said nothing."
        raise CountFailed(f"{' '.join(words)} ended with status {failure.returncode}: {last}") from None


def profile(command: list[str], packets: int) -> Path:
    """Run the command for so many packets under callgrind; return the profile that it wrote."""
    if not shutil.which("valgrind"):
        raise CountFailed("The program valgrind is not installed (Debian: valgrind).")
    BUILD.mkdir(parents=True, exist_ok=True)
    out = BUILD / f"callgrind.{packets:012d}.out"
    out.unlink(missing_ok=True)
    _run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", *_fill(command, packets)])
    return out


def instructions(out: Path) -> int:
    """The instructions executed in all, from a callgrind profile."""
    found = re.search(r"^(?:summary|totals): (\d+)", out.read_text(), re.MULTILINE)
    if not found:
        raise CountFailed(f"{out} has no total.")
    return int(found[1])


def count(command: list[str], small: int, large: int) -> tuple[float, Path]:
    """Instructions a packet, and the profile of the larger run."""
    few, many = profile(command, small), profile(command, large)
    return (instructions(many) - instructions(few)) / (large - small), many


def annotate(out: Path, lines: int) -> list[str]:
    """The functions in which most instructions are, from callgrind_annotate."""
    shown = subprocess.run(
        ["callgrind_annotate", "--auto=no", "--threshold=95", str(out)], capture_output=True, text=True, check=True
    )
    rows = [line for line in shown.stdout.splitlines() if re.match(r"\s*[\d,]+ \(", line)]
    return rows[: lines + 1]


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, without the usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def _arguments() -> argparse.Namespace:
    parser = _Parser(
        prog="bench/pipeline/instructions.py",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add: Callable[..., argparse.Action] = parser.add_argument
    add("--small", type=int, default=20_000, metavar="N", help="packets of the first run (20000)")
    add("--large", type=int, default=120_000, metavar="N", help="packets of the second run (120000)")
    add("--limit", type=float, metavar="N", help="fail when a packet takes more instructions")
    add("--annotate", type=int, metavar="N", help="show the N functions that execute most of the larger run")
    add("--json", type=Path, metavar="FILE", help="write the figures to FILE")
    add("command", nargs="+", help="the program and its arguments, after --")
    found = parser.parse_args()
    if not 0 < found.small < found.large:
        parser.error(f"--small {found.small} must be above 0 and below --large {found.large}.")
    if not any("{packets}" in word for word in found.command):
        parser.error("The command has no {packets} to be replaced by their number.")
    return found


def main() -> int:
    """Count and report; see --help."""
    arguments = _arguments()
    try:
        figure, out = count(arguments.command, arguments.small, arguments.large)
        figures: dict[str, object] = {"instructions_per_packet": round(figure, 2)}
        print(f"{figure:,.1f} instructions a packet")
        if arguments.annotate:
            print("\n".join(annotate(out, arguments.annotate)))
        if arguments.json:
            arguments.json.write_text(json.dumps(figures, indent=2) + "\n")
    except (CountFailed, OSError, subprocess.CalledProcessError) as failure:
        print(f"bench/pipeline/instructions.py: {failure}", file=sys.stderr)
        return 2
    if arguments.limit is not None and figure > arguments.limit:
        print(f"{figure:,.1f} instructions a packet are above the limit of {arguments.limit:,.0f}.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
