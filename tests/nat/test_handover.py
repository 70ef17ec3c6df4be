"""From Wi-Fi to cellular mid-call: another address, another NAT, and 0.8 s without any network (rows 10 to 12)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.nat.call import Call, Party, Talk, attacking, peer, talking
from tests.nat.laboratory import ADDRESS, HOME, PEER
from tests.nat.play import Stage

pytestmark = pytest.mark.nat

WIFI = ("addr replace 10.0.2.10/24 dev uplink", "route replace default via 10.0.2.1 dev uplink")
NO_WIFI = ("addr del 10.0.2.10/24 dev uplink",)
CELLULAR = ("route replace default via 100.64.2.1 dev cellular",)
GONE_S, FOUND_S, HOME_S = 1.0, 1.8, 3.2


def call(port: int, *talks: Talk, dead_ms: int, **said: Any) -> Call:
    """A phone of the host with two networks. Between them nobody can reach it, and it can reach nobody."""
    talks = (
        *(*talks, talking("roamer", port), peer(port + 1000)),
        attacking(port=port, start=GONE_S - 0.2, ssrc=None),
        attacking(port=port + 10, start=0.0),
    )
    return Call(
        Party((ADDRESS["roamer"], port), (HOME,), said=said),
        talks,
        Party((PEER, port + 1000)),
        end=3.7,
        offline=((GONE_S, FOUND_S),),
        dead_ms=dead_ms,
    )


def test_a_phone_is_followed_from_wifi_to_cellular_and_back_while_an_attacker_sprays(stage: Stage) -> None:
    """Its socket stays and its address does not; numbers and time stamps go on, as if all had been sent.

    Of two calls at a time one proves by its reports that it hears: media follows it at once, the other after a second.
    """
    lab = stage.laboratory
    steps = [
        (0.0, lambda: lab.ip("roamer", *WIFI)),
        (GONE_S, lambda: lab.ip("roamer", *NO_WIFI)),
        (FOUND_S, lambda: lab.ip("roamer", *CELLULAR)),
        (HOME_S, lambda: lab.ip("roamer", *WIFI)),
    ]
    proves = talking("roamer", 5006, kind="receiver", start=0.5, every=0.1)
    asks = peer(6007, kind="report", at="rtcp", start=0.7, every=0.8)
    silent, proving = call(5004, dead_ms=1500 + 100), call(5006, proves, asks, dead_ms=500, rtcp_mux=True)
    played = stage.play(silent, proving, steps=steps)
    assert not played.faults, played.calls
    for figures, port in zip(played.calls, (5004, 5006), strict=True):
        assert "relatched" in figures.events
        assert figures.legs["near"]["accepted_source"] == [HOME, port]
        assert figures.legs["near"]["destination"] == [HOME, port]
