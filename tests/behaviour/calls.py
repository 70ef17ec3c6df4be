"""Scenarios of ordinary calls, with what real networks and real phones do. Nobody attacks unless a row says so."""

from __future__ import annotations

from dataclasses import replace

from tests.behaviour.scenario import (
    ANSWER,
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

__all__ = ["CALLS"]

SECOND_SSRC = 0x3333_3333
RESUMED = Moment(MID.virtual_s + 60.0, MID.udp_s + 1.5)
SERVER = Place("server", 7000)
MOVED = Place("phone", 41000)


def until(stop: Moment) -> Stream:
    return replace(PHONE_TALKS, stop=stop)


def another_stream(start: Moment, source: Place = PHONE) -> Stream:
    """The phone's party begins again: another SSRC, other numbers."""
    return Stream(Role.PHONE, source, start, ssrc=SECOND_SSRC, first=60_000)


CALLS = (
    Scenario("N01", "a public endpoint with a right SDP", declared=PHONE, silent=frozenset({"contest", "relatched"})),
    Scenario(
        "N02",
        "a phone behind NAT: private SDP, signalling from the NAT's address",
        silent=frozenset({"contest", "relatched", "scope_empty"}),
    ),
    Scenario(
        "N03",
        "20 % loss and reordering at the start, behind NAT",
        phone=(replace(PHONE_TALKS, loss=0.2, reorder_s=0.025, until=ANSWER.after(1.5)),),
        bounds=Bounds(lost=12, dead_ms=500),
    ),
    Scenario(
        "N08",
        "another SSRC from the same address after 100 ms, without signalling",
        phone=(until(MID), another_stream(MID.after(0.08))),
        raises=frozenset({"ssrc_changed"}),
    ),
    Scenario(
        "N08-window",
        "the same while the learning window closes",
        phone=(until(Moment(5.28, 1.28)), another_stream(Moment(5.31, 1.31))),
        raises=frozenset({"ssrc_changed"}),
    ),
    Scenario(
        "N09",
        "hold for a minute, then a resume with another port, SSRC and SDP port",
        phone=(until(MID), another_stream(RESUMED.after(0.005), MOVED)),
        signals=(
            Signal(MID, "hold"),
            Signal(RESUMED, "resume", Place("lan", 5006), ("phone",)),
        ),
        end=RESUMED.after(1.5),
        bounds=Bounds(dead_ms=60),
        measured_from=RESUMED,
    ),
    Scenario(
        "N10",
        "a re-INVITE moves the call to a public media server; signalling comes from where it came",
        phone=(until(MID), another_stream(MID.after(0.04), SERVER)),
        signals=(Signal(MID, "reinvite", SERVER, ("phone",)),),
        bounds=Bounds(dead_ms=300),
    ),
    Scenario(
        "N10-proxy",
        "the same, and signalling comes from the server too",
        phone=(until(MID), another_stream(MID.after(0.04), SERVER)),
        signals=(Signal(MID, "reinvite", SERVER, ("server",)),),
        bounds=Bounds(dead_ms=300),
    ),
    Scenario(
        "N10-held",
        "the same, and the call is held and resumed before the server speaks",
        phone=(until(MID), another_stream(MID.after(0.9), SERVER)),
        signals=(
            Signal(MID, "reinvite", SERVER, ("server",)),
            Signal(MID.after(0.3), "hold"),
            Signal(MID.after(0.8), "resume"),
        ),
        bounds=Bounds(dead_ms=300),
        measured_from=MID.after(0.9),
        end=MID.after(2.0),
    ),
    Scenario(
        "N10-back",
        "the same, and 300 ms later the transfer is taken back while the phone talks on",
        signals=(
            Signal(MID, "reinvite", SERVER, ("server",)),
            Signal(MID.after(0.3), "reinvite", PRIVATE, ("phone",)),
        ),
        bounds=Bounds(bleed_ms=340, dead_ms=340),  # what the server gets while it is the declared party
    ),
    Scenario(
        "N11",
        "a session refresh with the same SDP changes nothing",
        signals=(Signal(MID, "refresh", PRIVATE, ("phone",)), Signal(MID.after(0.3), "reinvite", PRIVATE, ("phone",))),
        silent=frozenset({"relatched", "contest", "ssrc_changed"}),
    ),
    Scenario(
        "X08", "every packet of the phone comes twice, from the first on", phone=(replace(PHONE_TALKS, copies=2),)
    ),
    Scenario(
        "X17",
        "late packets of the previous call came from the phone's NAT mapping before publish",
        attack=(Stream(Role.ATTACKER, PHONE, ANSWER.after(-0.5), ANSWER.after(-0.4), ssrc=0x7777_7777, first=5),),
        bounds=Bounds(lost=45, dead_ms=1200),
        raises=frozenset({"prepublish_talker"}),
        end=MID.after(0.6),
    ),
    Scenario(
        "K02",
        "the phone's media comes 200 ms before its answer",
        phone=(replace(PHONE_TALKS, start=ANSWER.after(-0.2)),),
        publish=ANSWER.after(-1.0),
    ),
    Scenario(
        "K04",
        "a pool of gateways: signalling from one host, media from its neighbour, with its prefix allowed",
        phone=(replace(PHONE_TALKS, source=Place("pool", 40000)),),
        policy={"prefix4": 24},
    ),
    Scenario(
        "K04-strange",
        "the same without the prefix: nothing is accepted, and that is told",
        phone=(replace(PHONE_TALKS, source=Place("pool", 40000)),),
        bounds=Bounds(lost=10**6, dead_ms=10**9),
        raises=frozenset({"scope_miss"}),
        silent=frozenset({"latched"}),
        end=ANSWER.after(1.5),
    ),
    Scenario(
        "K05",
        "every packet is sent again 50 ms later, as in RFC 7198",
        phone=(replace(PHONE_TALKS, copies=2, copies_late_s=0.05),),
        silent=frozenset({"contest", "relatched", "ssrc_changed"}),
    ),
    Scenario(
        "K06",
        "silence suppression with comfort noise every 400 ms, and an observer who uses each pause",
        phone=(replace(PHONE_TALKS, gaps=((0.4, 0.04),)),),
        attack=(
            Stream(
                Role.ATTACKER, Place("attacker", 7777), MID, shadows=PHONE_TALKS, every_s=0.02, ssrc=PHONE_TALKS.ssrc
            ),
        ),
    ),
    Scenario(
        "D02",
        "a declared address that signalling does not vouch for never answers: it gets its budget and no more",
        phone=(),
        declared=PHONE,
        signalling=("server",),
        policy={"early_budget_ms": 500},
        bounds=Bounds(bleed_ms=520),
        end=ANSWER.after(1.5),
    ),
    Scenario("P04", "the phone's numbers wrap around while it qualifies", phone=(replace(PHONE_TALKS, first=65_535),)),
    Scenario("P06", "a phone that sends SSRC 0", phone=(replace(PHONE_TALKS, ssrc=0),)),
    Scenario(
        "P06-both",
        "both parties send SSRC 0",
        phone=(replace(PHONE_TALKS, ssrc=0),),
        peer=(replace(Scenario("", "").peer[0], ssrc=0),),
        silent=frozenset({"loop"}),
    ),
)
