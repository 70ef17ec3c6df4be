"""What is fuzzed of wire/: any octets in, and what must hold of the answer."""

from __future__ import annotations

import ctypes
import functools
import struct
from typing import Any

import rtpcore
from rtpcore.errors import ConfigurationError, ParseError
from rtpcore.wire.batch import parse_batch
from rtpcore.wire.demux import PacketKind, classify
from rtpcore.wire.header_array import HEADER_DTYPE
from rtpcore.wire.rtcp.compound import validate_rtcp
from rtpcore.wire.rtcp.goodbye import Goodbye
from rtpcore.wire.rtcp.packet import RtcpPacket
from rtpcore.wire.rtcp.parse import parse_rtcp
from rtpcore.wire.rtcp.source_description import SourceDescription
from rtpcore.wire.rtcp.value import RtcpValue
from rtpcore.wire.rtp import RtpPacket
from rtpcore.wire.stun.message import StunMessage
from rtpcore.wire.validity import ParseReason

FIELDS = ("payload_type", "sequence_number", "timestamp", "ssrc", "marker", "csrcs", "extension_profile",
          "extension_data", "payload", "padding_size")  # fmt: skip
# Of what a constructor takes and a property gives back by the same name, all that a value consists of.
CONSTRUCTORS: dict[type[RtcpValue], tuple[str, ...]] = {
    rtpcore.ApplicationDefined: ("ssrc", "name", "subtype", "data", "padding_size"),
    rtpcore.ApplicationLayerFeedback: ("data",),
    rtpcore.DlrrBlock: ("entries",),
    rtpcore.ExtendedReport: ("ssrc", "blocks", "padding_size"),
    rtpcore.FullIntraRequest: ("entries",),
    rtpcore.GenericNack: ("entries",),
    rtpcore.Goodbye: ("ssrcs", "reason", "padding_size"),
    rtpcore.ReceiverEstimatedMaximumBitrate: ("bit_rate", "ssrcs"),
    rtpcore.ReceiverReferenceTimeBlock: ("ntp_timestamp",),
    rtpcore.ReferencePictureSelection: ("payload_type", "bit_string", "unused_bits"),
    rtpcore.SliceLossIndication: ("slices",),
    rtpcore.SourceDescription: ("chunks", "padding_size"),
    rtpcore.TemporaryMaximumBitRateNotification: ("entries",),
    rtpcore.TemporaryMaximumBitRateRequest: ("entries",),
    rtpcore.TransportWideFeedback: (
        "base_sequence_number", "reference_time", "feedback_packet_count", "receive_deltas",
    ),
    rtpcore.UnknownReportBlock: ("block_type", "type_specific", "contents"),
    rtpcore.UnknownRtcp: ("packet_type", "count", "body", "padding_size"),
}  # fmt: skip
COLUMNS = HEADER_DTYPE.names or ()


@functools.cache
def memory(size: int) -> type[ctypes.Array[ctypes.c_ubyte]]:
    return ctypes.c_ubyte * size


def exact(data: bytes) -> Any:
    """The octets in memory of their own, behind which a sanitizer sees the next one; bytes have a spare zero there."""
    return memory(len(data)).from_buffer_copy(data)


def judged(data: bytes) -> RtpPacket | ParseError:
    try:
        return RtpPacket.parse(data)
    except ParseError as error:
        refusal = error
    assert 0 <= refusal.offset <= len(data)
    assert ParseReason.RTP_TOO_SHORT <= refusal.reason <= ParseReason.RTP_BAD_PADDING
    return refusal


def row_of(data: bytes, verdict: RtpPacket | ParseError) -> tuple[Any, ...]:
    """The row of parse_batch that goes with a verdict of RtpPacket.parse."""
    row: dict[str, Any] = dict.fromkeys(COLUMNS, 0)
    if isinstance(verdict, ParseError):
        row |= {"status": verdict.reason, "payload_offset": verdict.offset}
    else:
        size = len(verdict.extension_data)
        offset = 12 + 4 * len(verdict.csrcs)
        row |= {name: getattr(verdict, name) for name in COLUMNS if hasattr(verdict, name)}
        row |= {"csrc_count": len(verdict.csrcs), "payload_size": len(verdict.payload)}
        row |= {"extension_profile": verdict.extension_profile or 0, "extension_size": size}
        row |= {"extension_offset": offset + 4 if verdict.extension else 0}
        row |= {"payload_offset": len(data) - len(verdict.payload) - verdict.padding_size}
    return tuple(int(row[name]) for name in COLUMNS)


def elements_of(profile: int | None, data: bytes) -> tuple[tuple[int, bytes], ...]:
    """RFC 8285 4.2 and 4.3, up to what is not an element."""
    found = []
    one_byte = profile == 0xBEDE
    while data and (one_byte or profile in range(0x1000, 0x1010)):
        if data[0] == 0:
            data = data[1:]
            continue
        if not one_byte and len(data) < 2:
            break
        number, size = (data[0] >> 4, (data[0] & 15) + 1) if one_byte else (data[0], data[1])
        value = data[2 - one_byte :][:size]
        if len(value) < size or number == 0 or (one_byte and number == 15):
            break
        found.append((number, value))
        data = data[2 - one_byte + size :]
    return tuple(found)


def rtp(data: bytes) -> None:
    """RtpPacket.parse, every field of the packet, and what is written of it again."""
    packet = judged(data)
    (row,) = parse_batch([exact(data)]).tolist()
    assert tuple(map(int, row)) == row_of(data, packet)
    if isinstance(packet, ParseError):
        return
    assert packet.serialize() == data
    room = bytearray(len(data))
    assert packet.serialize_into(room) == len(data)
    assert room == data
    assert repr(packet)
    # Padding may hold anything and is written as zeros, so octets are compared without it.
    again = packet.replace()
    assert again.replace(padding_size=0).serialize() == packet.replace(padding_size=0).serialize()
    assert all(getattr(again, name) == getattr(packet, name) for name in FIELDS)
    elements = packet.extension_elements
    assert elements == elements_of(packet.extension_profile, packet.extension_data)
    if elements:
        written = packet.replace(extension_elements=elements, extension_profile=packet.extension_profile)
        assert written.extension_elements == elements
        assert written.payload == packet.payload


def chunks_of(packet: SourceDescription) -> tuple[tuple[int, tuple[tuple[int, bytes], ...]], ...]:
    """RFC 3550 6.5."""
    data = packet.serialize()[4:]
    chunks = []
    for _ in range(packet.count):
        ssrc, at, items = int.from_bytes(data[:4], "big"), 4, []
        while data[at]:
            items.append((data[at], data[at + 2 : at + 2 + data[at + 1]]))
            at += 2 + data[at + 1]
        chunks.append((ssrc, tuple(items)))
        data = data[(at | 3) + 1 :]
    return tuple(chunks)


def reason_of(packet: Goodbye) -> bytes | None:
    """RFC 3550 6.6."""
    octets = packet.serialize()
    data = octets[4 + 4 * packet.count : len(octets) - packet.padding_size]
    return data[1 : 1 + data[0]] if data else None


def packets_of(data: bytes, reduced_size: bool) -> list[RtcpPacket]:
    """What parse_rtcp finds; nothing where it refuses, and then for the reason that validate_rtcp gives."""
    reason = validate_rtcp(exact(data), reduced_size=reduced_size)
    try:
        packets = parse_rtcp(data, reduced_size=reduced_size)
    except ParseError as error:
        refusal = error
    else:
        assert reason is ParseReason.OK
        assert b"".join(packet.serialize() for packet in packets) == data
        return packets
    assert refusal.reason is reason is not ParseReason.OK
    assert 0 <= refusal.offset <= len(data)
    return []


def shown(value: RtcpValue, datagram_octets: int) -> dict[str, object]:
    """Every property of a packet, a block or feedback, and of what they hold; None for what is not of its form."""
    assert repr(value)
    assert value == value
    assert hash(value) == hash(value)
    found: dict[str, object] = {}
    for name in dir(type(value)):
        if name.startswith("_") or name == "serialize":
            continue
        try:
            held = getattr(value, name)
        except ParseError as error:
            refusal = error
        else:
            found[name] = held
            for one in held if isinstance(held, tuple) else (held,):
                if isinstance(one, RtcpValue):
                    shown(one, datagram_octets)
            continue
        assert refusal.reason > ParseReason.RTCP_PACKET_TOO_SHORT
        assert 0 <= refusal.offset <= datagram_octets
    rebuilt(value, found)
    return found


def rebuilt(value: RtcpValue, found: dict[str, object]) -> None:
    """What is made of the properties of a value has the same properties."""
    names = CONSTRUCTORS.get(type(value), ())
    if names and all(name in found for name in names):
        again = type(value)(**{name: found[name] for name in names})
        assert all(getattr(again, name) == held for name, held in found.items() if name in names)


def rtcp(data: bytes) -> None:
    """parse_rtcp with and without reduced size, every property of every packet, and the octets again."""
    validate_rtcp(exact(data), encrypted=True)
    packets = packets_of(data, reduced_size=True)
    assert packets_of(data, reduced_size=False) in ([], packets)
    for packet in packets:
        shown(packet, len(data))
        if isinstance(packet, SourceDescription):
            assert packet.chunks == chunks_of(packet)
        elif isinstance(packet, Goodbye):
            assert packet.reason == reason_of(packet)


def batch(data: bytes) -> None:
    """parse_batch with any offsets and sizes: a refusal that is right, or rows that RtpPacket.parse agrees with."""
    count = data[0] % 8 if data else 0
    numbers = struct.unpack(f">{2 * count}h", data[1 : 1 + 4 * count].ljust(4 * count, b"\0"))
    offsets, sizes = numbers[::2], numbers[1::2]
    octets = data[1 + 4 * count :]
    fit = all(0 <= at <= len(octets) and 0 <= size <= len(octets) - at for at, size in zip(offsets, sizes, strict=True))
    try:
        rows = parse_batch(exact(octets), offsets, sizes).tolist()
    except ConfigurationError:
        assert not fit
        return
    assert fit
    packets = [octets[at : at + size] for at, size in zip(offsets, sizes, strict=True)]
    assert [tuple(map(int, row)) for row in rows] == [row_of(packet, judged(packet)) for packet in packets]
    assert parse_batch(packets).tolist() == rows


def kind_of(data: bytes) -> PacketKind:
    """RFC 7983 section 7 and RFC 5761 section 4, in their own order."""
    if not data:
        return PacketKind.UNKNOWN
    if data[0] < 4:
        stun = len(data) >= 20 and len(data) % 4 == 0 and data[4:8] == b"\x21\x12\xa4\x42"
        return PacketKind.STUN if stun and data[2:4] == struct.pack(">H", len(data) - 20) else PacketKind.UNKNOWN
    for last, kind in ((15, "UNKNOWN"), (19, "ZRTP"), (63, "DTLS"), (79, "CHANNEL_DATA"), (127, "UNKNOWN")):
        if data[0] <= last:
            return PacketKind[kind]
    if data[0] > 191:
        return PacketKind.UNKNOWN
    return PacketKind.RTCP if len(data) > 1 and 192 <= data[1] <= 223 else PacketKind.RTP


def kinds(data: bytes) -> None:
    """classify, beside the tables of the two RFCs."""
    assert classify(exact(data)) is classify(data) is kind_of(data)


def stun(data: bytes) -> None:
    """StunMessage: a refusal with its octet, or a message that is the same when it is written and read again."""
    try:
        message = StunMessage.parse(exact(data))
    except ParseError as error:
        refusal = error
    else:
        written_again(message)
        # A method above 127 has a first octet that RFC 7983 gives to other protocols.
        assert message.method > 127 or classify(data) is PacketKind.STUN
        return
    assert refusal.reason is ParseReason.STUN_MALFORMED
    assert 0 <= refusal.offset <= len(data)


def written_again(message: StunMessage) -> None:
    # Read before what is compared with it: what decodes an attribute must not write.
    shown = (message.username, message.priority, message.use_candidate, message.error_code, message.xor_mapped_address)
    for password in (None, "password"):
        octets = message.serialize(password)
        again = StunMessage.parse(exact(octets))
        assert again == message
        assert again.is_authentic("password") is (password is not None)
        assert not again.is_authentic("passwort")
        assert shown == (
            again.username, again.priority, again.use_candidate, again.error_code, again.xor_mapped_address,
        )  # fmt: skip
