"""wire.rtcp.parse: parse_rtcp."""

from __future__ import annotations

from typing import Any

import pytest

from rtpcore.errors import ConfigurationError, ParseError
from rtpcore.wire.rtcp.application import ApplicationDefined
from rtpcore.wire.rtcp.extended_report import ExtendedReport
from rtpcore.wire.rtcp.feedback import PayloadFeedback, TransportFeedback
from rtpcore.wire.rtcp.goodbye import Goodbye
from rtpcore.wire.rtcp.packet import RtcpPacket, UnknownRtcp
from rtpcore.wire.rtcp.parse import parse_rtcp, serialize_rtcp
from rtpcore.wire.rtcp.picture import PictureLossIndication
from rtpcore.wire.rtcp.report import ReceiverReport, SenderReport
from rtpcore.wire.rtcp.source_description import SourceDescription
from rtpcore.wire.validity import ParseReason

REPORT = ReceiverReport(ssrc=1)
DESCRIPTION = SourceDescription(chunks=[(1, [(1, b"a@b")])])
LOSS = PayloadFeedback(ssrc=1, media_ssrc=2, feedback=PictureLossIndication())
PACKETS: list[RtcpPacket] = [
    SenderReport(ssrc=1, ntp_timestamp=2, rtp_timestamp=3, packet_count=4, octet_count=5),
    REPORT,
    DESCRIPTION,
    ApplicationDefined(ssrc=1, name=b"name"),
    TransportFeedback(ssrc=1, message_type=15, fci=b"data"),
    LOSS,
    ExtendedReport(ssrc=1),
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


def test_packets_do_not_hold_a_buffer_that_can_change() -> None:
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


def test_what_does_not_decode_is_still_a_packet() -> None:
    octets = bytes.fromhex("8fcd0003 00000001 00000002 deadbeef")
    (packet,) = parse_rtcp(octets, reduced_size=True)
    assert isinstance(packet, TransportFeedback)
    assert packet.fci == bytes.fromhex("deadbeef")
    with pytest.raises(ParseError, match="at least 8 octets, and this has 4") as caught:
        _ = packet.feedback
    assert (caught.value.reason, caught.value.offset) == (ParseReason.RTCP_BAD_FEEDBACK, 12)
    assert packet.serialize() == octets


def test_a_compound_is_serialized() -> None:
    assert serialize_rtcp([REPORT, DESCRIPTION, LOSS]) == b"".join(p.serialize() for p in (REPORT, DESCRIPTION, LOSS))
    assert serialize_rtcp(iter([REPORT, DESCRIPTION])) == REPORT.serialize() + DESCRIPTION.serialize()
    assert serialize_rtcp([LOSS], reduced_size=True) == LOSS.serialize()


@pytest.mark.parametrize(
    ("packets", "reduced_size", "error", "message"),
    [
        ([], False, ConfigurationError, "at least 8 octets, and this one has 0"),
        ([], True, ConfigurationError, "at least 8 octets, and this one has 0"),
        ([Goodbye()], True, ConfigurationError, "at least 8 octets, and this one has 4"),
        ([DESCRIPTION, REPORT], False, ConfigurationError, "has type 202, which is neither SR"),
        ([LOSS], False, ConfigurationError, "has type 206, which is neither SR"),
        ([REPORT, LOSS], False, ConfigurationError, "no source description with a CNAME"),
        ([REPORT, SourceDescription(chunks=[(1, [(2, b"a")])])], False, ConfigurationError, "with a CNAME"),
        (
            [ReceiverReport(ssrc=1, padding_size=4), DESCRIPTION],
            False,
            ConfigurationError,
            "octet 0 has padding and is",
        ),
        ([REPORT, b"octets"], False, TypeError, "A member of packets is an RtcpPacket, not b'octets'"),
        (REPORT, False, TypeError, "packets is an iterable, not ReceiverReport"),
        ([REPORT, DESCRIPTION], "no", TypeError, "reduced_size is True or False, not 'no'"),
    ],
)
def test_what_is_no_compound_is_named(packets: Any, reduced_size: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        serialize_rtcp(packets, reduced_size=reduced_size)
