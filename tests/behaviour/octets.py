"""Scenarios of what single datagrams are: malformed RTP, every kind of first octet, payload types, extensions, ICMP."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.behaviour.attacks import ATTACKER, BACK, NEIGHBOUR, SSRC, attack
from tests.behaviour.calls import until
from tests.behaviour.media import rtp
from tests.behaviour.moves import goes_on
from tests.behaviour.scenario import (
    ANSWER,
    MID,
    PHONE,
    PHONE_TALKS,
    Bounds,
    Moment,
    Role,
    Scenario,
    Stream,
)

__all__ = ["GOOD", "OCTETS"]

PHONE_SSRC = 0x1111_1111
GOOD = rtp(1020, PHONE_SSRC, bytes(59))
"""Would be heard in the phone's name between these moments: the phone's own numbers are near."""
NEAR, NO_LONGER_NEAR = ANSWER.after(0.6), ANSWER.after(1.6)
MALFORMED = (
    GOOD[:11],
    b"\x8f" + GOOD[1:],  # 15 contributing sources, and room for 14
    b"\x90" + GOOD[1:12] + b"\xbe\xde\xff\xff" + bytes(55),
    b"\xa0" + GOOD[1:],  # padding of 0 octets
    b"\xa0" + GOOD[1:-1] + b"\x3c",  # of one more than there are
    *(bytes((version << 6,)) + GOOD[1:] for version in (0, 1, 3)),
)
FIRST_OCTETS = tuple(bytes((first,)) + GOOD[1:] for first in range(256))
NOT_OF_RTP = tuple(octets for octets in FIRST_OCTETS if not 128 <= octets[0] < 192)
ELEMENTS = (
    b"\xbe\xde\x00\x02" + b"\x10\xaa\xf3\x01\x02\x03\x04\x00",  # the second has ID 15: the walk ends
    b"\xbe\xde\x00\x02" + b"\x10\xaa\x03\x01\x02\x03\x04\x00",  # ID 0 with a length
    b"\xbe\xde\x00\x01" + b"\x10\xaa\x2f\x01",  # the second is longer than what is left
    b"\x10\x00\x00\x01" + b"\x05\x09\x01\x02",  # two-octet elements, the first of them too long
)
RTP_TYPES = (*range(64, 72), *range(80, 96))
"""With the marker bit they look like RTCP, but for those that do (RFC 5761): 72 to 79, sender reports to XR."""
RTCP_TYPES = range(72, 80)
MARKER = 0x80
QUIET = frozenset({"contest", "relatched", "ssrc_changed"})


def forged(series: tuple[bytes, ...], start: Moment = NEAR, stop: Moment = NO_LONGER_NEAR, **what: Any) -> Stream:
    said = {"source": PHONE, "kind": "octets", "series": series, "every_s": 0.004}
    return attack(start=start, stop=stop, **{**said, **what})


def with_types(types: Any, role: Role) -> tuple[Stream, ...]:
    """The phone's stream goes on from its own address, marked, two packets with each payload type."""
    return tuple(
        replace(
            goes_on(PHONE, MID.after(0.04 * turn), MID.after(0.04 * turn + 0.04)), role=role, payload_type=MARKER | kind
        )
        for turn, kind in enumerate(types)
    )


OCTETS = (
    Scenario(
        "P01",
        "malformed RTP in the phone's name",
        attack=(forged(MALFORMED), forged(MALFORMED, ANSWER.after(0.02), ANSWER.after(0.28))),
        silent=QUIET,
    ),
    Scenario(
        "P02",
        "each first octet that is none of RTP, in the phone's name and with its SSRC",
        attack=(forged(NOT_OF_RTP), forged(NOT_OF_RTP, ANSWER.after(0.02), source=NEIGHBOUR)),
        silent=QUIET,
    ),
    Scenario(
        "P02-strange",
        "each of the 256 first octets, from somebody else's address, before and during the call",
        attack=(forged(FIRST_OCTETS, ANSWER.after(0.005), source=ATTACKER),),
        silent=QUIET - {"contest"},
    ),
    Scenario(
        "P03",
        "payload types 64 to 71 and 80 to 95 with the marker bit, without rtcp-mux: media",
        phone=(until(MID), *with_types(RTP_TYPES, Role.PHONE), goes_on(PHONE, MID.after(0.04 * len(RTP_TYPES)))),
        silent=QUIET,
    ),
    Scenario(
        "P03-stray",
        "payload types 72 to 79 with the marker bit are RTCP, and that is strayed where there is no rtcp-mux",
        attack=with_types(RTCP_TYPES, Role.ATTACKER),
        silent=QUIET | {"injection_suspected"},
    ),
    Scenario(
        "P03-mux",
        "with rtcp-mux payload types 64 to 95 with the marker bit are RTCP, and no valid one",
        attack=with_types(range(64, 96), Role.ATTACKER),
        said={"rtcp_mux": True},
        raises=frozenset({"rtcp_invalid"}),
        silent=QUIET | {"injection_suspected"},
    ),
    Scenario(
        "P05",
        "header extensions with an element that ends the walk: the packets are as good as any",
        phone=(replace(PHONE_TALKS, extensions=ELEMENTS),),
        silent=QUIET,
    ),
    Scenario(
        "P07-latching",
        "who only listens says by keepalives where it is, and the policy takes them for that and no more",
        phone=(
            Stream(Role.PHONE, PHONE, ANSWER.after(0.2), kind="keepalive", every_s=0.1, ssrc=PHONE_SSRC),
            replace(PHONE_TALKS, stop=ANSWER.after(0.31)),  # one packet, that the clock of the figures starts with
        ),
        attack=(attack(start=ANSWER.after(0.1), kind="keepalive"),),
        policy={"latch_on_keepalive": True},
        bounds=Bounds(lost=1),
        silent=QUIET | {"latched"},
    ),
    Scenario(
        "F02",
        "the phone is mute, and somebody forges its address with another SSRC every two packets: four changes in 10 s",
        phone=(replace(PHONE_TALKS, silences=((MID, BACK),)),),
        attack=tuple(
            attack(PHONE, MID.after(0.1 + 0.04 * turn), stop=MID.after(0.135 + 0.04 * turn), ssrc=SSRC + turn)
            for turn in range(22)
        ),
        bounds=Bounds(inj=4 * 2),
        raises=frozenset({"ssrc_changed", "ssrc_contest"}),
        silent=frozenset({"relatched", "hijack_suspected"}),
        end=BACK.after(0.8),
    ),
    Scenario(
        "D01",
        "ICMP says in the phone's name that its port is closed, while it talks: a hint that is wrong",
        attack=(Stream(Role.ATTACKER, PHONE, MID, every_s=0.05, kind="unreachable"),),
    ),
    Scenario(
        "D02-unreachable",
        "ICMP says that nobody is at a declared address that never answers: it has less than its budget",
        phone=(),
        declared=PHONE,
        signalling=("server",),
        attack=(Stream(Role.ATTACKER, PHONE, ANSWER.after(0.2), kind="unreachable"),),
        policy={"early_budget_ms": 2000},
        bounds=Bounds(bleed_ms=240),
        end=ANSWER.after(1.5),
    ),
)
