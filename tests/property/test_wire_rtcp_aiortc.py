"""aiortc as a second opinion on RTCP, wherever it is right: docs/quirks.md says where it is not."""

from __future__ import annotations

from typing import Any

from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters
from aiortc.rtp import (
    HeaderExtensions,
    HeaderExtensionsMap,
    RtcpByePacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSdesPacket,
    RtcpSrPacket,
    pack_remb_fci,
    unpack_remb_fci,
)
from aiortc.rtp import RtcpPacket as AiortcPacket
from hypothesis import given
from hypothesis import strategies as st

from rtpcore.wire.extension_value import (
    decode_absolute_send_time,
    decode_audio_level,
    decode_media_identification,
    decode_stream_identification,
    decode_transport_sequence_number,
    encode_absolute_send_time,
    encode_audio_level,
    encode_media_identification,
    encode_stream_identification,
    encode_transport_sequence_number,
)
from rtpcore.wire.rtcp.application_layer import ReceiverEstimatedMaximumBitrate
from rtpcore.wire.rtcp.feedback import PayloadFeedback, TransportFeedback
from rtpcore.wire.rtcp.goodbye import Goodbye
from rtpcore.wire.rtcp.nack import GenericNack
from rtpcore.wire.rtcp.parse import parse_rtcp
from rtpcore.wire.rtcp.report import ReceiverReport, ReportBlock, SenderReport
from rtpcore.wire.rtcp.source_description import SourceDescription
from rtpcore.wire.rtp import RtpPacket

u8 = st.integers(0, 0xFF)
u16 = st.integers(0, 0xFFFF)
u32 = st.integers(0, 0xFFFFFFFF)
blocks = st.builds(
    ReportBlock, ssrc=u32, fraction_lost=u8, cumulative_lost=st.integers(-0x800000, 0x7FFFFF),
    extended_highest_sequence_number=u32, interarrival_jitter=u32, last_sr=u32, delay_since_last_sr=u32,
)  # fmt: skip
reports = st.lists(blocks, max_size=4).map(tuple)
sender_fields = {
    "ssrc": u32, "ntp_timestamp": st.integers(0, 2**64 - 1), "rtp_timestamp": u32, "packet_count": u32,
    "octet_count": u32, "reports": reports,
}  # fmt: skip
items = st.lists(st.tuples(st.integers(1, 255), st.binary(max_size=255)), max_size=4).map(tuple)
tokens = st.text("abcXYZ019-_", min_size=1, max_size=20)


def block_of(info: RtcpReceiverInfo) -> ReportBlock:
    return ReportBlock(
        ssrc=info.ssrc, fraction_lost=info.fraction_lost, cumulative_lost=info.packets_lost,
        extended_highest_sequence_number=info.highest_sequence, interarrival_jitter=info.jitter, last_sr=info.lsr,
        delay_since_last_sr=info.dlsr,
    )  # fmt: skip


# aiortc neither ends nor pads the chunks of a source description one by one, so it is right about single ones only.
@given(st.fixed_dictionaries(sender_fields), u32, items)
def test_the_same_report(fields: dict[str, Any], ssrc: int, described: tuple[tuple[int, bytes], ...]) -> None:
    datagram = SenderReport(**fields).serialize() + SourceDescription(chunks=[(ssrc, described)]).serialize()
    report, description = AiortcPacket.parse(datagram)
    assert isinstance(report, RtcpSrPacket)
    assert isinstance(description, RtcpSdesPacket)
    assert report.ssrc == fields["ssrc"]
    for name in ("ntp_timestamp", "rtp_timestamp", "packet_count", "octet_count"):
        assert getattr(report.sender_info, name) == fields[name]
    assert tuple(block_of(info) for info in report.reports) == fields["reports"]
    assert [(chunk.ssrc, tuple(chunk.items)) for chunk in description.chunks] == [(ssrc, described)]
    again, described_again = parse_rtcp(bytes(report) + bytes(description))
    assert again == SenderReport(**fields)
    assert isinstance(described_again, SourceDescription)
    assert [(chunk.ssrc, chunk.items) for chunk in described_again.chunks] == [(ssrc, described)]


@given(u32, reports, st.lists(u32, max_size=31))
def test_the_same_farewell(ssrc: int, blocks: tuple[ReportBlock, ...], leaving: list[int]) -> None:
    datagram = ReceiverReport(ssrc=ssrc, reports=blocks).serialize() + Goodbye(ssrcs=leaving).serialize()
    report, farewell = AiortcPacket.parse(datagram)
    assert isinstance(report, RtcpRrPacket)
    assert isinstance(farewell, RtcpByePacket)
    assert (report.ssrc, tuple(block_of(info) for info in report.reports)) == (ssrc, blocks)
    assert farewell.sources == leaving
    assert bytes(report) + bytes(farewell) == datagram


# aiortc counts on beyond 65535 where a NACK wraps around, so the numbers stay below.
@given(u32, u32, st.lists(st.integers(0, 65500), min_size=1, max_size=40, unique=True).map(sorted))
def test_the_same_generic_nack(ssrc: int, media_ssrc: int, lost: list[int]) -> None:
    packet = TransportFeedback(ssrc=ssrc, media_ssrc=media_ssrc, feedback=GenericNack(lost=lost))
    (theirs,) = AiortcPacket.parse(packet.serialize())
    assert isinstance(theirs, RtcpRtpfbPacket)
    assert (theirs.fmt, theirs.ssrc, theirs.media_ssrc, theirs.lost) == (1, ssrc, media_ssrc, lost)
    assert bytes(theirs) == packet.serialize()


@given(st.lists(st.tuples(st.integers(0, 65519), u16), min_size=1, max_size=20))
def test_the_same_entries_of_a_generic_nack(entries: list[tuple[int, int]]) -> None:
    packet = TransportFeedback(ssrc=1, media_ssrc=2, feedback=GenericNack(entries=entries))
    (theirs,) = AiortcPacket.parse(packet.serialize())
    assert isinstance(theirs, RtcpRtpfbPacket)
    assert isinstance(packet.feedback, GenericNack)
    assert tuple(theirs.lost) == packet.feedback.lost


@given(u32, u32, st.integers(0, 31), st.integers(0, 5).flatmap(lambda n: st.binary(min_size=4 * n, max_size=4 * n)))
def test_the_same_payload_feedback(ssrc: int, media_ssrc: int, form: int, fci: bytes) -> None:
    packet = PayloadFeedback(ssrc=ssrc, media_ssrc=media_ssrc, message_type=form, fci=fci)
    (theirs,) = AiortcPacket.parse(packet.serialize())
    assert isinstance(theirs, RtcpPsfbPacket)
    assert (theirs.fmt, theirs.ssrc, theirs.media_ssrc, theirs.fci) == (form, ssrc, media_ssrc, fci)
    assert bytes(theirs) == packet.serialize()


@given(st.integers(0, 2**48), st.lists(u32, max_size=8))
def test_the_same_estimate(bit_rate: int, ssrcs: list[int]) -> None:
    ours = ReceiverEstimatedMaximumBitrate(bit_rate=bit_rate, ssrcs=ssrcs)
    assert pack_remb_fci(bit_rate, ssrcs) == ours.serialize()
    assert unpack_remb_fci(ours.serialize()) == (ours.bit_rate, list(ours.ssrcs))


URIS = {
    "urn:ietf:params:rtp-hdrext:ssrc-audio-level": 1,
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time": 2,
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01": 3,
    "urn:ietf:params:rtp-hdrext:sdes:mid": 4,
    "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id": 10,
    "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id": 11,
}


@given(st.integers(0, 127), st.booleans(), st.integers(0, 0xFFFFFF), u16, tokens, tokens, tokens)
def test_the_same_extension_values(
    level: int, voice: bool, send_time: int, number: int, mid: str, rid: str, repaired: str
) -> None:
    known = HeaderExtensionsMap()
    headers = [RTCRtpHeaderExtensionParameters(id=number, uri=uri) for uri, number in URIS.items()]
    known.configure(RTCRtpParameters(headerExtensions=headers))
    packet = RtpPacket(
        payload_type=96, sequence_number=1, timestamp=2, ssrc=3,
        extension_elements=[
            (1, encode_audio_level(level, voice)),
            (2, encode_absolute_send_time(send_time)),
            (3, encode_transport_sequence_number(number)),
            (4, encode_media_identification(mid)),
            (10, encode_stream_identification(rid)),
            (11, encode_stream_identification(repaired)),
        ],
    )  # fmt: skip
    assert packet.extension_profile is not None
    theirs = known.get(packet.extension_profile, packet.extension_data)
    assert theirs == HeaderExtensions(
        abs_send_time=send_time, audio_level=(voice, level), mid=mid, rtp_stream_id=rid,
        repaired_rtp_stream_id=repaired, transport_sequence_number=number,
    )  # fmt: skip
    profile, data = known.set(theirs)
    again = RtpPacket(
        payload_type=96, sequence_number=1, timestamp=2, ssrc=3, extension_profile=profile, extension_data=data
    )
    elements = dict(again.extension_elements)
    assert decode_audio_level(elements[1]) == (level, voice)
    assert decode_absolute_send_time(elements[2]) == send_time
    assert decode_transport_sequence_number(elements[3]) == number
    assert decode_media_identification(elements[4]) == mid
    assert decode_stream_identification(elements[10]) == rid
    assert decode_stream_identification(elements[11]) == repaired
