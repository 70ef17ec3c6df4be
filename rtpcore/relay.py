"""Relay: who owns the ports, the workers and the events."""

from __future__ import annotations

import errno
import functools
import itertools
import os
import resource
import threading
import warnings
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Self

from rtpcore.errors import AddressInUse, Closed, ConfigurationError, PortsExhausted, SessionExists, UnknownInterface
from rtpcore.forward.bind import bind_leg, check_ports, check_whole, relay_error
from rtpcore.forward.control import Worker
from rtpcore.forward.event_queue import EventQueue, check_timeout
from rtpcore.forward.watch import unwatch, watch
from rtpcore.forward.worker_leg import WorkerLeg, snapshot_legs
from rtpcore.interface import Interface, named_interfaces
from rtpcore.ports import PortPool
from rtpcore.reaper import Reaper
from rtpcore.session import Leg, Session
from rtpcore.track.latch.policy import LatchPolicy
from rtpcore.track.strangers.own_ports import OwnPorts
from rtpcore.track.strangers.spray import SprayTable

if TYPE_CHECKING:
    import numpy.typing as npt

    from rtpcore.events import Event

__all__ = ["Relay"]

RECEIVE_BUFFER_OCTETS = 256 * 1024
RECEIVE_BUFFER_LIMIT = 1 << 30
SLOTS_LIMIT = 1 << 17
SPARE_DESCRIPTORS = 64
CANARY_RANGE = 1024
"""The least number of ports in a range of which some are kept as canaries."""
CANARY_PAIRS = 8


class Relay:
    """Relays RTP between the legs of sessions, on threads of its own that never wait for Python.

    interfaces: at least one Interface. ports: the range that legs are bound in, the same on every interface.
    workers: packet loops, each a thread; a session stays on one. quarantine_s: how long a freed pair of ports rests.
    receive_buffer_octets: SO_RCVBUF of each socket; 0: the system's default.

    A context manager; may be used from any thread. In the child of a fork it is closed, and the parent's goes on.
    Raises ConfigurationError or TypeError for arguments that cannot be used, DescriptorsExhausted.
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
        self._interfaces = named_interfaces(interfaces)
        self._pools = {
            name: PortPool(interface.bind, ports, quarantine_s) for name, interface in self._interfaces.items()
        }
        check_whole("workers", workers, 1, 256)
        check_whole("receive_buffer_octets", receive_buffer_octets, 0, RECEIVE_BUFFER_LIMIT)
        self._receive_buffer_octets = receive_buffer_octets
        canaries = CANARY_PAIRS if len(ports) >= CANARY_RANGE else 0
        limit = _raise_descriptor_limit(
            sum(2 * len(pool) for pool in self._pools.values()), 2 * canaries * len(self._pools)
        )
        self._own_ports = OwnPorts([(each.bind, each.advertise) for each in self._interfaces.values()])
        self._sprayers = SprayTable()
        self._canaries: dict[str, list[tuple[Worker, int]]] = {name: [] for name in self._interfaces}
        # Reentrant, because a signal handler may close the relay.
        self._lock = threading.RLock()
        self._sessions: dict[str, Session] = {}
        self._numbers = itertools.count(1)
        self._load: dict[Worker, int] = {}
        self._closed = False
        self._reaper = Reaper(self)
        try:
            self._events = EventQueue()
        except OSError as error:
            raise relay_error(error, "a relay") from None
        names = ", ".join(self._interfaces)
        self._finalizer = weakref.finalize(self, _abandon, names, self._load, self._events)
        try:
            self._start_workers(workers, min(limit, SLOTS_LIMIT))
            self._watchers = itertools.cycle(tuple(self._load))
            for name in self._interfaces:
                self._keep_canaries(name, canaries)
        except BaseException:
            self.close()
            raise
        _RELAYS.add(self)

    def _start_workers(self, count: int, slots: int) -> None:
        for index in range(count):
            try:
                worker = Worker(slots, self._events.descriptor, f"rtpcore-{index}", self._own_ports, self._sprayers)
            except OSError as error:
                raise relay_error(error, "a worker") from None
            self._load[worker] = 0
            self._events.add_worker(worker)

    def _keep_canaries(self, interface: str, pairs: int) -> None:
        # Each pair is tried once: what another program has bound is as good as gone.
        pool, host = self._pools[interface], self._interfaces[interface].bind
        for _ in range(len(pool)):
            if len(self._canaries[interface]) == pairs:
                return
            port = pool.take()
            worker = next(self._watchers)
            try:
                watch(worker, (host, port))
                watch(worker, (host, port + 1))
            except OSError as error:
                unwatch(worker, (host, port))
                pool.put_back(port)
                if error.errno != errno.EADDRINUSE:
                    raise relay_error(error, error.filename or host) from None
            else:
                self._canaries[interface].append((worker, port))

    def _give_up_canary(self, interface: str) -> bool:
        """Puts a pair of canaries into the pool, because a call needs it; whether there was one."""
        try:
            worker, port = self._canaries[interface].pop()
        except IndexError:
            return False
        for each in (port, port + 1):
            unwatch(worker, (self._interfaces[interface].bind, each))
        self._pools[interface].put_back(port)
        return True

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
            kind = type(identifier).__name__
            raise TypeError(f"the identifier of a session must be a str, not {kind} {identifier!r}.")
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
        return self._take_events(check_timeout(timeout))

    def _take_events(self, timeout: float | None) -> Iterator[Event]:
        while True:
            event = self._events.take()
            if event is not None:
                yield event
            elif self._events.closed or not self._events.wait(timeout):
                return

    @property
    def events_lost(self) -> int:
        """Events that nobody will get, because nobody took them in time. Their counts are lost with them."""
        return self._events.lost

    def _collect_events(self) -> None:
        """For Session.event_log."""
        self._events.collect()

    def stats_array(self) -> npt.NDArray[Any]:
        """A numpy structured array (STATS_DTYPE), one row a leg of every session; stays valid after close."""
        from rtpcore.track.array import stats_from_octets

        with self._lock:
            self._check_open()
            sessions = list(self._sessions.values())
        names: dict[int, tuple[str, str]] = {}
        legs: dict[Worker, list[WorkerLeg]] = {worker: [] for worker in self._load}
        for session in sessions:
            for leg in session.legs.values():
                names[leg._native.number] = session.id, leg.name
                legs[session._worker].append(leg._native)
        return stats_from_octets(b"".join(snapshot_legs(worker, some) for worker, some in legs.items()), names)

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
            self._closed = True
            sessions = list(self._sessions.values())
        self._reaper.stop()
        for session in sessions:
            session.close()
        self._finalizer.detach()
        _stop(self._load, self._events)

    def _disown(self) -> None:
        """In the child of a fork: the threads run in the parent only, and so do the sessions."""
        self._lock = threading.RLock()
        self._closed = True
        self._finalizer.detach()
        for session in self._sessions.values():
            session._disown()
        for worker in self._load:
            worker.disown()
        self._events.disown()

    def _close_expired(self) -> None:
        """For Reaper: closes the sessions of which a worker has said that nobody sends any more."""
        numbers = {number for worker in self._load for number in worker.take_timeouts()}
        if numbers:
            for session in self.sessions.values():
                if numbers & {leg._native.number for leg in session.legs.values()}:
                    session.close()

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
        if not isinstance(interface, str):
            raise TypeError(f"interface must be a name, not {type(interface).__name__} {interface!r}.")
        if interface not in self._interfaces:
            raise UnknownInterface(f"interface {interface!r} is none of {', '.join(self._interfaces)}.")
        if not isinstance(policy, LatchPolicy):
            raise TypeError(f"policy must be a LatchPolicy, not {type(policy).__name__} {policy!r}.")
        check_ports(port, rtcp_port)
        with self._lock:
            self._check_open()
            number = next(self._numbers)
        if policy.on_media_timeout == "close":
            self._reaper.start()
        local = self._interfaces[interface]
        bind = functools.partial(
            bind_leg, session._worker, number, policy, local.bind, local.advertise, self._receive_buffer_octets
        )
        # Named first: what a leg tells may be taken as soon as it is bound.
        self._events.add_leg(number, session.id, name, session._log)
        try:
            if port is not None:
                return bind(port, rtcp_port), local.advertise, None
            while True:
                try:
                    native, taken = _bind_free_pair(bind, self._pools[interface], interface)
                except PortsExhausted:
                    if not self._give_up_canary(interface):
                        raise
                else:
                    return native, local.advertise, (interface, taken)
        except BaseException:
            self._events.remove_legs([number])
            raise

    def _release_legs(self, legs: Sequence[Leg]) -> None:
        """For Session: these legs are closed."""
        self._events.remove_legs(leg._native.number for leg in legs)
        for leg in legs:
            if leg._pool_port is not None:
                interface, port = leg._pool_port
                self._pools[interface].give(port)

    def _forget_session(self, session: Session, legs: Sequence[Leg]) -> None:
        """For Session.close: its legs are closed."""
        self._release_legs(legs)
        with self._lock:
            if self._sessions.pop(session.id, None) is not None:
                self._load[session._worker] -= 1

    def _check_open(self) -> None:
        if self._closed:
            raise Closed("the relay is closed.")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _stop(workers: Iterable[Worker], events: EventQueue) -> None:
    for worker in workers:
        worker.stop()
    events.close()


def _abandon(interfaces: str, workers: Iterable[Worker], events: EventQueue) -> None:
    """Ends a relay that nobody refers to any more, or that is open when the program ends."""
    warnings.warn(f"the relay on {interfaces} was left without close().", ResourceWarning, stacklevel=2)
    _stop(workers, events)


_RELAYS: weakref.WeakSet[Relay] = weakref.WeakSet()


def _disown_relays() -> None:
    for relay in list(_RELAYS):
        relay._disown()


os.register_at_fork(after_in_child=_disown_relays)


def _bind_free_pair(bind: Callable[[int], WorkerLeg], pool: PortPool, interface: str) -> tuple[WorkerLeg, int]:
    # A pair that another program has bound goes to the end of the queue; each is tried once.
    for _ in range(max(1, len(pool))):
        port = pool.take()
        try:
            return bind(port), port
        except AddressInUse:
            pool.put_back(port)
        except BaseException:
            pool.put_back(port)
            raise
    raise PortsExhausted(f"every free pair of ports of interface {interface!r} is bound by other programs.")


def _raise_descriptor_limit(wanted: int, canaries: int) -> int:
    """Raises RLIMIT_NOFILE to its hard limit and returns it; warns when it cannot hold `wanted` sockets.

    canaries: how many of those serve no session.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = SLOTS_LIMIT + SPARE_DESCRIPTORS if hard == resource.RLIM_INFINITY else hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    if limit < wanted + SPARE_DESCRIPTORS:
        warnings.warn(
            f"the limit of {limit} open files (RLIMIT_NOFILE) holds about "
            f"{max(0, limit - SPARE_DESCRIPTORS - canaries) // 4} sessions, fewer than the {wanted} ports of this "
            "relay could serve" + (f"; {canaries} are canaries." if canaries else "."),
            RuntimeWarning,
            stacklevel=3,
        )
    return limit
