"""RTP and RTCP datagrams for tests, made octet by octet and without the parsers that are put to the test."""

from __future__ import annotations

import struct

__all__ = ["PCMU_CLOCK", "PTIME_MS", "goodbye", "receiver_report", "rtp", "sender_report"]

PTIME_MS = 20
PCMU_CLOCK = 8000
SAMPLES = PCMU_CLOCK * PTIME_MS // 1000
SENDER_REPORT, RECEIVER_REPORT, GOODBYE = 200, 201, 203


def rtp(
    number: int,
    ssrc: int,
    payload: bytes = bytes(SAMPLES),
    *,
    timestamp: int | None = None,
    payload_type: int = 0,
    marker: bool = False,
) -> bytes:
    """One RTP packet; number and timestamp (by default that of PCMU in 20 ms) are cut to their width."""
    second = payload_type | marker << 7
    stamp = number * SAMPLES if timestamp is None else timestamp
    return struct.pack("!BBHII", 0x80, second, number & 0xFFFF, stamp & 0xFFFFFFFF, ssrc) + payload


def sender_report(ssrc: int, number: int = 0) -> bytes:
    """A sender report without report blocks."""
    return struct.pack("!BBHIQIII", 0x80, SENDER_REPORT, 6, ssrc, number << 32, number * SAMPLES, number, 0)


def receiver_report(ssrc: int) -> bytes:
    """An empty receiver report: eight octets."""
    return struct.pack("!BBHI", 0x80, RECEIVER_REPORT, 1, ssrc)


def goodbye(ssrc: int, *gone: int) -> bytes:
    """A receiver report and a BYE of the SSRCs `gone`, by default of the sender itself."""
    ssrcs = gone or (ssrc,)
    return receiver_report(ssrc) + struct.pack(f"!BBH{len(ssrcs)}I", 0x80 | len(ssrcs), GOODBYE, len(ssrcs), *ssrcs)
