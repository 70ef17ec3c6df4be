"""Relay and Interface: who owns the ports, the workers and the events."""

from __future__ import annotations

import errno
import itertools
import os
import resource
import select
import threading
import warnings
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

from rtpcore.errors import (
    AddressInUse,
    AddressNotAvailable,
    Closed,
    ConfigurationError,
    DescriptorsExhausted,
    PermissionDenied,
    PortsExhausted,
    RelayError,
    SessionExists,
    UnknownInterface,
)
from rtpcore.forward.control import Worker, WorkerLeg
from rtpcore.ports import PortPool
from rtpcore.session import Leg, Session
from rtpcore.wire.address import normalise_address

if TYPE_CHECKING:
    import numpy.typing as npt

    from rtpcore.events import Event
    from rtpcore.track.policy import LatchPolicy

__all__ = ["Interface", "Relay"]

RECEIVE_BUFFER_OCTETS = 256 * 1024
EVENTS_KEPT = 65_536
SLOTS_LIMIT = 1 << 17
SPARE_DESCRIPTORS = 64


@dataclass(frozen=True, slots=True, init=False)
class Interface:
    """A local address: `bind` is where sockets are bound, `advertise` what goes into SDP (behind a static NAT)."""

    bind: str
    advertise: str
    name: str

    def __init__(self, bind: str, advertise: str | None = None, name: str | None = None) -> None:
        host = normalise_address((bind, 0))[0]
        object.__setattr__(self, "bind", host)
        object.__setattr__(self, "advertise", host if advertise is None else normalise_address((advertise, 0))[0])
        object.__setattr__(self, "name", host if name is None else name)


class Relay:
    """Relays RTP between the legs of sessions, on threads of its own that never wait for Python.

    interfaces: at least one Interface. ports: the range that legs are bound in, the same on every interface.
    workers: packet loops, each a thread; a session stays on one. quarantine_s: how long a freed pair of ports rests.
    receive_buffer_octets: SO_RCVBUF of each socket.

    A context manager; may be used from any thread. Raises ConfigurationError for arguments that cannot be used.
    """

    def __init__(
        self,
        interfaces: Sequence[Interface],
        ports: range = range(30000, 40000),
        workers: int = 1,
        *,
        quarantine_s: float = 30.0,
        receive_buffer_octets: int = RECEIVE_BUFFER_OCTETS,
    ) -> None:
        self._interfaces = _named(interfaces)
        self._pools = {
            name: PortPool(interface.bind, ports, quarantine_s) for name, interface in self._interfaces.items()
        }
        if isinstance(workers, bool) or not isinstance(workers, int):
            raise TypeError(f"workers must be an int, not {type(workers).__name__}.")
        if not 1 <= workers <= 256:
            raise ConfigurationError(f"workers is {workers}, but must be 1 to 256.")
        self._receive_buffer_octets = receive_buffer_octets
        limit = _raise_descriptor_limit(sum(2 * len(pool) for pool in self._pools.values()))
        self._lock = threading.Lock()
        self._sessions: dict[str, Session] = {}
        self._names: dict[int, tuple[str, str]] = {}
        self._numbers = itertools.count(1)
        self._pending: deque[Event] = deque(maxlen=EVENTS_KEPT)
        self._load: dict[Worker, int] = {}
        self._closed = False
        self._event_fd = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._event_users = 1
        try:
            for index in range(workers):
                self._load[Worker(min(limit, SLOTS_LIMIT), self._event_fd, f"rtpcore-{index}")] = 0
        except OSError as error:
            self._stop_workers()
            raise _typed(error, "a worker") from None

    @property
    def interfaces(self) -> dict[str, Interface]:
        """The interfaces by name."""
        return dict(self._interfaces)

    @property
    def sessions(self) -> dict[str, Session]:
        """The open sessions by identifier."""
        with self._lock:
            return dict(self._sessions)

    @property
    def closed(self) -> bool:
        """Whether close() has been called."""
        return self._closed

    def create_session(self, identifier: str) -> Session:
        """A new session on the worker that has the fewest. Raises SessionExists or Closed."""
        if not isinstance(identifier, str):
            raise TypeError(f"the identifier of a session must be a str, not {type(identifier).__name__}.")
        if not identifier:
            raise ConfigurationError("the identifier of a session is empty.")
        with self._lock:
            self._check_open()
            if identifier in self._sessions:
                raise SessionExists(f"session {identifier!r} exists already.")
            worker = min(self._load, key=self._load.__getitem__)
            self._load[worker] += 1
            session = Session(self, identifier, worker)
            self._sessions[identifier] = session
            return session

    def events(self, timeout: float | None = None) -> Iterator[Event]:
        """What happens, as it happens. Ends after `timeout` seconds without an event; None: when the relay closes.

        Several consumers share the events between them. The oldest are dropped when more than 65,536 wait.
        """
        while True:
            event = self._next_event()
            if event is not None:
                yield event
            elif self._closed or not self._wait_event(timeout):
                return

    def stats_array(self) -> npt.NDArray[Any]:
        """A numpy structured array (STATS_DTYPE), one row a leg of every session; stays valid after close."""
        from rtpcore.track.array import stats_from_octets

        with self._lock:
            self._check_open()
            sessions = list(self._sessions.values())
            names = dict(self._names)
        legs: dict[Worker, list[WorkerLeg]] = {worker: [] for worker in self._load}
        for session in sessions:
            legs[session._worker] += [leg._native for leg in session.legs.values()]
        return stats_from_octets(b"".join(worker.snapshot(some) for worker, some in legs.items()), names)

    def socket_errors(self) -> dict[str, int]:
        """Errors of sockets so far, by the kernel's name: {"ECONNREFUSED": 3}."""
        total: dict[str, int] = {}
        for worker in self._load:
            for name, count in worker.errors().items():
                total[name] = total.get(name, 0) + count
        return total

    def close(self) -> None:
        """Closes all sessions and ends the workers."""
        with self._lock:
            if self._closed:
                return
            sessions = list(self._sessions.values())
        for session in sessions:
            session.close()
        self._collect_events()
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self._stop_workers()

    def _stop_workers(self) -> None:
        for worker in self._load:
            worker.stop()
        os.eventfd_write(self._event_fd, 1)
        self._release_event_fd()

    def _bind_leg(
        self,
        session: Session,
        name: str,
        interface: str | None,
        policy: LatchPolicy,
        port: int | None,
        rtcp_port: int | None,
    ) -> tuple[WorkerLeg, str, tuple[str, int] | None]:
        """For Session.add_leg: a bound leg, the advertised host, and the pair to give back to the pool."""
        if interface is None:
            interface = next(iter(self._interfaces))
        if interface not in self._interfaces:
            raise UnknownInterface(f"interface {interface!r} is none of {', '.join(self._interfaces)}.")
        with self._lock:
            self._check_open()
            number = next(self._numbers)
            self._names[number] = (session.id, name)
        bind = _PairBinder(session._worker, number, policy, self._interfaces[interface], self._receive_buffer_octets)
        try:
            if port is not None:
                native, pool_port = bind(port, rtcp_port), None
            else:
                native, pool_port = self._bind_free_pair(bind, self._pools[interface], interface)
        except BaseException:
            with self._lock:
                del self._names[number]
            raise
        return native, self._interfaces[interface].advertise, pool_port

    @staticmethod
    def _bind_free_pair(bind: _PairBinder, pool: PortPool, interface: str) -> tuple[WorkerLeg, tuple[str, int]]:
        # A pair that another program has bound goes to the end of the queue; each is tried once.
        for _ in range(len(pool)):
            port = pool.take()
            try:
                return bind(port, None), (interface, port)
            except AddressInUse:
                pool.give(port)
            except BaseException:
                pool.give(port)
                raise
        port = pool.take()
        pool.give(port)
        raise PortsExhausted(f"every pair of ports of interface {interface!r} is bound by other programs.")

    def _forget_session(self, session: Session, legs: list[Leg]) -> None:
        """For Session.close: its legs are closed."""
        self._collect_events()
        for leg in legs:
            if leg._pool_port is not None:
                interface, port = leg._pool_port
                self._pools[interface].give(port)
        with self._lock:
            self._sessions.pop(session.id, None)
            self._load[session._worker] -= 1
            for leg in legs:
                self._names.pop(leg._native.number, None)

    def _collect_events(self) -> None:
        for worker in self._load:
            for number, event in worker.take_events():
                session, leg = self._names.get(number, (None, None))
                self._pending.append(replace(event, session=session, leg=leg))

    def _next_event(self) -> Event | None:
        with suppress(IndexError):
            return self._pending.popleft()
        self._collect_events()
        with suppress(IndexError):
            return self._pending.popleft()
        return None

    def _wait_event(self, timeout: float | None) -> bool:
        # The descriptor is closed by whoever uses it last, so that no waiter polls somebody else's.
        with self._lock:
            if self._closed:
                return True
            self._event_users += 1
        try:
            poll = select.poll()
            poll.register(self._event_fd, select.POLLIN)
            ready = bool(poll.poll(None if timeout is None else timeout * 1000))
            if ready and not self._closed:
                with suppress(BlockingIOError):
                    os.eventfd_read(self._event_fd)
            return ready
        finally:
            self._release_event_fd()

    def _release_event_fd(self) -> None:
        with self._lock:
            self._event_users -= 1
            if self._event_users == 0:
                os.close(self._event_fd)

    def _check_open(self) -> None:
        if self._closed:
            raise Closed("the relay is closed.")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


class _PairBinder:
    """Binds a pair of ports for one leg, with the kernel's errors as typed ones."""

    def __init__(
        self, worker: Worker, number: int, policy: LatchPolicy, interface: Interface, receive_buffer_octets: int
    ) -> None:
        self._arguments = (worker, number, policy)
        self._interface = interface
        self._receive_buffer_octets = receive_buffer_octets

    def __call__(self, port: int, rtcp_port: int | None) -> WorkerLeg:
        host = self._interface.bind
        pair = (host, port), (host, port + 1 if rtcp_port is None else rtcp_port)
        try:
            return WorkerLeg(*self._arguments, *pair, (self._interface.advertise, port), self._receive_buffer_octets)
        except OSError as error:
            raise _typed(error, error.filename or host) from None


def _named(interfaces: Sequence[Interface]) -> dict[str, Interface]:
    named: dict[str, Interface] = {}
    for interface in interfaces:
        if not isinstance(interface, Interface):
            raise TypeError(f"interfaces must hold Interface objects, not {type(interface).__name__} {interface!r}.")
        if interface.name in named:
            raise ConfigurationError(f"two interfaces are named {interface.name!r}.")
        named[interface.name] = interface
    if not named:
        raise ConfigurationError("a relay needs at least one interface.")
    return named


def _raise_descriptor_limit(wanted: int) -> int:
    """Raises RLIMIT_NOFILE to its hard limit and returns it; warns when it cannot hold `wanted` sockets."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = SLOTS_LIMIT + SPARE_DESCRIPTORS if hard == resource.RLIM_INFINITY else hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    if limit < wanted + SPARE_DESCRIPTORS:
        warnings.warn(
            f"the limit of {limit} open files (RLIMIT_NOFILE) holds about {max(0, limit - SPARE_DESCRIPTORS) // 4} "
            f"sessions, fewer than the {wanted} ports of this relay could serve.",
            RuntimeWarning,
            stacklevel=3,
        )
    return limit


def _typed(error: OSError, what: str) -> RelayError:
    """The kernel's error as one of this package's, in one sentence."""
    kind = _KINDS.get(error.errno or 0)
    if kind is None:
        return RelayError(f"{what} cannot be used: {error.strerror}.")
    exception, sentence = kind
    made = exception(sentence.format(what=what))
    if isinstance(made, OSError):
        made.errno = error.errno
    return made


_KINDS: dict[int, tuple[type[RelayError], str]] = {
    errno.EADDRINUSE: (AddressInUse, "{what} is in use by another program."),
    errno.EADDRNOTAVAIL: (AddressNotAvailable, "{what} cannot be bound: the address is not one of this machine's."),
    errno.EACCES: (PermissionDenied, "{what} cannot be bound: this user may not use it."),
    errno.EPERM: (PermissionDenied, "{what} cannot be bound: this user may not use it."),
    errno.EMFILE: (
        DescriptorsExhausted,
        "{what} cannot be opened: the process has no file descriptor left; raise its limit (ulimit -n).",
    ),
    errno.ENFILE: (DescriptorsExhausted, "{what} cannot be opened: the system has no file descriptor left."),
}
