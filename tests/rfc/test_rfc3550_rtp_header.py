"""RFC 3550 5.1 and 5.3.1: the RTP header's validity (R1 to R5, R9, R10), every boundary from both sides."""

from __future__ import annotations

import pytest

from rtpcore.errors import ParseError
from rtpcore.wire.rtp import RtpPacket
from rtpcore.wire.validity import ParseReason


def refused(datagram: bytes) -> tuple[ParseReason, int]:
    with pytest.raises(ParseError) as caught:
        RtpPacket.parse(datagram)
    return caught.value.reason, caught.value.offset


@pytest.mark.parametrize("size", range(12))
def test_r1_at_least_twelve_octets(size: int) -> None:
    assert refused((b"\x80" + bytes(11))[:size]) == (ParseReason.RTP_TOO_SHORT, size)


@pytest.mark.parametrize("version", [0, 1, 3])
def test_r2_version(version: int) -> None:
    for rest in range(64):
        assert refused(bytes([version << 6 | rest]) + bytes(100)) == (ParseReason.RTP_BAD_VERSION, 0)


@pytest.mark.parametrize("count", range(1, 16))
def test_r3_csrcs_fit(count: int) -> None:
    datagram = bytes([0x80 | count]) + bytes(11) + b"".join(n.to_bytes(4, "big") for n in range(1, count + 1))
    assert RtpPacket.parse(datagram).csrcs == tuple(range(1, count + 1))
    assert refused(datagram[:-1]) == (ParseReason.RTP_CSRC_OVERRUN, 0)


@pytest.mark.parametrize("count", [0, 1, 15])
@pytest.mark.parametrize("words", [0, 1, 300])
def test_r4_the_extension_fits(count: int, words: int) -> None:
    start = 12 + 4 * count
    head = bytes([0x90 | count]) + bytes(start - 1)
    datagram = head + b"\x12\x34" + words.to_bytes(2, "big") + bytes(4 * words)
    packet = RtpPacket.parse(datagram)
    assert (packet.extension_profile, len(packet.extension_data), len(packet.payload)) == (0x1234, 4 * words, 0)
    if words:
        assert refused(datagram[:-1]) == (ParseReason.RTP_EXTENSION_OVERRUN, start + 2)
    for missing in range(1, 5):
        assert refused(datagram[: start + 4 - missing]) == (ParseReason.RTP_EXTENSION_OVERRUN, start)


def test_r4_an_extension_that_no_datagram_can_hold() -> None:
    assert refused(b"\x90" + bytes(13) + b"\x40\x00" + bytes(70_000)) == (ParseReason.RTP_EXTENSION_OVERRUN, 14)
    assert len(RtpPacket.parse(b"\x90" + bytes(13) + b"\x3f\xff" + bytes(70_000)).extension_data) == 65532


@pytest.mark.parametrize("left", [1, 2, 100, 255])
def test_r5_padding_fits_what_is_left(left: int) -> None:
    head = b"\xb1" + bytes(15) + b"\0\0\0\1" + bytes(4)
    packet = RtpPacket.parse(head + bytes(left - 1) + bytes([left]))
    assert (packet.padding_size, len(packet.payload)) == (left, 0)
    if left < 255:
        assert refused(head + bytes(left - 1) + bytes([left + 1])) == (ParseReason.RTP_BAD_PADDING, 23 + left)
    assert refused(head + bytes(left)) == (ParseReason.RTP_BAD_PADDING, 23 + left)


@pytest.mark.parametrize("last", [0, 1, 12, 255])
def test_r5_padding_without_an_octet_for_its_count(last: int) -> None:
    assert refused(b"\xa0" + bytes(10) + bytes([last])) == (ParseReason.RTP_BAD_PADDING, 11)


def test_the_last_octet_is_payload_without_the_p_bit() -> None:
    packet = RtpPacket.parse(b"\x80" + bytes(11) + b"\xff")
    assert (packet.padding_size, bytes(packet.payload)) == (0, b"\xff")


def test_r9_ssrc_zero_is_valid() -> None:
    assert RtpPacket.parse(b"\x80" + bytes(11) + b"x").ssrc == 0


def test_r10_an_empty_payload_is_valid() -> None:
    assert len(RtpPacket.parse(b"\x80\x14" + bytes(10)).payload) == 0


@pytest.mark.parametrize("second", range(256))
def test_marker_and_payload_type(second: int) -> None:
    packet = RtpPacket.parse(bytes([0x80, second]) + bytes(10))
    assert (packet.marker, packet.payload_type) == (second >= 128, second % 128)
