"""Session and Leg: what a daemon calls. A session relays between its legs; a leg is one party of it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Self

from rtpcore.errors import Closed, ConfigurationError, LegExists
from rtpcore.forward.bind import relay_error
from rtpcore.track.latch.policy import LatchPolicy

if TYPE_CHECKING:
    from rtpcore.events import Address, Event
    from rtpcore.forward.control import Worker
    from rtpcore.forward.worker_leg import WorkerLeg
    from rtpcore.relay import Relay
    from rtpcore.track.authentication.credentials import IceCredentials
    from rtpcore.track.leg_stats import LegStats

__all__ = ["Leg", "Session", "SessionStats"]

LEGS = 2
EVENTS_LOGGED = 64


@dataclass(frozen=True, slots=True)
class SessionStats:
    """The legs of a session at one moment, by name."""

    session: str
    legs: dict[str, LegStats]


class Leg:
    """One party: a pair of local ports and the latch that decides who is heard there. Made by Session.add_leg.

    May be used from any thread. After close every call raises Closed.
    """

    __slots__ = ("_native", "_pool_port", "address", "name", "policy", "rtcp_address", "session")

    def __init__(
        self,
        session: Session,
        name: str,
        policy: LatchPolicy,
        native: WorkerLeg,
        advertise: str,
        pool_port: tuple[str, int] | None,
    ) -> None:
        self.session = session
        self.name = name
        self.policy = policy
        self._native = native
        self._pool_port = pool_port
        self.address: Address = (advertise, native.local[1])
        """`(host, port)` that goes into the SDP sent to this party."""
        self.rtcp_address: Address = (advertise, native.local_rtcp[1])
        """`(host, port)` for a=rtcp; with rtcp-mux the same as `address` is used instead."""

    def publish(self) -> None:
        """Lets media in; call it before the SDP with this leg's address leaves.

        Returns when everything that arrived before has been read and dropped: who talks to a port before it was given
        away did not learn it from signalling. Raises RelayError where the kernel will not watch the ports.
        """
        try:
            self._native.publish()
        except OSError as error:
            raise relay_error(error, f"{self.address[0]} port {self.address[1]}") from None

    def signal(
        self,
        event: str,
        declared: Address | None = None,
        signalling: Iterable[str] = (),
        payload_types: Mapping[int, int] | None = None,
        comfort_noise: Iterable[int] = (13,),
        rtcp: Address | None = None,
        rtcp_mux: bool | None = None,
        reduced_size: bool = False,
        ptime_ms: int = 20,
        direction: str = "sendrecv",
        ssrcs: Iterable[int] = (),
        branch: str | None = None,
        encrypted: bool | None = None,
        ice: IceCredentials | Literal[False] | None = None,
        verify: Callable[[bytes], bool] | Literal[False] | None = None,
        passthrough: Iterable[str] | None = None,
        media: str = "rtp",
    ) -> None:
        """What signalling says about this party.

        event: answer | early | refresh | reinvite | hold | resume | close. declared: `(host, port)` of its SDP, None to
        keep the last one. signalling: hosts its signalling came from, at most 4. payload_types: {number: clock rate in
        Hz}, None for any. rtcp: `(host, port)` of a=rtcp, by default the declared port + 1 (RFC 3605). ptime_ms: packet
        time. direction: sendrecv | sendonly | recvonly | inactive. ssrcs: of a=ssrc. branch: of a fork.
        encrypted: SRTP is used (RTP/SAVP), so that padding and the body of RTCP cannot be judged.
        ice: IceCredentials; checks that they authenticate decide from where media comes and where it goes (RFC 8445).
        verify: called with each RTP and RTCP packet, True if its key vouches for it (SRTP: tag, and no replay); what
        it refuses is dropped unjudged, what it accepts is followed wherever it comes from. It runs on the worker and
        takes the GIL for each packet: for tests and few calls; docs/cython-api.md has a C function. It must not
        call this relay. passthrough: of the endpoints' own protocols "stun", "dtls" and "zrtp" those that are relayed.
        Of these three None means as before, and False, or an empty sequence, no more.
        media: "rtp", or "udptl" for T.38, which is latched by address only and goes to a leg of the same kind alone.

        Raises ConfigurationError or TypeError, naming the value, and changes nothing.
        """
        self._native.signal(
            event,
            declared,
            signalling,
            payload_types,
            comfort_noise,
            rtcp,
            rtcp_mux,
            reduced_size,
            ptime_ms,
            direction,
            ssrcs,
            branch,
            encrypted,
            ice,
            verify,
            passthrough,
            media,
        )
        if rtcp_mux is not None:
            self.rtcp_address = self.address if rtcp_mux else (self.address[0], self._native.local_rtcp[1])

    def stats(self) -> LegStats:
        """Counters and state of this moment, consistent in themselves."""
        return self._native.stats(self.name)

    def explain(self) -> str:
        """Why the accepted source is accepted, or why none is: a few sentences."""
        return self._native.explain()

    def __repr__(self) -> str:
        return f"<Leg {self.name!r} of {self.session.id!r} at {self.address[0]} port {self.address[1]}>"


class Session:
    """A call: legs that relay to each other. Made by Relay.create_session; a context manager.

    May be used from any thread. After close() every call but close() raises Closed.
    """

    __slots__ = ("_closed", "_last", "_legs", "_lock", "_log", "_relay", "_worker", "id")

    def __init__(self, relay: Relay, identifier: str, worker: Worker) -> None:
        self.id = identifier
        self._relay = relay
        self._worker = worker
        self._legs: dict[str, Leg] = {}
        # Reentrant, because a signal handler may close a session that is just being closed.
        self._lock = threading.RLock()
        self._closed = False
        self._last: SessionStats | None = None
        self._log: deque[Event] = deque(maxlen=EVENTS_LOGGED)

    @property
    def legs(self) -> dict[str, Leg]:
        """The legs by name."""
        return dict(self._legs)

    @property
    def closed(self) -> bool:
        """Whether close() has been called."""
        return self._closed

    def add_leg(
        self,
        name: str,
        interface: str | None = None,
        policy: LatchPolicy | None = None,
        *,
        port: int | None = None,
        rtcp_port: int | None = None,
    ) -> Leg:
        """Binds a pair of ports and adds a party. The two legs of a session relay to each other.

        interface: its name, by default the relay's first. policy: LatchPolicy("guarded") by default. port: a given
        local RTP port instead of one of the relay's range; rtcp_port: by default the one above.

        Raises LegExists, UnknownInterface, PortsExhausted, AddressInUse, AddressNotAvailable, PermissionDenied,
        DescriptorsExhausted or Closed; nothing stays bound.
        """
        if not isinstance(name, str):
            raise TypeError(f"the name of a leg must be a str, not {type(name).__name__}.")
        with self._lock:
            self._check_open()
            if name in self._legs:
                raise LegExists(f"session {self.id!r} has a leg {name!r} already.")
            if len(self._legs) == LEGS:
                raise ConfigurationError(f"session {self.id!r} has {LEGS} legs; {name!r} would be one too many.")
            policy = policy if policy is not None else LatchPolicy()
            native, advertise, pool_port = self._relay._bind_leg(self, name, interface, policy, port, rtcp_port)
            leg = Leg(self, name, policy, native, advertise, pool_port)
            others = list(self._legs.values())
            self._legs[name] = leg
            try:
                self._check_open()  # a signal handler may have closed it meanwhile
                for other in others:
                    native.link(other._native)
            except BaseException:
                del self._legs[name]
                if native.close(name) is not None:
                    self._relay._release_legs([leg])
                raise
            return leg

    def stats(self) -> SessionStats:
        """Counters and state of all legs."""
        self._check_open()
        return SessionStats(self.id, {name: leg.stats() for name, leg in self.legs.items()})

    @property
    def last_stats(self) -> SessionStats | None:
        """What close() returned, whoever called it: with on_media_timeout="close" the relay does. None while open."""
        return self._last

    def event_log(self) -> list[Event]:
        """The newest events of this session, at most 64, oldest first; also after close, and whoever took them."""
        self._relay._collect_events()
        return list(self._log)

    def close(self) -> SessionStats | None:
        """Closes all ports, which then rest in quarantine. Returns the last statistics; None when closed before."""
        with self._lock:
            if self._closed:
                return None
            self._closed = True
            last: dict[str, LegStats] = {}
            for name, leg in self._legs.items():
                stats = leg._native.close(name)
                if stats is not None:
                    last[name] = stats
            self._last = SessionStats(self.id, last)
            self._relay._forget_session(self, list(self._legs.values()))
            return self._last

    def _disown(self) -> None:
        self._lock = threading.RLock()
        self._closed = True
        for leg in self._legs.values():
            leg._native.disown()

    def _check_open(self) -> None:
        if self._closed:
            raise Closed(f"session {self.id!r} is closed.")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Session {self.id!r} with {len(self._legs)} legs{', closed' if self._closed else ''}>"
