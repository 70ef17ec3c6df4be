"""Scenarios of a party that is not one address with one stream: several addresses, branches or SSRCs."""

from __future__ import annotations

from dataclasses import replace

from tests.behaviour.attacks import attack
from tests.behaviour.calls import SERVER
from tests.behaviour.moves import MOBILE, MOVED, REBOUND, goes_on
from tests.behaviour.scenario import (
    ANSWER,
    ANY,
    MID,
    PEER,
    PHONE,
    PHONE_TALKS,
    Bounds,
    Place,
    Scenario,
    Signal,
)

__all__ = ["SEVERAL"]

ASYMMETRIC = Place("phone", 40100)

SEVERAL = (
    Scenario(
        "K03",
        "a leg whose party receives elsewhere than it sends from: media goes to the declared address",
        phone=(replace(PHONE_TALKS, source=ASYMMETRIC, stop=MID), goes_on(REBOUND, MID)),
        declared=PHONE,
        listens=PHONE,
        policy={"send_to": "declared"},
        raises=MOVED,
    ),
    Scenario(
        "K03-moved",
        "the same, and it moves to another host",
        phone=(replace(PHONE_TALKS, source=ASYMMETRIC, stop=MID), goes_on(MOBILE, MID.after(0.4))),
        declared=PHONE,
        listens=PHONE,
        policy={"send_to": "declared"},
        raises=MOVED,
    ),
    Scenario(
        "K01",
        "two branches ring and both send early media, then the second one answers: after the answer only that is heard",
        phone=(replace(PHONE_TALKS, start=ANSWER.after(-0.45)),),
        attack=(attack(SERVER, ANSWER.after(-0.5)),),
        declared=PHONE,
        publish=ANSWER.after(-1.0),
        signals=(
            Signal(ANSWER.after(-0.95), "early", PEER, ("peer",), "far"),
            Signal(ANSWER.after(-0.9), "early", SERVER, ("server",), said={"branch": "first"}),
            Signal(ANSWER.after(-0.8), "early", PHONE, ("phone",), said={"branch": "second"}),
        ),
        said={"branch": "second"},
        bounds=Bounds(inj=26, lost=23),
        measured_from=ANSWER.after(0.03),
    ),
    Scenario(
        "K01-second",
        "the same, and only the second branch sends",
        phone=(replace(PHONE_TALKS, start=ANSWER.after(-0.45)),),
        declared=PHONE,
        publish=ANSWER.after(-1.0),
        signals=(
            Signal(ANSWER.after(-0.95), "early", PEER, ("peer",), "far"),
            Signal(ANSWER.after(-0.9), "early", SERVER, ("server",), said={"branch": "first"}),
            Signal(ANSWER.after(-0.8), "early", PHONE, ("phone",), said={"branch": "second"}),
        ),
        said={"branch": "second"},
        silent=frozenset({"contest", "relatched"}),
    ),
    Scenario(
        "K01-first",
        "the same, only the first branch sends, and it answers",
        phone=(replace(PHONE_TALKS, start=ANSWER.after(-0.45)),),
        declared=PHONE,
        publish=ANSWER.after(-1.0),
        signals=(
            Signal(ANSWER.after(-0.95), "early", PEER, ("peer",), "far"),
            Signal(ANSWER.after(-0.9), "early", PHONE, ("phone",), said={"branch": "first"}),
            Signal(ANSWER.after(-0.8), "early", SERVER, ("server",), said={"branch": "second"}),
        ),
        said={"branch": "first"},
        silent=frozenset({"contest", "relatched"}),
    ),
    Scenario(
        "F01",
        "five SSRCs of the phone at once, which the policy permits",
        phone=tuple(replace(PHONE_TALKS, ssrc=ssrc, first=1000 * ssrc) for ssrc in range(1, 6)),
        policy={"max_ssrc": 8},
        silent=frozenset({"ssrc_contest", "contest"}),
    ),
    Scenario(
        "F01-signalled",
        "five SSRCs of the phone at once, which its SDP names",
        phone=tuple(replace(PHONE_TALKS, ssrc=ssrc, first=1000 * ssrc) for ssrc in range(1, 6)),
        said={"ssrcs": [1, 2, 3, 4, 5]},
        silent=frozenset({"ssrc_contest", "contest"}),
    ),
    Scenario(
        "F01-not",
        "five SSRCs of the phone at once, which nobody permits",
        phone=tuple(replace(PHONE_TALKS, ssrc=ssrc, first=1000 * ssrc) for ssrc in range(1, 6)),
        bounds=Bounds(lost=ANY),
        raises=frozenset({"ssrc_contest"}),
    ),
)
