"""IPv6 on one side and IPv4 behind a NAT on the other."""

from __future__ import annotations

from typing import Any

import pytest

from tests.nat.call import Call, Party, attacking, peer, talking
from tests.nat.laboratory import ADDRESS, HOME, PEER, PEER6, PHONE6, RELAY, RELAY6
from tests.nat.play import Stage

pytestmark = pytest.mark.nat

REPORTS: dict[str, Any] = {"kind": "report", "at": "rtcp", "every": 0.3}


def test_each_side_has_its_family_and_attackers_come_by_both(stage: Stage) -> None:
    """One call from IPv6 to IPv4, one from behind a NAT to IPv6, and one whose signalling has another family."""
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
    # Signalling over IPv6 vouches for no IPv4 address: an event says so, and neither phone nor attacker is heard.
    talks = (talking("phone", 5020), peer(6004), attacking(port=5020, start=0.0))
    unheard = Call(
        Party((ADDRESS["phone"], 5020), (PHONE6,)), talks, Party((PEER, 6004)), end=1.7, lost=70, dead_ms=1300
    )
    played = stage.play(six, four, unheard)
    assert not played.faults, played.calls
    assert played.calls[0].legs["near"]["accepted_source"] == [PHONE6, 5004]
    assert played.calls[1].legs["far"]["accepted_source"] == [PEER6, 6002]
    assert "scope_empty" in played.calls[2].events
    assert played.calls[2].legs["near"]["forwarded"] == 0
