"""The queue of events between workers and whoever asks: names, order, waiting, and the end."""

from __future__ import annotations

import math
import os
import select
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from rtpcore import ConfigurationError
from rtpcore.events import Event, Expired, Latched
from rtpcore.forward.event_queue import EventQueue, check_timeout
from tests.party import descriptors


class Teller:
    """Stands for a worker: gives what it was given, once."""

    def __init__(self, queue: EventQueue) -> None:
        self.told: list[tuple[int, Event]] = []
        self.queue = queue
        queue.add_worker(self)  # type: ignore[arg-type]

    def tell(self, number: int, kind: type[Event] = Latched) -> None:
        self.told.append((number, kind(1, None, None, 1, None, None, 0, 0, 0, "")))
        os.eventfd_write(self.queue.descriptor, 1)

    def take_events(self) -> list[tuple[int, Event]]:
        taken, self.told = self.told, []
        return taken


@pytest.fixture
def queue() -> Iterator[EventQueue]:
    made = EventQueue()
    yield made
    made.close()


def all_of(queue: EventQueue) -> list[Event]:
    taken = []
    while (event := queue.take()) is not None:
        taken.append(event)
    return taken


def test_events_bear_the_names_of_their_legs(queue: EventQueue) -> None:
    teller = Teller(queue)
    queue.add_leg(7, "call", "caller")
    teller.tell(7)
    teller.tell(8)
    first, second = queue.take(), queue.take()
    assert first is not None
    assert second is not None
    assert (first.session, first.leg) == ("call", "caller")
    assert (second.session, second.leg) == (None, None)
    assert queue.take() is None


def test_what_was_told_before_the_end_keeps_its_name(queue: EventQueue) -> None:
    teller = Teller(queue)
    queue.add_leg(7, "call", "caller")
    teller.tell(7, Expired)
    queue.remove_legs([7])
    event = queue.take()
    assert event is not None
    assert (event.session, event.leg) == ("call", "caller")


def test_events_come_in_order(queue: EventQueue) -> None:
    teller = Teller(queue)
    for number in range(100):
        queue.add_leg(number, "call", str(number))
        teller.tell(number)
        if number % 10 == 5:
            queue.remove_legs([])
    assert [event.leg for event in all_of(queue)] == [str(number) for number in range(100)]


def test_the_oldest_go_when_nobody_takes_them(queue: EventQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    teller = Teller(queue)
    for number in range(65_636):
        queue.add_leg(number, "call", str(number))
        teller.told.append((number, Latched(1, None, None, 1, None, None, 0, 0, 0, "")))
    kept = all_of(queue)
    assert len(kept) == 65_536
    assert kept[0].leg == "100"


def test_wait(queue: EventQueue) -> None:
    teller = Teller(queue)
    assert not queue.wait(0)
    assert not queue.wait(0.01)
    teller.tell(1)
    assert queue.wait(10)
    assert queue.take() is not None
    assert not queue.wait(0)


def test_what_one_consumer_leaves_wakes_another(queue: EventQueue) -> None:
    """The first wakes up, takes one of three, and never comes back."""
    teller = Teller(queue)
    for number in range(3):
        teller.tell(number)
    assert queue.wait(10)
    assert queue.take() is not None
    assert queue.wait(10)
    assert queue.take() is not None
    assert queue.wait(10)
    assert queue.take() is not None


def test_the_end_wakes_everybody_and_for_ever() -> None:
    before = descriptors()
    queue = EventQueue()
    heard: list[bool] = []
    threads = [threading.Thread(target=lambda: heard.append(queue.wait(None))) for _ in range(5)]
    for thread in threads:
        thread.start()
    queue.close()
    queue.close()
    for thread in threads:
        thread.join(10)
    assert heard == [True] * 5
    assert queue.wait(None)
    assert queue.closed
    assert descriptors() == before


def test_whoever_has_just_acknowledged_does_not_hide_the_end() -> None:
    """Two consumers, an event, and the end right after it: both come to know of the end."""
    for _ in range(200):
        queue = EventQueue()
        teller = Teller(queue)

        def consume(queue: EventQueue = queue) -> None:
            while not queue.closed:
                queue.wait(None)
                queue.take()

        threads = [threading.Thread(target=consume, daemon=True) for _ in range(2)]
        for thread in threads:
            thread.start()
        teller.tell(1)
        queue.close()
        for thread in threads:
            thread.join(10)
            assert not thread.is_alive()


def test_the_descriptor_stays_open_while_somebody_waits() -> None:
    before = descriptors()
    queue = EventQueue()
    with queue.waiting() as descriptor:
        assert descriptor is not None
        queue.close()
        assert select.select([descriptor], [], [], 0)[0] == [descriptor]
        queue.acknowledge()
        assert select.select([descriptor], [], [], 0)[0] == [descriptor], "the end is not acknowledged"
        assert descriptors() == before + 1
    assert descriptors() == before
    with queue.waiting() as descriptor:
        assert descriptor is None


def test_disown_closes_without_a_word(queue: EventQueue) -> None:
    """As the child of a fork does it: on a copy of the descriptor, which the parent still has."""
    parent = os.dup(queue.descriptor)
    queue.disown()
    assert queue.closed
    assert not select.select([parent], [], [], 0)[0]
    os.close(parent)


@pytest.mark.parametrize(("timeout", "meant"), [(None, None), (0, 0), (1.5, 1.5), (10**9, 10**9), (math.inf, None)])
def test_timeouts(timeout: float | None, meant: float | None) -> None:
    assert check_timeout(timeout) == meant


def test_a_timeout_longer_than_the_kernel_can_wait(queue: EventQueue) -> None:
    done = threading.Thread(target=queue.wait, args=(1e12,))
    done.start()
    time.sleep(0.01)
    assert done.is_alive()
    queue.close()
    done.join(10)
    assert not done.is_alive()


@pytest.mark.parametrize(
    ("timeout", "error", "message"),
    [
        ("1", TypeError, "timeout must be a number of seconds or None, not str '1'."),
        (True, TypeError, "timeout must be a number of seconds or None, not bool True."),
        ([], TypeError, "timeout must be a number of seconds or None, not list []."),
        (-1, ConfigurationError, "timeout is -1, but must be 0 or more seconds."),
        (-math.inf, ConfigurationError, "timeout is -inf, but must be 0 or more seconds."),
        (math.nan, ConfigurationError, "timeout is nan, but must be 0 or more seconds."),
    ],
)
def test_timeouts_that_cannot_be_meant(timeout: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        check_timeout(timeout)
    assert str(caught.value) == message
