"""RtpPacket.parse beside the bare minimum (struct) and three other parsers; the fields are read where it says so.

They decode on parsing, rtpcore on reading: compare "parse" and "parse and read" before drawing conclusions. What no
parser can go below there is the row that only reads six attributes of a plain object.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

import rtpcore

FIXED_HEADER = struct.Struct("!BBHII")

Timed = Callable[[Callable[[Any], object], list[bytes]], None]


def _aiortc_parse(*, extensions: bool) -> Callable[[bytes], Any]:
    rtp = pytest.importorskip("aiortc.rtp")
    if not extensions:
        parse: Callable[[bytes], Any] = rtp.RtpPacket.parse
        return parse
    parameters = pytest.importorskip("aiortc.rtcrtpparameters")
    uris = (
        "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
        "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
        "urn:ietf:params:rtp-hdrext:sdes:mid",
    )
    headers = [parameters.RTCRtpHeaderExtensionParameters(id=number, uri=uri) for number, uri in enumerate(uris, 1)]
    known = rtp.HeaderExtensionsMap()
    known.configure(parameters.RTCRtpParameters(headerExtensions=headers))
    return lambda datagram: rtp.RtpPacket.parse(datagram, known)


def _rtp_parse() -> Callable[[bytes], Any]:
    packet = pytest.importorskip("rtp").RTP
    return lambda datagram: packet().fromBytes(datagram)


@dataclass(slots=True)
class PlainPacket:
    marker: bool
    payload_type: int
    sequence_number: int
    timestamp: int
    ssrc: int
    payload: bytes


def _rtpcore_read(datagram: bytes) -> object:
    p = rtpcore.RtpPacket.parse(datagram)
    return p.marker, p.payload_type, p.sequence_number, p.timestamp, p.ssrc, p.payload


def _rtpcore_read_elements(datagram: bytes) -> object:
    p = rtpcore.RtpPacket.parse(datagram)
    return p.marker, p.payload_type, p.sequence_number, p.timestamp, p.ssrc, p.payload, p.extension_elements


@pytest.mark.benchmark(group="parse, plain")
def test_struct_fixed_header(timed: Timed, plain: list[bytes]) -> None:
    assert FIXED_HEADER.unpack_from(plain[7])[2] == 7
    timed(FIXED_HEADER.unpack_from, plain)


@pytest.mark.benchmark(group="parse, plain")
def test_rtpcore(timed: Timed, plain: list[bytes]) -> None:
    assert rtpcore.RtpPacket.parse(plain[7]).timestamp == 7 * 160
    timed(rtpcore.RtpPacket.parse, plain)


@pytest.mark.benchmark(group="parse, plain")
def test_aiortc(timed: Timed, plain: list[bytes]) -> None:
    parse = _aiortc_parse(extensions=False)
    assert parse(plain[7]).timestamp == 7 * 160
    timed(parse, plain)


@pytest.mark.benchmark(group="parse, plain")
def test_dpkt(timed: Timed, plain: list[bytes]) -> None:
    parse = pytest.importorskip("dpkt").rtp.RTP
    assert parse(plain[7]).ts == 7 * 160
    timed(parse, plain)


@pytest.mark.benchmark(group="parse, plain")
def test_rtp(timed: Timed, plain: list[bytes]) -> None:
    parse = _rtp_parse()
    assert parse(plain[7]).timestamp == 7 * 160
    timed(parse, plain)


@pytest.mark.benchmark(group="parse and read, plain")
def test_attributes_alone(timed: Timed, plain: list[bytes]) -> None:
    packet = PlainPacket(*(getattr(rtpcore.RtpPacket.parse(plain[7]), name) for name in PlainPacket.__slots__))

    def read(_datagram: bytes) -> object:
        p = packet
        return p.marker, p.payload_type, p.sequence_number, p.timestamp, p.ssrc, p.payload

    timed(read, plain)


@pytest.mark.benchmark(group="parse and read, plain")
def test_rtpcore_read(timed: Timed, plain: list[bytes]) -> None:
    timed(_rtpcore_read, plain)


@pytest.mark.benchmark(group="parse and read, plain")
def test_aiortc_read(timed: Timed, plain: list[bytes]) -> None:
    parse = _aiortc_parse(extensions=False)

    def read(datagram: bytes) -> object:
        p = parse(datagram)
        return p.marker, p.payload_type, p.sequence_number, p.timestamp, p.ssrc, p.payload

    timed(read, plain)


@pytest.mark.benchmark(group="parse and read, plain")
def test_dpkt_read(timed: Timed, plain: list[bytes]) -> None:
    parse = pytest.importorskip("dpkt").rtp.RTP

    def read(datagram: bytes) -> object:
        p = parse(datagram)
        return p.m, p.pt, p.seq, p.ts, p.ssrc, p.data

    timed(read, plain)


@pytest.mark.benchmark(group="parse and read, plain")
def test_rtp_read(timed: Timed, plain: list[bytes]) -> None:
    parse = _rtp_parse()

    def read(datagram: bytes) -> object:
        p = parse(datagram)
        return p.marker, p.payloadType, p.sequenceNumber, p.timestamp, p.ssrc, p.payload

    timed(read, plain)


@pytest.mark.benchmark(group="parse, three extension elements")
def test_struct_fixed_header_extended(timed: Timed, extended: list[bytes]) -> None:
    timed(FIXED_HEADER.unpack_from, extended)


@pytest.mark.benchmark(group="parse, three extension elements")
def test_rtpcore_extended(timed: Timed, extended: list[bytes]) -> None:
    assert rtpcore.RtpPacket.parse(extended[7]).extension_elements == ((1, b"\x85"), (2, b"\x01\x02\x03"), (3, b"ab"))
    timed(rtpcore.RtpPacket.parse, extended)


@pytest.mark.benchmark(group="parse and read, three extension elements")
def test_rtpcore_extended_read(timed: Timed, extended: list[bytes]) -> None:
    timed(_rtpcore_read_elements, extended)


@pytest.mark.benchmark(group="parse, three extension elements")
def test_aiortc_extended(timed: Timed, extended: list[bytes]) -> None:
    parse = _aiortc_parse(extensions=True)
    assert parse(extended[7]).extensions.mid == "ab"
    timed(parse, extended)


@pytest.mark.benchmark(group="parse and read, three extension elements")
def test_aiortc_extended_read(timed: Timed, extended: list[bytes]) -> None:
    parse = _aiortc_parse(extensions=True)

    def read(datagram: bytes) -> object:
        p = parse(datagram)
        return p.marker, p.payload_type, p.sequence_number, p.timestamp, p.ssrc, p.payload, p.extensions

    timed(read, extended)


@pytest.mark.benchmark(group="parse, RTCP compound")
def test_rtpcore_rtcp(timed: Timed, compounds: list[bytes]) -> None:
    sender, described = rtpcore.parse_rtcp(compounds[7])
    assert isinstance(sender, rtpcore.SenderReport)
    assert isinstance(described, rtpcore.SourceDescription)
    timed(rtpcore.parse_rtcp, compounds)


@pytest.mark.benchmark(group="parse, RTCP compound")
def test_aiortc_rtcp(timed: Timed, compounds: list[bytes]) -> None:
    parse = pytest.importorskip("aiortc.rtp").RtcpPacket.parse
    assert len(parse(compounds[7])) == 2
    timed(parse, compounds)


def _rtpcore_read_report(datagram: bytes) -> object:
    sender, described = rtpcore.parse_rtcp(datagram)
    assert isinstance(sender, rtpcore.SenderReport)
    assert isinstance(described, rtpcore.SourceDescription)
    (block,) = sender.reports
    ((_, ((_, name),)),) = described.chunks
    return sender.ssrc, sender.ntp_timestamp, block.extended_highest_sequence_number, block.interarrival_jitter, name


@pytest.mark.benchmark(group="parse and read, RTCP compound")
def test_rtpcore_rtcp_read(timed: Timed, compounds: list[bytes]) -> None:
    assert _rtpcore_read_report(compounds[7]) == (0x5EED5EED, 7 << 32, 7, 12, b"caller@example.net")
    timed(_rtpcore_read_report, compounds)


@pytest.mark.benchmark(group="parse and read, RTCP compound")
def test_aiortc_rtcp_read(timed: Timed, compounds: list[bytes]) -> None:
    parse = pytest.importorskip("aiortc.rtp").RtcpPacket.parse

    def read(datagram: bytes) -> object:
        sender, described = parse(datagram)
        (block,) = sender.reports
        ((_, name),) = described.chunks[0].items
        return sender.ssrc, sender.sender_info.ntp_timestamp, block.highest_sequence, block.jitter, name

    assert read(compounds[7]) == (0x5EED5EED, 7 << 32, 7, 12, b"caller@example.net")
    timed(read, compounds)
