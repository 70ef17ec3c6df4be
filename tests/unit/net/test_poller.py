"""Readiness: tokens, level triggering, removal, errors of a socket, signals."""

from __future__ import annotations

import errno
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from types import FrameType
from typing import Any

import pytest

LIMIT_MS = 10_000


@pytest.fixture
def poller(consumer: Any) -> Iterator[Any]:
    opened = consumer.Poller().open()
    yield opened
    opened.close()


def bound() -> socket.socket:
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("127.0.0.1", 0))
    return s


def send_to(receiver: socket.socket) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"x", receiver.getsockname())


def test_token_comes_back_whole(poller: Any) -> None:
    with bound() as a, bound() as b:
        poller.add(a.fileno(), 0xFFFF_FFFE, 0xFFFF_FFFF)
        poller.add(b.fileno(), 0, 0)
        assert poller.wait(0) == []
        send_to(a)
        assert poller.wait(LIMIT_MS) == [(0xFFFF_FFFE, 0xFFFF_FFFF)]
        send_to(b)
        assert sorted(poller.wait(LIMIT_MS)) == [(0, 0), (0xFFFF_FFFE, 0xFFFF_FFFF)]


def test_a_socket_stays_ready_until_it_is_drained(poller: Any) -> None:
    with bound() as s:
        poller.add(s.fileno(), 1, 1)
        send_to(s)
        send_to(s)
        assert poller.wait(LIMIT_MS) == [(1, 1)]
        s.recv(10)
        assert poller.wait(LIMIT_MS) == [(1, 1)]
        s.recv(10)
        assert poller.wait(0) == []


def test_a_removed_socket_is_not_reported(poller: Any) -> None:
    with bound() as s:
        poller.add(s.fileno(), 1, 1)
        send_to(s)
        poller.remove(s.fileno())
        assert poller.wait(0) == []
        with pytest.raises(OSError, match="ENOENT"):
            poller.remove(s.fileno())


def test_a_reused_descriptor_has_another_generation(poller: Any) -> None:
    first = bound()
    number = first.fileno()
    poller.add(number, 7, 1)
    first.close()
    with bound() as second:
        if second.fileno() != number:
            os.dup2(second.fileno(), number)
        poller.add(number, 7, 2)
        send_to(second)
        assert poller.wait(LIMIT_MS) == [(7, 2)]
        poller.remove(number)
        if second.fileno() != number:
            os.close(number)


def test_more_sockets_than_one_turn_reports(consumer: Any, poller: Any) -> None:
    limit = consumer.CONSTANTS["POLLER_EVENTS"]
    with ExitStack() as stack:
        sockets = [stack.enter_context(bound()) for _ in range(limit + 20)]
        for slot, s in enumerate(sockets):
            poller.add(s.fileno(), slot, 0)
            send_to(s)
        first = poller.wait(LIMIT_MS)
        assert len(first) == limit
        for slot, _ in first:
            sockets[slot].recv(10)
        second = poller.wait(LIMIT_MS)
        assert sorted(slot for slot, _ in first + second) == list(range(limit + 20))


def test_an_error_wakes_once_when_a_receive_consumes_it(consumer: Any, poller: Any) -> None:
    with bound() as closed:
        nobody = closed.getsockname()
    s = consumer.Socket().open(("127.0.0.1", 0))
    with socket.socket(fileno=os.dup(s.fileno())) as same:
        same.connect(nobody)
        poller.add(s.fileno(), 3, 0)
        same.send(b"x")
        assert poller.wait(LIMIT_MS) == [(3, 0)]
        assert s.receive() == []
        assert s.pending_errno == errno.ECONNREFUSED
        assert poller.wait(0) == []


def test_a_signal_ends_the_wait_with_nothing_ready(poller: Any) -> None:
    taken = []

    def handler(number: int, _frame: FrameType | None) -> None:
        taken.append(number)

    before = signal.signal(signal.SIGALRM, handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.02, 0.02)
        began = time.monotonic()
        assert poller.wait(LIMIT_MS) == []
        assert time.monotonic() - began < LIMIT_MS / 2000
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert taken


def test_errors_have_their_numbers(consumer: Any, poller: Any) -> None:
    with bound() as s:
        poller.add(s.fileno(), 1, 1)
        with pytest.raises(OSError, match="EEXIST"):
            poller.add(s.fileno(), 1, 1)
        number = s.fileno()
    with pytest.raises(OSError, match="EBADF"):
        poller.add(number, 1, 1)
    closed = consumer.Poller().open()
    closed.close()
    closed.close()
    with pytest.raises(OSError, match="EBADF"):
        closed.wait(0)
