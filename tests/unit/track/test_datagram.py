"""Every malformed packet is counted under a reason of its own and never forwarded; other protocols are told apart."""

from __future__ import annotations

import struct

import pytest

from rtpcore import LatchState, Reason
from tests.behaviour.media import goodbye, receiver_report, rtp, sender_report
from tests.unit.track.line import (
    DROP,
    FORWARD,
    LOCKED_MS,
    MS,
    PHONE,
    PHONE_RTCP,
    PHONE_SSRC,
    SERVER,
    STRANGER,
    STRANGER_SSRC,
    Line,
    answered,
    forwarded,
    locked,
)


def header(first: int = 0x80, second: int = 0) -> bytes:
    return struct.pack("!BBHII", first, second, 300, 48000, PHONE_SSRC)


def stun(cookie: int = 0x2112A442, length: int = 0) -> bytes:
    return struct.pack("!HHI12x", 0x0011, length, cookie)  # a binding indication


MALFORMED_RTP = {
    "one octet": (b"\x80", Reason.RTP_TOO_SHORT),
    "eleven octets": (header()[:11], Reason.RTP_TOO_SHORT),
    "version 1": (header(0x50), Reason.RTP_BAD_VERSION),
    "version 3": (header(0xC0), Reason.RTP_BAD_VERSION),
    "version 0": (header(0x00), Reason.RTP_BAD_VERSION),
    "15 CSRCs, 59 octets of them": (header(0x8F) + bytes(59), Reason.RTP_CSRC_OVERRUN),
    "an extension that is cut off": (header(0x90) + bytes(3), Reason.RTP_EXTENSION_OVERRUN),
    "an extension of 0xFFFF words": (header(0x90) + b"\xbe\xde\xff\xff" + bytes(64), Reason.RTP_EXTENSION_OVERRUN),
    "padding of 0": (header(0xA0) + bytes(20), Reason.RTP_BAD_PADDING),
    "padding longer than what is left": (header(0xA0) + bytes(19) + b"\x15", Reason.RTP_BAD_PADDING),
    "padding of nothing": (header(0xA0), Reason.RTP_BAD_PADDING),
}

OTHERS = {
    "nothing": (b"", Reason.KEEPALIVE),
    "line feeds": (b"\r\n\r\n", Reason.RTP_BAD_VERSION),
    "STUN": (stun(), Reason.STUN),
    "STUN without its cookie": (stun(cookie=1), Reason.RTP_BAD_VERSION),
    "STUN of another length": (stun(length=8), Reason.RTP_BAD_VERSION),
    "DTLS": (bytes([22, 254, 253]) + bytes(20), Reason.DTLS),
    "ZRTP": (bytes([16, 0]) + bytes(20), Reason.ZRTP),
    "channel data": (b"\x40\x00\x00\x04abcd", Reason.CHANNEL_DATA),
    "channel data that is cut off": (b"\x40\x00\x00\x05abcd", Reason.RTP_BAD_VERSION),
    "a sender report": (sender_report(PHONE_SSRC), Reason.STRAY_RTCP),
}

RR = receiver_report(PHONE_SSRC)
MALFORMED_RTCP = {
    "four octets": (b"\x80\xc9\x00\x00", Reason.RTCP_TOO_SHORT),
    "four octets, the known attack": (b"\x80\x00\x00\x00", Reason.RTCP_TOO_SHORT),
    "seven octets": (RR[:7], Reason.RTCP_TOO_SHORT),
    "ten octets": (RR + b"\x00\x00", Reason.RTCP_NOT_WORDS),
    "version 3 first": (bytes([0xC0]) + RR[1:], Reason.RTCP_BAD_VERSION),
    "version 0 first": (bytes([0x00]) + RR[1:], Reason.RTCP_BAD_VERSION),
    "version 1 second": (RR + bytes([0x41, 203, 0, 1]) + bytes(4), Reason.RTCP_BAD_VERSION),
    "a source description first": (bytes([0x81, 202, 0, 2]) + bytes(8), Reason.RTCP_BAD_FIRST_TYPE),
    "feedback first": (bytes([0x81, 206, 0, 2]) + bytes(8), Reason.RTCP_BAD_FIRST_TYPE),
    "padding on the first": (bytes([0xA0]) + RR[1:] + RR, Reason.RTCP_BAD_PADDING),
    "padding of 0": (bytes([0xA0, 201, 0, 2]) + bytes(8), Reason.RTCP_BAD_PADDING),
    "lengths that overshoot by 4": (bytes([0x80, 201, 0, 2]) + bytes(4), Reason.RTCP_LENGTH_MISMATCH),
    "lengths that undershoot by 4": (RR + bytes(4), Reason.RTCP_BAD_VERSION),
    "31 reports that are not there": (bytes([0x9F]) + RR[1:], Reason.RTCP_PACKET_TOO_SHORT),
    "RTP": (rtp(1, PHONE_SSRC), Reason.STRAY_RTP),
}


@pytest.mark.parametrize(("octets", "reason"), (MALFORMED_RTP | OTHERS).values(), ids=list(MALFORMED_RTP | OTHERS))
@pytest.mark.parametrize("source", [PHONE, STRANGER], ids=["phone", "stranger"])
def test_on_the_rtp_port(source: tuple[str, int], octets: bytes, reason: Reason) -> None:
    for line, at_ms in ((answered(), 0), (locked(), LOCKED_MS), (Line().publish(), 0)):
        state = line.latch.state
        for _ in range(10):
            verdict = line.latch.receive(at_ms * MS, source, octets)
            assert (verdict.action, verdict.reason, verdict.row) == (DROP, reason, 0)
        assert line.latch.state is state


@pytest.mark.parametrize(("octets", "reason"), MALFORMED_RTCP.values(), ids=list(MALFORMED_RTCP))
def test_on_the_rtcp_port(octets: bytes, reason: Reason) -> None:
    line = locked()
    for source in (PHONE_RTCP, STRANGER):
        for _ in range(10):
            verdict = line.receive_rtcp(LOCKED_MS, source, octets)
            assert (verdict.action, verdict.reason) == (DROP, reason)
    assert line.latch.rtcp_accepted_source is None
    assert line.latch.rtcp_destination is None


def test_every_malformation_of_rtp_and_rtcp_has_a_reason_of_its_own() -> None:
    told = {reason for _, reason in (MALFORMED_RTP | MALFORMED_RTCP).values()}
    assert told >= {reason for reason in Reason if reason.name.startswith("RTP_")}
    assert told >= {reason for reason in Reason if reason.name.startswith("RTCP_")} - {
        Reason.RTCP_INELIGIBLE,
        Reason.RTCP_UNQUALIFIED,
    }


def test_malformed_packets_never_count_towards_latching() -> None:
    line = answered()
    for number in range(50):
        for octets, _ in (MALFORMED_RTP | OTHERS).values():
            line.latch.receive(20 * number * MS, PHONE, octets)
    assert line.latch.state is LatchState.LEARNING
    assert line.latch.destination is None


# RFC 7983 and RFC 5761 ---------------------------------------------------------------------------------------------


def reasons_of_first_octet(first: int) -> set[Reason]:
    """RFC 7983: 16-19 ZRTP, 20-63 DTLS, 64-79 channel data, 128-191 RTP, the rest nothing known."""
    if 16 <= first <= 19:
        return {Reason.ZRTP}
    if 20 <= first <= 63:
        return {Reason.DTLS}
    if 64 <= first <= 79:
        return {Reason.CHANNEL_DATA}
    if 128 <= first <= 191:  # P, X and CC are in this octet too
        return {Reason.NONE, Reason.RTP_EXTENSION_OVERRUN, Reason.RTP_BAD_PADDING}
    return {Reason.RTP_BAD_VERSION}


@pytest.mark.parametrize("first", range(256))
def test_the_first_octet_tells_protocols_apart(first: int) -> None:
    line = locked()
    octets = struct.pack("!BBH", first, 0, 300) + struct.pack("!II", 48000, PHONE_SSRC) + bytes(1000)
    verdict = line.latch.receive(LOCKED_MS * MS, PHONE, octets)
    assert verdict.reason in reasons_of_first_octet(first)
    assert (verdict.action is FORWARD) == (verdict.reason is Reason.NONE)


@pytest.mark.parametrize("payload_type", range(128))
@pytest.mark.parametrize("marker", [False, True])
def test_without_mux_reports_on_the_rtp_port_are_stray_and_all_else_is_media(payload_type: int, marker: bool) -> None:
    line = answered(payload_types=None)
    verdicts = line.talk(0, PHONE, 2, payload_type=payload_type, marker=marker)
    stray = 200 <= (payload_type | marker << 7) <= 207
    assert forwarded(verdicts) == (0 if stray else 2)
    assert (verdicts[0].reason is Reason.STRAY_RTCP) == stray


@pytest.mark.parametrize("payload_type", range(128))
@pytest.mark.parametrize("marker", [False, True])
def test_with_mux_the_second_octet_tells_rtcp_from_media(payload_type: int, marker: bool) -> None:
    line = answered(payload_types=None, rtcp_mux=True)
    verdicts = line.talk(0, PHONE, 2, payload_type=payload_type, marker=marker)
    is_rtcp = 192 <= (payload_type | marker << 7) <= 223
    assert forwarded(verdicts) == (0 if is_rtcp else 2)
    assert is_rtcp == verdicts[0].reason.name.startswith("RTCP_")


# Reduced size (RFC 5506) -------------------------------------------------------------------------------------------

FEEDBACK = bytes([0x81, 206, 0, 2]) + struct.pack("!II", PHONE_SSRC, 5)


def test_feedback_alone_passes_only_where_reduced_size_was_negotiated() -> None:
    assert locked().receive_rtcp(LOCKED_MS, PHONE_RTCP, FEEDBACK).reason is Reason.RTCP_BAD_FIRST_TYPE
    assert locked(reduced_size=True).receive_rtcp(LOCKED_MS, PHONE_RTCP, FEEDBACK).action is FORWARD


@pytest.mark.parametrize("size", [8, 12, 16])
def test_with_reduced_size_what_is_no_rtcp_type_is_still_no_rtcp(size: int) -> None:
    # The shortest look like the RTCP of an unknown type, and are neither that nor RTP.
    octets = struct.pack("!BBHI", 0x80, 0, size // 4 - 1, PHONE_SSRC).ljust(size, b"\0")
    line = answered(declared=SERVER, reduced_size=True)
    verdict = line.receive_rtcp(0, SERVER, octets)
    assert (verdict.action, verdict.reason) == (DROP, Reason.STRAY_RTP)
    assert line.latch.state is LatchState.LEARNING


def test_all_padding_is_legal() -> None:
    line = locked()
    octets = header(0xA0) + bytes(159) + b"\xa0"
    assert line.latch.receive(LOCKED_MS * MS, PHONE, octets).action is FORWARD


def test_a_goodbye_is_no_media() -> None:
    line = answered()
    octets = goodbye(STRANGER_SSRC)
    assert line.latch.receive(0, PHONE, octets).reason is Reason.STRAY_RTCP
