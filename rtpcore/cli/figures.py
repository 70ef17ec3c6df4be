"""A leg's statistics in words for a person, and as plain values for JSON."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from rtpcore.track.leg_stats import LegStats

__all__ = ["drops_in_words", "leg_as_json", "unaccounted"]


def leg_as_json(stats: LegStats) -> dict[str, Any]:
    """All of it, with enums by their names in lower case."""
    plain = asdict(stats)
    plain["state"] = stats.state.name.lower()
    plain["dropped"] = {reason.name.lower(): count for reason, count in stats.dropped.items()}
    return plain


def drops_in_words(legs: Iterable[LegStats]) -> str:
    """The drop reasons of these legs together, the most frequent first, then the kernel's; "0" for none."""
    total: dict[str, int] = {}
    by_kernel = 0
    for stats in legs:
        by_kernel += stats.kernel_dropped
        for reason, count in stats.dropped.items():
            name = reason.name.lower()
            total[name] = total.get(name, 0) + count
    ordered = sorted(total.items(), key=lambda item: -item[1])
    said = [f"{count} {name}" for name, count in ordered] + [f"{by_kernel} by the kernel"] * (by_kernel > 0)
    return ", ".join(said) or "0"


def unaccounted(stats: LegStats) -> int:
    """Datagrams received and neither forwarded, nor dropped with a reason, nor held: 0 unless counters lie."""
    return stats.received - stats.forwarded - sum(stats.dropped.values()) - stats.holding
