"""Relay.events: what is told, to whom, and when it ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

import rtpcore
from rtpcore import Interface, Relay, events
from tests.party import PORTS, Party, connect, own_host, wait_until


@pytest.fixture
def relay() -> Iterator[Relay]:
    with Relay([Interface(own_host())], PORTS, quarantine_s=0) as relay:
        yield relay


def test_events_tell_what_happened_with_names_and_evidence(relay: Relay) -> None:
    with Party() as caller, Party() as callee:
        session = relay.create_session("call")
        legs = connect(session, caller, callee)
        before_ns = time.monotonic_ns()
        caller.send(legs[0].address)
        callee.receive()
        event = next(relay.events(timeout=10))
        assert isinstance(event, events.Latched)
        assert (event.session, event.leg, event.count) == ("call", "0", 1)
        assert (event.source, event.ssrc, event.sequence_number) == (caller.address, caller.ssrc, 101)
        assert event.detail == "T0" or event.detail == "T1"
        assert before_ns <= event.time_ns <= time.monotonic_ns()
        session.close()
        ends = list(relay.events(timeout=0))
        assert [(event.name, event.session, event.leg) for event in ends] == [
            ("expired", "call", "0"),
            ("expired", "call", "1"),
        ]


def test_events_end_after_the_timeout(relay: Relay) -> None:
    start = time.monotonic()
    assert list(relay.events(timeout=0.05)) == []
    assert 0.05 <= time.monotonic() - start < 5
    assert list(relay.events(timeout=0)) == []


def test_every_event_starts_the_timeout_again(relay: Relay) -> None:
    """Ten events, each well within the timeout, in all longer than it."""
    stop = threading.Event()

    def make() -> None:
        for number in range(10):
            relay.create_session(str(number)).add_leg("leg")
            relay.sessions[str(number)].close()
            stop.wait(0.06)

    thread = threading.Thread(target=make)
    thread.start()
    told = [event.session for event in relay.events(timeout=0.5)]
    thread.join()
    assert told == [str(number) for number in range(10)]


@pytest.mark.parametrize(
    ("timeout", "error"),
    [("1", TypeError), (-1, rtpcore.ConfigurationError), (float("nan"), rtpcore.ConfigurationError), (True, TypeError)],
)
def test_a_timeout_that_cannot_be_meant_is_named_at_once(relay: Relay, timeout: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="timeout"):
        relay.events(timeout)


def test_close_ends_events_after_the_last_of_them(relay: Relay) -> None:
    relay.create_session("call").add_leg("leg")
    told: list[str | None] = []
    thread = threading.Thread(target=lambda: told.extend(event.session for event in relay.events()))
    thread.start()
    relay.close()
    thread.join(10)
    assert not thread.is_alive()
    assert told == ["call"]
    assert list(relay.events()) == []


def test_close_ends_every_consumer() -> None:
    for _ in range(30):
        with Relay([Interface(own_host())], PORTS, workers=2) as relay:
            threads = [threading.Thread(target=lambda: list(relay.events()), daemon=True) for _ in range(4)]
            for thread in threads:
                thread.start()
            relay.create_session("call").add_leg("leg")
        for thread in threads:
            thread.join(10)
            assert not thread.is_alive()


def test_every_event_goes_to_one_consumer(relay: Relay) -> None:
    """Three threads share 300 events; each event is told once, with the name of its session."""
    told: list[str | None] = []
    threads = [
        threading.Thread(target=lambda: told.extend(event.session for event in relay.events())) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for number in range(300):
        session = relay.create_session(str(number))
        session.add_leg("leg")
        session.close()
    relay.close()
    for thread in threads:
        thread.join(10)
    assert sorted(map(str, told)) == sorted(str(number) for number in range(300))


def test_events_of_another_thread_come_with_their_names(relay: Relay) -> None:
    """Sessions are closed in one thread while another takes events: none comes without a name."""
    stop = threading.Event()
    nameless: list[events.Event] = []

    def consume() -> None:
        nameless.extend(event for event in relay.events() if event.session is None)

    def churn(mine: int) -> None:
        number = 0
        while not stop.is_set():
            number += 1
            session = relay.create_session(f"{mine} {number}")
            session.add_leg("a")
            session.close()

    threads = [threading.Thread(target=consume) for _ in range(2)]
    threads += [threading.Thread(target=churn, args=(mine,)) for mine in range(2)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    stop.set()
    for thread in threads[2:]:
        thread.join()
    relay.close()
    for thread in threads:
        thread.join(10)
    assert nameless == []


def test_events_of_all_workers(relay: Relay) -> None:
    with Relay([Interface(own_host())], PORTS, workers=4) as several:
        for number in range(8):
            several.create_session(str(number)).add_leg("leg")
        for session in several.sessions.values():
            session.close()
        assert {event.session for event in several.events(timeout=0)} == {str(number) for number in range(8)}


def test_the_loop_body_may_close_the_session_of_its_event(relay: Relay) -> None:
    with Party() as caller, Party() as callee:
        session = relay.create_session("call")
        legs = connect(session, caller, callee)
        caller.send(legs[0].address)
        told = []
        for event in relay.events(timeout=5):
            told.append(event.name)
            session.close()
            if len(told) == 3:
                break
        assert told == ["latched", "expired", "expired"]


def test_an_iterator_that_is_left_takes_nothing_with_it(relay: Relay) -> None:
    for number in range(3):
        session = relay.create_session(str(number))
        session.add_leg("leg")
        session.close()
    assert [next(relay.events(timeout=1)).session for _ in range(3)] == ["0", "1", "2"]


def test_a_flood_of_one_kind_is_one_event_a_second(relay: Relay) -> None:
    leg = relay.create_session("call").add_leg("leg")
    with Party() as stranger:
        for _ in range(300):
            stranger.send(leg.address)
        wait_until(lambda: leg.stats().received == 300)
        told = list(relay.events(timeout=0))
        assert [event.name for event in told] == ["prepublish_talker"]
