"""Scenarios of calls whose packets a key or a connectivity check vouches for: SRTP that the relay verifies, and ICE."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.behaviour.scenario import ANSWER, ANY, MID, PHONE, PHONE_TALKS, Bounds, Moment, Place, Role, Scenario, Stream
from tests.checks import CREDENTIALS
from tests.srtp import KEY, verifier

__all__ = ["AUTHENTICATED"]

WRONG_KEY = bytes(30)
MOBILE = Place("server", 41000)
"""Where the phone is once it has moved to another network."""
NEIGHBOUR = Place("phone", 55555)
ATTACKER = Place("attacker", 7777)
SRTP: dict[str, Any] = {"encrypted": True, "verify": verifier}
SRTP_TALKS = replace(PHONE_TALKS, key=KEY)
ICE: dict[str, Any] = {"ice": CREDENTIALS, "rtcp_mux": True}
QUIET = frozenset({"contest", "hijack_suspected", "injection_suspected", "relatched", "ssrc_changed"})


def forger(source: Place, start: Moment = MID, **what: Any) -> Stream:
    """The phone's SSRC, numbers and timestamps, with tags of another key."""
    said = {"role": Role.ATTACKER, "source": source, "start": start, "shadows": PHONE_TALKS, "key": WRONG_KEY}
    return Stream(**{**said, **what})


def moved(talks: Stream) -> tuple[Stream, Stream]:
    """The stream, and how it goes on from another host."""
    return replace(talks, stop=MID), replace(talks, source=MOBILE, start=MID, shadows=talks)


def checks(source: Place, start: Moment, stop: Moment | None = None, *, nominates: bool = False) -> Stream:
    return Stream(Role.PHONE, source, start, stop, every_s=0.25, kind="check", nominates=nominates)


FIRST_CHECKS = checks(PHONE, ANSWER.after(0.25))

AUTHENTICATED = (
    Scenario("S00", "a call with SRTP that the relay verifies", phone=(SRTP_TALKS,), said=SRTP, silent=QUIET),
    Scenario(
        "S01",
        "200 packets with the right header and a wrong tag, 1,000 a second, from another host",
        phone=(SRTP_TALKS,),
        attack=(forger(ATTACKER, every_s=0.001, stop=MID.after(0.2)),),
        said=SRTP,
        silent=QUIET,
    ),
    Scenario(
        "S01-early",
        "the same before the phone's first packet, from its own host",
        phone=(SRTP_TALKS,),
        attack=(forger(NEIGHBOUR, ANSWER.after(0.02), shadows=None, ssrc=0x6666_6666),),
        said=SRTP,
        silent=QUIET,
    ),
    Scenario(
        "S03",
        "the phone moves to another host without a gap: one packet moves both directions",
        phone=moved(SRTP_TALKS),
        said=SRTP,
        raises=frozenset({"relatched"}),
        silent=frozenset({"hijack_suspected", "reverted"}),
    ),
    Scenario(
        "S03-forged",
        "the same, and the address that it left is forged",
        phone=moved(SRTP_TALKS),
        attack=(forger(PHONE, MID.after(0.02)),),
        said=SRTP,
        silent=frozenset({"hijack_suspected", "reverted"}),
    ),
    Scenario(
        "A26-verify",
        "a neighbour speaks after the answer and before the phone, but without the key",
        phone=(SRTP_TALKS,),
        attack=(forger(NEIGHBOUR, ANSWER.after(0.02), shadows=None, ssrc=0x6666_6666),),
        said=SRTP,
        silent=QUIET,
    ),
    Scenario(
        "A27-verify",
        "somebody forges the phone's address and knows SSRC and numbers, but not the key",
        phone=(SRTP_TALKS,),
        attack=(forger(PHONE),),
        said=SRTP,
        silent=QUIET,
    ),
    Scenario("I00", "a call with ICE", phone=(PHONE_TALKS, FIRST_CHECKS), said=ICE, silent=QUIET),
    Scenario(
        "I01",
        "media and DTLS from addresses that no check came from, one of them the declared one",
        phone=(PHONE_TALKS, FIRST_CHECKS),
        declared=NEIGHBOUR,
        attack=(
            forger(ATTACKER, ANSWER.after(0.02), key=None),
            forger(NEIGHBOUR, ANSWER.after(0.02), key=None),
            Stream(Role.ATTACKER, ATTACKER._replace(port=7778), ANSWER.after(0.02), kind="junk"),
        ),
        said={**ICE, "passthrough": ("dtls",)},
        silent=QUIET,
    ),
    Scenario(
        "I02",
        "the phone moves to another network: a check that nominates the new pair, then media",
        phone=(*moved(PHONE_TALKS), replace(FIRST_CHECKS, stop=MID), checks(MOBILE, MID.after(-0.005), nominates=True)),
        said=ICE,
        raises=frozenset({"relatched"}),
        silent=frozenset({"hijack_suspected", "reverted", "consent_lost"}),
    ),
    Scenario(
        "I02-unnominated",
        "the same, and the check does not nominate: media shows which pair the phone uses",
        phone=(*moved(PHONE_TALKS), replace(FIRST_CHECKS, stop=MID), checks(MOBILE, MID.after(-0.005))),
        said=ICE,
        raises=frozenset({"relatched"}),
    ),
    Scenario(
        "I03",
        "checks stop while media goes on: consent ends, and the same credentials do not bring it back",
        phone=(
            PHONE_TALKS,
            checks(PHONE, ANSWER.after(0.25), MID.after(-0.5)),
            checks(PHONE, MID.after(0.9)),
        ),
        said=ICE,
        policy={"consent_ms": 1000},
        bounds=Bounds(lost=ANY, dead_ms=ANY),
        raises=frozenset({"consent_lost"}),
        silent=frozenset({"relatched"}),
        end=MID.after(2.0),
    ),
)
