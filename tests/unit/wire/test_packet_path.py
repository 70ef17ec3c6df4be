"""The C functions of the packet path, as a layer above calls them: every field, and no read past a datagram's end."""

from __future__ import annotations

import ctypes
import mmap
import random
from collections.abc import Iterator
from typing import Any

import pytest

from rtpcore.wire.rtcp.compound import validate_rtcp
from rtpcore.wire.validity import ParseReason

RTP = bytes.fromhex("b2e0fffe 00000280 00000000 00000001 ffffffff bede0002 10aa21bbcc000000 68656c6c6f 0000000004")
COMPOUND = bytes.fromhex(
    "81c8000c 00000001 0011223344556677 00000002 00000003 00000004"
    "00000005 06000007 00000008 00000009 0000000a 0000000b"
    "82ca0006 00000001 0102616200000000 00000002 0800 0101 78000000"
    "81cb0002 00000001 03627965"
    "a0cc0003 00000001 6e616d65 00000004"
)
# A check with USERNAME, PRIORITY, USE-CANDIDATE, ICE-CONTROLLING, XOR-MAPPED-ADDRESS and MESSAGE-INTEGRITY.
CHECK = bytes.fromhex(
    "00010058 2112a442 000102030405060708090a0b 0006000a 616263643a6566676869 0000 00240004 6e0001ff 00250000"
    "802a0008 0102030405060708 00200014 0002000000000000000000000000000000000000 00080014" + 20 * "ab"
)
PAGE = mmap.PAGESIZE


def test_every_field_of_the_header(consumer: Any) -> None:
    reason, header = consumer.parse(RTP, False)
    assert reason == 0
    assert header == {
        "ssrc": 0, "timestamp": 640, "sequence_number": 65534, "payload_type": 96, "marker": 1, "csrc_count": 2,
        "extension": 1, "padding_size": 4, "status": 0, "extension_profile": 0xBEDE, "extension_size": 8,
        "extension_offset": 24, "payload_offset": 32, "payload_size": 6,
    }  # fmt: skip


def test_a_refused_header_holds_reason_and_offset_alone(consumer: Any) -> None:
    reason, header = consumer.parse(RTP[:31], False)
    assert reason == header["status"] == 4
    assert header["payload_offset"] == 22
    assert {name for name, value in header.items() if value} == {"status", "payload_offset"}


def test_the_padding_of_srtp_is_not_judged(consumer: Any) -> None:
    datagram = RTP[:-1] + b"\xff"
    assert consumer.parse(datagram, False)[0] == 5
    reason, header = consumer.parse(datagram, True)
    assert reason == 0
    assert (header["padding_size"], header["payload_size"]) == (0, len(datagram) - 32)


@pytest.fixture
def fence() -> Iterator[int]:
    """The address where readable memory ends: the next octet faults."""
    memory = mmap.mmap(-1, 2 * PAGE)
    view = (ctypes.c_char * (2 * PAGE)).from_buffer(memory)
    start = ctypes.addressof(view)
    mprotect = ctypes.CDLL(None, use_errno=True).mprotect
    mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    assert mprotect(start + PAGE, PAGE, 0) == 0
    yield start + PAGE
    assert mprotect(start + PAGE, PAGE, mmap.PROT_READ | mmap.PROT_WRITE) == 0
    del view
    memory.close()


@pytest.mark.parametrize("datagram", [RTP, COMPOUND, CHECK], ids=["rtp", "rtcp", "stun"])
def test_nothing_is_read_past_the_end_of_a_truncated_datagram(consumer: Any, fence: int, datagram: bytes) -> None:
    assert consumer.parse(RTP, False)[0] == 0
    assert validate_rtcp(COMPOUND) is ParseReason.OK
    assert consumer.parse_stun(CHECK)[0] == 0
    for size in range(len(datagram) + 1):
        cut = datagram[:size]
        if datagram is CHECK and size >= 20:
            cut = cut[:2] + (size - 20).to_bytes(2, "big") + cut[4:]  # so that its attributes are read
        ctypes.memmove(fence - size, cut, size)
        consumer.read_all(fence - size, size)


@pytest.mark.parametrize(
    "datagram",
    [
        "81ca0002 00000001 01016102",  # an item of which only the type is there
        "81ca0002 00000001 01026162",  # no null item
        "81ca0001 00000001",  # no item at all
        "81cb0001 00000001",  # no reason
        "90000000 00000000 00000000 10000001 0f000001",  # a two-byte element of which only the identifier is there
        "90000000 00000000 00000000 bede0001 00000010",  # a one-byte element without its octet
    ],
)
def test_nothing_is_read_past_the_end_of_the_last_item(consumer: Any, fence: int, datagram: str) -> None:
    octets = bytes.fromhex(datagram)
    ctypes.memmove(fence - len(octets), octets, len(octets))
    consumer.read_all(fence - len(octets), len(octets))


def test_nothing_is_read_past_the_end_of_a_mangled_datagram(consumer: Any, fence: int) -> None:
    chance = random.Random(3550)
    for _ in range(20_000):
        datagram = bytearray(chance.choice((RTP, COMPOUND, CHECK)))
        for _ in range(chance.randint(1, 4)):
            octet = chance.choice((0, 1, 2, 3, 4, 31, 129, 255, chance.randrange(256)))
            datagram[chance.randrange(len(datagram))] = octet
        size = len(datagram) - chance.choice((0, 0, 0, 1, 4, 8))
        ctypes.memmove(fence - size, bytes(datagram[:size]), size)
        consumer.read_all(fence - size, size)
