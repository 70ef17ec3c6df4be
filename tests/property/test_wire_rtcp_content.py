"""Feedback, report blocks and items: decode(encode(x)) == x, slow and obvious models, and octets of any kind."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rtpcore.errors import ParseError
from rtpcore.wire.rtcp.application import ApplicationDefined
from rtpcore.wire.rtcp.application_layer import ApplicationLayerFeedback, ReceiverEstimatedMaximumBitrate
from rtpcore.wire.rtcp.extended_report import ExtendedReport
from rtpcore.wire.rtcp.feedback import PayloadFeedback, TransportFeedback
from rtpcore.wire.rtcp.goodbye import Goodbye
from rtpcore.wire.rtcp.maximum_bit_rate import TemporaryMaximumBitRateNotification, TemporaryMaximumBitRateRequest
from rtpcore.wire.rtcp.nack import GenericNack
from rtpcore.wire.rtcp.packet import RtcpPacket, UnknownRtcp
from rtpcore.wire.rtcp.parse import parse_rtcp
from rtpcore.wire.rtcp.picture import (
    FullIntraRequest,
    PictureLossIndication,
    ReferencePictureSelection,
    SliceLossIndication,
)
from rtpcore.wire.rtcp.report import ReceiverReport, ReportBlock, SenderReport
from rtpcore.wire.rtcp.source_description import SourceDescription, private_item
from rtpcore.wire.rtcp.transport_wide import TransportWideFeedback
from rtpcore.wire.rtcp.value import RtcpValue
from rtpcore.wire.rtcp.xr_block import UnknownReportBlock
from rtpcore.wire.rtcp.xr_statistics import StatisticsSummaryBlock
from rtpcore.wire.rtcp.xr_time import DlrrBlock, ReceiverReferenceTimeBlock
from rtpcore.wire.rtcp.xr_trace import DuplicateRleBlock, LossRleBlock, PacketReceiptTimesBlock
from rtpcore.wire.rtcp.xr_voip import VoipMetricsBlock
from rtpcore.wire.validity import ParseReason

Kind = tuple[Callable[..., RtcpValue], dict[str, st.SearchStrategy[Any]]]

u8 = st.integers(0, 0xFF)
u16 = st.integers(0, 0xFFFF)
u32 = st.integers(0, 0xFFFFFFFF)
PARTS = {ParseReason.RTCP_BAD_ITEM, ParseReason.RTCP_BAD_FEEDBACK, ParseReason.RTCP_BAD_BLOCK}


def tuples(*members: st.SearchStrategy[Any], least: int = 0, most: int = 5) -> st.SearchStrategy[Any]:
    return st.lists(st.tuples(*members), min_size=least, max_size=most).map(tuple)


def rates(bits: int) -> st.SearchStrategy[int]:
    """Bit rates that a mantissa of so many bits holds without rounding."""
    return st.builds(
        lambda mantissa, exponent: mantissa << exponent, st.integers(0, (1 << bits) - 1), st.integers(0, 63)
    )


# Runs and odd ones, of which chunks are made.
statuses = st.lists(
    st.one_of(
        st.lists(st.none() | st.integers(-0x8000, 0x7FFF), max_size=20),
        st.builds(lambda delta, times: [delta] * times, st.sampled_from([None, 0, 255, 256, -1]), st.integers(1, 30)),
    ),
    max_size=6,
).map(lambda runs: tuple(delta for run in runs for delta in run))
traces = st.lists(
    st.lists(st.booleans(), max_size=20)
    | st.builds(lambda bit, times: [bit] * times, st.booleans(), st.integers(1, 40)),
    max_size=6,
).map(lambda runs: tuple(bit for run in runs for bit in run))
entries = tuples(u32, rates(17), st.integers(0, 511), least=1)
TRANSPORT: list[Kind] = [
    (GenericNack, {"entries": tuples(u16, u16, least=1)}),
    (TemporaryMaximumBitRateRequest, {"entries": entries}),
    (TemporaryMaximumBitRateNotification, {"entries": entries | st.just(())}),
    (
        TransportWideFeedback,
        {
            "base_sequence_number": u16,
            "reference_time": st.integers(-0x800000, 0x7FFFFF),
            "feedback_packet_count": u8,
            "receive_deltas": statuses,
        },
    ),
]
PAYLOAD: list[Kind] = [
    (PictureLossIndication, {}),
    (SliceLossIndication, {"slices": tuples(st.integers(0, 8191), st.integers(0, 8191), st.integers(0, 63), least=1)}),
    (
        ReferencePictureSelection,
        {"payload_type": st.integers(0, 127), "bit_string": st.binary(min_size=1), "unused_bits": st.integers(0, 7)},
    ),
    (FullIntraRequest, {"entries": tuples(u32, u8, least=1)}),
    (ReceiverEstimatedMaximumBitrate, {"bit_rate": rates(18), "ssrcs": st.lists(u32, max_size=255).map(tuple)}),
    (
        ApplicationLayerFeedback,
        {"data": st.integers(0, 9).flatmap(lambda n: st.binary(min_size=4 * n, max_size=4 * n))},
    ),
]
four = st.tuples(u32, u32, u32, u32)
four_octets = st.tuples(u8, u8, u8, u8)
levels = {name: st.integers(-128, 127) for name in ("signal_level", "noise_level")}
octets = (
    "loss_rate discard_rate burst_density gap_density residual_echo_return_loss gmin r_factor external_r_factor mos_lq "
    "mos_cq"
)
halves = (
    "burst_duration gap_duration round_trip_delay end_system_delay jitter_buffer_nominal jitter_buffer_maximum "
    "jitter_buffer_absolute_maximum"
)
BLOCKS: list[Kind] = [
    (ReceiverReferenceTimeBlock, {"ntp_timestamp": st.integers(0, 2**64 - 1)}),
    (DlrrBlock, {"entries": tuples(u32, u32, u32)}),
    (
        StatisticsSummaryBlock,
        {
            "ssrc": u32, "begin_sequence_number": u16, "end_sequence_number": u16, "lost_packets": st.none() | u32,
            "duplicate_packets": st.none() | u32, "jitter": st.none() | four, "ttl": st.none() | four_octets,
        },
    ),
    (
        VoipMetricsBlock,
        {
            "ssrc": u32, **dict.fromkeys(octets.split(), u8), **dict.fromkeys(halves.split(), u16), **levels,
            "packet_loss_concealment": st.integers(0, 3), "jitter_buffer_adaptive": st.integers(0, 3),
            "jitter_buffer_rate": st.integers(0, 15),
        },
    ),
    (UnknownReportBlock, {"block_type": st.integers(8, 255), "type_specific": u8, "contents": st.just(b"whatever")}),
]  # fmt: skip


def drawn(kinds: list[Kind]) -> st.SearchStrategy[tuple[Callable[..., Any], dict[str, Any]]]:
    return st.sampled_from(kinds).flatmap(lambda kind: st.tuples(st.just(kind[0]), st.fixed_dictionaries(kind[1])))


def value_of(kind: tuple[Callable[..., Any], dict[str, Any]]) -> RtcpValue:
    value: RtcpValue = kind[0](**kind[1])
    assert {name: getattr(value, name) for name in kind[1]} == kind[1]
    return value


@given(drawn(TRANSPORT) | drawn(PAYLOAD), u32, u32)
def test_feedback_survives(kind: tuple[Callable[..., Any], dict[str, Any]], ssrc: int, media_ssrc: int) -> None:
    value = value_of(kind)
    packet_of: Any = TransportFeedback if kind[0] in [made for made, _ in TRANSPORT] else PayloadFeedback
    packet = packet_of(ssrc=ssrc, media_ssrc=media_ssrc, feedback=value)
    (again,) = parse_rtcp(packet.serialize(), reduced_size=True)
    assert again == packet
    assert again.feedback == value  # type: ignore[attr-defined]
    assert {name: getattr(again.feedback, name) for name in kind[1]} == kind[1]  # type: ignore[attr-defined]


@given(st.lists(drawn(BLOCKS), max_size=5), u32)
def test_blocks_survive(kinds: list[tuple[Callable[..., Any], dict[str, Any]]], ssrc: int) -> None:
    blocks = tuple(value_of(kind) for kind in kinds)
    report = ExtendedReport(ssrc=ssrc, blocks=blocks)  # type: ignore[arg-type]
    (again,) = parse_rtcp(report.serialize(), reduced_size=True)
    assert isinstance(again, ExtendedReport)
    assert again.blocks == blocks
    for block, (_, fields) in zip(again.blocks, kinds, strict=True):
        assert {name: getattr(block, name) for name in fields} == fields


@given(traces, u16, st.integers(0, 15), st.data())
def test_traces_survive(trace: tuple[bool, ...], begin: int, thinning: int, data: st.DataObject) -> None:
    # The range is as long as a model that counts one by one says, or as the trace is with few enough packets.
    numbers: list[int] = []
    span = 0
    while span < 65533:
        number = (begin + span) % 65536
        if number % (1 << thinning) == 0:
            if len(numbers) == len(trace):
                break
            numbers.append(number)
        span += 1
    trace = trace[: len(numbers)]
    fields: dict[str, Any] = {
        "ssrc": 1, "begin_sequence_number": begin, "end_sequence_number": (begin + span) % 65536, "thinning": thinning,
    }  # fmt: skip
    zeros = tuple(number for number, bit in zip(numbers, trace, strict=True) if not bit)
    loss = LossRleBlock(**fields, trace=trace)
    duplicates = DuplicateRleBlock(**fields, trace=trace)
    times = PacketReceiptTimesBlock(**fields, receipt_times=numbers)
    (again,) = parse_rtcp(ExtendedReport(ssrc=1, blocks=[loss, duplicates, times]).serialize(), reduced_size=True)
    assert isinstance(again, ExtendedReport)
    first, second, third = again.blocks
    assert (first, second, third) == (loss, duplicates, times)
    assert isinstance(first, LossRleBlock)
    assert isinstance(second, DuplicateRleBlock)
    assert isinstance(third, PacketReceiptTimesBlock)
    assert (first.trace, first.lost) == (second.trace, second.duplicated) == (trace, zeros)
    assert third.receipt_times == tuple(numbers)
    assert {name: getattr(first, name) for name in fields} == fields


def outcome(call: Callable[[], Any]) -> Any:
    """What a call returns, or the ParseError that it raises."""
    try:
        return call()
    except ParseError as error:
        return error


def parsed(octets: bytes | bytearray) -> Any:
    """The one packet of some octets, or why there is none."""
    packets = outcome(lambda: parse_rtcp(octets, reduced_size=True))
    if isinstance(packets, ParseError):
        assert 0 <= packets.offset <= len(octets)
        return packets
    (packet,) = packets
    assert packet.serialize() == octets
    return packet


def statuses_of(chunks: list[int], count: int) -> list[int]:
    """The draft's 3.1.3 and 3.1.4, in text."""
    found: list[int] = []
    for chunk in chunks:
        text = f"{chunk:016b}"
        if text[0] == "0":
            found += [int(text[1:3], 2)] * int(text[3:], 2)
        elif text[1] == "0":
            found += [int(bit) for bit in text[2:]]
        else:
            found += [int(text[n : n + 2], 2) for n in range(2, 16, 2)]
        if len(found) >= count:
            return found[:count]
    return found


@given(
    st.lists(u16 | st.sampled_from([0, 0x2000, 0x4001, 0x9555, 0xD555]), max_size=6), st.integers(0, 60), st.binary()
)
def test_chunks_are_read_as_the_draft_says(chunks: list[int], count: int, deltas: bytes) -> None:
    fci = b"\0\x05" + count.to_bytes(2, "big") + b"\0\0\0\0" + b"".join(chunk.to_bytes(2, "big") for chunk in chunks)
    used = next((n for n in range(len(chunks) + 1) if len(statuses_of(chunks[:n], count)) == count), None)
    fci += deltas
    packet = TransportFeedback(ssrc=1, message_type=15, fci=fci, padding_size=-len(fci) % 4)
    feedback = outcome(lambda: packet.feedback)
    if isinstance(feedback, ParseError):
        assert feedback.reason is ParseReason.RTCP_BAD_FEEDBACK
        assert 12 <= feedback.offset <= 12 + len(fci)
        # What follows the chunks may be read as chunks, so only what is all there can be judged.
        assert (
            used is None or 3 in statuses_of(chunks, count) or sum(statuses_of(chunks, count)) > len(fci) - 8 - 2 * used
        )
        return
    assert isinstance(feedback, TransportWideFeedback)
    assert feedback.packet_status_count == count == len(feedback.statuses) == len(feedback.receive_deltas)
    assert [delta is None for delta in feedback.receive_deltas] == [status == 0 for status in feedback.statuses]
    if used is not None:
        assert list(feedback.statuses) == statuses_of(chunks, count)


def read_everything(value: Any) -> None:
    """Every field of a value and of what it holds; only reading a part that is not of its form may raise."""
    assert isinstance(repr(value), str)
    assert isinstance(hash(value), int)
    for name in [name for name in dir(value) if not name.startswith("_") and name != "serialize"]:
        field = outcome(lambda name=name: getattr(value, name))  # type: ignore[misc]
        if isinstance(field, ParseError):
            assert field.reason in PARTS
            assert 0 <= field.offset <= len(value.serialize())
        for member in field if isinstance(field, tuple) else (field,):
            if isinstance(member, RtcpValue):
                assert member.serialize() in value.serialize()
                read_everything(member)


RANGE: dict[str, Any] = {"ssrc": 5, "begin_sequence_number": 65530, "end_sequence_number": 20}
PACKETS: list[RtcpPacket] = [
    SenderReport(
        ssrc=1, ntp_timestamp=2, rtp_timestamp=3, packet_count=4, octet_count=5, reports=[ReportBlock(ssrc=6)],
        profile_extensions=b"more",
    ),
    ReceiverReport(ssrc=1, reports=[ReportBlock(ssrc=6, cumulative_lost=-1)]),
    SourceDescription(chunks=[(1, [(1, b"a@b"), private_item(b"x", b"y")]), (2, [])]),
    ApplicationDefined(ssrc=1, name=b"name", subtype=3, data=b"whatever"),
    TransportFeedback(ssrc=1, feedback=GenericNack(lost=[1, 2, 40])),
    TransportFeedback(ssrc=1, feedback=TemporaryMaximumBitRateRequest(entries=[(1, 2, 3)])),
    TransportFeedback(ssrc=1, feedback=TemporaryMaximumBitRateNotification(entries=[(1, 2, 3)])),
    TransportFeedback(
        ssrc=1,
        feedback=TransportWideFeedback(
            base_sequence_number=65530, reference_time=-1, feedback_packet_count=1,
            receive_deltas=[1, None, 300, None, 4, 5, 6, None] + [7] * 20,
        ),
    ),
    PayloadFeedback(ssrc=1, feedback=PictureLossIndication()),
    PayloadFeedback(ssrc=1, feedback=SliceLossIndication(slices=[(1, 2, 3)])),
    PayloadFeedback(ssrc=1, feedback=ReferencePictureSelection(payload_type=96, bit_string=b"abc", unused_bits=3)),
    PayloadFeedback(ssrc=1, feedback=FullIntraRequest(entries=[(1, 2)])),
    PayloadFeedback(ssrc=1, feedback=ReceiverEstimatedMaximumBitrate(bit_rate=1, ssrcs=[2, 3])),
    PayloadFeedback(ssrc=1, feedback=ApplicationLayerFeedback(data=b"whatever")),
    ExtendedReport(
        ssrc=1,
        blocks=[
            LossRleBlock(**RANGE, trace=[True, False] * 13),
            DuplicateRleBlock(**RANGE, trace=[True] * 26),
            PacketReceiptTimesBlock(**RANGE, receipt_times=range(6), thinning=2),
            ReceiverReferenceTimeBlock(ntp_timestamp=1),
            DlrrBlock(entries=[(1, 2, 3)]),
            StatisticsSummaryBlock(**RANGE, lost_packets=1, jitter=(1, 2, 3, 4), hop_limit=(1, 2, 3, 4)),
            VoipMetricsBlock(ssrc=1),
            UnknownReportBlock(block_type=9, contents=b"what"),
        ],
    ),
    UnknownRtcp(packet_type=192, body=b"whatever"),
    Goodbye(ssrcs=[1, 2], reason=b"end"),
]  # fmt: skip


def test_every_packet_truncated_at_every_octet() -> None:
    for packet in PACKETS:
        whole = packet.serialize()
        read_everything(packet)
        for size in range(len(whole)):
            assert isinstance(parsed(whole[:size]), ParseError)


def test_every_packet_cut_to_every_word() -> None:
    # With a length that agrees, so that what is missing is missing from the contents.
    read = 0
    for packet in PACKETS:
        whole = packet.serialize()
        for size in range(8, len(whole), 4):
            cut = parsed(whole[:2] + (size // 4 - 1).to_bytes(2, "big") + whole[4:size])
            if isinstance(cut, ParseError):
                assert cut.reason is ParseReason.RTCP_PACKET_TOO_SHORT
            else:
                read_everything(cut)
                read += 1
    assert read > 70


def test_no_mangled_packet_does_harm() -> None:
    chance = random.Random(4585)
    read = 0
    for _ in range(20_000):
        octets = bytearray(chance.choice(PACKETS).serialize())
        for _ in range(chance.randint(1, 4)):
            octet = chance.choice((0, 1, 2, 3, 4, 31, 129, 255, chance.randrange(256)))
            octets[chance.choice((0, 1, chance.randrange(len(octets)), chance.randrange(len(octets))))] = octet
        octets[2:4] = (len(octets) // 4 - 1).to_bytes(2, "big")
        mangled = parsed(octets)
        if not isinstance(mangled, ParseError):
            read_everything(mangled)
            read += 1
    assert read > 5_000


words = st.integers(1, 12).flatmap(lambda n: st.binary(min_size=4 * n, max_size=4 * n))


@given(st.integers(0x80, 0xBF), st.integers(200, 208), words)
def test_any_octets_are_read_or_refused(first: int, packet_type: int, body: bytes) -> None:
    packet = parsed(bytes([first, packet_type]) + (len(body) // 4).to_bytes(2, "big") + body)
    if not isinstance(packet, ParseError):
        read_everything(packet)
