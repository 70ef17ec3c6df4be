"""Mappings that are not what a phone or its SDP believes: those of a symmetric NAT, and that of RTCP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.nat.call import Call, Party, attacking, peer, talking
from tests.nat.laboratory import ADDRESS, CARRIER, PEER
from tests.nat.play import Stage

pytestmark = pytest.mark.nat


def test_a_symmetric_nat_gives_the_relay_another_port_than_stun_saw(stage: Stage) -> None:
    """The SDP has the mapping towards another server. An attacker sends from that very port of its own host."""
    asking = (talking("mobile", 5004, to=(PEER, 3478), start=0.0, stop=0.01), peer(3478, to=(PEER, 9), stop=0.0))
    (asked,) = stage.play(Call(None, asking, end=0.02)).arrivals["peer"]
    declared = (asked[-2], asked[-1])
    assert declared[0] == CARRIER
    talks = (talking("mobile", 5004), peer(), attacking(port=declared[1], start=0.0))
    played = stage.play(Call(Party(declared, (CARRIER,)), talks, end=1.2))
    assert not played.faults, played.calls
    host, port = played.calls[0].legs["near"]["accepted_source"]
    assert host == CARRIER
    assert port != declared[1]


def test_rtcp_through_a_mapping_of_its_own(stage: Stage) -> None:
    """RTP and RTCP of one phone leave its NAT by ports that have nothing to do with each other."""
    reports: dict[str, Any] = {"kind": "report", "at": "rtcp", "every": 0.3}
    talks = (
        talking("mobile", 5004),
        peer(),
        talking("mobile", 5005, start=0.5, **reports),
        # The peer's first report waits until the phone has shown where its RTCP is.
        peer(6001, start=0.95, **reports),
        *(attacking(host, 7000, start=0.0, **reports) for host in ("neighbour", "attacker")),
    )
    played = stage.play(Call(Party((ADDRESS["mobile"], 5004), (CARRIER,)), talks, end=1.8))
    assert not played.faults, played.calls
    near = played.calls[0].legs["near"]
    assert near["rtcp_destination"][0] == CARRIER
    assert near["rtcp_destination"][1] != near["accepted_source"][1] + 1
