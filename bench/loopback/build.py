"""Compiles the generator and the bare relay into build/bench/, when their sources are newer."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

__all__ = ["BENCH", "BUILD", "BuildError", "bare_relay", "compiler", "generator"]

BENCH = Path(__file__).resolve().parents[1]
BUILD = BENCH.parent / "build" / "bench"
FLAGS = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Wshadow"]


class BuildError(Exception):
    """A program of the benchmark cannot be compiled."""


def compiler() -> list[str]:
    """The words that call the C compiler."""
    return shlex.split(os.environ.get("CC", "gcc"))


def _compile(name: str, sources: list[Path]) -> Path:
    program = BUILD / name
    newest = max(path.stat().st_mtime_ns for source in sources for path in source.parent.glob("*.[ch]"))
    if program.exists() and program.stat().st_mtime_ns > newest:
        return program
    BUILD.mkdir(parents=True, exist_ok=True)
    words = [*compiler(), *FLAGS, "-o", str(program), *map(str, sources)]
    try:
        subprocess.run(words, check=True, capture_output=True, text=True)
    except FileNotFoundError:
        raise BuildError(f"The C compiler {words[0]} is not installed.") from None
    except subprocess.CalledProcessError as failure:
        raise BuildError(f"{words[0]} cannot compile {name}: {failure.stderr.strip()}") from None
    return program


def generator() -> Path:
    """The load generator, compiled."""
    return _compile("generator", [BENCH / "loopback" / f"{part}.c" for part in ("generator", "endpoint", "stream")])


def bare_relay() -> Path:
    """The relay that does no RTP work at all, compiled."""
    return _compile("bare_epoll", [BENCH / "peers" / "bare_epoll.c"])
