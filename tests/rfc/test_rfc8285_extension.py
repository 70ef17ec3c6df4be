"""RFC 8285 4.2 and 4.3: header extension elements. A bad element ends the walk; the packet stays valid."""

from __future__ import annotations

import struct

import pytest

from rtpcore.wire.rtp import RtpPacket

Elements = tuple[tuple[int, bytes], ...]


def elements(profile: int, data: bytes) -> Elements:
    data += bytes(-len(data) % 4)
    extension = struct.pack("!HH", profile, len(data) // 4) + data
    packet = RtpPacket.parse(b"\x90\x60" + bytes(10) + extension + b"payload")
    assert bytes(packet.payload) == b"payload"
    return packet.extension_elements


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", ()),
        (b"\0\0\0\0", ()),
        (b"\x10a", ((1, b"a"),)),
        (b"\x10a\x21bc", ((1, b"a"), (2, b"bc"))),
        (b"\x10a\0\0\x20b", ((1, b"a"), (2, b"b"))),
        (b"\xefabcdefghijklmnop", ((14, b"abcdefghijklmnop"),)),
        (b"\x10a\x10b", ((1, b"a"), (1, b"b"))),
    ],
)
def test_one_byte_elements(data: bytes, found: Elements) -> None:
    assert elements(0xBEDE, data) == found


def test_identifier_15_ends_the_one_byte_walk() -> None:
    assert elements(0xBEDE, b"\x10a\xf0b\x20c") == ((1, b"a"),)


@pytest.mark.parametrize("octet", range(1, 16))
def test_identifier_0_with_a_length_ends_the_one_byte_walk(octet: int) -> None:
    assert elements(0xBEDE, b"\x10a" + bytes([octet]) + b"\x20b") == ((1, b"a"),)


@pytest.mark.parametrize("data", [b"\x10a\x22b", b"\x10a\x2f" + bytes(13), b"\x10a\0\x20"])
def test_a_truncated_one_byte_element_ends_the_walk(data: bytes) -> None:
    assert elements(0xBEDE, data) == ((1, b"a"),)


def test_an_element_may_end_where_the_extension_ends() -> None:
    assert elements(0xBEDE, b"\x12abc") == ((1, b"abc"),)
    assert elements(0x1000, b"\x01\x02ab") == ((1, b"ab"),)


@pytest.mark.parametrize("profile", range(0x1000, 0x1010))
def test_two_byte_elements_of_every_profile(profile: int) -> None:
    data = b"\x01\0\x0f\x01a\0\0\xff\x02bc"
    assert elements(profile, data) == ((1, b""), (15, b"a"), (255, b"bc"))


@pytest.mark.parametrize("data", [b"\x01\x01a\x02", b"\x01\x01a\0\x02\x03ab", b"\x01\x01a\0\x02\xffab"])
def test_a_truncated_two_byte_element_ends_the_walk(data: bytes) -> None:
    assert elements(0x1000, data) == ((1, b"a"),)


@pytest.mark.parametrize("profile", [0, 0xBEDD, 0xBEDF, 0x0FFF, 0x1010, 0xFFFF])
def test_other_profiles_have_no_elements(profile: int) -> None:
    assert elements(profile, b"\x10a\x01\x01") == ()
