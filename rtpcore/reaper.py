"""Closes the sessions that nobody sends in any more, where their policy says so, also when nobody else is there to.

A worker notices and stops relaying; closing ports takes Python. So a thread looks twice a second, once it is needed.
"""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rtpcore.relay import Relay

__all__ = ["Reaper"]

INTERVAL_S = 0.5


class Reaper:
    """For one relay, which it does not keep alive."""

    def __init__(self, relay: Relay) -> None:
        self._relay = weakref.ref(relay)
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """From now on; more than once does no harm."""
        with self._lock:
            if self._thread is None and not self._stopped.is_set():
                # What it runs must not hold the relay.
                arguments = self._relay, self._stopped
                self._thread = threading.Thread(target=_run, args=arguments, name="rtpcore-reaper", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Ends it. It is not waited for: it may want a lock that the caller, a signal handler, has interrupted."""
        self._stopped.set()


def _run(reference: weakref.ref[Relay], stopped: threading.Event) -> None:
    while not stopped.wait(INTERVAL_S):
        relay = reference()
        if relay is None or relay.closed:
            return
        relay._close_expired()
        del relay
