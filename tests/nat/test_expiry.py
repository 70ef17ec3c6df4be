"""Mappings that expire while a call is silent, and who may speak first afterwards."""

from __future__ import annotations

from typing import Any

import pytest

from tests.nat.call import Call, Party, Talk, peer, talking
from tests.nat.laboratory import ADDRESS, CARRIER, HOME, PEER
from tests.nat.play import Stage

pytestmark = pytest.mark.nat

QUIET_S, PEER_S, PHONE_S = 0.9, 2.6, 3.1
"""When both fall silent, and when each of them speaks again."""
COUNTED_S = 2.4


def call(
    host: str,
    nat: str,
    port: int,
    *more: Talk,
    phone_s: float,
    peer_s: float,
    keepalive_ms: int | None = None,
    **said: Any,
) -> Call:
    """The peer's port is a thousand above the phone's."""
    phone = talking(host, port, mute=((QUIET_S, phone_s),))
    other = peer(port + 1000, mute=((QUIET_S, peer_s),))
    return Call(
        Party((ADDRESS[host], port), (nat,), policy={"keepalive_ms": keepalive_ms}),
        (phone, other, *more),
        Party((PEER, port + 1000)),
        end=3.7,
        **said,
    )


def test_nat_mappings_that_expire_in_a_silence(stage: Stage) -> None:
    """Nobody speaks for longer than the NATs remember, which is a second.

    Keepalives of the phone keep a mapping, and so do those of the relay: the peer may speak first. A home router gives
    a phone that speaks first its port again. If the peer speaks first, its packets take the port: the phone gets
    another, and is followed there as soon as it speaks.
    """
    alive = talking("mobile", 5004, kind="empty", every=0.4)
    calls = [
        call("mobile", CARRIER, 5004, alive, peer_s=PEER_S, phone_s=PHONE_S),
        call("mobile2", CARRIER, 5010, peer_s=PEER_S, phone_s=PHONE_S, keepalive_ms=400),
        call("phone", HOME, 5006, peer_s=PHONE_S + 0.1, phone_s=PHONE_S),
        call("phone", HOME, 5008, peer_s=PEER_S, phone_s=PHONE_S, offline=((PEER_S, PHONE_S),)),
    ]
    lab = stage.laboratory
    mappings: list[int] = []
    where = (("carrier", "mobile"), ("carrier", "mobile2"), ("home", "phone"))
    count = (COUNTED_S, lambda: mappings.extend(lab.mappings(*names) for names in where))
    with lab.impatient("carrier", 1), lab.impatient("home", 1):
        played = stage.play(*calls, steps=[count])
    assert not played.faults, played.calls
    assert mappings[-3:] == [1, 1, 0]
    by_phone, by_relay, same, other = (figures.legs["near"] for figures in played.calls)
    assert by_phone["dropped"]["KEEPALIVE"] >= 8
    assert "KEEPALIVE" not in by_relay["dropped"]
    assert same["accepted_source"] == [HOME, 5006]
    assert other["accepted_source"][0] == HOME
    assert other["accepted_source"][1] != 5008
