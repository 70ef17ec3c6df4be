"""Legs declared media="udptl" over UDP: what goes through, and that nothing of RTP does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rtpcore import Interface, LatchPolicy, LatchState, Leg, Reason, Relay
from tests.party import PORTS, Party, conserved, own_host, wait_until

FAX = bytes([0x80, 0xC8, 0x01, 0x00])
"""Would be RTCP, too short to be any."""


@pytest.fixture
def relay() -> Iterator[Relay]:
    with Relay([Interface(own_host())], PORTS, quarantine_s=0) as relay:
        yield relay


@pytest.fixture
def parties() -> Iterator[tuple[Party, Party]]:
    with Party() as near, Party() as far:
        yield near, far


def call(relay: Relay, parties: tuple[Party, Party], *media: str, **knobs: object) -> list[Leg]:
    session = relay.create_session("fax")
    legs = [session.add_leg(str(index), policy=LatchPolicy(**knobs)) for index in range(2)]  # type: ignore[arg-type]
    for leg, party, kind in zip(legs, parties, media, strict=True):
        leg.publish()
        leg.signal("answer", declared=party.address, media=kind)
    return legs


def dropped(leg: Leg) -> dict[Reason, int]:
    stats = leg.stats()
    assert conserved(stats)
    return dict(stats.dropped)


def test_datagrams_of_any_first_octet_go_both_ways(relay: Relay, parties: tuple[Party, Party]) -> None:
    near, far = parties
    legs = call(relay, parties, "udptl", "udptl")
    far.rtp.sendto(FAX, legs[1].address)
    assert near.receive() == [FAX]
    sent = [bytes([first]) + FAX for first in range(0, 256, 5)]
    for octets in sent:
        near.rtp.sendto(octets, legs[0].address)
    assert far.receive(len(sent)) == sent
    stats = legs[0].stats()
    assert (stats.forwarded, stats.accepted_source, stats.ssrc) == (len(sent), near.address, None)
    assert conserved(stats)


@pytest.mark.parametrize("media", [("udptl", "rtp"), ("rtp", "udptl")])
def test_a_fax_and_a_phone_do_not_talk(relay: Relay, parties: tuple[Party, Party], media: tuple[str, str]) -> None:
    legs = call(relay, parties, *media)
    for index, party in enumerate(parties):
        if media[index] == "udptl":
            party.rtp.sendto(FAX, legs[index].address)
        else:
            party.send(legs[index].address)
            party.send_report(legs[index].rtcp_address)
    counts = {"udptl": 1, "rtp": 2}
    for leg, kind in zip(legs, media, strict=True):
        wait_until(lambda leg=leg, kind=kind: leg.stats().received == counts[kind])  # type: ignore[misc]
        assert dropped(leg) == {Reason.OTHER_MEDIA: counts[kind]}
        assert leg.stats().rtp.sent == leg.stats().rtcp.sent == 0


def test_the_rtcp_port_of_a_fax_hears_nobody(relay: Relay, parties: tuple[Party, Party]) -> None:
    legs = call(relay, parties, "udptl", "udptl")
    parties[0].send_report(legs[0].rtcp_address)
    wait_until(lambda: dropped(legs[0]) == {Reason.OTHER_MEDIA: 1})


def test_the_kernel_lock_is_by_address(relay: Relay, parties: tuple[Party, Party]) -> None:
    near, _ = parties
    legs = call(relay, parties, "udptl", "udptl", learn_window_ms=100)
    near.rtp.sendto(FAX, legs[0].address)
    wait_until(lambda: legs[0].stats().state is LatchState.LOCKED)
    wait_until(lambda: legs[0].stats().kernel_locked)
    with Party() as stranger:
        for _ in range(20):
            stranger.rtp.sendto(FAX, legs[0].address)
        near.rtp.sendto(FAX, legs[0].address)
        wait_until(lambda: legs[0].stats().forwarded == 2)
        stats = legs[0].stats()
    assert stats.kernel_dropped + stats.dropped.get(Reason.NOT_ACCEPTED_SOURCE, 0) == 20
    assert stats.kernel_dropped > 0


def test_its_keepalive_is_an_empty_datagram(relay: Relay, parties: tuple[Party, Party]) -> None:
    legs = call(relay, parties, "udptl", "udptl", keepalive="rtcp", keepalive_ms=1000, keepalive_first=True)
    assert parties[0].receive() == [b""]
    assert legs[0].stats().rtcp.sent == 0
