"""What a scenario is: who sends what from where and when, what signalling says, and what may happen at most.

Plain data. `timeline` turns it into datagrams, `virtual` and `loopback` play them, `figures` measures. Adding a
scenario is adding a row to one of the tables that `table` names.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

__all__ = [
    "ANSWER",
    "ANY",
    "MID",
    "PEER",
    "PEER_TALKS",
    "PHONE",
    "PHONE_TALKS",
    "PRIVATE",
    "Bounds",
    "Clock",
    "Moment",
    "Place",
    "Role",
    "Scenario",
    "Signal",
    "Stream",
]

Clock = Literal["virtual", "udp"]
ANY = 10**9
"""No bound: what rtpcore tells openly that it cannot prevent."""


class Moment(NamedTuple):
    """Seconds from the answer: in virtual time, and over UDP, where long waits are cut short."""

    virtual_s: float
    udp_s: float

    def after(self, seconds: float) -> Moment:
        return Moment(self.virtual_s + seconds, self.udp_s + seconds)

    def on(self, clock: Clock) -> float:
        return self.virtual_s if clock == "virtual" else self.udp_s


ANSWER = Moment(0.0, 0.0)
MID = Moment(8.0, 1.8)
"""Mid-call: the learning window (5 s in virtual time, 1 s over UDP) is over."""
SOON_AFTER = MID.after(1.2)


class Place(NamedTuple):
    """A host by name and a port. "near leg" and "far leg" are the relay's own ports."""

    host: str
    port: int


PHONE = Place("phone", 40000)
"""Where the NAT puts the phone; the phone's signalling comes from this host."""
PRIVATE = Place("lan", 5004)
"""What the phone's SDP says: an address that cannot be reached."""
PEER = Place("peer", 6000)
"""The public party on the other leg."""


class Role(enum.Enum):
    PHONE = "phone"
    PEER = "peer"
    ATTACKER = "attacker"


@dataclass(frozen=True)
class Stream:
    """Datagrams at an even pace from one place, or from `spread` ports in turn."""

    role: Role
    source: Place
    start: Moment
    stop: Moment | None = None
    every_s: float = 0.02
    leg: Literal["near", "far"] = "near"
    port: Literal["rtp", "rtcp"] = "rtp"
    kind: Literal["rtp", "report", "answer", "octets", "junk", "keepalive", "check", "unreachable", "udptl"] = "rtp"
    """Media, sender reports, receiver reports on the stream `answers`, always the same `octets` or those of a `series`
    in turn, all sorts, empty RTP packets of a payload type that nobody negotiated (RFC 6263 4.6), connectivity checks
    of ICE, ICMP that says in the source's name that its port is closed, or T.38."""
    nominates: bool = False
    """A check nominates its pair."""
    key: bytes | None = None
    """Media is SRTP with this key."""
    octets: bytes = b""
    series: tuple[bytes, ...] = ()
    extensions: tuple[bytes, ...] = ()
    """Header extensions that the packets of media have, in turn."""
    answers: Stream | None = None
    answered: Stream | None = None
    """The stream of sender reports that an answer refers to."""
    deaf_from: Moment | None = None
    """From then on answers say that nothing more of `answers` arrived."""
    ssrc: int | None = None
    """None: another one with each packet."""
    first: int = 1000
    step: int = 1
    payload_type: int = 0
    spread: int = 1
    shadows: Stream | None = None
    """An observer: SSRC, numbers and timestamps are those that this stream has at the time."""
    silences: tuple[tuple[Moment, Moment], ...] = ()
    """The sender is mute: numbers stand still, the clock runs."""
    gaps: tuple[tuple[float, float], ...] = ()
    """(period_s, talk_s): silence suppression; a comfort-noise packet begins each pause."""
    copies: int = 1
    copies_late_s: float = 0.0
    lost_from: Moment | None = None
    lost_count: int = 0
    """Packets that the network loses in a row."""
    loss: float = 0.0
    reorder_s: float = 0.0
    until: Moment | None = None
    """The share of packets that the network loses, and how late it makes every other one, up to that moment."""


@dataclass(frozen=True)
class Signal:
    """What signalling says of a leg. Hosts by name."""

    at: Moment
    event: str
    declared: Place | None = None
    signalling: tuple[str, ...] = ()
    leg: Literal["near", "far"] = "near"
    said: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Bounds:
    """What may happen at most. `dead_ms` None: 60 in virtual time, 100 over UDP."""

    inj: int = 0
    bleed_ms: int = 0
    lost: int = 0
    dead_ms: int | None = None
    reports_lost: int = 0

    def dead_on(self, clock: Clock) -> int:
        return self.dead_ms if self.dead_ms is not None else {"virtual": 60, "udp": 100}[clock]


PHONE_TALKS = Stream(Role.PHONE, PHONE, ANSWER.after(0.3), ssrc=0x1111_1111)
PEER_TALKS = Stream(Role.PEER, PEER, ANSWER.after(0.01), ssrc=0x2222_2222, leg="far", first=30_000)


@dataclass(frozen=True)
class Scenario:
    """One row. The near leg is the phone's, the far leg the peer's."""

    id: str
    what: str
    attack: tuple[Stream, ...] = ()
    phone: tuple[Stream, ...] = (PHONE_TALKS,)
    peer: tuple[Stream, ...] = (PEER_TALKS,)
    signals: tuple[Signal, ...] = ()
    declared: Place = PRIVATE
    signalling: tuple[str, ...] = ("phone",)
    listens: Place | None = None
    """Where the phone receives, if not where it sends from."""
    publish: Moment = ANSWER
    end: Moment = SOON_AFTER
    policy: Mapping[str, Any] = field(default_factory=dict)
    said: Mapping[str, Any] = field(default_factory=dict)
    """What the phone's answer says besides."""
    bounds: Bounds = Bounds()
    measured_from: Moment | None = None
    """Where the bound on dead time counts from later than the phone's first packet."""
    raises: frozenset[str] = frozenset()
    """Events of the near leg that must come."""
    silent: frozenset[str] = frozenset()
    """Events of the near leg that must not."""

    @property
    def streams(self) -> tuple[Stream, ...]:
        return (*self.phone, *self.peer, *self.attack)

    @property
    def forges_hosts(self) -> bool:
        """Whether a packet has a source address on which no socket can be bound."""
        return any(
            stream.source.host in ("lan", "near leg", "far leg") or stream.kind == "unreachable"
            for stream in self.attack
        )
