"""RFC 7983 section 7 and RFC 5761 section 4: what a datagram is, by its first and second octet."""

from __future__ import annotations

import struct

import pytest

from rtpcore.wire.demux import PacketKind, classify

COOKIE = 0x2112A442


def stun(length: int, body: int, cookie: int = COOKIE, first: int = 0) -> bytes:
    return struct.pack("!BBHI", first, 1, length, cookie) + bytes(12 + body)


def by_first_octet(first: int) -> PacketKind:
    """The table of section 7, for a datagram that is no STUN message and whose second octet is below 192."""
    if 16 <= first <= 19:
        return PacketKind.ZRTP
    if 20 <= first <= 63:
        return PacketKind.DTLS
    if 64 <= first <= 79:
        return PacketKind.CHANNEL_DATA
    if 128 <= first <= 191:
        return PacketKind.RTP
    return PacketKind.UNKNOWN


@pytest.mark.parametrize("first", range(256))
def test_first_octet(first: int) -> None:
    assert classify(bytes([first, 0]) + bytes(170)) is by_first_octet(first)


@pytest.mark.parametrize("first", [128, 129, 143, 144, 160, 191])
def test_second_octet_tells_rtcp_from_rtp(first: int) -> None:
    for second in range(256):
        expected = PacketKind.RTCP if 192 <= second <= 223 else PacketKind.RTP
        assert classify(bytes([first, second]) + bytes(10)) is expected, second
        assert classify(bytes([first, second])) is expected, second


@pytest.mark.parametrize("first", range(4))
def test_stun_needs_cookie_and_length(first: int) -> None:
    assert classify(stun(0, 0, first=first)) is PacketKind.STUN
    assert classify(stun(12, 12, first=first)) is PacketKind.STUN


@pytest.mark.parametrize(
    "datagram",
    [
        stun(0, 0, cookie=COOKIE ^ 1),
        stun(4, 0),
        stun(0, 4),
        stun(3, 3),
        stun(65532, 0),
        stun(0, 0)[:19],
        stun(0, 0)[:8],
        b"\x00",
    ],
)
def test_what_only_looks_like_stun_is_unknown(datagram: bytes) -> None:
    assert classify(datagram) is PacketKind.UNKNOWN


def test_a_stun_message_of_another_first_octet_is_none() -> None:
    assert classify(stun(0, 0, first=4)) is PacketKind.UNKNOWN
