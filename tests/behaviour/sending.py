"""Not a weapon: where media stops going, and how soon."""

from __future__ import annotations

from dataclasses import replace

from tests.behaviour.scenario import (
    ANSWER,
    ANY,
    PEER_TALKS,
    PHONE,
    Bounds,
    Place,
    Role,
    Scenario,
    Signal,
    Stream,
)

__all__ = ["SENDING"]

VICTIM = Place("attacker", 7777)
"""Whom somebody else names or forges; its datagrams count as the attacker's."""
FORGED = Stream(Role.ATTACKER, VICTIM, ANSWER.after(0.3), ANSWER.after(0.6), ssrc=0x6666_6666)
"""Fifteen packets in a victim's name, then silence."""
TALKS_FAST = replace(PEER_TALKS, every_s=0.004)

SENDING = (
    Scenario(
        "D02-ports",
        "a victim is declared with one port after the other: it has one budget all the same",
        phone=(),
        declared=VICTIM,
        signalling=("server",),
        attack=(replace(FORGED, start=ANSWER.after(90), stop=ANSWER.after(90)),),
        signals=tuple(
            Signal(ANSWER.after(0.2 * number), "reinvite", Place("attacker", 7777 + 2 * (number % 2)), ("server",))
            for number in range(1, 8)
        ),
        policy={"early_budget_ms": 500},
        bounds=Bounds(bleed_ms=520),
        end=ANSWER.after(1.6),
    ),
    Scenario(
        "D03",
        "with scope any a victim's address is latched by forged packets and then says nothing: consent ends it",
        phone=(),
        attack=(FORGED,),
        policy={"profile": "open", "consent_ms": 500},
        bounds=Bounds(inj=ANY, bleed_ms=820),
        end=ANSWER.after(3.0),
        raises=frozenset({"latched", "consent_lost"}),
    ),
    Scenario(
        "D03-amplified",
        "the same, and the other party sends five times as much: while provisional three times goes back",
        phone=(),
        peer=(TALKS_FAST,),
        attack=(replace(FORGED, stop=ANSWER.after(0.5)),),
        policy={"profile": "open", "consent_ms": 500},
        bounds=Bounds(inj=ANY, bleed_ms=10 * 3 * 20),
        end=ANSWER.after(0.95),
    ),
    Scenario(
        "D03-signalled",
        "a party on a host of signalling falls silent for longer than the consent time: media goes on",
        phone=(Stream(Role.PHONE, PHONE, ANSWER.after(0.3), ANSWER.after(0.6), ssrc=0x1111_1111),),
        policy={"consent_ms": 500},
        end=ANSWER.after(2.0),
        raises=frozenset({"consent_lost"}),
    ),
)
