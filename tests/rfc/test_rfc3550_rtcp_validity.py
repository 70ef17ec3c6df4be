"""RFC 3550 6.1 and A.2, RFC 5506, RFC 3711 3.4: which RTCP compounds are valid (C1 to C7)."""

from __future__ import annotations

import struct

import pytest

from rtpcore.errors import ParseError
from rtpcore.wire.rtcp.compound import validate_rtcp
from rtpcore.wire.rtcp.parse import parse_rtcp
from rtpcore.wire.validity import ParseReason

OK = ParseReason.OK


def packet(packet_type: int, body: bytes, count: int = 0, *, version: int = 2, padding: bool = False) -> bytes:
    return struct.pack("!BBH", version << 6 | padding << 5 | count, packet_type, len(body) // 4) + body


SR = packet(200, bytes(24))
RR = packet(201, bytes(4))
SDES = packet(202, b"\0\0\0\1\x01\x05phone\0", 1)
BYE = packet(203, b"\0\0\0\1", 1)


def judge(datagram: bytes, *, reduced_size: bool = False) -> tuple[ParseReason, int | None]:
    reason = validate_rtcp(datagram, reduced_size=reduced_size)
    if reason is OK:
        packets = parse_rtcp(datagram, reduced_size=reduced_size)
        assert b"".join(one.serialize() for one in packets) == datagram
        return reason, None
    with pytest.raises(ParseError) as caught:
        parse_rtcp(datagram, reduced_size=reduced_size)
    assert caught.value.reason is reason
    return reason, caught.value.offset


@pytest.mark.parametrize("datagram", [SR, RR, SR + SDES, RR + SDES + BYE, SR + RR + SR, RR + BYE + SDES])
def test_a_valid_compound(datagram: bytes) -> None:
    assert judge(datagram) == (OK, None)


@pytest.mark.parametrize("size", range(8))
def test_c1_at_least_eight_octets(size: int) -> None:
    assert judge(RR[:size]) == (ParseReason.RTCP_TOO_SHORT, size)
    assert judge(RR[:size], reduced_size=True) == (ParseReason.RTCP_TOO_SHORT, size)


def test_c1_the_four_octet_packet_of_r01() -> None:
    assert judge(b"\x80\0\0\0", reduced_size=True) == (ParseReason.RTCP_TOO_SHORT, 4)


@pytest.mark.parametrize("extra", [1, 2, 3])
def test_c2_a_multiple_of_four(extra: int) -> None:
    assert judge(SR + SDES + bytes(extra)) == (ParseReason.RTCP_NOT_WORDS, len(SR + SDES))


@pytest.mark.parametrize("version", [0, 1, 3])
@pytest.mark.parametrize("before", [b"", SR, SR + SDES])
def test_c3_version_of_every_packet(version: int, before: bytes) -> None:
    bad = packet(201, bytes(4), version=version)
    assert judge(before + bad + BYE) == (ParseReason.RTCP_BAD_VERSION, len(before))


@pytest.mark.parametrize("first", range(256))
def test_c4_the_first_type(first: int) -> None:
    body = b"\0\0\0\1" + bytes(20)
    expected = (OK, None) if first in (200, 201) else (ParseReason.RTCP_BAD_FIRST_TYPE, 1)
    assert judge(packet(first, body)) == expected
    assert judge(packet(first, body), reduced_size=True) == (OK, None)


@pytest.mark.parametrize("count", [4, 8, 24])
def test_c5_padding_on_the_last_packet(count: int) -> None:
    padded = packet(201, bytes(4 + count - 1) + bytes([count]), padding=True)
    assert judge(padded) == (OK, None)
    assert judge(SR + padded) == (OK, None)
    assert judge(SR + padded)[0] is validate_rtcp(bytearray(SR + padded))


def test_c5_padding_on_another_packet_than_the_last() -> None:
    padded = packet(201, bytes(7) + b"\x04", padding=True)
    assert judge(padded + SDES) == (ParseReason.RTCP_BAD_PADDING, 0)
    assert judge(SR + padded + padded) == (ParseReason.RTCP_BAD_PADDING, len(SR))


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 6, 7, 9, 12, 252, 255])
def test_c5_a_bad_padding_count(count: int) -> None:
    datagram = SR + packet(201, bytes(7) + bytes([count]), padding=True)
    assert judge(datagram) == (ParseReason.RTCP_BAD_PADDING, len(datagram) - 1)


def test_c5_padding_may_not_eat_what_the_type_needs() -> None:
    datagram = SR + packet(201, bytes(7) + b"\x08", padding=True)
    assert judge(datagram) == (ParseReason.RTCP_PACKET_TOO_SHORT, len(SR))


@pytest.mark.parametrize("before", [b"", RR])
def test_c6_a_length_that_overshoots(before: bytes) -> None:
    long = struct.pack("!BBH", 0x80, 201, 2) + bytes(4)
    assert judge(before + long) == (ParseReason.RTCP_LENGTH_MISMATCH, len(before) + 2)


def test_c6_a_length_that_undershoots() -> None:
    # The rest is read as a packet of its own, whose version is 0.
    short = struct.pack("!BBH", 0x80, 200, 6) + bytes(28)
    assert judge(short) == (ParseReason.RTCP_BAD_VERSION, 28)


@pytest.mark.parametrize("packet_type", [200, 201])
@pytest.mark.parametrize("count", [0, 1, 31])
def test_c7_reports_hold_their_blocks(packet_type: int, count: int) -> None:
    needed = (24 if packet_type == 200 else 4) + 24 * count
    assert judge(packet(packet_type, bytes(needed), count)) == (OK, None)
    assert judge(packet(packet_type, bytes(needed + 4), count)) == (OK, None)
    if needed > 4:
        assert judge(packet(packet_type, bytes(needed - 4), count)) == (ParseReason.RTCP_PACKET_TOO_SHORT, 0)


@pytest.mark.parametrize(
    ("body", "count", "valid"),
    [
        (b"", 0, True),
        (b"", 1, False),
        (b"\0\0\0\1", 1, False),
        (b"\0\0\0\1\0\0\0\0", 1, True),
        (b"\0\0\0\1\x01\x01a\0", 1, True),
        (b"\0\0\0\1\x01\x02ab", 1, False),
        (b"\0\0\0\1\x01\x02ab\0\0\0\0", 1, True),
        (b"\0\0\0\1\x01\x03ab\0\0\0\0", 1, True),
        (b"\0\0\0\1\x01\x06ab\0\0\0\0", 1, False),
        (b"\0\0\0\1\x01\xffab\0\0\0\0", 1, False),
        (b"\0\0\0\1\x01\0\x02\0", 1, False),
        (b"\0\0\0\1\x01\0\x02\0\x03\0\0\0", 1, True),
        (b"\0\0\0\1aaa\x01", 1, False),
        (b"\0\0\0\1\0\0\0\0\0\0\0\2\0\0\0\0", 2, True),
        (b"\0\0\0\1\0\0\0\0\0\0\0\2", 2, False),
        (b"\0\0\0\1\0\0\0\0", 2, False),
        (b"\0\0\0\1\0\0\0\0" * 31, 31, True),
        (b"\0\0\0\1\0\0\0\0" * 30, 31, False),
    ],
)
def test_c7_source_descriptions_end_inside(body: bytes, count: int, valid: bool) -> None:
    body += bytes(-len(body) % 4)
    expected = (OK, None) if valid else (ParseReason.RTCP_PACKET_TOO_SHORT, len(RR))
    assert judge(RR + packet(202, body, count)) == expected


def test_c7_a_source_description_does_not_run_into_the_next_packet() -> None:
    datagram = RR + packet(202, b"\0\0\0\1\x01\x02ab", 1) + packet(203, b"", 0)
    assert judge(datagram) == (ParseReason.RTCP_PACKET_TOO_SHORT, len(RR))


@pytest.mark.parametrize(
    ("body", "count", "valid"),
    [
        (b"", 0, True),
        (b"\0\0\0\1", 1, True),
        (b"\0\0\0\1", 2, False),
        (bytes(124), 31, True),
        (bytes(120), 31, False),
        (b"\0\0\0\1\x03abc", 1, True),
        (b"\0\0\0\1\x04abc", 1, False),
        (b"\0\0\0\1\0\0\0\0", 1, True),
        (b"\0\0\0\1\xffabc", 1, False),
        (b"\x03abc", 0, True),
    ],
)
def test_c7_goodbyes_hold_sources_and_reason(body: bytes, count: int, valid: bool) -> None:
    expected = (OK, None) if valid else (ParseReason.RTCP_PACKET_TOO_SHORT, len(RR))
    assert judge(RR + packet(203, body, count)) == expected


@pytest.mark.parametrize(("packet_type", "needed"), [(204, 8), (205, 8), (206, 8), (207, 4), (192, 0), (208, 0)])
def test_c7_minimum_sizes_of_the_rest(packet_type: int, needed: int) -> None:
    assert judge(RR + packet(packet_type, bytes(needed))) == (OK, None)
    if needed:
        assert judge(RR + packet(packet_type, bytes(needed - 4))) == (ParseReason.RTCP_PACKET_TOO_SHORT, len(RR))


def test_c7_r06_thirty_one_blocks_in_eight_octets() -> None:
    assert judge(packet(201, bytes(4), 31)) == (ParseReason.RTCP_PACKET_TOO_SHORT, 0)


@pytest.mark.parametrize(
    ("datagram", "reason"),
    [
        (RR[:7], ParseReason.RTCP_TOO_SHORT),
        (RR, OK),
        (RR + b"\x80\0\0\1" + bytes(10), OK),
        (packet(201, bytes(4), 31), OK),
        (b"\x40" + SR[1:], ParseReason.RTCP_BAD_VERSION),
        (BYE + bytes(14), ParseReason.RTCP_BAD_FIRST_TYPE),
        (SR[:20], ParseReason.RTCP_LENGTH_MISMATCH),
    ],
)
def test_srtcp_is_judged_by_its_first_header(datagram: bytes, reason: ParseReason) -> None:
    assert validate_rtcp(datagram, encrypted=True) is reason


def test_srtcp_of_reduced_size() -> None:
    assert validate_rtcp(packet(206, bytes(8)) + bytes(14), True, True) is OK
