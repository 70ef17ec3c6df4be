"""wire.validity: ParseReason, and the sentence, reason and offset of each ParseError."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import IntEnum
from pathlib import Path

import pytest

import rtpcore.wire
from rtpcore.errors import ParseError, RtpcoreError
from rtpcore.wire.address import AddressClass
from rtpcore.wire.demux import PacketKind
from rtpcore.wire.extension_value import decode_audio_level
from rtpcore.wire.rtcp.feedback import TransportFeedback
from rtpcore.wire.rtcp.parse import parse_rtcp
from rtpcore.wire.rtcp.source_description import SourceDescriptionChunk, SourceDescriptionItem
from rtpcore.wire.rtp import RtpPacket
from rtpcore.wire.stun.message import StunMessage
from rtpcore.wire.validity import ParseReason

RTP = [
    (bytes(0), ParseReason.RTP_TOO_SHORT, 0, "at least 12 octets, and this one has 0"),
    (b"\x80" + bytes(10), ParseReason.RTP_TOO_SHORT, 11, "at least 12 octets, and this one has 11"),
    (b"\x00" + bytes(11), ParseReason.RTP_BAD_VERSION, 0, "version is 0, not 2"),
    (b"\x40" + bytes(11), ParseReason.RTP_BAD_VERSION, 0, "version is 1, not 2"),
    (b"\xc0" + bytes(11), ParseReason.RTP_BAD_VERSION, 0, "version is 3, not 2"),
    (b"\x8f" + bytes(70), ParseReason.RTP_CSRC_OVERRUN, 0, "15 CSRCs needs 72 octets, and the packet has 71"),
    (b"\x90" + bytes(11), ParseReason.RTP_EXTENSION_OVERRUN, 12, "octet 12 has 4 octets, and 0 are left"),
    (b"\x92" + bytes(22), ParseReason.RTP_EXTENSION_OVERRUN, 20, "octet 20 has 4 octets, and 3 are left"),
    (b"\x90" + bytes(13) + b"\x00\x02" + bytes(7), ParseReason.RTP_EXTENSION_OVERRUN, 14,
     "octet 12 has 2 words, and 7 octets follow"),
    (b"\x90" + bytes(13) + b"\xff\xff" + bytes(40), ParseReason.RTP_EXTENSION_OVERRUN, 14,
     "octet 12 has 65535 words, and 40 octets follow"),
    (b"\xa0" + bytes(12), ParseReason.RTP_BAD_PADDING, 12, "last octet is 0"),
    (b"\xa0" + bytes(13) + b"\x04", ParseReason.RTP_BAD_PADDING, 14, "last octet is 4"),
    (b"\xa0" + bytes(10) + b"\x01", ParseReason.RTP_BAD_PADDING, 11, "last octet is 1"),
]  # fmt: skip

RR = b"\x80\xc9\x00\x01" + bytes(4)
RTCP = [
    (bytes(0), ParseReason.RTCP_TOO_SHORT, 0, "at least 8 octets, and this one has 0"),
    (b"\x80\x00\x00\x00", ParseReason.RTCP_TOO_SHORT, 4, "at least 8 octets, and this one has 4"),
    (RR + b"\x80", ParseReason.RTCP_NOT_WORDS, 8, "multiple of 4 octets, and this one has 9"),
    (b"\x00" + RR[1:], ParseReason.RTCP_BAD_VERSION, 0, "at octet 0 is 0, not 2"),
    (RR + b"\x40\xca\x00\x00", ParseReason.RTCP_BAD_VERSION, 8, "at octet 8 is 1, not 2"),
    (b"\x80\xca\x00\x01" + bytes(4), ParseReason.RTCP_BAD_FIRST_TYPE, 1, "has type 202"),
    (b"\xa0\xc9\x00\x02" + bytes(7) + b"\x04" + RR, ParseReason.RTCP_BAD_PADDING, 0, "octet 0 has padding and is not"),
    (RR + b"\xa0\xc9\x00\x02" + bytes(7) + b"\x03", ParseReason.RTCP_BAD_PADDING, 19, "padding count is 3"),
    (RR + b"\xa0\xc9\x00\x02" + bytes(8), ParseReason.RTCP_BAD_PADDING, 19, "padding count is 0"),
    (RR + b"\xa0\xc9\x00\x02" + bytes(7) + b"\x0c", ParseReason.RTCP_BAD_PADDING, 19, "padding count is 12"),
    (b"\x80\xc9\x00\x02" + bytes(4), ParseReason.RTCP_LENGTH_MISMATCH, 2, "octet 0 has a length of 2 words"),
    (RR + b"\x80\xca\xff\xff", ParseReason.RTCP_LENGTH_MISMATCH, 10, "octet 8 has a length of 65535 words"),
    (b"\x81\xc9\x00\x01" + bytes(4), ParseReason.RTCP_PACKET_TOO_SHORT, 0, "type 201 and count 1, which its 8 octets"),
    (RR + b"\x81\xcb\x00\x00", ParseReason.RTCP_PACKET_TOO_SHORT, 8, "type 203 and count 1, which its 4 octets"),
]


@pytest.mark.parametrize(("datagram", "reason", "offset", "words"), RTP)
def test_rtp_reason_and_offset(datagram: bytes, reason: ParseReason, offset: int, words: str) -> None:
    with pytest.raises(ParseError, match=words) as caught:
        RtpPacket.parse(datagram)
    assert caught.value.reason is reason
    assert caught.value.offset == offset


@pytest.mark.parametrize(("datagram", "reason", "offset", "words"), RTCP)
def test_rtcp_reason_and_offset(datagram: bytes, reason: ParseReason, offset: int, words: str) -> None:
    with pytest.raises(ParseError, match=words) as caught:
        parse_rtcp(datagram)
    assert caught.value.reason is reason
    assert caught.value.offset == offset


PARTS = [
    (
        lambda: SourceDescriptionChunk(1, [(SourceDescriptionItem.PRIV, b"")]).private,
        ParseReason.RTCP_BAD_ITEM,
        4,
        "PRIV item of 0 octets",
    ),
    (
        lambda: TransportFeedback(ssrc=1, message_type=1).feedback,
        ParseReason.RTCP_BAD_FEEDBACK,
        12,
        "NACK has at least one entry",
    ),
    (
        lambda: parse_rtcp(RR + b"\x80\xcf\x00\x02" + bytes(4) + b"\x09\x00\x00\x01")[1].blocks,  # type: ignore[attr-defined]
        ParseReason.RTCP_BAD_BLOCK,
        8,
        "block of type 9 has 8 octets, and 4 are left",
    ),
    (lambda: decode_audio_level(b""), ParseReason.EXTENSION_BAD_VALUE, 0, "has 1 octets, and this one has 0"),
    (lambda: StunMessage.parse(bytes(19)), ParseReason.STUN_MALFORMED, 19, "has 19"),
]


@pytest.mark.parametrize(("read", "reason", "offset", "words"), PARTS)
def test_reason_and_offset_of_a_part(read: Callable[[], object], reason: ParseReason, offset: int, words: str) -> None:
    with pytest.raises(ParseError, match=words) as caught:
        read()
    assert caught.value.reason is reason
    assert caught.value.offset == offset


def test_every_reason_is_reached() -> None:
    assert {case[1] for case in RTP + RTCP + PARTS} == set(ParseReason) - {ParseReason.OK}


def test_a_parse_error_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="octets") as caught:
        RtpPacket.parse(b"")
    assert isinstance(caught.value, RtpcoreError)


def declared(module: str, prefix: str) -> dict[str, int]:
    text = (Path(rtpcore.wire.__file__).parent / f"{module}.pxd").read_text()
    return {name: int(value) for name, value in re.findall(rf"^    {prefix}_(\w+) = (\d+)", text, re.MULTILINE)}


def test_parse_reasons_are_the_two_c_enums() -> None:
    whole, part = declared("validity", "PARSE"), declared("validity", "PART")
    count = whole.pop("REASON_COUNT")
    assert sorted(whole.values()) == list(range(count))
    assert min(part.values()) > count
    assert whole | part == {member.name: member.value for member in ParseReason}


@pytest.mark.parametrize(
    ("enum", "module", "prefix"), [(PacketKind, "demux", "KIND"), (AddressClass, "address", "ADDRESS")]
)
def test_the_python_enum_agrees_with_the_c_enum(enum: type[IntEnum], module: str, prefix: str) -> None:
    assert declared(module, prefix) == {member.name: member.value for member in enum}
