"""Mappings that are not what a phone or its SDP believes: those of a symmetric NAT, and that of RTCP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.nat.call import Call, Party, Talk, attacking, peer, talking
from tests.nat.laboratory import ADDRESS, CARRIER, PEER
from tests.nat.play import Stage

pytestmark = pytest.mark.nat


REPORTS: dict[str, Any] = {"kind": "report", "at": "rtcp", "every": 0.3}


def test_mappings_of_a_symmetric_nat(stage: Stage) -> None:
    """In one call the SDP has the mapping that another server saw, as by STUN, and not the one towards the relay; an
    attacker sends from that very port of its own host. In another one RTP and RTCP leave the NAT by ports that have
    nothing to do with each other, and attackers report from before the phone does."""
    asking = (talking("mobile", 5004, to=(PEER, 3478), start=0.0, stop=0.01), peer(3478, to=(PEER, 9), stop=0.0))
    (asked,) = stage.play(Call(None, asking, end=0.02)).arrivals["peer"]
    declared = (asked[-2], asked[-1])
    assert declared[0] == CARRIER
    talks: tuple[Talk, ...] = (talking("mobile", 5004), peer(), attacking(port=declared[1], start=0.0))
    stun = Call(Party(declared, (CARRIER,)), talks, end=1.7)
    talks = (
        talking("mobile2", 5004),
        peer(6002),
        talking("mobile2", 5005, start=0.5, **REPORTS),
        # The peer's first report waits until the phone has shown where its RTCP is.
        peer(6003, start=0.95, **REPORTS),
        *(attacking(host, 7000, start=0.0, **REPORTS) for host in ("neighbour", "attacker")),
    )
    rtcp = Call(Party((ADDRESS["mobile2"], 5004), (CARRIER,)), talks, Party((PEER, 6002)), end=1.7)
    played = stage.play(stun, rtcp)
    assert not played.faults, played.calls
    mapped, reporting = (figures.legs["near"] for figures in played.calls)
    assert mapped["accepted_source"][0] == CARRIER
    assert mapped["accepted_source"][1] != declared[1]
    assert reporting["rtcp_destination"][0] == CARRIER
    assert reporting["rtcp_destination"][1] != reporting["accepted_source"][1] + 1
