"""What `rtpcore relay` says while it runs: a table and sentences for a person, or JSON lines for a program."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, Protocol

from rtpcore.cli.arguments import format_address
from rtpcore.cli.display import Display, open_display
from rtpcore.cli.figures import drops_in_words, leg_as_json
from rtpcore.events import Event
from rtpcore.session import Leg
from rtpcore.track.leg_stats import LegStats

__all__ = ["Reporter", "open_reporter"]

HEADINGS = ("seconds", "leg", "state", "hears", "sends to", "received", "forwarded", "lost", "dropped")

Legs = Mapping[str, Leg]
Stats = Mapping[str, LegStats]


class Reporter(Protocol):
    """Where the command's reports go. Times are seconds since it listens."""

    def listening(self, legs: Legs) -> None:
        """Ports are bound and published."""

    def figures(self, time_s: float, stats: Stats) -> None:
        """How it goes."""

    def event(self, time_s: float, event: Event) -> None:
        """Something happened."""

    def final(self, time_s: float, stats: Stats) -> None:
        """It has ended."""


class PersonReporter:
    """A table that changes, and sentences before and after it."""

    def __init__(self, display: Display) -> None:
        self._display = display

    def listening(self, legs: Legs) -> None:
        for name, leg in legs.items():
            rtp, rtcp = format_address(leg.address), format_address(leg.rtcp_address)
            self._display.say(f"Leg {name} listens on {rtp}, RTCP on {rtcp}.")

    def figures(self, time_s: float, stats: Stats) -> None:
        self._display.show([row(time_s, name, leg) for name, leg in stats.items()])

    def event(self, time_s: float, event: Event) -> None:
        source = f" from {format_address(event.source)}" if event.source else ""
        detail = f" ({event.detail})" if event.detail else ""
        times = f", {event.count} times" if event.count > 1 else ""
        self._display.say(f"{time_s:.1f} s, leg {event.leg}: {event.name}{source}{detail}{times}.")

    def final(self, time_s: float, stats: Stats) -> None:
        self.figures(time_s, stats)
        self._display.settle()
        for name, leg in stats.items():
            source = format_address(leg.accepted_source) if leg.accepted_source else "nobody"
            self._display.say(
                f"Leg {name} took media from {source}: it received {leg.rtp.received} RTP and {leg.rtcp.received} RTCP"
                f" packets, forwarded {leg.forwarded}, dropped {drops_in_words([leg])},"
                f" and {leg.cumulative_lost} never came."
            )


def row(time_s: float, name: str, leg: LegStats) -> list[str]:
    """The cells under HEADINGS."""
    return [
        f"{time_s:.1f}",
        name,
        leg.state.name.lower(),
        format_address(leg.accepted_source),
        format_address(leg.destination),
        str(leg.received),
        str(leg.forwarded),
        str(leg.cumulative_lost),
        drops_in_words([leg]),
    ]


class JsonReporter:
    """One JSON object a line; `type` is listening, report, event or final."""

    def listening(self, legs: Legs) -> None:
        addresses = {name: {"address": leg.address, "rtcp_address": leg.rtcp_address} for name, leg in legs.items()}
        self._write("listening", 0.0, legs=addresses)

    def figures(self, time_s: float, stats: Stats) -> None:
        self._write("report", time_s, legs={name: leg_as_json(leg) for name, leg in stats.items()})

    def event(self, time_s: float, event: Event) -> None:
        self._write("event", time_s, event=event.name, **asdict(event))

    def final(self, time_s: float, stats: Stats) -> None:
        self._write("final", time_s, legs={name: leg_as_json(leg) for name, leg in stats.items()})

    def _write(self, kind: str, time_s: float, **values: Any) -> None:
        print(json.dumps({"type": kind, "time_s": round(time_s, 3), **values}), flush=True)


@contextmanager
def open_reporter(as_json: bool) -> Iterator[Reporter]:
    """The reporter that was asked for."""
    if as_json:
        yield JsonReporter()
    else:
        with open_display(HEADINGS) as display:
            yield PersonReporter(display)
