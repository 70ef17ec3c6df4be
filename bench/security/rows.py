"""The rows that are played: those of tests/behaviour that every relay can play, in real time, and some with RTCP."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from tests.behaviour.runs import PEER_REPORTS, PHONE_REPORTS
from tests.behaviour.scenario import MID, PRIVATE, Moment, Scenario, Stream
from tests.behaviour.table import SCENARIOS

__all__ = ["BASELINES", "NAMES", "Row", "select"]

CALLS = (
    *("N01", "N02", "N03", "N04", "N04-twice", "N06", "N06-signalled", "N06-back", "N07", "N08", "N09", "N10", "N11"),
    *("N13", "X03-gone", "X06", "X08", "X12", "X17", "K04-strange", "K05", "R00", "R09"),
)
ATTACKS = (
    *("A01", "A02", "A03", "A04", "A05", "A06", "A07", "A07-neighbour", "A09", "A10", "A11", "A11-window", "A13"),
    *("A13-neighbour", "A14", "A14-window", "A15", "A16", "A16-changed", "A17", "A17-mute", "A18", "A22", "A24"),
    *("A25", "A26", "A27", "K06", "X01", "X03", "X03-held", "X04", "X05", "X23", "X23-late"),
    *("run-right-first", "run-right-late", "run-private-first", "run-private-late"),
    *("R01", "R01-early", "R02", "R03", "R04", "R06", "R08"),
)
WITH_REPORTS = ("A01", "A03", "A11", "A16", "A25")
"""Played once more with an attack on the RTCP port beside that on the RTP port."""
SUFFIX = "+rtcp"
IN_OTHER_WORDS = {
    "K04-strange": "media from a neighbour of the host that signalling comes from, which nobody has named"
}
"""Where the scenario's own words refer to one that is not played."""
NAMES = (*CALLS, *ATTACKS, *(base + SUFFIX for base in WITH_REPORTS))
BASELINES = {"right": "N01", "private": "N02"}
"""By what the phone's SDP says: the call without an attack, which a relay must carry before its figures count."""


@dataclass(frozen=True)
class Row:
    """A scenario in seconds from its answer, both clocks being the same."""

    name: str
    what: str
    scenario: Scenario
    is_attack: bool
    baseline: str


def seconds(moment: Moment, longest_wait_s: float) -> Moment:
    """Real time keeps what virtual time has, but that waits in mid-call are cut; a peer may need seconds to learn."""
    cut = (moment.virtual_s - moment.udp_s) - (MID.virtual_s - MID.udp_s) - longest_wait_s
    at_s = moment.virtual_s - max(0.0, cut)
    return Moment(at_s, at_s)


def retimed(thing: Any, longest_wait_s: float) -> Any:
    """`thing` with every moment in it in real time."""
    if isinstance(thing, Moment):
        return seconds(thing, longest_wait_s)
    if type(thing) is tuple:
        return tuple(retimed(each, longest_wait_s) for each in thing)
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        values = {field.name: getattr(thing, field.name) for field in dataclasses.fields(thing)}
        return replace(thing, **{name: retimed(value, longest_wait_s) for name, value in values.items()})
    return thing


def reporting(stream: Stream) -> Stream:
    """The same attacker beside itself: reports to the RTCP port, from the port above its own."""
    source = stream.source._replace(port=stream.source.port + 1)
    ssrc = stream.shadows.ssrc if stream.shadows else stream.ssrc
    return replace(stream, source=source, port="rtcp", kind="report", ssrc=ssrc, shadows=None)


def with_reports(scenario: Scenario) -> Scenario:
    """The scenario with RTCP of both parties and of the attacker."""
    phone = [PHONE_REPORTS]
    stops = {stream.stop for stream in scenario.phone}
    if len(stops) == 1:
        phone = [replace(PHONE_REPORTS, stop=stops.pop())]
    return replace(
        scenario,
        what=f"{scenario.id}, and reports on the RTCP port",
        phone=(*scenario.phone, *phone),
        peer=(*scenario.peer, PEER_REPORTS),
        attack=(*scenario.attack, *map(reporting, scenario.attack)),
    )


def lenient(scenario: Scenario) -> Scenario:
    """A relay may stop what a party on hold has not asked for: media that is not there counts from the resume on."""
    resumed = [signal.at for signal in scenario.signals if signal.event == "resume"]
    if not resumed or scenario.measured_from is not None:
        return scenario
    return replace(scenario, measured_from=resumed[-1].after(0.1))


def select(names: Iterable[str], longest_wait_s: float) -> list[Row]:
    """The rows of that name, and their baselines first; raise ValueError in one sentence for one that is not there."""
    found: dict[str, Row] = {}
    for name in dict.fromkeys([*BASELINES.values(), *names]):
        base = name.removesuffix(SUFFIX)
        if name not in NAMES:
            raise ValueError(f"There is no row {name!r}, only {', '.join(NAMES)}.")
        scenario = lenient(SCENARIOS[base])
        if name != base:
            scenario = with_reports(scenario)
        found[name] = Row(
            name=name,
            what=IN_OTHER_WORDS.get(name, scenario.what),
            scenario=retimed(scenario, longest_wait_s),
            is_attack=base in ATTACKS,
            baseline=BASELINES["private" if scenario.declared.host == PRIVATE.host else "right"],
        )
    return sorted(found.values(), key=lambda row: NAMES.index(row.name))
