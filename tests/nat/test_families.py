"""IPv6 on one side and IPv4 behind a NAT on the other."""

from __future__ import annotations

from typing import Any

import pytest

from tests.nat.call import Call, Party, attacking, peer, talking
from tests.nat.laboratory import ADDRESS, HOME, PEER6, PHONE6, RELAY, RELAY6
from tests.nat.play import Stage

pytestmark = pytest.mark.nat

REPORTS: dict[str, Any] = {"kind": "report", "at": "rtcp", "every": 0.3}


def test_each_side_has_its_family_and_attackers_come_by_both(stage: Stage) -> None:
    """One call from IPv6 to IPv4, one from behind a NAT to IPv6; signalling over the family of the media."""
    six = Call(
        Party((PHONE6, 5004), (PHONE6,), interface=RELAY6),
        (
            talking("phone6", 5004),
            peer(),
            talking("phone6", 5005, start=0.5, **REPORTS),
            peer(6001, start=0.95, **REPORTS),
            attacking(port=5004, start=0.0),
            attacking(port=5006, start=0.0, leg="far"),
        ),
        end=1.7,
    )
    four = Call(
        Party((ADDRESS["phone"], 5004), (HOME,), interface=RELAY),
        (
            talking("phone", 5004),
            peer(6002),
            talking("phone", 5005, start=0.5, **REPORTS),
            peer(6003, start=0.95, **REPORTS),
            attacking(port=5008, start=0.0),
            attacking(port=5010, start=0.0, leg="far"),
        ),
        Party((PEER6, 6002), (PEER6,), interface=RELAY6),
        end=1.7,
    )
    played = stage.play(six, four)
    assert not played.faults, played.calls
    assert played.calls[0].legs["near"]["accepted_source"] == [PHONE6, 5004]
    assert played.calls[1].legs["far"]["accepted_source"] == [PEER6, 6002]


def test_media_over_ipv4_where_signalling_came_over_ipv6(stage: Stage) -> None:
    """Nobody vouches for the phone's IPv4 address: an event says so, and the attacker gains nothing by it."""
    talks = (talking("phone", 5004), peer(), attacking(start=0.0))
    near = Party((ADDRESS["phone"], 5004), (PHONE6,))
    played = stage.play(Call(near, talks, end=0.8, lost=25, dead_ms=400))
    assert not played.faults, played.calls
    assert "scope_empty" in played.calls[0].events
    assert played.calls[0].legs["near"]["forwarded"] == 0
