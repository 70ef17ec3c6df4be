"""Datagrams for the micro benchmarks, and the one way in which all of them are timed."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

PACKETS = 1000
PAYLOAD = bytes(range(160))
# RFC 8285 one-byte elements: 1 the audio level (1 octet), 2 the absolute send time (3 octets), 3 the MID (2 octets).
ELEMENTS = b"\x10\x85\x22\x01\x02\x03\x31ab" + bytes(3)
EXTENSION = struct.pack("!HH", 0xBEDE, len(ELEMENTS) // 4) + ELEMENTS

Timed = Callable[[Callable[[Any], object], Sequence[Any]], None]


def rtp(index: int, *, extended: bool = False) -> bytes:
    """Packet `index` of a PCMU stream."""
    first, extension = (0x90, EXTENSION) if extended else (0x80, b"")
    header = struct.pack("!BBHII", first, 0, index & 0xFFFF, index * 160 & 0xFFFFFFFF, 0x5EED5EED)
    return header + extension + PAYLOAD


@pytest.fixture(scope="session")
def plain() -> list[bytes]:
    """A thousand packets of 172 octets."""
    return [rtp(index) for index in range(PACKETS)]


@pytest.fixture(scope="session")
def extended() -> list[bytes]:
    """The same with three header extension elements."""
    return [rtp(index, extended=True) for index in range(PACKETS)]


@pytest.fixture(scope="session")
def compounds() -> list[bytes]:
    """A thousand compounds of a sender report with one report block and a CNAME, 72 octets."""
    name = b"caller@example.net"
    item = struct.pack("!BB", 1, len(name)) + name
    item += bytes(4 - len(item) % 4)
    described = struct.pack("!BBHI", 0x81, 202, 1 + len(item) // 4, 0x5EED5EED) + item
    found = []
    for index in range(PACKETS):
        sender = struct.pack("!BBHIQIII", 0x81, 200, 12, 0x5EED5EED, index << 32, index * 160, index, index * 160)
        block = struct.pack("!IIIIII", 0xC0FFEE, 3 << 24 | 7, index, 12, index, 0x10000)
        found.append(sender + block + described)
    return found


@pytest.fixture
def fresh_packets() -> Iterator[Callable[[], list[bytes]]]:
    """Gives the next thousand packets of one endless stream, for what keeps state."""
    sent = 0

    def following() -> list[bytes]:
        nonlocal sent
        sent += PACKETS
        return [rtp(index) for index in range(sent - PACKETS, sent)]

    yield following


@pytest.fixture
def timed(benchmark: BenchmarkFixture) -> Timed:
    """Times a function over all datagrams in one loop, which keeps the harness's cost a call out of the figure."""

    def run(function: Callable[[Any], object], datagrams: Sequence[Any]) -> None:
        def loop() -> None:
            for datagram in datagrams:
                function(datagram)

        benchmark.extra_info["packets"] = len(datagrams)
        benchmark(loop)

    return run
