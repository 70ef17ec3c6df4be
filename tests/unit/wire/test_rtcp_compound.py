"""wire.rtcp_compound: parse_rtcp."""

from __future__ import annotations

from typing import Any

import pytest

from rtpcore.errors import ParseError
from rtpcore.wire.rtcp_compound import parse_rtcp
from rtpcore.wire.rtcp_goodbye import Goodbye
from rtpcore.wire.rtcp_packet import UnknownRtcp
from rtpcore.wire.rtcp_report import ReceiverReport, SenderReport
from rtpcore.wire.rtcp_source_description import SourceDescription
from rtpcore.wire.validity import ParseReason

PACKETS = [
    SenderReport(ssrc=1, ntp_timestamp=2, rtp_timestamp=3, packet_count=4, octet_count=5),
    ReceiverReport(ssrc=1),
    SourceDescription(chunks=[(1, [(1, b"a@b")])]),
    UnknownRtcp(packet_type=204, body=b"ssrcname"),
    UnknownRtcp(packet_type=205, count=15, body=b"ssrcssrcdata"),
    UnknownRtcp(packet_type=206, count=1, body=b"ssrcssrc"),
    UnknownRtcp(packet_type=207, body=b"ssrc"),
    UnknownRtcp(packet_type=192, body=b"ssrc"),
    Goodbye(ssrcs=[1], reason=b"teardown", padding_size=4),
]
COMPOUND = b"".join(packet.serialize() for packet in PACKETS)


@pytest.mark.parametrize("wrap", [bytes, bytearray, memoryview])
def test_every_packet_in_order(wrap: type) -> None:
    packets = parse_rtcp(wrap(COMPOUND))
    assert packets == PACKETS
    assert [type(packet) for packet in packets] == [type(packet) for packet in PACKETS]
    assert b"".join(packet.serialize() for packet in packets) == COMPOUND


def test_packets_do_not_hold_the_datagram() -> None:
    buffer = bytearray(COMPOUND)
    packets = parse_rtcp(buffer)
    buffer.clear()
    assert packets == PACKETS


def test_every_truncation_is_refused_or_a_shorter_compound() -> None:
    ends = {0}
    for packet in PACKETS:
        ends.add(max(ends) + len(packet.serialize()))
    for size in range(len(COMPOUND)):
        if size in ends - {0}:
            assert b"".join(packet.serialize() for packet in parse_rtcp(COMPOUND[:size])) == COMPOUND[:size]
        else:
            with pytest.raises(ParseError) as caught:
                parse_rtcp(COMPOUND[:size])
            assert 0 <= caught.value.offset <= size


def test_reduced_size_is_asked_for() -> None:
    octets = PACKETS[5].serialize()
    with pytest.raises(ParseError) as caught:
        parse_rtcp(octets)
    assert caught.value.reason is ParseReason.RTCP_BAD_FIRST_TYPE
    assert parse_rtcp(octets, reduced_size=True) == [PACKETS[5]]
    assert parse_rtcp(octets, True) == [PACKETS[5]]


@pytest.mark.parametrize("value", ["text", None, 8])
def test_what_is_no_buffer_is_named(value: Any) -> None:
    with pytest.raises(TypeError, match=f"datagram is bytes or another buffer, not {type(value).__name__}"):
        parse_rtcp(value)


def test_a_flag_that_is_none_is_named() -> None:
    with pytest.raises(TypeError, match="reduced_size is True or False, not 'yes'"):
        parse_rtcp(COMPOUND, reduced_size="yes")  # type: ignore[arg-type]
