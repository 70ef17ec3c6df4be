"""The kernel lock: on while a source is locked and talks, off whenever a stranger may matter."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

import rtpcore
from rtpcore import Interface, LatchPolicy, LatchState, Leg, LegStats, Reason, Relay
from tests.party import PORTS, Address, Party, answer, conserved, has_ipv6, own_host, wait_until

WINDOW_MS = 100
SO_LOCK_FILTER = 44
MANY = 100


@pytest.fixture
def relay() -> Iterator[Relay]:
    with Relay([Interface(own_host())], PORTS, quarantine_s=0) as relay:
        yield relay


@pytest.fixture
def phone() -> Iterator[Party]:
    with Party() as party:
        yield party


@pytest.fixture
def peer() -> Iterator[Party]:
    with Party() as party:
        yield party


@pytest.fixture
def stranger() -> Iterator[Party]:
    with Party() as party:
        yield party


def call(relay: Relay, phone: Party, peer: Party, **knobs: Any) -> tuple[Leg, Leg]:
    """An answered call; the first leg, which has the phone, is about to be locked."""
    session = relay.create_session("call")
    policy = LatchPolicy(**{"learn_window_ms": WINDOW_MS, **knobs})
    legs = (session.add_leg("phone", policy=policy), session.add_leg("peer"))
    for leg, party in zip(legs, (phone, peer), strict=True):
        answer(leg, party)
    phone.send(legs[0].address)
    wait_until(lambda: legs[0].stats().state is LatchState.LOCKED)
    return legs


def locked_call(relay: Relay, phone: Party, peer: Party, **knobs: Any) -> tuple[Leg, Leg]:
    legs = call(relay, phone, peer, **knobs)
    wait_until(lambda: legs[0].stats().kernel_locked)
    return legs


def arrived(leg: Leg, sent: int) -> LegStats:
    """The leg's figures when the kernel and the relay between them have had `sent` datagrams."""
    wait_until(lambda: (stats := leg.stats()).received + stats.kernel_dropped >= sent)
    stats = leg.stats()
    assert stats.received + stats.kernel_dropped == sent
    assert conserved(stats)
    return stats


def reports(stranger: Party, leg: Leg) -> LegStats:
    stranger.send_report(leg.rtcp_address)
    return leg.stats()


@contextmanager
def talking(party: Party, to: Address) -> Iterator[None]:
    """The party sends a packet every 20 ms."""
    ended = threading.Event()

    def run() -> None:
        while not ended.wait(0.02):
            party.send(to)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


# What it does ------------------------------------------------------------------------------------------------------


def test_strangers_are_dropped_before_they_are_read(relay: Relay, phone: Party, peer: Party, stranger: Party) -> None:
    near, far = locked_call(relay, phone, peer)
    for _ in range(MANY):
        stranger.send(near.address, 3)
        stranger.rtp.sendto(b"", near.address)
        phone.send(near.address)
    stats = arrived(near, 1 + 5 * MANY)
    assert (stats.received, stats.forwarded, stats.kernel_dropped, stats.dropped) == (1 + MANY, 1 + MANY, 4 * MANY, {})
    assert far.stats().rtp.sent == 1 + MANY
    assert len(peer.receive(1 + MANY)) == 1 + MANY


@pytest.mark.skipif(not has_ipv6(), reason="there is no IPv6 loopback here")
def test_ipv6() -> None:
    with (
        Relay([Interface("::1")], PORTS, quarantine_s=0) as relay,
        Party("::1") as phone,
        Party("::1") as peer,
        Party("::1") as stranger,
    ):
        near, _ = locked_call(relay, phone, peer)
        stranger.send(near.address, MANY)
        phone.send(near.address, MANY)
        stats = arrived(near, 1 + 2 * MANY)
        assert (stats.forwarded, stats.kernel_dropped) == (1 + MANY, MANY)


def test_whatever_the_accepted_source_sends_is_read(relay: Relay, phone: Party, peer: Party) -> None:
    near, _ = locked_call(relay, phone, peer)
    others = [b"", b"\r\n", b"\x00\x11\x00\x00\x21\x12\xa4\x42" + bytes(12), phone.report(), bytes(3)]
    for octets in others:
        phone.rtp.sendto(octets, near.address)
    assert arrived(near, 1 + len(others)).kernel_dropped == 0


def test_the_pinned_ssrc_is_read_wherever_it_comes_from(
    relay: Relay, phone: Party, peer: Party, stranger: Party
) -> None:
    """A phone that has moved must be seen; whether it is followed is another matter."""
    near, _ = locked_call(relay, phone, peer)
    stranger.rtp.sendto(phone.packet(), near.address)
    stranger.rtp.sendto(phone.report(), near.address)
    stats = arrived(near, 3)
    assert (stats.received, stats.kernel_dropped) == (3, 0)
    assert stats.accepted_source == phone.address


def test_the_rtcp_port_is_locked_when_strangers_have_shown_up_there(
    relay: Relay, phone: Party, peer: Party, stranger: Party
) -> None:
    """By host and SSRC: RTCP may come from any port of the phone's host."""
    near, _ = locked_call(relay, phone, peer)
    with talking(phone, near.address):
        wait_until(lambda: reports(stranger, near).kernel_dropped > 0)
        dropped = near.stats().kernel_dropped
        for _ in range(MANY):
            stranger.send_report(near.rtcp_address)
        assert near.stats().kernel_dropped == dropped + MANY
        before = near.stats().rtcp
        with socket.socket(type=socket.SOCK_DGRAM) as elsewhere:
            elsewhere.bind((phone.address[0], 0))
            elsewhere.sendto(phone.report(), near.rtcp_address)
            elsewhere.sendto(b"\r\n", near.rtcp_address)
        phone.send_report(near.rtcp_address)
        stranger.rtcp.sendto(phone.report(), near.rtcp_address)
        wait_until(lambda: near.stats().rtcp.received == before.received + 4)
        assert near.stats().kernel_dropped == dropped + MANY


def test_what_was_queued_before_is_judged_by_the_relay(
    relay: Relay, phone: Party, peer: Party, stranger: Party
) -> None:
    """The lock is never alone in charge."""
    near, far = call(relay, phone, peer)
    sent = 1
    while not near.stats().kernel_locked:
        stranger.send(near.address, 3)
        sent += 3
    stats = arrived(near, sent)
    assert stats.forwarded == far.stats().rtp.sent == 1


# When it is off ----------------------------------------------------------------------------------------------------


def seen(leg: Leg, stranger: Party) -> bool:
    """Whether the relay still gets to read what a stranger sends."""
    before = leg.stats()
    stranger.send(leg.address)
    after = leg.stats()
    read, dropped = after.received - before.received, after.kernel_dropped - before.kernel_dropped
    assert read + dropped in (0, 1)
    if read + dropped == 0:
        wait_until(lambda: leg.stats().received > before.received)
        read = 1
    assert (dropped == 1) == before.kernel_locked
    return read == 1


def test_not_while_somebody_else_may_still_be_accepted(
    relay: Relay, phone: Party, peer: Party, stranger: Party
) -> None:
    session = relay.create_session("call")
    near, far = session.add_leg("phone"), session.add_leg("peer")
    for leg, party in ((near, phone), (far, peer)):
        answer(leg, party)
    assert seen(near, stranger)
    phone.send(near.address)
    wait_until(lambda: near.stats().state is LatchState.PROVISIONAL)
    time.sleep(0.05)
    assert seen(near, stranger)
    assert not near.stats().kernel_locked


def test_not_with_the_knob_off(relay: Relay, phone: Party, peer: Party, stranger: Party) -> None:
    near, _ = call(relay, phone, peer, kernel_lock="off")
    time.sleep(0.1)
    stranger.send(near.address, MANY)
    stats = arrived(near, 1 + MANY)
    assert (stats.dropped, stats.kernel_dropped) == ({Reason.NOT_ACCEPTED_SOURCE: MANY}, 0)


@pytest.mark.parametrize(
    "said",
    [
        {"event": "hold", "declared": ("0.0.0.0", 0)},
        {"direction": "inactive"},
        {"declared": ("127.0.0.1", 9)},
        {"signalling": ["127.0.0.1"]},
        {"branch": "other"},
    ],
    ids=lambda said: next(reversed(said)),
)
def test_signalling_takes_it_off_before_the_next_packet(
    relay: Relay, phone: Party, peer: Party, stranger: Party, said: dict[str, Any]
) -> None:
    near, _ = locked_call(relay, phone, peer)
    near.signal(**{"event": "reinvite", "declared": phone.address, **said})
    assert not near.stats().kernel_locked
    assert seen(near, stranger)


def test_a_new_media_server_is_heard_from_its_first_packet(
    relay: Relay, phone: Party, peer: Party, stranger: Party
) -> None:
    """A transfer: the packets that come right behind the signal are not lost."""
    near, _ = locked_call(relay, phone, peer)
    peer.receive()
    time.sleep(0.15)  # the phone has gone silent
    near.signal("reinvite", declared=stranger.address, rtcp=stranger.rtcp_address)
    near.stats()
    sent = stranger.send(near.address, 5)
    assert peer.receive(5) == sent


def test_resume_locks_again(relay: Relay, phone: Party, peer: Party, stranger: Party) -> None:
    near, _ = locked_call(relay, phone, peer)
    near.signal("hold")
    assert not near.stats().kernel_locked
    near.signal("resume", declared=phone.address)
    with talking(phone, near.address):
        wait_until(lambda: near.stats().kernel_locked)
    assert not seen(near, stranger)


def test_silence_takes_it_off_and_talking_puts_it_on(relay: Relay, phone: Party, peer: Party, stranger: Party) -> None:
    """Who is dead for long may be replaced by a source with another SSRC, which must be seen for that."""
    near, _ = locked_call(relay, phone, peer)
    start = time.monotonic()
    wait_until(lambda: not near.stats().kernel_locked)
    assert 2.2 < time.monotonic() - start < 4
    assert seen(near, stranger)
    phone.send(near.address)
    wait_until(lambda: near.stats().kernel_locked)
    assert not seen(near, stranger)


def test_a_phone_that_has_restarted_is_heard(relay: Relay, phone: Party, peer: Party, stranger: Party) -> None:
    """Another port, another SSRC, and nothing from where it was: the lock is off in time for row 13."""
    near, _ = locked_call(relay, phone, peer, dead_relatch_ms=1000)
    peer.receive()
    time.sleep(0.8)
    assert not near.stats().kernel_locked
    with Party(phone.address[0]) as again, talking(again, near.address):
        peer.receive(5)
        assert near.stats().accepted_source == again.address
        wait_until(lambda: near.stats().kernel_locked)
        stranger.send(near.address, MANY)
        wait_until(lambda: near.stats().kernel_dropped == MANY)


def test_a_rebound_phone_is_followed_and_the_lock_with_it(
    relay: Relay, phone: Party, peer: Party, stranger: Party
) -> None:
    near, _ = locked_call(relay, phone, peer)
    phone.send(near.address, 10)
    peer.receive(11)
    time.sleep(0.2)
    with Party(phone.address[0]) as moved:
        moved.ssrc, moved.sequence_number = phone.ssrc, phone.sequence_number
        with talking(moved, near.address):
            peer.receive(5)
            wait_until(lambda: (stats := near.stats()).kernel_locked and stats.accepted_source == moved.address)
            dropped = near.stats().kernel_dropped
            moved.rtp.sendto(b"\r\n", near.address)
            phone.rtp.sendto(b"\r\n", near.address)
            wait_until(lambda: near.stats().kernel_dropped == dropped + 1)


def test_a_displaced_source_comes_back_through_it(relay: Relay, phone: Party, peer: Party) -> None:
    """Row 12: another address with an SSRC of its own, that was there first."""
    session = relay.create_session("call")
    near = session.add_leg("phone", policy=LatchPolicy(learn_window_ms=1000))
    far = session.add_leg("peer")
    for leg, party in ((near, phone), (far, peer)):
        answer(leg, party)
    phone.send(near.address, 3)
    peer.receive(3)
    with Party(phone.address[0]) as neighbour:
        time.sleep(0.15)
        with talking(neighbour, near.address):
            wait_until(lambda: near.stats().accepted_source == neighbour.address)
            wait_until(lambda: near.stats().kernel_locked)
            phone.send(near.address)
            wait_until(lambda: near.stats().accepted_source == phone.address)
    assert near.stats().kernel_dropped == 0


def test_another_ssrc_of_the_accepted_source_renews_it(
    relay: Relay, phone: Party, peer: Party, stranger: Party
) -> None:
    near, _ = locked_call(relay, phone, peer, ssrc_change="any")
    first, phone.ssrc = phone.ssrc, phone.ssrc ^ 0xFFFF
    stranger.ssrc = first
    phone.send(near.address, 4)
    stats = arrived(near, 5)
    assert (stats.forwarded, stats.ssrc) == (5, phone.ssrc)
    with talking(phone, near.address):
        wait_until(lambda: near.stats().kernel_locked)
    assert not seen(near, stranger)
    stranger.ssrc = phone.ssrc
    before = near.stats()
    stranger.send(near.address)
    wait_until(lambda: near.stats().received > before.received)
    assert near.stats().kernel_dropped == before.kernel_dropped


def test_every_datagram_is_counted_once_while_it_comes_and_goes(
    relay: Relay, phone: Party, peer: Party, stranger: Party
) -> None:
    near, far = locked_call(relay, phone, peer)
    sent, locked = 1, 0
    for turn in range(120):
        near.signal("hold" if turn % 2 else "resume", declared=phone.address)
        for _ in range(20):
            stranger.send(near.address, 4)
            phone.send(near.address)
        sent += 100
        locked += near.stats().kernel_locked
        time.sleep(0.01 if turn % 2 == 0 else 0)
    stats = arrived(near, sent)
    assert stats.forwarded == far.stats().rtp.sent == 1 + 120 * 20
    assert stats.kernel_dropped > 0 < stats.dropped[Reason.NOT_ACCEPTED_SOURCE]


def test_many_that_are_locked_at_once_take_their_turns(relay: Relay, phone: Party, peer: Party) -> None:
    sessions = [relay.create_session(str(number)) for number in range(40)]
    legs = []
    for session in sessions:
        near = session.add_leg("phone", policy=LatchPolicy(learn_window_ms=WINDOW_MS))
        far = session.add_leg("peer", policy=LatchPolicy(learn_window_ms=WINDOW_MS))
        for leg, party in ((near, phone), (far, peer)):
            answer(leg, party)
            legs.append((leg, party))
    for leg, party in legs:
        party.send(leg.address)
    wait_until(lambda: all(leg.stats().kernel_locked for leg, _ in legs))
    rows = relay.stats_array()
    assert rows["kernel_locked"].tolist() == [1] * len(legs)


def test_close_ends_it(relay: Relay, phone: Party, peer: Party, stranger: Party) -> None:
    near, _ = locked_call(relay, phone, peer)
    near.signal("close")
    assert not near.stats().kernel_locked
    assert seen(near, stranger)


def test_the_policy_says_whether(relay: Relay) -> None:
    assert LatchPolicy().kernel_lock == "auto"
    assert "kernel_lock='off'" in repr(LatchPolicy(kernel_lock="off"))
    with pytest.raises(rtpcore.ConfigurationError, match="kernel_lock is 'on', but must be one of auto, off"):
        LatchPolicy(kernel_lock="on")
