"""Scenarios in which the phone's address or SSRC changes without signalling, and those who pretend that it did."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.behaviour.attacks import ATTACKER, NEIGHBOUR, attack
from tests.behaviour.calls import until
from tests.behaviour.scenario import (
    ANSWER,
    ANY,
    MID,
    PHONE,
    PHONE_TALKS,
    PRIVATE,
    Bounds,
    Moment,
    Place,
    Role,
    Scenario,
    Signal,
    Stream,
)

__all__ = ["MOVES"]

MOBILE = Place("mobile", 42000)
"""The phone on another network."""
ELSEWHERE = Place("elsewhere", 43000)
REBOUND = Place("phone", 41234)
ASYMMETRIC = Place("phone", 40100)
SECOND_SSRC = 0x3333_3333
MUTE_S = 3.0
MOVED = frozenset({"relatched"})
TOLD = frozenset({"hijack_suspected", "reverted"})
FOLLOWED = Bounds(dead_ms=1500)


def goes_on(source: Place, start: Moment, stop: Moment | None = None, **what: Any) -> Stream:
    """The phone's own stream from another place: numbers and timestamps as they are at the time."""
    shadows = what.pop("shadows", PHONE_TALKS)
    return Stream(Role.PHONE, source, start, stop, ssrc=PHONE_TALKS.ssrc, shadows=shadows, every_s=shadows.every_s)


def observer(source: Place = ATTACKER, start: Moment = MID, **what: Any) -> Stream:
    """Knows the phone's SSRC, numbers and timestamps."""
    return attack(source, start, shadows=PHONE_TALKS, **what)


def mute(seconds: float) -> Stream:
    return replace(PHONE_TALKS, silences=((MID, MID.after(seconds)),))


def noise(at: Moment) -> Stream:
    """One packet of comfort noise: the phone is about to pause."""
    return replace(goes_on(PHONE, at, at.after(0.01)), payload_type=13)


FAST = replace(PHONE_TALKS, every_s=0.01)

MOVES = (
    Scenario(
        "N04",
        "the NAT rebinds: same host, another port, no gap",
        phone=(until(MID), goes_on(REBOUND, MID)),
        raises=MOVED,
        silent=TOLD,
    ),
    Scenario(
        "N04-wrap",
        "the same while the sequence numbers wrap around",
        phone=(
            replace(until(MID), first=65_150),
            goes_on(REBOUND, MID, shadows=replace(PHONE_TALKS, first=65_150)),
        ),
        raises=MOVED,
    ),
    Scenario(
        "N04-60",
        "the same with 60 ms a packet",
        phone=(
            replace(until(MID), every_s=0.06),
            goes_on(REBOUND, Moment(8.04, 1.8), shadows=replace(PHONE_TALKS, every_s=0.06)),
        ),
        said={"ptime_ms": 60},
        bounds=Bounds(dead_ms=240),
        raises=MOVED,
    ),
    Scenario(
        "N04-twice",
        "the same twice, half a second apart",
        phone=(
            until(MID),
            goes_on(REBOUND, MID, MID.after(0.5)),
            goes_on(Place("phone", 41235), MID.after(0.5)),
        ),
        bounds=Bounds(dead_ms=120),
        raises=MOVED,
        silent=TOLD,
    ),
    Scenario(
        "N04-back",
        "the same, and back to the port from before: who was there first has a right to it at once",
        phone=(until(MID), goes_on(REBOUND, MID, MID.after(0.5)), goes_on(PHONE, MID.after(0.5))),
        raises=frozenset({"relatched", "reverted"}),
    ),
    Scenario(
        "N04-held",
        "the same while the call is on hold and the phone plays music",
        phone=(until(MID.after(0.3)), goes_on(REBOUND, MID.after(0.3))),
        signals=(Signal(MID, "hold"),),
        raises=MOVED,
    ),
    Scenario(
        "N04-window",
        "the same within the learning window, to a host that the SDP names",
        phone=(until(ANSWER.after(0.8)), goes_on(REBOUND, ANSWER.after(0.8))),
        declared=PHONE,
        raises=MOVED,
    ),
    Scenario(
        "N06",
        "the phone moves to another network: 800 ms without a packet, then from another host",
        phone=(until(MID), goes_on(MOBILE, MID.after(0.8))),
        bounds=FOLLOWED,
        raises=MOVED,
        silent=TOLD,
        end=MID.after(3.0),
    ),
    Scenario(
        "N06-mobile",
        "the same with a policy that lets media follow at once",
        phone=(until(MID), goes_on(MOBILE, MID.after(0.8))),
        policy={"profile": "mobile"},
        bounds=Bounds(dead_ms=120),
        end=MID.after(2.0),
    ),
    Scenario(
        "N06-twice",
        "and again to a third host a second and a half later",
        phone=(
            until(MID),
            goes_on(MOBILE, MID.after(0.5), MID.after(2.0)),
            goes_on(ELSEWHERE, MID.after(2.4)),
        ),
        bounds=Bounds(dead_ms=2600),
        silent=TOLD,
        end=MID.after(4.5),
    ),
    Scenario(
        "N06-back",
        "and back to where it was, three seconds later",
        phone=(until(MID), goes_on(MOBILE, MID.after(0.5), MID.after(3.0)), goes_on(PHONE, MID.after(3.5))),
        bounds=FOLLOWED,
        end=MID.after(4.5),
    ),
    Scenario(
        "N06-signalled",
        "the same, and 200 ms after the first packet the phone's signalling comes from there too",
        phone=(until(MID), goes_on(MOBILE, MID.after(0.8))),
        signals=(Signal(MID.after(1.0), "reinvite", PRIVATE, ("mobile",)),),
        bounds=Bounds(dead_ms=240),
        silent=TOLD,
        end=MID.after(2.0),
    ),
    Scenario(
        "N06-signalled-first",
        "the same, and signalling is there first",
        phone=(until(MID), goes_on(MOBILE, MID.after(0.8))),
        signals=(Signal(MID.after(0.5), "reinvite", PRIVATE, ("mobile",)),),
        silent=TOLD,
        end=MID.after(2.0),
    ),
    Scenario(
        "N06-direction",
        "the same, and then the call is held and resumed by the other party through the old proxy",
        phone=(until(MID), goes_on(MOBILE, MID.after(0.8))),
        signals=(
            Signal(MID.after(2.5), "reinvite", PRIVATE, ("phone",), said={"direction": "sendonly"}),
            Signal(MID.after(3.0), "reinvite", PRIVATE, ("phone",)),
        ),
        bounds=FOLLOWED,
        end=Moment(MID.virtual_s + 10.0, MID.udp_s + 4.5),
    ),
    Scenario(
        "N06-ssrc",
        "the phone has moved, and two seconds later begins another SSRC there",
        phone=(
            until(MID),
            goes_on(MOBILE, MID.after(0.8), MID.after(2.8)),
            Stream(Role.PHONE, MOBILE, MID.after(2.9), ssrc=SECOND_SSRC, first=60_000),
        ),
        bounds=FOLLOWED,
        raises=frozenset({"relatched", "ssrc_changed"}),
        silent=TOLD,
        end=MID.after(4.0),
    ),
    Scenario(
        "N06-rebound",
        "the phone has moved, and 500 ms later the other network's NAT rebinds",
        phone=(
            until(MID),
            goes_on(MOBILE, MID.after(0.8), MID.after(1.3)),
            goes_on(Place("mobile", 42001), MID.after(1.3)),
        ),
        bounds=Bounds(dead_ms=1700),
        silent=TOLD,
        end=MID.after(3.5),
    ),
    Scenario(
        "N07",
        "N06 while an attacker sprays",
        phone=(until(MID), goes_on(MOBILE, MID.after(0.8))),
        attack=(attack(start=MID),),
        bounds=FOLLOWED,
        end=MID.after(3.0),
    ),
    Scenario(
        "N07-guesses",
        "N06 while somebody forges the phone's address with an SSRC of its own in each packet",
        phone=(until(MID), goes_on(MOBILE, MID.after(0.8))),
        attack=(attack(PHONE, MID, ssrc=None, every_s=0.005),),
        bounds=FOLLOWED,
        end=MID.after(3.0),
    ),
    Scenario(
        "N13",
        "three packets from the declared address, then the same stream from another host (a VPN)",
        phone=(until(ANSWER.after(0.36)), goes_on(MOBILE, ANSWER.after(0.36))),
        declared=PHONE,
        bounds=Bounds(lost=12, dead_ms=1500),
        silent=TOLD,
    ),
    Scenario(
        "X06",
        "N06, and the last packet before was comfort noise",
        phone=(until(MID), noise(MID), goes_on(MOBILE, MID.after(0.8))),
        bounds=FOLLOWED,
        end=MID.after(3.0),
    ),
    Scenario(
        "X06-port",
        "N04, and the last packet before was comfort noise, 400 ms earlier",
        phone=(until(MID), noise(MID), goes_on(REBOUND, MID.after(0.4))),
        bounds=Bounds(dead_ms=300),
        end=MID.after(2.0),
    ),
    Scenario(
        "X12",
        "a move after 3 s with 10 ms a packet where 20 were negotiated",
        phone=(
            replace(FAST, stop=MID),
            goes_on(MOBILE, MID.after(3.0), shadows=FAST),
        ),
        bounds=FOLLOWED,
        end=MID.after(5.0),
    ),
    Scenario(
        "X12-long",
        "the same with 60 ms a packet where 20 were negotiated",
        phone=(
            replace(PHONE_TALKS, every_s=0.06, stop=MID),
            goes_on(MOBILE, MID.after(3.0), shadows=replace(PHONE_TALKS, every_s=0.06)),
        ),
        bounds=FOLLOWED,
        end=MID.after(5.0),
    ),
    Scenario(
        "A13",
        "an observer while the phone is mute for 3 s: told openly, and reverted at the phone's first packet",
        phone=(mute(MUTE_S),),
        attack=(observer(start=MID.after(0.1)),),
        bounds=Bounds(inj=160, bleed_ms=2100, dead_ms=2100),
        raises=TOLD,
        end=MID.after(MUTE_S + 0.8),
    ),
    Scenario(
        "A13-strict-again",
        "the same with profile strict",
        phone=(mute(MUTE_S),),
        attack=(observer(start=MID.after(0.1)),),
        policy={"profile": "strict"},
        silent=TOLD | MOVED,
        end=MID.after(MUTE_S + 0.8),
    ),
    Scenario(
        "A13-two",
        "two observers in turn, each from two addresses",
        phone=(mute(MUTE_S),),
        attack=tuple(
            observer(Place(host, port), MID.after(0.1 + 0.6 * turn), stop=MID.after(0.7 + 0.6 * turn))
            for turn, (host, port) in enumerate(
                (("attacker", 7777), ("elsewhere", 7777), ("attacker", 7778), ("elsewhere", 7778))
            )
        ),
        bounds=Bounds(inj=160, bleed_ms=2100, dead_ms=2100),
        raises=TOLD,
        end=MID.after(MUTE_S + 0.8),
    ),
    Scenario(
        "A13-neighbour",
        "the observer is a neighbour behind the phone's NAT",
        phone=(mute(MUTE_S),),
        attack=(observer(NEIGHBOUR, MID.after(0.1)),),
        bounds=Bounds(inj=160, bleed_ms=3100, dead_ms=3100),
        raises=TOLD,
        end=MID.after(MUTE_S + 0.8),
    ),
    Scenario(
        "A13-late",
        "the phone is mute for half a minute",
        phone=(replace(PHONE_TALKS, silences=((MID, Moment(MID.virtual_s + 30, MID.udp_s + 2)),)),),
        attack=(observer(start=MID.after(0.1)),),
        bounds=Bounds(inj=ANY, bleed_ms=ANY, dead_ms=ANY),
        raises=TOLD,
        end=Moment(MID.virtual_s + 30.8, MID.udp_s + 2.8),
    ),
    Scenario(
        "A11-window",
        "an observer from the first packet on, from behind the phone's NAT",
        attack=(observer(NEIGHBOUR, ANSWER.after(0.311)),),
    ),
    Scenario(
        "A11-alternating",
        "an observer mid-call from two addresses in turn",
        attack=(observer(start=MID, spread=2),),
    ),
    Scenario(
        "A16-changed",
        "somebody forges the phone's address, and the phone changes its SSRC",
        phone=(until(MID), Stream(Role.PHONE, PHONE, MID.after(0.08), ssrc=SECOND_SSRC, first=60_000)),
        attack=(attack(PHONE, ANSWER.after(0.5)),),
        raises=frozenset({"ssrc_changed", "ssrc_contest"}),
    ),
    Scenario(
        "A27",
        "somebody forges the phone's address and knows its SSRC: told openly, and it must be said",
        attack=(observer(PHONE, MID),),
        bounds=Bounds(inj=ANY, lost=ANY),
        raises=frozenset({"injection_suspected"}),
    ),
    Scenario(
        "A27-ahead",
        "the same, forty packets ahead of the phone",
        attack=(replace(observer(PHONE, MID), shadows=replace(PHONE_TALKS, first=PHONE_TALKS.first + 40)),),
        bounds=Bounds(inj=ANY, lost=ANY),
        raises=frozenset({"injection_suspected"}),
    ),
    Scenario(
        "X01",
        "the phone is mute for 800 ms, and an observer hops from one port to another",
        phone=(mute(0.8),),
        attack=(
            observer(ATTACKER, MID, stop=MID.after(0.2)),
            observer(Place("attacker", 7778), MID.after(0.2)),
        ),
        bounds=Bounds(inj=45),
    ),
    Scenario(
        "X03",
        "the phone is mute for 7 s, and a neighbour with an SSRC of its own sends throughout",
        phone=(mute(7.0),),
        attack=(attack(NEIGHBOUR, MID),),
        bounds=Bounds(inj=105, bleed_ms=2100, dead_ms=2100),
        raises=TOLD,
        end=MID.after(7.8),
    ),
    Scenario(
        "X03-held",
        "the same while the call is on hold: nobody takes over",
        phone=(mute(7.0),),
        attack=(attack(NEIGHBOUR, MID),),
        signals=(Signal(MID, "hold"), Signal(MID.after(7.0), "resume", PRIVATE, ("phone",))),
        end=MID.after(7.8),
    ),
    Scenario(
        "X03-gone",
        "the phone restarts after 6 s with another port and SSRC, without signalling",
        phone=(until(MID), Stream(Role.PHONE, REBOUND, MID.after(6.0), ssrc=SECOND_SSRC, first=7)),
        raises=MOVED,
        end=MID.after(7.0),
        bounds=Bounds(dead_ms=120),
    ),
    Scenario(
        "P07",
        "keepalives of all kinds from an attacker and from the phone, before its first packet",
        attack=(
            attack(start=ANSWER.after(0.02), kind="keepalive"),
            attack(start=ANSWER.after(0.03), kind="junk"),
            attack(PHONE, ANSWER.after(0.02), stop=ANSWER.after(0.28), kind="junk"),
            attack(PHONE, ANSWER.after(0.025), stop=ANSWER.after(0.28), kind="keepalive"),
        ),
    ),
)
