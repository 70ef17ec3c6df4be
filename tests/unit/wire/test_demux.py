"""wire.demux: classify and PacketKind."""

from __future__ import annotations

import array

import pytest

from rtpcore.wire.demux import PacketKind, classify


@pytest.mark.parametrize("wrap", [bytes, bytearray, memoryview, lambda octets: array.array("B", octets)])
def test_any_buffer_is_classified(wrap: type) -> None:
    assert classify(wrap(b"\x80\x00" + bytes(10))) is PacketKind.RTP


def test_a_view_is_read_where_it_starts() -> None:
    assert classify(memoryview(b"\x00\x00\x80\xc8\x00\x00")[2:]) is PacketKind.RTCP


def test_an_empty_datagram_is_unknown() -> None:
    assert classify(b"") is PacketKind.UNKNOWN


@pytest.mark.parametrize("first", range(256))
def test_one_octet_is_classified_by_itself(first: int) -> None:
    expected = {
        **dict.fromkeys(range(16, 20), PacketKind.ZRTP),
        **dict.fromkeys(range(20, 64), PacketKind.DTLS),
        **dict.fromkeys(range(64, 80), PacketKind.CHANNEL_DATA),
        **dict.fromkeys(range(128, 192), PacketKind.RTP),
    }
    assert classify(bytes([first])) is expected.get(first, PacketKind.UNKNOWN)


@pytest.mark.parametrize("value", ["\x80\x00", 128, None, [128, 0]])
def test_what_is_no_buffer_is_named(value: object) -> None:
    with pytest.raises(TypeError, match=f"datagram is bytes or another buffer, not {type(value).__name__}"):
        classify(value)  # type: ignore[arg-type]


def test_a_buffer_with_gaps_is_refused() -> None:
    with pytest.raises(TypeError, match="datagram is a memoryview that is not contiguous"):
        classify(memoryview(bytes(24))[::2])


def test_no_buffer_stays_locked() -> None:
    octets = bytearray(b"\x80\x00")
    classify(octets)
    octets.append(0)
    assert len(octets) == 3
