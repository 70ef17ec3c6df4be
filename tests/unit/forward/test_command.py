"""The command ring: orders are carried out in the order given, however many there are and whoever gives them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from rtpcore import Interface, LatchState, Leg, Relay
from tests.party import PORTS, Party, own_host

RING = 64


@pytest.fixture
def leg() -> Iterator[Leg]:
    with Relay([Interface(own_host())], PORTS) as relay:
        yield relay.create_session("call").add_leg("caller")


def test_more_orders_than_fit_in_the_ring(leg: Leg) -> None:
    """Nobody waits for a signal, so that a burst fills the ring; the last one stands."""
    leg.publish()
    for turn in range(20 * RING):
        leg.signal("refresh", declared=("127.0.0.1", 1024 + turn))
    assert leg.stats().destination == ("127.0.0.1", 1024 + 20 * RING - 1)


def test_what_is_asked_after_an_order_sees_it(leg: Leg) -> None:
    for turn in range(200):
        leg.signal("answer", declared=("127.0.0.1", 1024 + turn))
        if turn == 0:
            assert leg.stats().state is LatchState.CLOSED
            leg.publish()
        assert leg.stats().destination == ("127.0.0.1", 1024 + turn)
        assert f"127.0.0.1:{1024 + turn}" in leg.explain()


def test_many_threads_give_orders(leg: Leg) -> None:
    """Each sees its own orders carried out; none is lost and none waits for ever."""
    leg.publish()
    failures: list[BaseException] = []

    def give(mine: int) -> None:
        try:
            for turn in range(40):
                leg.signal("refresh", declared=("127.0.0.1", 2000 + 100 * mine + turn), ssrcs=(mine,))
                leg.stats()
                leg.explain()
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=give, args=(mine,)) for mine in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    destination = leg.stats().destination
    assert destination is not None
    assert (destination[1] - 2000) % 100 == 39


def test_an_order_wakes_a_loop_that_sleeps(leg: Leg) -> None:
    """Not at its next turn, which would come 20 ms after the last one."""

    def took() -> float:
        start = time.monotonic()
        leg.stats()
        return time.monotonic() - start

    assert min(took() for _ in range(50)) < 0.01


def test_orders_are_carried_out_beside_packets(leg: Leg) -> None:
    with Party() as party:
        leg.publish()
        leg.signal("answer", declared=party.address)
        for turn in range(50):
            party.send(leg.address, 20)
            assert leg.stats().received <= 20 * (turn + 1)
