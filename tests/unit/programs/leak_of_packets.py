"""Parses, writes, latches and counts over and over; prints what has grown. Usage: leak_of_packets.py [TARGET]...

What is run is the corpus of every fuzz target: valid and invalid input, and every error on the way. Beside them stands
"leaky", which keeps what it is given and some memory, so that it is seen that leaks are seen.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

ROUNDS = 4000  # of a corpus of one input
CHECKOUT = Path(__file__).resolve().parents[3]
sys.path.append(str(CHECKOUT))  # for tests.fuzz; rtpcore is found before it, where it is installed

from tests.fuzz.targets import TARGETS  # noqa: E402

# What a thread keeps for its next malloc counts as given out.
EXACT = "glibc.malloc.tcache_count=0"
KEPT: list[object] = []


def leaky(data: bytes) -> None:
    KEPT.append((data, bytearray(1000)))


class MallocInfo(ctypes.Structure):
    """struct mallinfo2 of malloc.h."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks",
                     "keepcost")
    ]  # fmt: skip


def octets_in_use() -> int:
    """What malloc has given out and not taken back, for slabs and everything else that is no small Python object."""
    mallinfo2 = ctypes.CDLL(None).mallinfo2
    mallinfo2.restype = MallocInfo
    found = mallinfo2()
    return int(found.uordblks + found.hblkhd)


def state() -> tuple[int, int, int]:
    gc.collect()
    return sys.getallocatedblocks(), octets_in_use(), len(list(Path("/proc/self/fd").iterdir()))


def run(target: Callable[[bytes], None], inputs: list[bytes], rounds: int) -> list[int]:
    for _ in range(rounds):
        for data in inputs:
            target(data)
    gc.collect()
    return [sys.getrefcount(data) for data in inputs]


def main(names: list[str]) -> None:
    report: dict[str, object] = {}
    for name, target in {**TARGETS, "leaky": leaky}.items():
        if names and name not in names:
            continue
        corpus = CHECKOUT / "tests" / "fuzz" / "corpus" / f"{name if name in TARGETS else 'classify'}.txt"
        inputs = [bytes.fromhex(line) for line in corpus.read_text(encoding="ascii").split()]
        rounds = max(6, ROUNDS // len(inputs))
        references = run(target, inputs, 2)
        before = state()
        kept = sum(map(int.__sub__, run(target, inputs, rounds), references))
        blocks, octets, files = (after - then for after, then in zip(state(), before, strict=True))
        report[name] = {"rounds": rounds, "blocks": blocks, "octets": octets, "files": files, "references": kept}
    print(json.dumps(report))


if __name__ == "__main__":
    if os.environ.get("GLIBC_TUNABLES") != EXACT:
        os.environ["GLIBC_TUNABLES"] = EXACT
        os.execv(sys.executable, sys.orig_argv)
    main(sys.argv[1:])
