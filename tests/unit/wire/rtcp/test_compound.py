"""wire.rtcp: validate_rtcp and its arguments, and the C functions that the layers above call."""

from __future__ import annotations

import mmap
from typing import Any

import pytest

from rtpcore.wire.rtcp.compound import validate_rtcp
from rtpcore.wire.validity import ParseReason

RR = bytes.fromhex("80c90001 00000001")
BYE = bytes.fromhex("82cb0003 00000007 fffffffe 03627965")
MAP_NORESERVE = 0x4000
SR = bytes.fromhex("80c80006 89abcdef") + bytes(20)


@pytest.mark.parametrize("wrap", [bytes, bytearray, memoryview])
def test_any_buffer_is_read(wrap: type) -> None:
    assert validate_rtcp(wrap(RR + BYE)) is ParseReason.OK


@pytest.mark.parametrize("value", ["text", None, 8])
def test_what_is_no_buffer_is_named(value: Any) -> None:
    with pytest.raises(TypeError, match="datagram is bytes or another buffer"):
        validate_rtcp(value)


@pytest.mark.parametrize("name", ["reduced_size", "encrypted"])
def test_a_flag_that_is_none_is_named(name: str) -> None:
    flags: dict[str, Any] = {name: "yes"}
    with pytest.raises(TypeError, match=f"{name} is True or False, not 'yes'"):
        validate_rtcp(RR, **flags)


def test_a_compound_longer_than_any_datagram() -> None:
    long = bytes.fromhex("80d0ffff") + bytes(4 * 65535)
    assert validate_rtcp(RR + 5 * long) is ParseReason.OK


def test_a_compound_whose_offsets_need_more_than_32_bits() -> None:
    size = (1 << 32) + 8
    with mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | MAP_NORESERVE) as memory:
        memory[:8] = RR
        assert validate_rtcp(memory) is ParseReason.RTCP_LENGTH_MISMATCH


def test_the_walk_sees_every_packet(consumer: Any) -> None:
    padded = bytes.fromhex("a0c90002 00000001 00000004")
    assert consumer.walk(SR + BYE + padded) == [(0, 28, 200, 0, 0), (28, 16, 203, 2, 0), (44, 12, 201, 0, 4)]


@pytest.mark.parametrize("datagram", [b"", b"\x80\xc9\0", RR[:7], b"\x80\xc9\xff\xff\0\0\0\0"])
def test_the_walk_ends_where_a_packet_does_not_fit(consumer: Any, datagram: bytes) -> None:
    assert consumer.walk(datagram) == []


def test_the_sender_is_that_of_the_first_packet(consumer: Any) -> None:
    assert consumer.sender(SR + BYE) == 0x89ABCDEF


@pytest.mark.parametrize(
    ("datagram", "ssrc", "named"),
    [
        (RR + BYE, 7, True),
        (RR + BYE, 0xFFFFFFFE, True),
        (RR + BYE, 1, False),
        (RR + BYE, 0x03627965, False),
        (RR, 1, False),
        (RR + bytes.fromhex("80cb0000"), 0, False),
        (RR + bytes.fromhex("80cb0000 81cb0001 00000000"), 0, True),
    ],
)
def test_a_goodbye_names_its_sources(consumer: Any, datagram: bytes, ssrc: int, named: bool) -> None:
    assert validate_rtcp(datagram) is ParseReason.OK
    assert consumer.has_bye(datagram, ssrc) is named
