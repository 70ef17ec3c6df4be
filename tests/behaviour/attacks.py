"""Scenarios of attacks on the phone's leg."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

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

__all__ = ["ATTACKS"]

SSRC = 0x6666_6666
ATTACKER = Place("attacker", 7777)
NEIGHBOUR = Place("phone", 55555)
"""Somebody else behind the phone's NAT."""
BACK = Moment(MID.virtual_s + 3.0, MID.udp_s + 1.0)
RESUMED = Moment(MID.virtual_s + 30.0, MID.udp_s + 1.5)


def attack(source: Place = ATTACKER, start: Moment = MID, **what: Any) -> Stream:
    """50 packets a second in sequence, with an SSRC of the attacker's own."""
    return Stream(**{"role": Role.ATTACKER, "source": source, "start": start, "ssrc": SSRC, **what})


ATTACKS = (
    Scenario(
        "A01",
        "a sprayer with 50 packets a second from before the answer to the end",
        attack=(attack(start=ANSWER.after(-1.0)),),
        raises=frozenset({"prepublish_talker"}),
    ),
    Scenario(
        "A02",
        "one and the same packet every 100 ms",
        attack=(attack(start=ANSWER.after(-1.0), every_s=0.1, step=0),),
    ),
    Scenario(
        "A03",
        "the race: 200 packets a second from 10 ms after the answer on, the phone speaks at 300 ms",
        attack=(attack(start=ANSWER.after(0.01), every_s=0.005),),
    ),
    Scenario("A04", "a sprayer mid-call", attack=(attack(),)),
    Scenario(
        "A05",
        "a flood mid-call: 2000 packets a second from 500 ports",
        attack=(attack(Place("attacker", 10_000), every_s=0.0005, spread=500, stop=MID.after(0.6)),),
    ),
    Scenario(
        "A06",
        "the attacker sends from the very port that the phone's SDP names",
        attack=(attack(Place("attacker", PRIVATE.port), ANSWER.after(0.01)),),
    ),
    Scenario(
        "A07",
        "200 packets a second around a session refresh",
        attack=(attack(start=MID.after(-0.3), every_s=0.005),),
        signals=(Signal(MID, "refresh", PRIVATE, ("phone",)),),
    ),
    Scenario(
        "A07-neighbour",
        "the same from behind the phone's NAT, and the refresh names its signalling hosts in another order",
        attack=(attack(NEIGHBOUR, MID.after(-0.3), every_s=0.005),),
        signalling=("phone", "pool"),
        signals=(Signal(MID, "refresh", PRIVATE, ("pool", "phone")),),
        silent=frozenset({"contest", "relatched"}),
    ),
    Scenario(
        "A09",
        "the call is on hold and the phone silent for half a minute",
        phone=(replace(PHONE_TALKS, silences=((MID, RESUMED),)),),
        attack=(attack(start=MID.after(0.1)),),
        signals=(Signal(MID, "hold"), Signal(RESUMED, "resume", PRIVATE, ("phone",))),
        end=RESUMED.after(0.8),
    ),
    Scenario(
        "A09-refreshed",
        "the same, the attacker forges the phone's address, and the session is refreshed while on hold",
        phone=(replace(PHONE_TALKS, silences=((MID, RESUMED),)),),
        attack=(attack(PHONE, MID.after(0.1)),),
        signals=(
            Signal(MID, "hold"),
            Signal(MID.after(0.5), "refresh", PRIVATE, ("phone",)),
            Signal(RESUMED, "resume", PRIVATE, ("phone",)),
        ),
        end=RESUMED.after(0.8),
    ),
    Scenario(
        "A10",
        "the phone is mute for 3 s without signalling",
        phone=(replace(PHONE_TALKS, silences=((MID, BACK),)),),
        attack=(attack(start=MID.after(0.1)),),
        end=BACK.after(0.8),
    ),
    Scenario(
        "A11",
        "an observer: the phone's SSRC, numbers and timestamps from an address of its own",
        attack=(attack(shadows=PHONE_TALKS),),
    ),
    Scenario(
        "A13-strict",
        "an observer while the phone is mute, profile strict",
        phone=(replace(PHONE_TALKS, silences=((MID, BACK),)),),
        attack=(attack(start=MID.after(0.1), shadows=PHONE_TALKS),),
        policy={"profile": "strict"},
        end=BACK.after(0.8),
    ),
    Scenario("A14", "a neighbour behind the phone's NAT, mid-call", attack=(attack(NEIGHBOUR),)),
    Scenario(
        "A14-window",
        "the same from 100 ms after the phone's first packet on: a contest that the phone wins",
        attack=(attack(NEIGHBOUR, ANSWER.after(0.4)),),
        raises=frozenset({"contest"}),
    ),
    Scenario(
        "A15",
        "a neighbour behind the phone's NAT sprays from before the answer on",
        attack=(attack(NEIGHBOUR, ANSWER.after(-1.0)),),
        raises=frozenset({"prepublish_talker"}),
    ),
    Scenario(
        "A15-junk",
        "the same, and what it sends before publish is no RTP",
        attack=(
            attack(NEIGHBOUR, ANSWER.after(-1.0), stop=ANSWER.after(-0.1), kind="junk"),
            attack(NEIGHBOUR, ANSWER.after(0.005)),
        ),
        raises=frozenset({"prepublish_talker"}),
    ),
    Scenario("A16", "somebody forges the phone's address with an SSRC of its own", attack=(attack(PHONE),)),
    Scenario("A17", "the same with another SSRC in each packet", attack=(attack(PHONE, ssrc=None),)),
    Scenario(
        "A17-mute",
        "the same at 200 packets a second while the phone is mute",
        phone=(replace(PHONE_TALKS, silences=((MID, BACK),)),),
        attack=(attack(PHONE, MID.after(0.1), ssrc=None, every_s=0.005),),
        end=BACK.after(0.8),
    ),
    Scenario(
        "A18",
        "nothing, junk and what looks like STUN comes first",
        attack=(attack(start=ANSWER.after(-0.5), kind="junk"), attack(PHONE, ANSWER.after(0.01), kind="junk")),
    ),
    Scenario(
        "A20",
        "forged packets from the relay's own ports",
        attack=(
            attack(Place("near leg", 0), ANSWER.after(0.05)),
            attack(Place("far leg", 0), ANSWER.after(0.05), ssrc=SSRC + 1),
            attack(Place("near leg", 0), ANSWER.after(0.05), ssrc=SSRC + 2, leg="far"),
        ),
    ),
    Scenario(
        "A22",
        "a public endpoint with a right SDP; the attacker sprays from before the answer on",
        attack=(attack(start=ANSWER.after(-1.0)),),
        declared=PHONE,
    ),
    Scenario(
        "A24",
        "a single packet 3.01 s after the answer",
        attack=(attack(start=Moment(3.01, 0.61), stop=Moment(3.02, 0.62)),),
    ),
    Scenario(
        "A25",
        "the phone is gone, and the attacker sends for ever",
        phone=(replace(PHONE_TALKS, stop=MID),),
        attack=(attack(start=MID.after(0.1)),),
        end=Moment(120.0, MID.udp_s + 2.0),
    ),
    Scenario(
        "A26",
        "a neighbour speaks after the answer and before the phone: told openly, and it must be said",
        attack=(attack(NEIGHBOUR, ANSWER.after(0.02)),),
        bounds=Bounds(inj=ANY, bleed_ms=ANY, lost=ANY, dead_ms=ANY),
        raises=frozenset({"contest"}),
    ),
    Scenario(
        "X04",
        "the phone's address is forged, and the phone loses five packets in a row",
        phone=(replace(PHONE_TALKS, lost_from=MID.after(0.3), lost_count=5),),
        attack=(attack(PHONE, ANSWER.after(0.5)),),
        bounds=Bounds(inj=8),
    ),
    Scenario(
        "X04-twice",
        "the phone is mute, and who forges its address uses one SSRC after the other: the phone still takes back",
        phone=(replace(PHONE_TALKS, silences=((MID, BACK),)),),
        attack=(
            attack(PHONE, MID.after(0.1), stop=MID.after(0.3)),
            attack(PHONE, MID.after(0.3), stop=MID.after(0.5), ssrc=SSRC + 1),
            attack(PHONE, MID.after(0.5), stop=MID.after(0.7), ssrc=SSRC + 2),
            attack(PHONE, MID.after(0.7), ssrc=SSRC + 3),
        ),
        bounds=Bounds(inj=ANY),
        end=BACK.after(0.8),
    ),
    Scenario(
        "X05",
        "eight single packets that forge the phone's host on eight ports, before it speaks",
        attack=tuple(
            attack(Place("phone", 50_000 + index), ANSWER.after(0.05), stop=ANSWER.after(0.06), ssrc=SSRC + index)
            for index in range(8)
        ),
    ),
    Scenario(
        "X23",
        "somebody on the relay's own network owns the private address in the phone's SDP",
        attack=(attack(PRIVATE, ANSWER.after(-1.0)),),
    ),
    Scenario(
        "X23-late",
        "the same, speaking only after the answer",
        attack=(attack(PRIVATE, ANSWER.after(0.01)), attack(PRIVATE, MID, every_s=0.005)),
    ),
)
