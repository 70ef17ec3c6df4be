"""RTP packets: parse(serialize(x)) == x, a slow and obvious model of the header, and aiortc as a second opinion."""

from __future__ import annotations

import struct
from typing import Any

from aiortc.rtp import RtpPacket as AiortcPacket
from hypothesis import example, given
from hypothesis import strategies as st

from rtpcore.errors import ParseError
from rtpcore.wire.rtp import RtpPacket
from rtpcore.wire.validity import ParseReason

u16 = st.integers(0, 0xFFFF)
u32 = st.integers(0, 0xFFFFFFFF)
one_byte = st.tuples(st.integers(1, 14), st.binary(min_size=1, max_size=16))
two_byte = st.tuples(st.integers(1, 255), st.binary(max_size=255))

fixed = st.fixed_dictionaries(
    {
        "payload_type": st.integers(0, 127),
        "sequence_number": u16,
        "timestamp": u32,
        "ssrc": u32,
        "marker": st.booleans(),
        "csrcs": st.lists(u32, max_size=15).map(tuple),
        "payload": st.binary(max_size=200),
        "padding_size": st.integers(0, 255),
    }
)
words = st.integers(0, 20).flatmap(lambda n: st.binary(min_size=4 * n, max_size=4 * n))
raw_extension = st.fixed_dictionaries({"extension_profile": u16, "extension_data": words})
elements = st.one_of(st.lists(one_byte, min_size=1), st.lists(two_byte, min_size=1)).map(tuple)


def model(data: bytes) -> dict[str, Any] | ParseReason:
    """RFC 3550 5.1, 5.3.1 and latching rules R1 to R5, octet by octet."""
    if len(data) < 12:
        return ParseReason.RTP_TOO_SHORT
    if data[0] // 64 != 2:
        return ParseReason.RTP_BAD_VERSION
    has_padding, has_extension, csrc_count = data[0] & 32, data[0] & 16, data[0] % 16
    rest = data[12:]
    if len(rest) < 4 * csrc_count:
        return ParseReason.RTP_CSRC_OVERRUN
    csrcs, rest = rest[: 4 * csrc_count], rest[4 * csrc_count :]
    profile, extension = None, b""
    if has_extension:
        if len(rest) < 4:
            return ParseReason.RTP_EXTENSION_OVERRUN
        profile, words = struct.unpack("!HH", rest[:4])
        rest = rest[4:]
        if len(rest) < 4 * words:
            return ParseReason.RTP_EXTENSION_OVERRUN
        extension, rest = rest[: 4 * words], rest[4 * words :]
    padding = 0
    if has_padding:
        if not rest or not 1 <= rest[-1] <= len(rest):
            return ParseReason.RTP_BAD_PADDING
        padding = rest[-1]
        rest = rest[: len(rest) - padding]
    return {
        "marker": data[1] >= 128, "payload_type": data[1] % 128, "sequence_number": int.from_bytes(data[2:4], "big"),
        "timestamp": int.from_bytes(data[4:8], "big"), "ssrc": int.from_bytes(data[8:12], "big"),
        "csrcs": tuple(int.from_bytes(csrcs[at : at + 4], "big") for at in range(0, len(csrcs), 4)),
        "extension_profile": profile, "extension_data": extension, "payload": rest, "padding_size": padding,
    }  # fmt: skip


def parsed(data: bytes) -> RtpPacket | ParseError:
    try:
        return RtpPacket.parse(data)
    except ParseError as error:
        return error


def outcome(data: bytes) -> dict[str, Any] | ParseReason:
    packet = parsed(data)
    if isinstance(packet, ParseError):
        assert 0 <= packet.offset <= len(data)
        assert isinstance(packet.reason, ParseReason)
        return packet.reason
    names = ["marker", "payload_type", "sequence_number", "timestamp", "ssrc", "csrcs", "extension_profile",
             "extension_data", "payload", "padding_size"]  # fmt: skip
    assert packet.version == 2
    assert packet.padding is (packet.padding_size > 0)
    assert packet.extension is (packet.extension_profile is not None)
    return {name: getattr(packet, name) for name in names}


@given(fixed)
def test_a_packet_without_extension_survives(fields: dict[str, Any]) -> None:
    packet = RtpPacket(**fields)
    again = RtpPacket.parse(packet.serialize())
    assert again == packet
    assert {name: getattr(again, name) for name in fields} == fields
    assert (again.extension_profile, again.extension_data) == (None, b"")


@given(fixed, raw_extension)
def test_a_packet_with_an_extension_survives(fields: dict[str, Any], extension: dict[str, Any]) -> None:
    fields |= extension
    again = RtpPacket.parse(bytearray(RtpPacket(**fields).serialize()))
    assert {name: getattr(again, name) for name in fields} == fields
    assert again.replace() == again


@given(fixed, elements)
def test_extension_elements_survive(fields: dict[str, Any], pairs: tuple[tuple[int, bytes], ...]) -> None:
    again = RtpPacket.parse(RtpPacket(**fields, extension_elements=pairs).serialize())
    assert again.extension_elements == pairs
    small = all(number <= 14 and 1 <= len(value) <= 16 for number, value in pairs)
    assert again.extension_profile == (0xBEDE if small else 0x1000)
    assert again.payload == fields["payload"]


@given(fixed, fixed)
def test_replacing_every_field_makes_the_other_packet(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert RtpPacket(**one).replace(**other) == RtpPacket(**other)


@given(st.binary(max_size=80))
@example(b"")
def test_any_octets_are_judged_as_the_model_does(data: bytes) -> None:
    assert outcome(data) == model(data)


@given(st.integers(0x80, 0xBF), st.binary(min_size=11, max_size=120))
def test_octets_of_version_2_are_judged_as_the_model_does(first: int, rest: bytes) -> None:
    data = bytes([first]) + rest
    assert outcome(data) == model(data)


@given(fixed, raw_extension, st.data())
def test_a_mangled_packet_is_judged_as_the_model_does(
    fields: dict[str, Any], extension: dict[str, Any], data: st.DataObject
) -> None:
    octets = bytearray(RtpPacket(**fields, **extension).serialize())
    for _ in range(data.draw(st.integers(1, 3))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    octets = octets[: data.draw(st.integers(0, len(octets)))]
    assert outcome(bytes(octets)) == model(bytes(octets))


@given(fixed, st.sampled_from([0xBEDE, 0x1000, 0x100F, 0x1234]), words)
def test_any_extension_data_leaves_the_packet_valid(fields: dict[str, Any], profile: int, data: bytes) -> None:
    packet = RtpPacket(**fields, extension_profile=profile, extension_data=data)
    found = packet.extension_elements
    assert bytes(packet.payload) == fields["payload"]
    assert all(value in data for _, value in found)
    assert sum(len(value) + (1 if profile == 0xBEDE else 2) for _, value in found) <= len(data)


@given(fixed)
def test_aiortc_reads_what_is_written(fields: dict[str, Any]) -> None:
    other = AiortcPacket.parse(RtpPacket(**fields).serialize())
    assert other.marker == fields["marker"]
    for name in ("payload_type", "sequence_number", "timestamp", "ssrc", "payload", "padding_size"):
        assert getattr(other, name) == fields[name]
    assert tuple(other.csrc) == fields["csrcs"]


@given(fixed)
def test_what_aiortc_writes_is_read(fields: dict[str, Any]) -> None:
    other = AiortcPacket(
        payload_type=fields["payload_type"],
        marker=int(fields["marker"]),
        sequence_number=fields["sequence_number"],
        timestamp=fields["timestamp"],
        ssrc=fields["ssrc"],
        payload=fields["payload"],
    )
    other.csrc = list(fields["csrcs"])
    other.padding_size = fields["padding_size"]
    packet = RtpPacket.parse(other.serialize())
    assert {name: getattr(packet, name) for name in fields} == fields


@given(st.integers(0x80, 0xBF), st.binary(min_size=11, max_size=60))
def test_what_is_refused_aiortc_refuses_too(first: int, rest: bytes) -> None:
    data = bytes([first & ~0x10]) + rest
    try:
        other = AiortcPacket.parse(data)
    except ValueError:
        assert isinstance(outcome(data), ParseReason)
    else:
        assert outcome(data) == {
            "marker": bool(other.marker), "payload_type": other.payload_type, "sequence_number": other.sequence_number,
            "timestamp": other.timestamp, "ssrc": other.ssrc, "csrcs": tuple(other.csrc), "extension_profile": None,
            "extension_data": b"", "payload": other.payload, "padding_size": other.padding_size,
        }  # fmt: skip
