"""Scenarios of RTCP: forged, malformed, from another mapping, on one port with RTP, and what it says of the media."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.behaviour.media import goodbye, receiver_report, sender_report
from tests.behaviour.scenario import (
    ANSWER,
    MID,
    PEER,
    PEER_TALKS,
    PHONE,
    PHONE_TALKS,
    Bounds,
    Moment,
    Place,
    Role,
    Scenario,
    Signal,
    Stream,
)

__all__ = ["REPORTS"]

SSRC = 0x6666_6666
PHONE_SSRC, PEER_SSRC = 0x1111_1111, 0x2222_2222
ATTACKER = Place("attacker", 7777)
PHONE_RTCP, PEER_RTCP = PHONE._replace(port=PHONE.port + 1), PEER._replace(port=PEER.port + 1)
NEIGHBOUR = Place("phone", 55555)
ROAMED = Place("mobile", 40000)
LATE = Moment(30.0, MID.udp_s + 2.0)

PHONE_REPORTS = Stream(
    Role.PHONE, PHONE_RTCP, ANSWER.after(0.45), every_s=0.5, port="rtcp", kind="report", ssrc=PHONE_SSRC
)
# The peer's first report waits until the phone has shown where its RTCP is: before that there is nowhere to send it.
PEER_REPORTS = Stream(
    Role.PEER, PEER_RTCP, ANSWER.after(0.6), every_s=0.5, leg="far", port="rtcp", kind="report", ssrc=PEER_SSRC
)
TALK: dict[str, Any] = {"phone": (PHONE_TALKS, PHONE_REPORTS), "peer": (PEER_TALKS, PEER_REPORTS)}


def forged(octets: bytes, source: Place = ATTACKER, start: Moment = MID, **what: Any) -> Stream:
    return Stream(
        **{
            "role": Role.ATTACKER,
            "source": source,
            "start": start,
            "every_s": 0.1,
            "port": "rtcp",
            "kind": "octets",
            "octets": octets,
            **what,
        }
    )


def answers(stop: Moment, deaf_from: Moment | None = None, **what: Any) -> Stream:
    """The phone's receiver reports on the peer's stream."""
    return replace(
        PHONE_REPORTS,
        start=ANSWER.after(0.7),
        stop=stop,
        every_s=1.0,
        kind="answer",
        answers=PEER_TALKS,
        answered=PEER_REPORTS,
        deaf_from=deaf_from,
        **what,
    )


SR = sender_report(PHONE_SSRC, 7)
RR = receiver_report(PHONE_SSRC)
PICTURE_LOSS = bytes.fromhex("81ce0002") + PHONE_SSRC.to_bytes(4, "big") + PEER_SSRC.to_bytes(4, "big")
MALFORMED = {
    "overshoots by 4": SR[:2] + b"\x00\x07" + SR[4:],
    "undershoots by 4": SR[:2] + b"\x00\x05" + SR[4:],
    "version 1 second": RR + b"\x40" + RR[1:],
    "padding on the first": b"\xa0" + RR[1:] + RR,
    "31 blocks in 8 octets": b"\x9f" + RR[1:],
    "no multiple of 4": RR + b"\x00",
    "four octets": b"\x80\x00\x00\x00",
    "a length of 64 KiB": b"\x80\xc9\xff\xff" + RR[4:],
}
TEN_SECONDS = Moment(ANSWER.virtual_s + 14.0, ANSWER.udp_s + 13.0)

REPORTS = (
    Scenario(
        "R00",
        "reports both ways, and nobody attacks",
        **TALK,
        silent=frozenset({"rtcp_invalid", "downlink_not_received", "ssrc_changed"}),
    ),
    Scenario(
        "R01",
        "four octets at 1 kHz to the RTCP port",
        attack=(forged(b"\x80\x00\x00\x00", every_s=0.001, stop=MID.after(0.6)),),
        raises=frozenset({"rtcp_invalid"}),
        **TALK,
    ),
    Scenario(
        "R01-early",
        "the same from before the answer on",
        attack=(forged(b"\x80\x00\x00\x00", start=ANSWER.after(-0.5), every_s=0.005),),
        raises=frozenset({"prepublish_talker"}),
        **TALK,
    ),
    Scenario(
        "R02", "eight octets with an SSRC of its own from another host", attack=(forged(receiver_report(SSRC)),), **TALK
    ),
    Scenario(
        "R03",
        "reports with the phone's SSRC from another host",
        attack=(forged(RR), forged(SR, Place("attacker", 7778))),
        raises=frozenset({"rtcp_invalid"}),
        **TALK,
    ),
    Scenario(
        "R03-goodbye",
        "a goodbye of the phone's SSRC from another host, and then another SSRC from the phone's address",
        attack=(
            forged(goodbye(PHONE_SSRC), every_s=0.02),
            Stream(Role.ATTACKER, PHONE, MID.after(0.1), ssrc=SSRC),
        ),
        raises=frozenset({"rtcp_invalid"}),
        silent=frozenset({"ssrc_changed"}),
        **TALK,
    ),
    Scenario(
        "R04",
        "reports with the phone's SSRC from its NAT, while the phone's own come",
        attack=(forged(RR, NEIGHBOUR), forged(SR, Place("phone", 55556), every_s=0.3)),
        end=LATE,
        **TALK,
    ),
    Scenario(
        "R04-first",
        "the same, from before the phone's first report on: known SSRC, but the phone's port is preferred",
        attack=(forged(RR, NEIGHBOUR, ANSWER.after(0.44), stop=ANSWER.after(0.45)), forged(SR, NEIGHBOUR)),
        **TALK,
    ),
    Scenario(
        "R06",
        "malformed compounds that forge the phone's RTCP address",
        attack=tuple(
            forged(octets, PHONE_RTCP, MID.after(index * 0.01)) for index, octets in enumerate(MALFORMED.values())
        ),
        raises=frozenset({"rtcp_invalid"}),
        **TALK,
    ),
    Scenario(
        "R07",
        "feedback first in a compound, and reduced size was not negotiated",
        attack=(forged(PICTURE_LOSS, PHONE_RTCP),),
        raises=frozenset({"rtcp_invalid"}),
        **TALK,
    ),
    Scenario(
        "R07-reduced",
        "the same, and it was",
        phone=(PHONE_TALKS, PHONE_REPORTS, forged(PICTURE_LOSS, PHONE_RTCP, role=Role.PHONE, stop=MID.after(0.1))),
        peer=(PEER_TALKS, PEER_REPORTS),
        said={"reduced_size": True},
        silent=frozenset({"rtcp_invalid"}),
    ),
    Scenario(
        "R08",
        "reports on the RTP port, without rtcp-mux, before there is any media",
        attack=(
            forged(RR, PHONE, ANSWER.after(0.01), port="rtp", stop=ANSWER.after(0.3)),
            forged(sender_report(SSRC), NEIGHBOUR, ANSWER.after(0.01), port="rtp", every_s=0.02),
            forged(sender_report(SSRC, 1), ATTACKER, ANSWER.after(0.01), port="rtp", every_s=0.02),
        ),
        silent=frozenset({"contest", "relatched"}),
        **TALK,
    ),
    Scenario(
        "R09",
        "the phone's RTCP comes from a NAT mapping of its own",
        phone=(PHONE_TALKS, replace(PHONE_REPORTS, source=PHONE._replace(port=PHONE.port + 17))),
        peer=(PEER_TALKS, replace(PEER_REPORTS, start=ANSWER.after(1.1))),
        silent=frozenset({"rtcp_invalid"}),
    ),
    Scenario(
        "R10",
        "the phone's reports stand still while the peer talks",
        phone=(PHONE_TALKS, answers(TEN_SECONDS, deaf_from=ANSWER.after(1.0))),
        peer=(PEER_TALKS, PEER_REPORTS),
        end=TEN_SECONDS,
        raises=frozenset({"downlink_not_received"}),
        bounds=Bounds(reports_lost=1),  # that of the peer before the phone's first one
    ),
    Scenario(
        "R10-moving",
        "they move: nothing is told",
        phone=(PHONE_TALKS, answers(TEN_SECONDS)),
        peer=(PEER_TALKS, PEER_REPORTS),
        end=TEN_SECONDS,
        silent=frozenset({"downlink_not_received", "rtcp_invalid"}),
        bounds=Bounds(reports_lost=1),
    ),
    Scenario(
        "R10-mute",
        "they stand still because the peer is mute: nothing is told",
        phone=(PHONE_TALKS, answers(TEN_SECONDS)),
        peer=(replace(PEER_TALKS, silences=((ANSWER.after(2.0), TEN_SECONDS),)), PEER_REPORTS),
        end=TEN_SECONDS,
        silent=frozenset({"downlink_not_received", "rtcp_invalid"}),
        bounds=Bounds(reports_lost=1),
    ),
    Scenario(
        "R11",
        "the phone roams, and its first report from there proves what it received: the destination follows at once",
        phone=(
            replace(PHONE_TALKS, stop=MID),
            replace(PHONE_REPORTS, stop=MID),
            replace(PHONE_TALKS, source=ROAMED, start=MID.after(0.8), shadows=PHONE_TALKS),
            replace(
                answers(MID.after(2.5), deaf_from=MID),
                source=ROAMED._replace(port=ROAMED.port + 1),
                start=MID.after(0.95),
                every_s=0.5,
            ),
        ),
        peer=(PEER_TALKS, replace(PEER_REPORTS, silences=((MID.after(-0.1), MID.after(1.0)),))),
        end=MID.after(2.5),
        measured_from=MID.after(1.0),
        raises=frozenset({"relatched"}),
        silent=frozenset({"hijack_suspected", "reverted"}),
    ),
    Scenario(
        "R12",
        "rtcp-mux on the phone's leg alone: reports both ways, across ports",
        phone=(PHONE_TALKS, replace(PHONE_REPORTS, source=PHONE, port="rtp")),
        peer=(PEER_TALKS, PEER_REPORTS),
        said={"rtcp_mux": True},
        attack=(
            forged(RR, port="rtp"),
            forged(SR, NEIGHBOUR, port="rtp"),
            forged(sender_report(PHONE_SSRC, 8), PHONE_RTCP, port="rtp"),
        ),
        raises=frozenset({"rtcp_invalid"}),
    ),
    Scenario(
        "R13",
        "an a=rtcp address that never answers, and media has nowhere to go: it gets its budget and no more",
        phone=(),
        said={"rtcp": Place("server", 7001)},
        peer=(PEER_TALKS, replace(PEER_REPORTS, start=ANSWER.after(0.1), every_s=0.1)),
        policy={"early_budget_ms": 500},
        signals=(Signal(ANSWER.after(1.0), "reinvite", said={"rtcp": Place("server", 7005)}),),
        bounds=Bounds(bleed_ms=6 * 20),
        end=ANSWER.after(1.5),
    ),
)
