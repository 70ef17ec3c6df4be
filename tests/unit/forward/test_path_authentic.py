"""ICE, verify and passthrough over real sockets: the worker answers, validates, verifies and relays by itself."""

from __future__ import annotations

import gc
import socket
import sys
import time
import weakref
from collections.abc import Iterator
from typing import Any

import pytest

from rtpcore import IceCredentials, Interface, LatchPolicy, Leg, Reason, Relay
from tests.behaviour.media import rtp
from tests.checks import CREDENTIALS, check, read
from tests.party import PORTS, Party, answer, conserved, own_host, wait_until
from tests.srtp import protector, verifier

DTLS = b"\x16\xfe\xfd" + bytes(30)


@pytest.fixture
def relay() -> Iterator[Relay]:
    with Relay([Interface(own_host())], PORTS, quarantine_s=0) as relay:
        yield relay


@pytest.fixture
def phone() -> Iterator[Party]:
    with Party(mux=True) as party:
        yield party


@pytest.fixture
def peer() -> Iterator[Party]:
    with Party() as party:
        yield party


def legs_of(relay: Relay, peer: Party, policy: LatchPolicy | None = None, **said: Any) -> tuple[Leg, Leg]:
    """The phone's leg, whose SDP address cannot be reached, and the peer's, where media goes at once."""
    session = relay.create_session("call")
    near, far = session.add_leg("near", policy=policy), session.add_leg("far")
    answer(far, peer)
    near.publish()
    near.signal("answer", declared=("192.168.1.10", 5004), **said)
    return near, far


def test_a_check_is_answered_from_the_port_it_came_to_and_opens_the_way(
    relay: Relay, phone: Party, peer: Party
) -> None:
    near, far = legs_of(relay, peer, ice=CREDENTIALS, rtcp_mux=True)
    phone.send(near.address, 3)
    wait_until(lambda: near.stats().dropped.get(Reason.NOT_VALIDATED) == 3)
    phone.rtp.sendto(check(nominates=True), near.address)
    octets, source = phone.receive_from()
    assert source == near.address
    assert (read(octets).success, read(octets).mapped) == (True, phone.address)
    assert peer.send(far.address) == phone.receive(1), "media flows to a party that has sent none"
    assert phone.send(near.address, 5) == peer.receive(5)
    stats = near.stats()
    assert stats.accepted_source == stats.destination == phone.address
    assert stats.dropped == {Reason.NOT_VALIDATED: 3, Reason.STUN_ANSWERED: 1}
    assert conserved(near.stats())


def test_a_pair_switch_and_a_stranger(relay: Relay, phone: Party, peer: Party) -> None:
    """I01 and I02."""
    near, far = legs_of(relay, peer, ice=CREDENTIALS, rtcp_mux=True, passthrough=["dtls"])
    phone.rtp.sendto(check(nominates=True), near.address)
    phone.receive()
    assert phone.send(near.address, 3) == peer.receive(3)
    with Party(mux=True) as moved, Party(mux=True) as stranger:
        for octets in (DTLS, stranger.packet(), check(password="x" * 22)):
            stranger.rtp.sendto(octets, near.address)
        assert read(stranger.receive()[0]).error_code == 401
        moved.ssrc, moved.sequence_number = phone.ssrc, phone.sequence_number
        moved.rtp.sendto(check(nominates=True, priority=5), near.address)
        moved.receive()
        assert peer.send(far.address) == moved.receive(1)
        assert moved.send(near.address, 2) == peer.receive(2)
        moved.rtp.sendto(DTLS, near.address)
        assert peer.receive() == [DTLS]
        assert stranger.waiting() == 0
    assert near.stats().dropped[Reason.NOT_VALIDATED] == 2


def test_lost_consent_stops_media_for_good(relay: Relay, phone: Party, peer: Party) -> None:
    """I03."""
    near, far = legs_of(relay, peer, LatchPolicy(consent_ms=150), ice=CREDENTIALS, rtcp_mux=True)
    phone.rtp.sendto(check(), near.address)
    phone.receive()
    phone.send(near.address)
    wait_until(lambda: near.stats().destination is None)
    assert "consent_lost" in [event.name for event in relay.events(timeout=0)]
    phone.waiting()
    peer.send(far.address)
    phone.rtp.sendto(check(), near.address)
    phone.send(near.address)
    wait_until(lambda: near.stats().dropped.get(Reason.NOT_VALIDATED, 0) == 1)
    wait_until(lambda: far.stats().dropped.get(Reason.CONSENT_LOST, 0) == 1)
    assert near.stats().dropped[Reason.CONSENT_LOST] == 1
    assert phone.waiting() == 0
    again = IceCredentials.generate(("phonefrag", "p" * 22))
    near.signal("reinvite", ice=again, rtcp_mux=True)
    phone.rtp.sendto(check(again), near.address)
    assert read(phone.receive()[0], again).authentic


def test_srtp_that_verifies_is_followed_and_what_does_not_is_nothing(relay: Relay, phone: Party, peer: Party) -> None:
    """S01, S02 and S03."""
    near, _ = legs_of(relay, peer, encrypted=True, verify=verifier())
    protect, forge = protector(), protector(bytes(30))
    sent = [protect(rtp(number, 7)) for number in range(20)]
    for octets in sent:
        phone.rtp.sendto(octets, near.address)
    assert peer.receive(20) == sent
    with Party() as attacker, Party() as moved:
        for number, octets in enumerate(sent):
            attacker.rtp.sendto(octets, near.address)
            attacker.rtp.sendto(forge(rtp(20 + number, 7)), near.address)
        wait_until(lambda: near.stats().dropped.get(Reason.NOT_VERIFIED) == 40)
        assert near.stats().accepted_source == phone.address
        roamed = protect(rtp(20, 7))
        moved.rtp.sendto(roamed, near.address)
        assert peer.receive() == [roamed]
        stats = near.stats()
        assert stats.accepted_source == stats.destination == moved.address
        assert attacker.waiting() == 0
    assert conserved(near.stats())


def test_a_callable_that_fails_harms_nobody(
    relay: Relay, phone: Party, peer: Party, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", told.append)

    def broken(packet: bytes) -> bool:
        raise LookupError

    near, far = legs_of(relay, peer, verify=broken)
    phone.send(near.address, 5)
    wait_until(lambda: near.stats().dropped.get(Reason.NOT_VERIFIED) == 5)
    assert len(told) == 1
    near.signal("answer", signalling=[phone.address[0]], verify=False)
    phone.send(near.address)
    time.sleep(0.02)  # a signalled host needs two packets, at the pace of media
    phone.send(near.address)
    assert len(peer.receive(2)) == 2
    assert peer.send(far.address) == phone.receive(1)


def test_a_callable_lives_until_the_leg_is_closed(relay: Relay, phone: Party, peer: Party) -> None:
    class Verify:
        def __call__(self, packet: bytes) -> bool:
            return True

    verify = Verify()
    gone = weakref.ref(verify)
    near, _ = legs_of(relay, peer, verify=verify)
    near.signal("answer", verify=False)
    del verify
    gc.collect()
    assert gone() is not None, "the worker may be about to call it"
    near.session.close()
    gc.collect()
    assert gone() is None


def test_media_flows_while_many_keep_asking(relay: Relay, phone: Party, peer: Party) -> None:
    near, _ = legs_of(relay, peer, ice=CREDENTIALS, rtcp_mux=True)
    phone.rtp.sendto(check(), near.address)
    phone.receive()
    with socket.socket(type=socket.SOCK_DGRAM) as stranger:
        stranger.bind((phone.address[0], 0))
        for _ in range(200):
            stranger.sendto(check(password="x" * 22), near.address)
            assert phone.send(near.address) == peer.receive(1)
    dropped = near.stats().dropped
    assert dropped[Reason.STUN_ANSWERED] + dropped[Reason.RATE_LIMIT] == 201
    assert dropped[Reason.RATE_LIMIT] >= 200 - 8 * 11
