"""RTP and RTCP datagrams for tests, made octet by octet and without the parsers that are put to the test."""

from __future__ import annotations

import struct

__all__ = ["PCMU_CLOCK", "PTIME_MS", "goodbye", "last_sr", "receiver_report", "report_block", "rtp", "sender_report"]

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


def report_block(ssrc: int, highest: int, last_sr: int = 0, *, jitter: int = 0) -> bytes:
    """What a receiver says of the stream `ssrc`: its extended highest sequence number, and which report it answers."""
    return struct.pack("!IIIIII", ssrc, 0, highest, jitter, last_sr, 0)


def sender_report(ssrc: int, number: int = 0, *blocks: bytes, octet_count: int = 0) -> bytes:
    """A sender report, made at the second `number`."""
    size = 6 + sum(map(len, blocks)) // 4
    head = struct.pack("!BBHI", 0x80 | len(blocks), SENDER_REPORT, size, ssrc)
    return (
        head
        + struct.pack("!QIII", number << 32, number * PCMU_CLOCK & 0xFFFFFFFF, number, octet_count)
        + b"".join(blocks)
    )


def last_sr(number: int) -> int:
    """How a report block names the sender report of that second."""
    return (number & 0xFFFF) << 16


def receiver_report(ssrc: int, *blocks: bytes) -> bytes:
    """A receiver report; eight octets without blocks."""
    size = 1 + sum(map(len, blocks)) // 4
    return struct.pack("!BBHI", 0x80 | len(blocks), RECEIVER_REPORT, size, ssrc) + b"".join(blocks)


def goodbye(ssrc: int, *gone: int) -> bytes:
    """A receiver report and a BYE of the SSRCs `gone`, by default of the sender itself."""
    ssrcs = gone or (ssrc,)
    return receiver_report(ssrc) + struct.pack(f"!BBH{len(ssrcs)}I", 0x80 | len(ssrcs), GOODBYE, len(ssrcs), *ssrcs)
