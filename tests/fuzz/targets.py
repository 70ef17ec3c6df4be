"""Every fuzz target by name: a function of the octets that raises when something is wrong."""

from __future__ import annotations

from collections.abc import Callable

from tests.fuzz import track, wire

TARGETS: dict[str, Callable[[bytes], None]] = {
    "rtp": wire.rtp,
    "rtcp": wire.rtcp,
    "batch": wire.batch,
    "classify": wire.kinds,
    "stun": wire.stun,
    "latch": track.latch,
    "ssrc_table": track.ssrc_table,
}
