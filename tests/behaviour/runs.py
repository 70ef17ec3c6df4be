"""The four attack runs: SDP right or private, the attacker first or 200 ms late, on all ports of both legs at 50/s."""

from __future__ import annotations

from dataclasses import replace

from tests.behaviour.scenario import (
    ANSWER,
    PEER,
    PEER_TALKS,
    PHONE,
    PHONE_TALKS,
    PRIVATE,
    Moment,
    Place,
    Role,
    Scenario,
    Stream,
)

__all__ = ["RUNS"]

SSRC = 0x6666_6666


def above(place: Place) -> Place:
    return place._replace(port=place.port + 1)


def spray(start: Moment) -> tuple[Stream, ...]:
    """RTP and RTCP ports of both legs, RTP and reports, each from a port of its own."""
    media = Stream(Role.ATTACKER, Place("attacker", 7000), start, ssrc=SSRC)
    report = replace(media, source=Place("attacker", 7001), port="rtcp", kind="report")
    return (
        media,
        report,
        replace(media, source=Place("attacker", 7002), ssrc=SSRC + 1, leg="far"),
        replace(report, source=Place("attacker", 7003), ssrc=SSRC + 1, leg="far"),
    )


PHONE_REPORTS = Stream(
    Role.PHONE, above(PHONE), ANSWER.after(0.45), every_s=0.5, port="rtcp", kind="report", ssrc=PHONE_TALKS.ssrc
)
# The peer's first report waits until the phone has shown where its RTCP is: before that there is nowhere to send it.
PEER_REPORTS = Stream(
    Role.PEER, above(PEER), ANSWER.after(0.6), every_s=0.5, leg="far", port="rtcp", kind="report", ssrc=PEER_TALKS.ssrc
)

RUNS = tuple(
    Scenario(
        f"run-{sdp}-{order}",
        f"SDP {sdp}, attacker {order}",
        attack=spray(start),
        phone=(PHONE_TALKS, PHONE_REPORTS),
        peer=(PEER_TALKS, PEER_REPORTS),
        declared=declared,
        end=ANSWER.after(3.0),
    )
    for sdp, declared in (("right", PHONE), ("private", PRIVATE))
    for order, start in (("first", ANSWER.after(-0.5)), ("late", ANSWER.after(0.2)))
)
