"""Local ports of one interface: even RTP ports with the odd port above for RTCP (RFC 3550 section 11)."""

from __future__ import annotations

import random
import threading
import time
from collections import deque

from rtpcore.errors import ConfigurationError, PortsExhausted

__all__ = ["PortPool"]


class PortPool:
    """Hands out even ports in random order and keeps freed ones back for a while, so that late packets reach nobody."""

    def __init__(self, host: str, ports: range, quarantine_s: float) -> None:
        if not isinstance(ports, range):
            raise TypeError(f"ports must be a range, not {type(ports).__name__}.")
        if ports.step != 1 or len(ports) < 2 or ports.start < 1 or ports.stop > 65536:
            raise ConfigurationError(
                f"ports is {ports!r}, but must be at least two ports in a row between 1 and 65535."
            )
        if isinstance(quarantine_s, bool) or not isinstance(quarantine_s, int | float):
            raise TypeError(f"quarantine_s must be a number, not {type(quarantine_s).__name__} {quarantine_s!r}.")
        if not quarantine_s >= 0:
            raise ConfigurationError(f"quarantine_s is {quarantine_s}, but must be 0 or more seconds.")
        even = list(range(ports.start + ports.start % 2, ports.stop - 1, 2))
        if not even:
            raise ConfigurationError(f"ports is {ports!r}, but holds no even port with the odd one above it.")
        random.SystemRandom().shuffle(even)
        self._host = host
        self._ports = ports
        self._quarantine_s = quarantine_s
        self._free: deque[int] = deque(even)
        self._waiting: deque[tuple[float, int]] = deque()
        # Reentrant, because a signal handler may close a session while a pair is being taken.
        self._lock = threading.RLock()

    def __len__(self) -> int:
        """Pairs that can be taken now."""
        with self._lock:
            self._end_quarantine()
            return len(self._free)

    def take(self) -> int:
        """An even port; the odd one above belongs to it. Raises PortsExhausted."""
        with self._lock:
            self._end_quarantine()
            if not self._free:
                raise PortsExhausted(
                    f"{self._host} has no free pair of ports between {self._ports.start} and {self._ports.stop - 1}; "
                    f"{len(self._waiting)} wait for the end of their quarantine."
                )
            return self._free.popleft()

    def give(self, port: int) -> None:
        """The pair has been closed; it may be taken again after the quarantine."""
        with self._lock:
            self._waiting.append((time.monotonic() + self._quarantine_s, port))

    def put_back(self, port: int) -> None:
        """The pair could not be bound, so no packet is on its way to it: it is the last to be taken again."""
        with self._lock:
            self._free.append(port)

    def _end_quarantine(self) -> None:
        now = time.monotonic()
        while self._waiting and self._waiting[0][0] <= now:
            self._free.append(self._waiting.popleft()[1])
