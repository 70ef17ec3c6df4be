"""RTCP compounds: parse(serialize(x)) == x, and a slow and obvious model of C1 to C7."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rtpcore.errors import ParseError
from rtpcore.wire.rtcp.application import ApplicationDefined
from rtpcore.wire.rtcp.compound import validate_rtcp
from rtpcore.wire.rtcp.extended_report import ExtendedReport
from rtpcore.wire.rtcp.feedback import PayloadFeedback, TransportFeedback
from rtpcore.wire.rtcp.goodbye import Goodbye
from rtpcore.wire.rtcp.packet import RtcpPacket, UnknownRtcp
from rtpcore.wire.rtcp.parse import parse_rtcp
from rtpcore.wire.rtcp.report import ReceiverReport, ReportBlock, SenderReport
from rtpcore.wire.rtcp.source_description import SourceDescription, SourceDescriptionChunk
from rtpcore.wire.rtcp.xr_block import UnknownReportBlock
from rtpcore.wire.validity import ParseReason

u8 = st.integers(0, 0xFF)
u32 = st.integers(0, 0xFFFFFFFF)


def words(least: int = 0, most: int = 8) -> st.SearchStrategy[bytes]:
    return st.integers(least, most).flatmap(lambda n: st.binary(min_size=4 * n, max_size=4 * n))


blocks = st.builds(
    ReportBlock, ssrc=u32, fraction_lost=u8, cumulative_lost=st.integers(-0x800000, 0x7FFFFF),
    extended_highest_sequence_number=u32, interarrival_jitter=u32, last_sr=u32, delay_since_last_sr=u32,
)  # fmt: skip
reports = st.lists(blocks, max_size=4).map(tuple)
items = st.lists(st.tuples(st.integers(1, 255), st.binary(max_size=255)), max_size=4).map(tuple)
chunks = st.lists(st.builds(SourceDescriptionChunk, u32, items), max_size=4).map(tuple)
unknown_blocks = st.builds(UnknownReportBlock, block_type=st.integers(8, 255), type_specific=u8, contents=words())
feedback_fields = {"ssrc": u32, "media_ssrc": u32, "message_type": st.integers(0, 31), "fci": words()}
sender_fields = {
    "ssrc": u32, "ntp_timestamp": st.integers(0, 2**64 - 1), "rtp_timestamp": u32, "packet_count": u32,
    "octet_count": u32, "reports": reports, "profile_extensions": words(),
}  # fmt: skip
KINDS: list[tuple[Callable[..., RtcpPacket], dict[str, st.SearchStrategy[Any]]]] = [
    (SenderReport, sender_fields),
    (ReceiverReport, {"ssrc": u32, "reports": reports, "profile_extensions": words()}),
    (SourceDescription, {"chunks": chunks}),
    (Goodbye, {"ssrcs": st.lists(u32, max_size=31).map(tuple), "reason": st.none() | st.binary(max_size=255)}),
    (
        ApplicationDefined,
        {"ssrc": u32, "name": st.binary(min_size=4, max_size=4), "subtype": st.integers(0, 31), "data": words()},
    ),
    (TransportFeedback, feedback_fields),
    (PayloadFeedback, feedback_fields),
    (ExtendedReport, {"ssrc": u32, "blocks": st.lists(unknown_blocks, max_size=4).map(tuple)}),
    (
        UnknownRtcp,
        {
            "packet_type": st.integers(0, 199) | st.integers(208, 255),
            "count": st.integers(0, 31),
            "body": words(1),
        },
    ),
]
kinds = st.sampled_from(KINDS).flatmap(lambda kind: st.tuples(st.just(kind[0]), st.fixed_dictionaries(kind[1])))
paddings = st.integers(0, 63).map(lambda n: 4 * n)


@st.composite
def compounds(draw: st.DrawFn) -> list[RtcpPacket]:
    first = draw(st.sampled_from(KINDS[:2]))
    chosen = [(first[0], draw(st.fixed_dictionaries(first[1]))), *draw(st.lists(kinds, max_size=3))]
    packets = [kind(**fields) for kind, fields in chosen[:-1]]
    last, fields = chosen[-1]
    return [*packets, last(**fields, padding_size=draw(paddings))]


def model(data: bytes, reduced_size: bool) -> ParseReason:
    """RFC 3550 6.1, A.2 and the formats of 6.4 to 6.7, packet by packet."""
    if len(data) < 8:
        return ParseReason.RTCP_TOO_SHORT
    if len(data) % 4:
        return ParseReason.RTCP_NOT_WORDS
    rest, first = data, True
    while rest:
        if rest[0] // 64 != 2:
            return ParseReason.RTCP_BAD_VERSION
        if first and not reduced_size and rest[1] not in (200, 201):
            return ParseReason.RTCP_BAD_FIRST_TYPE
        size = 4 * int.from_bytes(rest[2:4], "big") + 4
        if size > len(rest):
            return ParseReason.RTCP_LENGTH_MISMATCH
        packet, rest = rest[:size], rest[size:]
        body = packet[4:]
        if packet[0] & 32:
            # Browsers pad transport-wide feedback (RTPFB, message type 15) by octets.
            step = 1 if (packet[1], packet[0] % 32) == (205, 15) else 4
            if rest or packet[-1] == 0 or packet[-1] % step or packet[-1] > len(body):
                return ParseReason.RTCP_BAD_PADDING
            body = body[: len(body) - packet[-1]]
        if not body_is_long_enough(packet[1], packet[0] % 32, body):
            return ParseReason.RTCP_PACKET_TOO_SHORT
        first = False
    return ParseReason.OK


def body_is_long_enough(packet_type: int, count: int, body: bytes) -> bool:
    if packet_type == 202:
        return chunks_are_whole(body, count)
    if packet_type == 203:
        after = body[4 * count :]
        return len(body) >= 4 * count and (not after or after[0] < len(after))
    return len(body) >= {200: 24 + 24 * count, 201: 4 + 24 * count, 204: 8, 205: 8, 206: 8, 207: 4}.get(packet_type, 0)


def chunks_are_whole(body: bytes, count: int) -> bool:
    for _ in range(count):
        if len(body) < 8:
            return False
        used = 4
        while used < len(body) and body[used]:
            if used + 1 == len(body):
                return False
            used += 2 + body[used + 1]
        if used >= len(body):
            return False
        body = body[used // 4 * 4 + 4 :]
    return True


def parsed(data: bytes, reduced_size: bool) -> list[RtcpPacket] | ParseError:
    try:
        return parse_rtcp(data, reduced_size=reduced_size)
    except ParseError as error:
        return error


def outcome(data: bytes, reduced_size: bool) -> ParseReason:
    packets = parsed(data, reduced_size)
    if isinstance(packets, ParseError):
        assert 0 <= packets.offset <= len(data)
        assert isinstance(packets.reason, ParseReason)
        return packets.reason
    assert b"".join(packet.serialize() for packet in packets) == data
    for packet in packets:
        assert repr(packet).startswith(type(packet).__name__)
    return ParseReason.OK


@given(kinds, paddings)
def test_a_packet_survives(kind: tuple[Callable[..., RtcpPacket], dict[str, Any]], padding_size: int) -> None:
    make, fields = kind
    packet = make(**fields, padding_size=padding_size)
    (again,) = parse_rtcp(packet.serialize(), reduced_size=True) if len(packet.serialize()) >= 8 else [packet]
    assert again == packet
    assert again.padding_size == padding_size
    assert {name: getattr(again, name) for name in fields} == fields


@given(compounds())
def test_a_compound_survives(packets: list[RtcpPacket]) -> None:
    assert parse_rtcp(b"".join(packet.serialize() for packet in packets)) == packets


@given(words(0, 20) | st.binary(max_size=40), st.booleans())
def test_any_octets_are_judged_as_the_model_does(data: bytes, reduced_size: bool) -> None:
    assert outcome(data, reduced_size) is validate_rtcp(data, reduced_size) is model(data, reduced_size)


@given(
    st.lists(st.tuples(st.integers(0x80, 0xBF), st.integers(198, 209), words(0, 8)), min_size=1, max_size=4),
    st.booleans(),
)
def test_packets_of_any_body_are_judged_as_the_model_does(
    packets: list[tuple[int, int, bytes]], reduced_size: bool
) -> None:
    data = b"".join(
        bytes([first & (0xDF if body[-1:] > b"\x10" else 0xFF), kind, 0, len(body) // 4]) + body
        for first, kind, body in packets
    )
    assert outcome(data, reduced_size) is validate_rtcp(data, reduced_size) is model(data, reduced_size)


@given(compounds(), st.data())
def test_a_mangled_compound_is_judged_as_the_model_does(packets: list[RtcpPacket], data: st.DataObject) -> None:
    octets = bytearray(b"".join(packet.serialize() for packet in packets))
    for _ in range(data.draw(st.integers(1, 3))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255) | st.sampled_from([0, 1, 4]))
    del octets[data.draw(st.sampled_from([len(octets), len(octets), len(octets) - 4, len(octets) - 8])) :]
    assert outcome(bytes(octets), True) is model(bytes(octets), True)
    assert outcome(bytes(octets), False) is model(bytes(octets), False)
