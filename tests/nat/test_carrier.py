"""Several phones and an attacker behind one public address."""

from __future__ import annotations

import pytest

from tests.nat.call import PHONE_SSRC, Call, Party, Talk, attacking, peer, talking
from tests.nat.laboratory import ADDRESS, CARRIER, PEER
from tests.nat.play import Stage

pytestmark = pytest.mark.nat


def call(host: str, peer_port: int, *talks: Talk, **said: object) -> Call:
    """A call of a phone behind the carrier, whose SDP has its private address."""
    near = Party((ADDRESS[host], 5004), (CARRIER,))
    return Call(near, (*talks, talking(host, 5004), peer(peer_port)), Party((PEER, peer_port)), end=1.7, **said)  # type: ignore[arg-type]


def test_calls_from_one_address_do_not_cross_and_their_neighbour_gets_nothing(stage: Stage) -> None:
    """Before the answer, mid-call, with SSRCs at random and with the phone's own, from as many ports as it likes."""
    played = stage.play(
        call("mobile", 6000, *sprayers("neighbour", 7000), attacking("attacker", 5004), publish_s=0.2),
        call("mobile2", 6002, *observers("neighbour", 7100), attacking("neighbour", 5004, ssrc=None, start=0.8)),
    )
    assert not played.faults, played.calls
    assert {figures.legs["near"]["state"] for figures in played.calls} == {"LOCKED"}


def observers(host: str, port: int) -> list[Talk]:
    """They see the phone's packets and send them before it does, from ports of their own."""
    return [attacking(host, port + index, ssrc=PHONE_SSRC, start=0.8 + index * 0.4, first=1025) for index in range(2)]


def sprayers(host: str, port: int) -> list[Talk]:
    """To both legs, from before the answer on."""
    return [
        attacking(host, port, start=0.0, ssrc=66),
        attacking(host, port + 1, start=0.0, ssrc=67, leg="far"),
    ]
