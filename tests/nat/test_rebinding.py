"""A phone that goes on from another port of its NAT, and those who would like to be taken for one (rows 10 and 12)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.nat.call import PHONE_SSRC, Call, Party, Talk, attacking, peer, talking
from tests.nat.laboratory import ADDRESS, CARRIER, HOME, PEER
from tests.nat.play import Stage

pytestmark = pytest.mark.nat

FIRST = 1000
START_S, STEP_S = 0.3, 0.02


def call(host: str, nat: str, port: int, *talks: Talk, kernel_lock: str = "auto", **said: Any) -> Call:
    near = Party((ADDRESS[host], 5004), (nat,), policy={"kernel_lock": kernel_lock}, said={"rtcp_mux": True})
    return Call(near, talks, Party((PEER, port)), **said)


def observer(host: str, port: int, at_s: float, ahead: int = 0, **said: Any) -> Talk:
    """It sends what the phone sends at that time, or will send soon: SSRC, number and time stamp."""
    number = FIRST + round((at_s - START_S) / STEP_S) + ahead
    early = ahead * STEP_S
    return attacking(host, port, ssrc=PHONE_SSRC, start=at_s, first=number, epoch=START_S - early, **said)


def test_a_phone_is_followed_to_the_new_mapping_of_its_nat(stage: Stage) -> None:
    """A carrier forgets its mappings, and again; a home phone opens another port. Attackers spray throughout."""
    calls = [
        call(
            "mobile",
            CARRIER,
            6000,
            talking("mobile", 5004),
            peer(6000),
            attacking(start=0.0),
            attacking("neighbour", 7000, start=0.8, ssrc=None),
            end=2.2,
            dead_ms=2 * 100,
        ),
        call(
            "phone",
            HOME,
            6002,
            talking("phone", 5004, moves=((1.2, 5040),)),
            peer(6002),
            attacking(port=5040, start=0.0),
            end=2.2,
        ),
    ]
    # A stranger's RTCP at 200/s, read between the phone's packets, must not hide that the old mapping is silent.
    talks = (talking("mobile2", 5004), peer(6004), attacking(port=7100, kind="report", every=0.005, start=0.0))
    calls.append(call("mobile2", CARRIER, 6004, *talks, end=2.2, dead_ms=2 * 100, kernel_lock="off"))
    lab = stage.laboratory
    played = stage.play(
        *calls, steps=[(at_s, lambda: lab.forget("carrier", "mobile", "mobile2")) for at_s in (0.9, 1.6)]
    )
    assert not played.faults, played.calls
    for figures in played.calls:
        assert "relatched" in figures.events
        assert not {"contest", "hijack_suspected", "injection_suspected"} & set(figures.events)
        assert figures.legs["near"]["state"] == "LOCKED"
        assert figures.legs["near"]["cumulative_lost"] == 0
    assert played.calls[1].legs["near"]["accepted_source"] == [HOME, 5040]


def test_nobody_takes_over_from_a_phone_that_talks(stage: Stage) -> None:
    """Observers with the phone's SSRC, numbers and time stamps: on time, ahead, behind; from its NAT and elsewhere.

    And one who forges the phone's very address, but does not know its SSRC.
    """
    talks = [
        observer(host, 7000 + 10 * index, 0.8 + 0.1 * index, ahead)
        for host in ("neighbour", "attacker")
        for index, ahead in enumerate((0, 1, 5, 40, -1))
    ]
    played = stage.play(
        call("mobile", CARRIER, 6000, talking("mobile", 5004), peer(6000), *talks),
        call("phone", HOME, 6002, talking("phone", 5004), peer(6002), attacking(forged=(HOME, 5004), ssrc=None)),
    )
    assert not played.faults, played.calls
    assert not {"relatched", "reverted"} & {name for figures in played.calls for name in figures.events}


def test_an_observer_loses_what_it_took_while_the_phone_was_mute(stage: Stage) -> None:
    """It is heard, for no relay without keys can tell, but hears nothing: media follows only after a second. The
    phone's first packet takes everything back."""
    mute = (0.9, 1.9)
    talks = (talking("phone", 5004, mute=(mute,)), peer(), observer("attacker", 7777, 1.0))
    played = stage.play(call("phone", HOME, 6000, *talks, end=2.4, inj=50))
    assert not played.faults, played.calls
    (figures,) = played.calls
    assert {"reverted", "hijack_suspected"} <= set(figures.events)
    assert figures.legs["near"]["accepted_source"] == [HOME, 5004]
