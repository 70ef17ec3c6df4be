"""Scenarios of many sources at once: they want no media, but the places in which a phone is examined."""

from __future__ import annotations

from dataclasses import replace

from tests.behaviour.attacks import ATTACKER, NEIGHBOUR, SSRC, attack
from tests.behaviour.moves import REBOUND, SECOND_SSRC, goes_on
from tests.behaviour.scenario import ANSWER, ANY, MID, PHONE, PHONE_TALKS, Bounds, Place, Scenario

__all__ = ["CROWDS"]

BROKEN = 1000
"""From packet to packet: each begins a sequence anew."""

CROWDS = (
    Scenario(
        "X05-broken",
        "eight ports behind the phone's NAT each send for ever, and never two numbers in sequence",
        attack=(attack(Place("phone", 50_000), ANSWER.after(0.05), every_s=0.005, spread=8, step=BROKEN),),
        silent=frozenset({"contest"}),
    ),
    Scenario(
        "A11-crowd",
        "eight observers go on where the phone's stream ends, and the phone with another SSRC 100 ms later",
        phone=(
            replace(PHONE_TALKS, stop=MID),
            replace(PHONE_TALKS, start=MID.after(0.1), ssrc=SECOND_SSRC, first=60_000),
        ),
        attack=tuple(
            attack(Place(ATTACKER.host, ATTACKER.port + index), MID.after(0.001 * index), shadows=PHONE_TALKS)
            for index in range(8)
        ),
        raises=frozenset({"ssrc_changed"}),
        silent=frozenset({"relatched"}),
    ),
    Scenario(
        "A17-rebound",
        "the phone's address is forged with eight SSRCs that never have two numbers in sequence, and its NAT rebinds",
        phone=(replace(PHONE_TALKS, stop=MID), goes_on(REBOUND, MID)),
        attack=tuple(
            attack(PHONE, MID.after(-0.3 + 0.005 * index), every_s=0.04, step=BROKEN, ssrc=SSRC + index)
            for index in range(8)
        ),
        raises=frozenset({"relatched"}),
    ),
    Scenario(
        "A27-far",
        "somebody forges the phone's address and knows its SSRC, and is nowhere near its numbers",
        attack=(attack(PHONE, MID, every_s=0.01, ssrc=PHONE_TALKS.ssrc, first=20_000),),
        bounds=Bounds(inj=ANY, lost=ANY),
        raises=frozenset({"injection_suspected"}),
    ),
    Scenario(
        "A14-hasty",
        "a neighbour behind the phone's NAT, where the policy calls a source dead after a millisecond",
        attack=(attack(NEIGHBOUR),),
        policy={"dead_relatch_ms": 1},
        silent=frozenset({"relatched"}),
    ),
    Scenario(
        "K06-first",
        "a mute phone: all it sends is comfort noise, once a second",
        phone=(replace(PHONE_TALKS, payload_type=13, every_s=1.0),),
        bounds=Bounds(lost=1, dead_ms=1100),
    ),
)
