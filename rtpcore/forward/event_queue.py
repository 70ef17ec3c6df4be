"""The events of all workers of a relay as one queue, and the descriptor that says when to look.

A worker writes the descriptor after it has told something. Whoever waits polls it; it stays open while anybody does.
"""

from __future__ import annotations

import math
import os
import select
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from rtpcore.errors import ConfigurationError

if TYPE_CHECKING:
    from rtpcore.events import Event
    from rtpcore.forward.control import Worker

__all__ = ["EventQueue", "check_timeout"]

EVENTS_KEPT = 65_536
LONGEST_POLL_MS = 2**31 - 1


class EventQueue:
    """Several consumers share the events between them. The oldest are dropped when more than 65,536 wait."""

    def __init__(self) -> None:
        # Reentrant, because a signal handler may close a relay whose events are just being taken.
        self._lock = threading.RLock()
        self._workers: list[Worker] = []
        self._names: dict[int, tuple[str, str, deque[Event] | None]] = {}
        self._dropped = 0
        self._pending: deque[Event] = deque(maxlen=EVENTS_KEPT)
        self._closed = False
        self._users = 1
        self.descriptor = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)

    def add_worker(self, worker: Worker) -> None:
        """Takes the events of one more worker."""
        self._workers.append(worker)

    def add_leg(self, number: int, session: str, leg: str, log: deque[Event] | None = None) -> None:
        """What a worker tells of the leg of that number bears these names from now on, and goes to `log`."""
        with self._lock:
            self._names[number] = session, leg, log

    def remove_legs(self, numbers: Iterable[int]) -> None:
        """These legs are closed; what was told of them keeps their names."""
        with self._lock:
            self._collect()
            for number in numbers:
                self._names.pop(number, None)

    def take(self) -> Event | None:
        """The oldest event, or None when there is none."""
        with self._lock:
            if not self._pending:
                self._collect()
            if not self._pending:
                return None
            event = self._pending.popleft()
            if self._pending and not self._closed:
                os.eventfd_write(self.descriptor, 1)  # for another consumer: this one may never come back
            return event

    def collect(self) -> None:
        """Moves what the workers have told into the queue and the logs."""
        with self._lock:
            self._collect()

    @property
    def lost(self) -> int:
        """Events that nobody will get: they found a worker's ring full, or too many waited here."""
        return self._dropped + sum(worker.events_lost for worker in self._workers)

    def _collect(self) -> None:
        for worker in self._workers:
            for number, told in worker.take_events():
                event = told
                if number in self._names:
                    session, leg, log = self._names[number]
                    event = replace(told, session=session, leg=leg)
                    if log is not None:
                        log.append(event)
                self._dropped += len(self._pending) == EVENTS_KEPT
                self._pending.append(event)

    @property
    def closed(self) -> bool:
        """Nothing will be added any more."""
        return self._closed

    @contextmanager
    def waiting(self) -> Iterator[int | None]:
        """The descriptor, readable when it is time to look, and open until the end of the block; None when closed."""
        with self._lock:
            open_now = not self._closed
            self._users += open_now
        try:
            yield self.descriptor if open_now else None
        finally:
            if open_now:
                self._release()

    def acknowledge(self) -> None:
        """Before the queue is looked at again. The end is not acknowledged, so that everybody hears of it."""
        with self._lock:
            if not self._closed:
                with suppress(BlockingIOError):
                    os.eventfd_read(self.descriptor)

    def wait(self, timeout: float | None) -> bool:
        """Whether it is time to look: within `timeout` seconds (None: for ever), at once when closed."""
        with self.waiting() as descriptor:
            if descriptor is None:
                return True
            poll = select.poll()
            poll.register(descriptor, select.POLLIN)
            if not poll.poll(None if timeout is None else min(timeout * 1000, LONGEST_POLL_MS)):
                return False
            self.acknowledge()
            return True

    def close(self) -> None:
        """Ends every wait. The workers have ended."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            os.eventfd_write(self.descriptor, 1)
        self._release()

    def disown(self) -> None:
        """For the child of a fork: the descriptor of the parent is closed here, unwritten."""
        self._lock = threading.RLock()
        self._closed = True
        self._pending.clear()
        if self._users:
            self._users = 0
            os.close(self.descriptor)

    def _release(self) -> None:
        with self._lock:
            self._users -= 1
            if self._users == 0:
                os.close(self.descriptor)


def check_timeout(timeout: float | None) -> float | None:
    """`timeout` in seconds; None for ever. Raises TypeError or ConfigurationError."""
    if timeout is None:
        return None
    if isinstance(timeout, bool) or not isinstance(timeout, int | float):
        raise TypeError(f"timeout must be a number of seconds or None, not {type(timeout).__name__} {timeout!r}.")
    if not timeout >= 0:
        raise ConfigurationError(f"timeout is {timeout}, but must be 0 or more seconds.")
    return None if math.isinf(timeout) else timeout
