"""The four figures of a scenario, from what was sent and what arrived where.

inj: attackers' datagrams that were forwarded to anybody. bleed: milliseconds of the call that reached anybody but its
parties. lost: media of the phone that reached the relay and not the peer. dead: milliseconds of the peer's media that
did not reach the phone where it was at the time, from 100 ms after its first packet on.
"""

from __future__ import annotations

from dataclasses import dataclass

from rtpcore.events import Address
from tests.behaviour.media import PTIME_MS
from tests.behaviour.scenario import PEER, Clock, Place, Role, Scenario
from tests.behaviour.timeline import Cast, Send, phone_place, phone_reports

__all__ = ["Arrival", "Figures", "faults", "measure"]

GRACE_S = 0.1


@dataclass(frozen=True)
class Arrival:
    """A datagram of the relay at an address."""

    at: Address
    octets: bytes


@dataclass(frozen=True)
class Figures:
    inj: int
    bleed_ms: int
    lost: int
    dead_ms: int
    reports_lost: int
    """Reports of both parties that reached the relay and not the other party."""
    events: tuple[str, ...]
    """Of the near leg, in order."""
    sent: int


def addresses_of(scenario: Scenario, cast: Cast) -> set[Address]:
    """Where the phone and the peer are at some time, RTP and RTCP."""
    found = {cast.address(stream.source) for stream in (*scenario.phone, *scenario.peer)}
    return found if scenario.listens is None else found | {cast.address(scenario.listens)}


def dead_ms(scenario: Scenario, clock: Clock, cast: Cast, sent: list[Send], heard: dict[bytes, set[Address]]) -> int:
    first_s = min((send.at_s for send in sent if send.role is Role.PHONE and send.is_media), default=None)
    if first_s is None:
        return 0
    from_s = max(first_s + GRACE_S, scenario.measured_from.on(clock) if scenario.measured_from else first_s)
    missed = [
        send
        for send in sent
        if send.role is Role.PEER
        and send.is_media
        and send.at_s >= from_s
        and cast.address(phone_place(scenario, clock, send.at_s)) not in heard.get(send.octets, set())
    ]
    return len(missed) * PTIME_MS


def reports_lost(
    scenario: Scenario, clock: Clock, cast: Cast, sent: list[Send], heard: dict[bytes, set[Address]]
) -> int:
    missed = 0
    for send in sent:
        place: Place | None = PEER._replace(port=PEER.port + 1)
        if send.role is Role.PEER:
            place = phone_reports(scenario, clock, send.at_s)
        if send.role is not Role.ATTACKER and not send.is_media and not send.is_ours and place is not None:
            missed += cast.address(place) not in heard.get(send.octets, set())
    return missed


def measure(
    scenario: Scenario,
    clock: Clock,
    cast: Cast,
    sent: list[Send],
    arrivals: list[Arrival],
    events: list[str],
    unseen: int = 0,
) -> Figures:
    """`unseen`: datagrams that the relay sent and that arrived at no address that anybody listens on."""
    whose = {send.octets: send.role for send in sent}
    parties = addresses_of(scenario, cast)
    heard: dict[bytes, set[Address]] = {}
    for arrival in arrivals:
        heard.setdefault(arrival.octets, set()).add(arrival.at)
    peer = cast.address(PEER)
    lost = {
        send.octets
        for send in sent
        if send.role is Role.PHONE and send.is_media and peer not in heard.get(send.octets, set())
    }
    strayed = [arrival for arrival in arrivals if arrival.at not in parties]
    bled = [arrival for arrival in strayed if whose.get(arrival.octets) is not Role.ATTACKER]
    return Figures(
        inj=sum(whose.get(arrival.octets) is Role.ATTACKER for arrival in arrivals),
        bleed_ms=(len(bled) + unseen) * PTIME_MS,
        lost=len(lost),
        dead_ms=dead_ms(scenario, clock, cast, sent, heard),
        reports_lost=reports_lost(scenario, clock, cast, sent, heard),
        events=tuple(events),
        sent=len(sent),
    )


def faults(scenario: Scenario, clock: Clock, figures: Figures) -> list[str]:
    """Which bounds were broken, in words."""
    bounds = scenario.bounds
    limits = {
        "inj": (figures.inj, bounds.inj),
        "bleed_ms": (figures.bleed_ms, bounds.bleed_ms),
        "lost": (figures.lost, bounds.lost),
        "dead_ms": (figures.dead_ms, bounds.dead_on(clock)),
        "reports_lost": (figures.reports_lost, bounds.reports_lost),
    }
    found = [
        f"{name} is {value}, at most {limit} are allowed" for name, (value, limit) in limits.items() if value > limit
    ]
    found += [f"no event {name}" for name in sorted(scenario.raises - set(figures.events))]
    found += [f"event {name}" for name in sorted(scenario.silent & set(figures.events))]
    return found
