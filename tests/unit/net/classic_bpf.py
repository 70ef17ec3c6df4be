"""An interpreter of the classic BPF instructions that filters of UDP sockets use, as slow and plain as can be."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["Instruction", "InvalidProgram", "accepts"]

Instruction = tuple[int, int, int, int]
"""(code, jump if true, jump if false, k), as in linux/filter.h."""

NETWORK_HEADER = 0xFFF0_0000  # SKF_NET_OFF as an unsigned number
SIZES = {0x00: 4, 0x08: 2, 0x10: 1}
LOAD, LOAD_LENGTH, AND, RETURN = 0x20, 0x80, 0x54, 0x06
JUMPS = {0x15: lambda a, k: a == k, 0x35: lambda a, k: a >= k}


class InvalidProgram(Exception):
    """The kernel would not take this program."""


def accepts(program: Sequence[Instruction], network_header: bytes, datagram: bytes) -> bool:
    """Whether the program keeps the datagram (UDP header and payload) behind that network header."""
    check(program)
    accumulator, at = 0, 0
    while True:
        code, if_true, if_false, k = program[at]
        at += 1
        if code == RETURN:
            if k not in (0, 0xFFFF_FFFF):
                raise InvalidProgram(f"it would cut the datagram to {k} octets")
            return k != 0
        if code == LOAD_LENGTH:
            accumulator = len(datagram)
        elif code == AND:
            accumulator &= k
        elif code in JUMPS:
            at += if_true if JUMPS[code](accumulator, k) else if_false
        else:
            size = SIZES[code & 0x18]
            octets, offset = (network_header + datagram, k - NETWORK_HEADER) if k >= NETWORK_HEADER else (datagram, k)
            if offset + size > len(octets):
                return False
            accumulator = int.from_bytes(octets[offset : offset + size], "big")


def check(program: Sequence[Instruction]) -> None:
    """Raises InvalidProgram as the kernel's own check would."""
    if not program or program[-1][0] != RETURN:
        raise InvalidProgram("it does not end with a return")
    for at, (code, if_true, if_false, _) in enumerate(program):
        known = code in (LOAD_LENGTH, AND, RETURN) or code in JUMPS or code in (LOAD | size for size in SIZES)
        if not known:
            raise InvalidProgram(f"instruction {at} is {code:#x}")
        if code in JUMPS and at + 1 + max(if_true, if_false) >= len(program):
            raise InvalidProgram(f"instruction {at} jumps beyond the end")
