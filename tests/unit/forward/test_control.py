"""Worker and WorkerLeg by themselves: what a mistake in the layer above must not turn into a crash."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from rtpcore import Closed, ConfigurationError, LatchPolicy
from rtpcore.forward.control import Worker
from rtpcore.forward.worker_leg import WorkerLeg, snapshot_legs
from tests.party import Party, descriptors, own_host, wait_until


@pytest.fixture
def event_fd() -> Iterator[int]:
    number = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
    yield number
    os.close(number)


@pytest.fixture
def worker(event_fd: int) -> Iterator[Worker]:
    made = Worker(64, event_fd, "worker")
    yield made
    made.stop()


def make_leg(worker: Worker, host: str, port: int = 4000, number: int = 1) -> WorkerLeg:
    return WorkerLeg(worker, number, LatchPolicy(), (host, port), (host, port + 1), (host, port), 0)


def answered(leg: WorkerLeg, party: Party) -> WorkerLeg:
    leg.publish()
    leg.signal("answer", party.address, (), None, (), None, None, False, 20, "sendrecv", (), None, False)
    return leg


# Construction ----------------------------------------------------------------------------------------------------


def test_nothing_is_made_without_arguments() -> None:
    for kind in (Worker, WorkerLeg):
        with pytest.raises(TypeError):
            kind.__new__(kind)


def test_made_once_only(worker: Worker, event_fd: int) -> None:
    """A second initialisation leaves no second thread, socket or memory behind."""
    before = descriptors(), threading.active_count()
    leg = make_leg(worker, own_host())
    with suppress(TypeError):
        WorkerLeg.__init__(leg)  # type: ignore[call-arg]
    with suppress(TypeError):
        Worker.__init__(worker)  # type: ignore[call-arg]
    leg.close("leg")
    assert (descriptors(), threading.active_count()) == before


@pytest.mark.parametrize(
    "arguments",
    [
        ("64", 0, "worker"),
        (-1, 0, "worker"),
        (1 << 32, 0, "worker"),
        (64, "0", "worker"),
        (64, 1 << 31, "worker"),
        (64, 0, b"worker"),
        (64, 0),
    ],
)
def test_a_worker_of_the_wrong_kind_is_refused(arguments: tuple[Any, ...]) -> None:
    before = descriptors(), threading.active_count()
    with pytest.raises((TypeError, OverflowError)):
        Worker(*arguments)
    assert (descriptors(), threading.active_count()) == before


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        *((0, wrong) for wrong in (None, "worker")),
        *((1, wrong) for wrong in (-1, "1", 1 << 64)),
        *((2, wrong) for wrong in (None, "guarded")),
        *((place, wrong) for place in (3, 4, 5) for wrong in (None, ("127.0.0.1",), ("127.0.0.1", "4000"))),
        *((6, wrong) for wrong in ("big", 1 << 40)),
    ],
)
def test_a_leg_of_the_wrong_kind_is_refused_and_nothing_is_left(worker: Worker, place: int, wrong: Any) -> None:
    host = own_host()
    arguments: list[Any] = [worker, 1, LatchPolicy(), (host, 4000), (host, 4001), (host, 4000), 0]
    arguments[place] = wrong
    before = descriptors()
    with pytest.raises((TypeError, ValueError, OverflowError)):
        WorkerLeg(*arguments)
    gc.collect()
    assert descriptors() == before


def test_the_first_port_is_closed_when_the_second_cannot_be_bound(worker: Worker) -> None:
    host, before = own_host(), descriptors()
    taken = make_leg(worker, host, 4001)
    with pytest.raises(OSError, match="Address already in use") as caught:
        make_leg(worker, host, 4000)
    assert caught.value.filename == f"{host} port 4001"
    taken.close("taken")
    make_leg(worker, host, 4000).close("leg")
    assert descriptors() == before


def test_a_port_of_0_is_any(worker: Worker) -> None:
    leg = make_leg(worker, own_host(), 0)
    assert leg.local[1] > 1024
    assert leg.local_rtcp[1] == 1
    leg.close("leg")


# Slots -----------------------------------------------------------------------------------------------------------


def test_more_ports_than_slots_is_an_error_at_publish(event_fd: int) -> None:
    """The leg that has none is told, and those that have some go on."""
    worker, host = Worker(3, event_fd, "small"), own_host()
    first, second = make_leg(worker, host, 4000), make_leg(worker, host, 4002)
    first.publish()
    with pytest.raises(OSError, match="No space left"):
        second.publish()
    assert first.stats("first").state == 1
    second.close("second")
    third = make_leg(worker, host, 4002)
    with pytest.raises(OSError, match="No space left"):
        third.publish()
    first.close("first")
    third.close("third")
    fourth = make_leg(worker, host, 4000)
    fourth.publish()
    fourth.close("fourth")
    worker.stop()


# Linking ---------------------------------------------------------------------------------------------------------


def test_link_refuses_a_closed_leg(worker: Worker) -> None:
    host = own_host()
    first, second = make_leg(worker, host, 4000), make_leg(worker, host, 4002)
    second.close("second")
    with pytest.raises(Closed):
        first.link(second)
    with pytest.raises(Closed):
        second.link(first)
    with pytest.raises(TypeError):
        first.link(None)  # type: ignore[arg-type]
    first.publish()
    first.close("first")


def test_link_refuses_the_leg_of_another_worker(worker: Worker, event_fd: int) -> None:
    other, host = Worker(64, event_fd, "other"), own_host()
    first, second = make_leg(worker, host, 4000, 1), make_leg(other, host, 4002, 2)
    with pytest.raises(ConfigurationError, match="legs 1 and 2 are on different workers"):
        first.link(second)
    first.close("first")
    second.close("second")
    other.stop()


def test_a_leg_that_was_linked_anew_is_nobodys_peer_when_it_goes(worker: Worker) -> None:
    """a-b, then b-c: a has no peer any more, and nothing points to b after its end."""
    host = own_host()
    with Party() as one, Party() as two, Party() as three:
        a, b, c = (
            answered(make_leg(worker, host, 4000 + 2 * number, number), party)
            for number, party in enumerate((one, two, three))
        )
        a.link(b)
        sent = one.send(a.local)
        assert two.receive() == sent
        b.link(c)
        b.link(c)
        sent = three.send(c.local)
        assert two.receive() == sent
        one.send(a.local)
        wait_until(lambda: sum(a.stats("a").dropped.values()) == 1)
        b.close("b")
        del b
        for _ in range(20):
            one.send(a.local)
            three.send(c.local)
        wait_until(lambda: a.stats("a").received == c.stats("c").received + 1 == 22)
        assert two.waiting() == 0
        a.link(a)  # whoever wants to hear himself
        a.close("a")
        c.close("c")


# The end ---------------------------------------------------------------------------------------------------------


def test_stop_is_idempotent_and_ends_everything(event_fd: int) -> None:
    before = descriptors(), threading.active_count()
    worker = Worker(64, event_fd, "worker")
    threads = [threading.Thread(target=worker.stop) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    worker.stop()
    assert not worker.running
    assert (descriptors(), threading.active_count()) == before


def test_use_after_stop(event_fd: int) -> None:
    """A leg whose worker has ended says so, and can still be closed: once, with its figures."""
    before, host = descriptors(), own_host()
    worker = Worker(64, event_fd, "worker")
    leg, other = make_leg(worker, host, 4000), make_leg(worker, host, 4002)
    with Party() as party:
        answered(leg, party)
        party.send(leg.local, 3)
        wait_until(lambda: leg.stats("leg").received == 3)
    worker.stop()
    for use in (leg.publish, leg.explain, lambda: leg.stats("leg"), lambda: leg.link(other)):
        with pytest.raises(Closed):
            use()
    with pytest.raises(Closed):
        make_leg(worker, host, 4004)
    assert worker.take_events() == []
    assert worker.errors() == {}
    last = leg.close("leg")
    assert last is not None
    assert last.received == 3
    assert leg.close("leg") is None
    other.close("other")
    assert descriptors() == before


def test_a_leg_without_close_goes_with_its_worker(event_fd: int) -> None:
    before, host = descriptors(), own_host()
    worker = Worker(64, event_fd, "worker")
    legs = [make_leg(worker, host, 4000 + 2 * number) for number in range(8)]
    worker.stop()
    del legs
    gc.collect()
    assert descriptors() == before


def test_close_and_stop_at_once(event_fd: int) -> None:
    before, host = descriptors(), own_host()
    for _ in range(50):
        worker = Worker(64, event_fd, "worker")
        legs = [make_leg(worker, host, 4000 + 2 * number) for number in range(8)]
        failures: list[BaseException] = []
        start = threading.Barrier(3)

        def close(mine: list[WorkerLeg]) -> None:
            start.wait()  # noqa: B023
            try:
                for leg in mine:
                    assert leg.close("leg") is not None
            except BaseException as error:  # noqa: BLE001
                failures.append(error)  # noqa: B023

        def ask(mine: list[WorkerLeg]) -> None:
            start.wait()  # noqa: B023
            for leg in mine:
                for use in (leg.publish, leg.explain, lambda leg=leg: leg.stats("leg")):
                    try:
                        use()
                    except Closed:
                        pass
                    except BaseException as error:  # noqa: BLE001
                        failures.append(error)  # noqa: B023

        threads = [threading.Thread(target=close, args=(legs,)), threading.Thread(target=ask, args=(legs,))]
        for thread in threads:
            thread.start()
        start.wait()
        worker.stop()
        for thread in threads:
            thread.join()
        assert failures == []
        assert descriptors() == before


def test_snapshot_leaves_out_what_is_closed(worker: Worker, event_fd: int) -> None:
    host = own_host()
    legs = [make_leg(worker, host, 4000 + 2 * number, number) for number in range(3)]
    size = len(snapshot_legs(worker, legs)) // 3
    assert size > 0
    legs[1].close("leg")
    assert len(snapshot_legs(worker, legs)) == 2 * size
    assert snapshot_legs(worker, []) == b""
    with pytest.raises(TypeError):
        snapshot_legs(worker, [legs[0], "leg"])  # type: ignore[list-item]
    with pytest.raises(TypeError, match="of its own legs only"):
        snapshot_legs(worker, [legs[0], None])  # type: ignore[list-item]
    other = Worker(64, event_fd, "other")
    with pytest.raises(TypeError, match="of its own legs only"):
        snapshot_legs(other, [legs[0]])
    other.stop()
    for leg in legs:
        leg.close("leg")


def test_events_come_with_the_number_of_the_leg(worker: Worker) -> None:
    leg = make_leg(worker, own_host(), number=(1 << 64) - 1)
    with Party() as party:
        party.send(leg.local)
        events: list[tuple[int, Any]] = []

        def told() -> bool:
            events.extend(worker.take_events())
            return bool(events)

        wait_until(told)
    ((number, event),) = events
    assert (number, event.name, event.session, event.leg) == ((1 << 64) - 1, "prepublish_talker", None, None)
    leg.close("leg")
    assert [event.name for _, event in worker.take_events()] == ["expired"]
    assert worker.events_lost == 0
