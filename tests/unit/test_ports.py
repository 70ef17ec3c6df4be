"""The pool of port pairs, in virtual time."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from rtpcore import ConfigurationError, PortsExhausted
from rtpcore.ports import PortPool


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("rtpcore.ports.time", clock)
    return clock


def take_all(pool: PortPool) -> list[int]:
    return [pool.take() for _ in range(len(pool))]


@pytest.mark.parametrize(
    ("ports", "expected"),
    [
        (range(4000, 4006), [4000, 4002, 4004]),
        (range(4001, 4006), [4002, 4004]),
        (range(4000, 4005), [4000, 4002]),  # 4005 belongs to somebody else
        (range(4001, 4004), [4002]),
        (range(65532, 65536), [65532, 65534]),
        (range(1, 4), [2]),
    ],
)
def test_even_ports_whose_odd_one_is_in_the_range_too(ports: range, expected: list[int]) -> None:
    assert sorted(take_all(PortPool("192.0.2.1", ports, 0))) == expected


def test_the_order_cannot_be_foretold() -> None:
    orders = {tuple(take_all(PortPool("192.0.2.1", range(4000, 4100), 0))) for _ in range(4)}
    assert len(orders) == 4


def test_an_empty_pool_says_what_it_had(clock: Clock) -> None:
    pool = PortPool("192.0.2.1", range(4000, 4004), 30.0)
    pool.give(pool.take())
    pool.take()
    with pytest.raises(PortsExhausted) as caught:
        pool.take()
    assert str(caught.value) == (
        "192.0.2.1 has no free pair of ports between 4000 and 4003; 1 wait for the end of their quarantine."
    )


def test_a_freed_pair_rests(clock: Clock) -> None:
    pool = PortPool("192.0.2.1", range(4000, 4002), 30.0)
    pool.give(pool.take())
    clock.now += 29.999
    assert len(pool) == 0
    with pytest.raises(PortsExhausted):
        pool.take()
    clock.now += 0.001
    assert len(pool) == 1
    assert pool.take() == 4000


def test_without_quarantine_a_freed_pair_is_the_last_to_be_taken(clock: Clock) -> None:
    pool = PortPool("192.0.2.1", range(4000, 4008), 0)
    first = pool.take()
    pool.give(first)
    assert len(pool) == 4
    assert take_all(pool)[-1] == first


def test_a_pair_that_was_never_bound_does_not_rest(clock: Clock) -> None:
    pool = PortPool("192.0.2.1", range(4000, 4008), 30.0)
    first = pool.take()
    pool.put_back(first)
    assert len(pool) == 4
    assert take_all(pool)[-1] == first


def test_a_quarantine_may_be_endless(clock: Clock) -> None:
    pool = PortPool("192.0.2.1", range(4000, 4002), float("inf"))
    pool.give(pool.take())
    clock.now += 1e12
    assert len(pool) == 0


def test_no_pair_is_given_to_two_threads() -> None:
    pool = PortPool("192.0.2.1", range(10000, 14000), 0)
    taken: list[list[int]] = [[] for _ in range(4)]

    def take(mine: list[int]) -> None:
        mine.extend(pool.take() for _ in range(500))

    threads = [threading.Thread(target=take, args=(mine,)) for mine in taken]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({port for mine in taken for port in mine}) == 2000


@pytest.mark.parametrize(
    ("ports", "quarantine_s", "error", "message"),
    [
        ([4000, 4001], 0, TypeError, "ports must be a range, not list."),
        ((4000, 4001), 0, TypeError, "ports must be a range, not tuple."),
        (4000, 0, TypeError, "ports must be a range, not int."),
        (range(0), 0, ConfigurationError, "range(0, 0)"),
        (range(4000, 4001), 0, ConfigurationError, "range(4000, 4001)"),
        (range(4000, 4100, 2), 0, ConfigurationError, "range(4000, 4100, 2)"),
        (range(4100, 4000, -1), 0, ConfigurationError, "range(4100, 4000, -1)"),
        (range(10), 0, ConfigurationError, "range(0, 10)"),
        (range(-10, 10), 0, ConfigurationError, "range(-10, 10)"),
        (range(65530, 65537), 0, ConfigurationError, "range(65530, 65537)"),
        (range(4001, 4003), 0, ConfigurationError, "range(4001, 4003)"),
        (range(4000, 4100), -0.5, ConfigurationError, "quarantine_s is -0.5"),
        (range(4000, 4100), float("nan"), ConfigurationError, "quarantine_s is nan"),
        (range(4000, 4100), "30", TypeError, "quarantine_s must be a number, not str '30'."),
        (range(4000, 4100), None, TypeError, "quarantine_s must be a number, not NoneType None."),
        (range(4000, 4100), True, TypeError, "quarantine_s must be a number, not bool True."),
    ],
)
def test_what_cannot_be_meant_is_named(ports: Any, quarantine_s: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        PortPool("192.0.2.1", ports, quarantine_s)
    assert message in str(caught.value)
    assert str(caught.value).endswith(".")
