"""wire.rtcp.packet: what all typed packets share, and UnknownRtcp."""

from __future__ import annotations

from typing import Any

import pytest

from rtpcore.errors import ConfigurationError
from rtpcore.wire.rtcp.application import ApplicationDefined
from rtpcore.wire.rtcp.extended_report import ExtendedReport
from rtpcore.wire.rtcp.feedback import PayloadFeedback, TransportFeedback
from rtpcore.wire.rtcp.goodbye import Goodbye
from rtpcore.wire.rtcp.packet import RtcpPacket, UnknownRtcp
from rtpcore.wire.rtcp.parse import parse_rtcp
from rtpcore.wire.rtcp.report import ReceiverReport, SenderReport
from rtpcore.wire.rtcp.source_description import SourceDescription

TYPED = [
    SenderReport,
    ReceiverReport,
    SourceDescription,
    Goodbye,
    ApplicationDefined,
    TransportFeedback,
    PayloadFeedback,
    ExtendedReport,
    UnknownRtcp,
]


def test_an_unknown_packet_keeps_what_it_holds() -> None:
    packet = UnknownRtcp(packet_type=192, count=3, body=bytearray(b"ssrcnamedata"), padding_size=4)
    assert packet.serialize() == bytes.fromhex("a3c00004") + b"ssrcnamedata" + b"\0\0\0\x04"
    assert (packet.packet_type, packet.count, packet.body, packet.padding_size) == (192, 3, b"ssrcnamedata", 4)
    assert parse_rtcp(packet.serialize(), reduced_size=True) == [packet]


def test_an_unknown_packet_may_be_a_header_alone() -> None:
    packet = UnknownRtcp(packet_type=0)
    assert packet.serialize() == b"\x80\0\0\0"
    assert packet.body == b""


def test_the_largest_packet() -> None:
    packet = UnknownRtcp(packet_type=208, body=bytes(4 * 65535))
    assert parse_rtcp(packet.serialize(), reduced_size=True) == [packet]


@pytest.mark.parametrize(
    ("fields", "error", "message"),
    [
        ({"packet_type": 256}, ConfigurationError, "packet_type is 256"),
        ({"packet_type": "APP"}, TypeError, "packet_type is an integer, not 'APP'"),
        ({"packet_type": 200}, ConfigurationError, "packet_type is 200, which has a class of its own"),
        (
            {"packet_type": 207, "body": bytes(8)},
            ConfigurationError,
            "packet_type is 207, which has a class of its own",
        ),
        ({"packet_type": 208, "count": 32}, ConfigurationError, "count is 32, which is not between 0 and 31"),
        ({"packet_type": 208, "body": b"abc"}, ConfigurationError, "body has 3 octets, which is not a multiple of 4"),
        ({"packet_type": 208, "body": "abcd"}, TypeError, "body is bytes or another buffer, not str"),
        ({"packet_type": 208, "body": bytes(4 * 65536)}, ConfigurationError, "has 65536 words after its header"),
        ({"packet_type": 208, "padding_size": 3}, ConfigurationError, "padding_size is 3, which is not a multiple"),
        ({"packet_type": 208, "padding_size": 256}, ConfigurationError, "padding_size is 256, which is not between"),
    ],
)
def test_a_bad_argument_is_named(fields: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        UnknownRtcp(**fields)


def test_the_base_is_not_a_packet_by_itself() -> None:
    with pytest.raises(TypeError, match="one of its subclasses"):
        RtcpPacket()


@pytest.mark.parametrize("kind", TYPED)
def test_every_typed_packet_is_final_and_an_rtcp_packet(kind: type[RtcpPacket]) -> None:
    assert issubclass(kind, RtcpPacket)
    with pytest.raises(TypeError, match="not an acceptable base type"):
        type("Derived", (kind,), {})


@pytest.mark.parametrize("kind", TYPED)
def test_a_packet_that_was_never_initialised_says_so(kind: type[RtcpPacket]) -> None:
    packet = kind.__new__(kind)
    names = [name for name in dir(kind) if not name.startswith("_") and name != "serialize"]
    assert {"packet_type", "count", "padding_size"} < set(names)
    for name in names:
        with pytest.raises(TypeError, match=f"The {kind.__name__} has not been initialised"):
            getattr(packet, name)
    for call in (packet.serialize, lambda: hash(packet), lambda: repr(packet)):
        with pytest.raises(TypeError, match=f"The {kind.__name__} has not been initialised"):
            call()


@pytest.mark.parametrize(
    ("packet", "fields"),
    [
        (UnknownRtcp(packet_type=208), {"packet_type": 209}),
        (Goodbye(), {}),
        (SourceDescription(), {}),
        (ReceiverReport(ssrc=1), {"ssrc": 2}),
    ],
)
def test_a_packet_cannot_be_initialised_twice(packet: RtcpPacket, fields: dict[str, Any]) -> None:
    before = packet.serialize()
    with pytest.raises(TypeError, match="cannot be initialised twice"):
        packet.__init__(**fields)  # type: ignore[misc]
    assert packet.serialize() == before


def test_repr_names_every_field() -> None:
    assert repr(UnknownRtcp(packet_type=208, body=b"abcd")) == (
        "UnknownRtcp(packet_type=208, count=0, body=b'abcd', padding_size=0)"
    )
