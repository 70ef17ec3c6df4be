"""Scenarios of T.38 (media="udptl"): nothing but the address tells who sends."""

from __future__ import annotations

from dataclasses import replace

from tests.behaviour.attacks import ATTACKER, NEIGHBOUR
from tests.behaviour.scenario import ANSWER, MID, PEER_TALKS, PHONE_TALKS, Moment, Place, Role, Scenario, Stream

__all__ = ["FAX"]

FAX_SAID = {"media": "udptl"}
PHONE_FAXES = replace(PHONE_TALKS, kind="udptl", ssrc=0)
PEER_FAXES = replace(PEER_TALKS, kind="udptl", ssrc=0)


def intruder(source: Place, start: Moment, every_s: float = 0.02, spread: int = 1) -> Stream:
    return Stream(Role.ATTACKER, source, start, kind="udptl", ssrc=0, every_s=every_s, spread=spread)


def fax(name: str, what: str, *attack: Stream, phone: Stream = PHONE_FAXES) -> Scenario:
    return Scenario(
        name,
        what,
        attack=attack,
        phone=(phone,),
        peer=(PEER_FAXES,),
        publish=ANSWER.after(-2.0),
        said=FAX_SAID,
    )


FAX = (
    fax("T01", "a fax behind a NAT"),
    fax("T02", "the same, and somebody sprays from before the answer on", intruder(ATTACKER, ANSWER.after(-1.0))),
    fax("T03", "the same, from 500 ports mid-call", intruder(ATTACKER, MID, 0.005, 500)),
    fax("T04", "a neighbour behind the fax's NAT sends mid-call", intruder(NEIGHBOUR, MID)),
    fax(
        "T05",
        "the fax listens for 800 ms mid-call, and a neighbour tries",
        intruder(NEIGHBOUR, MID),
        phone=replace(PHONE_FAXES, silences=((MID, MID.after(0.8)),)),
    ),
    fax("T06", "a neighbour begins after the fax, within the learning window", intruder(NEIGHBOUR, ANSWER.after(0.5))),
)
