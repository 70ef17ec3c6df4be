"""Four figures of a call, from what the programs on the hosts sent and what arrived there.

inj: attackers' datagrams that reached a party, and those of another call. bleed: ms of media that arrived at attackers'
hosts. lost: media of the phone that reached the relay and not the peer. dead: ms of the peer's media that did not reach
the phone, from 100 ms after its first packet on. What is sent while a call is offline does not count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.nat.call import ATTACKER, OTHER, PHONE, Call

PTIME_MS = 20
GRACE_S = 0.1


@dataclass(frozen=True)
class Figures:
    inj: int
    lost: int
    dead_ms: int
    reports_lost: int
    said: int
    """Media that the phone sent."""
    events: tuple[str, ...]
    """Of the near leg, in order."""
    legs: dict[str, dict[str, Any]]
    """Statistics by leg, as the relay told them."""


@dataclass(frozen=True)
class Evidence:
    """What all hosts told, and what they had been told to say."""

    said: Mapping[str, list[dict[str, Any]]]
    reports: Mapping[str, dict[str, Any]]

    def sent(self, number: int, call: Call, role: int, kind: str) -> list[tuple[float, int]]:
        """(when, number) of what left its host while there was a network."""
        wanted = (number, role, kind, 0)
        found = []
        for name, report in self.reports.items():
            for talk, what, at_s, error in report["sent"]:
                said = self.said[name][talk]
                if (said["call"], said["role"], said["kind"], error) == wanted:
                    found.append((at_s, what))
        return [(at_s, what) for at_s, what in found if not any(a <= at_s < b for a, b in call.offline)]

    def heard(self, number: int, call: Call) -> tuple[dict[tuple[str, int], set[int]], int]:
        """What the parties heard of each other by (kind, role), and how much that they should not have heard."""
        whose = {(talk.host, port): talk.role for talk in call.talks for port in talk.ports}
        found: dict[tuple[str, int], set[int]] = {("rtp", PHONE): set(), ("rtp", OTHER): set()}
        injected = 0
        for host, report in self.reports.items():
            for _, port, kind, role, of_call, what, *_ in report["arrivals"]:
                here = whose.get((host, port), ATTACKER)
                if here == ATTACKER:
                    continue
                if of_call != number or role in (ATTACKER, here):
                    injected += 1
                else:
                    found.setdefault((kind, role), set()).add(what)
        return found, injected


def measure(
    evidence: Evidence, number: int, call: Call, legs: dict[str, dict[str, Any]], events: tuple[str, ...]
) -> Figures:
    """The figures of the call that has this number in its payloads."""
    heard, injected = evidence.heard(number, call)
    spoken = evidence.sent(number, call, PHONE, "rtp")
    first_s = min((at_s for at_s, _ in spoken), default=call.end)
    missed = [at_s for at_s, what in evidence.sent(number, call, OTHER, "rtp") if what not in heard["rtp", OTHER]]
    reports_lost = [
        len(evidence.sent(number, call, role, "report")) - len(heard.get(("report", role), ()))
        for role in (PHONE, OTHER)
    ]
    return Figures(
        inj=injected,
        lost=len({what for _, what in spoken} - heard["rtp", PHONE]),
        dead_ms=PTIME_MS * sum(at_s >= first_s + GRACE_S for at_s in missed),
        reports_lost=sum(reports_lost),
        said=len(spoken),
        events=events,
        legs=legs,
    )


def faults(index: int, call: Call, figures: Figures) -> list[str]:
    """Which bounds were broken, in words."""
    limits = {"inj": call.inj, "lost": call.lost, "dead_ms": call.dead_ms, "reports_lost": 0}
    found = [
        f"call {index}: {name} is {getattr(figures, name)}, at most {limit} are allowed"
        for name, limit in limits.items()
        if getattr(figures, name) > limit
    ]
    for name, leg in figures.legs.items():
        if leg["received"] != leg["forwarded"] + sum(leg["dropped"].values()) + leg["holding"]:
            found.append(f"call {index}: the books of leg {name} do not add up: {leg}")
    return found
