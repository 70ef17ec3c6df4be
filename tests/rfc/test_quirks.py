"""aiortc and dpkt read some octets otherwise: each case of docs/quirks.md, with what both sides say."""

from __future__ import annotations

from collections.abc import Callable

import dpkt
import pytest
from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters
from aiortc.rtp import (
    HeaderExtensionsMap,
    RtcpByePacket,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    is_rtcp,
    unpack_header_extensions,
)
from aiortc.rtp import RtcpPacket as AiortcCompound
from aiortc.rtp import RtpPacket as AiortcPacket

from rtpcore.errors import ParseError
from rtpcore.wire.demux import PacketKind, classify
from rtpcore.wire.rtcp.feedback import TransportFeedback
from rtpcore.wire.rtcp.goodbye import Goodbye
from rtpcore.wire.rtcp.nack import GenericNack
from rtpcore.wire.rtcp.parse import parse_rtcp
from rtpcore.wire.rtcp.report import ReceiverReport
from rtpcore.wire.rtcp.source_description import SourceDescription
from rtpcore.wire.rtcp.transport_wide import TransportWideFeedback
from rtpcore.wire.rtp import RtpPacket
from rtpcore.wire.validity import ParseReason
from tests.rfc.quirks import quirks_of

MID = HeaderExtensionsMap()
MID.configure(
    RTCRtpParameters(
        headerExtensions=[RTCRtpHeaderExtensionParameters(id=1, uri="urn:ietf:params:rtp-hdrext:sdes:mid")]
    )
)


def aiortc_elements(packet: RtpPacket) -> list[tuple[int, bytes]]:
    assert packet.extension_profile is not None
    return list(unpack_header_extensions(packet.extension_profile, packet.extension_data))


def aiortc_lost(octets: bytes) -> list[int]:
    feedback = AiortcCompound.parse(octets)[1]
    assert isinstance(feedback, RtcpRtpfbPacket)
    return feedback.lost


def element_too_long(octets: bytes) -> None:
    with pytest.raises(ValueError, match="extension value is truncated"):
        AiortcPacket.parse(octets, MID)
    packet = RtpPacket.parse(octets)
    assert packet.extension_elements == ()
    assert packet.payload == b"\xaa\xbb\xcc\xdd"


def application_bits(octets: bytes) -> None:
    packet = RtpPacket.parse(octets)
    assert aiortc_elements(packet) == []
    assert packet.extension_elements == ((1, b"\xab\xcd"),)


def element_15(octets: bytes) -> None:
    packet = RtpPacket.parse(octets)
    assert aiortc_elements(packet) == [(1, b"\xaa"), (15, b"\xbb"), (2, b"\xcc")]
    assert packet.extension_elements == ((1, b"\xaa"),)


def not_configured(octets: bytes) -> None:
    assert AiortcPacket.parse(octets).serialize() == b"\x80" + octets[1:12] + octets[20:]
    assert RtpPacket.parse(octets).serialize() == octets


def profile_specific(octets: bytes) -> None:
    with pytest.raises(ValueError, match="receiver report length is invalid"):
        AiortcCompound.parse(octets)
    (report,) = parse_rtcp(octets)
    assert isinstance(report, ReceiverReport)
    assert report.profile_extensions == b"\xde\xad\xbe\xef"


def two_sources(octets: bytes) -> None:
    with pytest.raises(ValueError, match="SDES item is truncated"):
        AiortcCompound.parse(octets)
    ours = parse_rtcp(octets)[1]
    assert isinstance(ours, SourceDescription)
    assert ours.chunks == ((1, ((1, b"a"),)), (2, ((1, b"b"),)))


def reason_of_a_goodbye(octets: bytes) -> None:
    theirs = AiortcCompound.parse(octets)[1]
    assert isinstance(theirs, RtcpByePacket)
    assert bytes(theirs) == octets[8:9] + bytes.fromhex("cb0001") + octets[12:16]
    ours = parse_rtcp(octets)[1]
    assert isinstance(ours, Goodbye)
    assert ours.reason == b"bye"
    assert ours.serialize() == octets[8:]


def without_a_class(octets: bytes) -> None:
    (theirs,) = AiortcCompound.parse(octets)
    assert isinstance(theirs, RtcpRrPacket)
    assert [packet.packet_type for packet in parse_rtcp(octets)] == [201, 210]
    assert b"".join(packet.serialize() for packet in parse_rtcp(octets)) == octets


def numbers_beyond(octets: bytes) -> None:
    assert aiortc_lost(octets) == [65535, 65536]
    ours = parse_rtcp(octets)[1]
    assert isinstance(ours, TransportFeedback)
    assert isinstance(ours.feedback, GenericNack)
    assert ours.feedback.lost == (65535, 0)


def nack_of_nothing(octets: bytes) -> None:
    assert aiortc_lost(octets) == []
    ours = parse_rtcp(octets)[1]
    assert isinstance(ours, TransportFeedback)
    with pytest.raises(ParseError, match="at least one entry"):
        _ = ours.feedback


def transport_wide(octets: bytes) -> None:
    assert aiortc_lost(octets) == [1, 2, 0, 9, 8193, 8204]
    ours = parse_rtcp(octets)[1]
    assert isinstance(ours, TransportFeedback)
    assert isinstance(ours.feedback, TransportWideFeedback)
    assert (ours.feedback.base_sequence_number, ours.feedback.receive_deltas) == (1, (4,))


def padded_transport_wide(octets: bytes) -> None:
    with pytest.raises(ValueError, match="RTCP RTP feedback length is invalid"):
        AiortcCompound.parse(octets)
    ours = parse_rtcp(octets)[1]
    assert isinstance(ours, TransportFeedback)
    assert isinstance(ours.feedback, TransportWideFeedback)
    assert (ours.feedback.receive_deltas, ours.padding_size) == ((4,), 1)


def padding_before_the_last(octets: bytes) -> None:
    assert [packet.ssrc for packet in AiortcCompound.parse(octets)] == [1, 2]  # type: ignore[union-attr]
    with pytest.raises(ParseError) as caught:
        parse_rtcp(octets)
    assert caught.value.reason is ParseReason.RTCP_BAD_PADDING


def types_above_208(octets: bytes) -> None:
    assert not is_rtcp(octets)
    assert classify(octets) is PacketKind.RTCP


def any_version(octets: bytes) -> None:
    assert dpkt.rtp.RTP(octets).version == 1
    assert dpkt.rtp.RTP(octets).seq == 7
    with pytest.raises(ParseError) as caught:
        RtpPacket.parse(octets)
    assert caught.value.reason is ParseReason.RTP_BAD_VERSION


def all_in_the_payload(octets: bytes) -> None:
    assert dpkt.rtp.RTP(octets).data == octets[12:]
    packet = RtpPacket.parse(octets)
    assert (packet.extension_data, packet.payload, packet.padding_size) == (bytes(4), b"\xaa\xbb", 2)


def csrcs_not_there(octets: bytes) -> None:
    assert (dpkt.rtp.RTP(octets).cc, dpkt.rtp.RTP(octets).csrc) == (15, octets[12:])
    with pytest.raises(ParseError) as caught:
        RtpPacket.parse(octets)
    assert caught.value.reason is ParseReason.RTP_CSRC_OVERRUN


CASES: dict[str, dict[str, Callable[[bytes], None]]] = {
    "aiortc": {
        "Element longer than its extension": element_too_long,
        "Two-byte form with application bits": application_bits,
        "One-byte element 15": element_15,
        "Extension that is not configured": not_configured,
        "Report with a profile-specific extension": profile_specific,
        "Source description of two sources": two_sources,
        "Reason of a goodbye": reason_of_a_goodbye,
        "Packets without a class": without_a_class,
        "Numbers of a generic NACK beyond 65535": numbers_beyond,
        "Generic NACK of no packets": nack_of_nothing,
        "Transport-wide feedback": transport_wide,
        "Padding of transport-wide feedback": padded_transport_wide,
        "RTCP padding before the last packet": padding_before_the_last,
        "Payload types above 208": types_above_208,
    },
    "dpkt": {
        "Any version": any_version,
        "Extension and padding in the payload": all_in_the_payload,
        "CSRCs that are not there": csrcs_not_there,
    },
}


@pytest.mark.parametrize("name", CASES)
def test_every_quirk_is_told_and_tested(name: str) -> None:
    assert list(quirks_of(name)) == list(CASES[name])


@pytest.mark.parametrize(("name", "title"), [(name, title) for name in CASES for title in CASES[name]])
def test_both_sides_say_what_is_told(name: str, title: str) -> None:
    CASES[name][title](quirks_of(name)[title])
