"""RFC 3550 6.1 and RFC 5506 3 and 4: what may be sent as one datagram, with and without reduced size."""

from __future__ import annotations

import pytest

from rtpcore.errors import ConfigurationError, ParseError
from rtpcore.wire.rtcp.application import ApplicationDefined
from rtpcore.wire.rtcp.compound import validate_rtcp
from rtpcore.wire.rtcp.extended_report import ExtendedReport
from rtpcore.wire.rtcp.feedback import PayloadFeedback, TransportFeedback
from rtpcore.wire.rtcp.goodbye import Goodbye
from rtpcore.wire.rtcp.nack import GenericNack
from rtpcore.wire.rtcp.packet import RtcpPacket, UnknownRtcp
from rtpcore.wire.rtcp.parse import parse_rtcp, serialize_rtcp
from rtpcore.wire.rtcp.picture import PictureLossIndication
from rtpcore.wire.rtcp.report import ReceiverReport, SenderReport
from rtpcore.wire.rtcp.source_description import SourceDescription
from rtpcore.wire.validity import ParseReason

CNAME = SourceDescription(chunks=[(1, [(1, b"a@b")])])
REPORTS: list[RtcpPacket] = [
    SenderReport(ssrc=1, ntp_timestamp=0, rtp_timestamp=0, packet_count=0, octet_count=0),
    ReceiverReport(ssrc=1),
    ReceiverReport(ssrc=1, profile_extensions=b"more"),
]
OTHERS: list[RtcpPacket] = [
    CNAME,
    Goodbye(ssrcs=[1], reason=b"end"),
    ApplicationDefined(ssrc=1, name=b"name"),
    TransportFeedback(ssrc=1, media_ssrc=2, feedback=GenericNack(lost=[1])),
    PayloadFeedback(ssrc=1, media_ssrc=2, feedback=PictureLossIndication()),
    ExtendedReport(ssrc=1),
    UnknownRtcp(packet_type=192, body=b"word"),
]


@pytest.mark.parametrize("report", REPORTS)
@pytest.mark.parametrize("other", OTHERS)
def test_a_full_compound_begins_with_a_report_and_names_its_source(report: RtcpPacket, other: RtcpPacket) -> None:
    packets = [report, CNAME, other]
    octets = serialize_rtcp(packets)
    assert parse_rtcp(octets) == packets
    assert validate_rtcp(octets) is ParseReason.OK


@pytest.mark.parametrize("other", OTHERS)
def test_another_first_packet_needs_reduced_size(other: RtcpPacket) -> None:
    with pytest.raises(ConfigurationError, match="neither SR"):
        serialize_rtcp([other, CNAME])
    octets = serialize_rtcp([other, CNAME], reduced_size=True)
    with pytest.raises(ParseError) as caught:
        parse_rtcp(octets)
    assert (caught.value.reason, caught.value.offset) == (ParseReason.RTCP_BAD_FIRST_TYPE, 1)
    assert parse_rtcp(octets, reduced_size=True) == [other, CNAME]


@pytest.mark.parametrize("packet", REPORTS + OTHERS)
def test_a_packet_alone_is_of_reduced_size(packet: RtcpPacket) -> None:
    with pytest.raises(ConfigurationError):
        serialize_rtcp([packet])
    assert parse_rtcp(serialize_rtcp([packet], reduced_size=True), reduced_size=True) == [packet]


@pytest.mark.parametrize("report", REPORTS)
def test_a_report_without_a_name_is_read_all_the_same(report: RtcpPacket) -> None:
    assert parse_rtcp(report.serialize()) == [report]


@pytest.mark.parametrize("reduced_size", [False, True])
def test_padding_stands_at_the_end_alone(reduced_size: bool) -> None:
    padded = ReceiverReport(ssrc=1, padding_size=4)
    with pytest.raises(ConfigurationError, match="octet 0 has padding and is not the last"):
        serialize_rtcp([padded, CNAME], reduced_size=reduced_size)
    packets = [REPORTS[1], CNAME, padded]
    assert parse_rtcp(serialize_rtcp(packets, reduced_size=reduced_size)) == packets
