"""A call through the laboratory as plain data: what signalling says, who sends what from which host, and the bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from rtpcore.events import Address
from tests.nat.laboratory import PEER, RELAY

PHONE, OTHER, ATTACKER = 1, 2, 3
PHONE_SSRC, PEER_SSRC, ATTACKER_SSRC = 0x1111_1111, 0x2222_2222, 0x6666_6666
Span = tuple[float, float]


@dataclass(frozen=True)
class Talk:
    """Datagrams at an even pace from a port of a host to a port of the relay. Times in seconds of the play."""

    host: str
    port: int
    role: int
    ssrc: int | None
    """None: another one with each packet."""
    leg: Literal["near", "far"] = "near"
    at: Literal["rtp", "rtcp"] = "rtp"
    kind: Literal["rtp", "report", "receiver", "empty", "junk", "unreachable"] = "rtp"
    start: float = 0.3
    stop: float = 60.0
    every: float = 0.02
    first: int = 1000
    step: int = 1
    epoch: float = 0.3
    """When its timestamp was 5000: that of an observer is that of whom it observes."""
    octets: int = 160
    payload_type: int = 0
    mute: tuple[Span, ...] = ()
    """When it says nothing: numbers stand still."""
    missing: tuple[Span, ...] = ()
    """When it loses all that it sends: numbers go on."""
    moves: tuple[tuple[float, int], ...] = ()
    """(when, port): it goes on from another port of its host."""
    forged: Address | None = None
    """In whose name it is sent."""
    to: Address | None = None
    """Where it goes, if not to the leg of the call."""
    punctual: bool = True
    """Whether the play means nothing where this one was late."""

    @property
    def ports(self) -> set[int]:
        """Where it listens."""
        return set() if self.forged else {self.port, *(port for _, port in self.moves)}


@dataclass(frozen=True)
class Party:
    """What signalling says of one leg's party."""

    declared: Address | None
    signalling: tuple[str, ...] = ()
    interface: str = RELAY
    policy: Mapping[str, Any] = field(default_factory=dict)
    said: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """One session, its two parties, and everybody who sends to it. The bounds are those of a call without residue."""

    near: Party | None
    """None: the call is through another relay, and its talks say where to."""
    talks: tuple[Talk, ...]
    far: Party = Party((PEER, 6000))
    end: float = 2.0
    publish_s: float = 0.0
    """When it is published and answered; 0: before anybody speaks."""
    port: int | None = None
    """Of the near leg, instead of one of the relay's range."""
    offline: tuple[Span, ...] = ()
    """When the network is not there: what is sent then does not count."""
    inj: int = 0
    lost: int = 0
    dead_ms: int = 100


def talking(host: str, port: int, **said: Any) -> Talk:
    """A phone: PCMU in 20 ms from 0.3 s on."""
    return Talk(host, port, PHONE, **{"ssrc": PHONE_SSRC, **said})


def peer(port: int = 6000, host: str = "peer", **said: Any) -> Talk:
    """The public party on the other leg."""
    usual = {"ssrc": PEER_SSRC, "leg": "far", "start": 0.01, "first": 30_000, "epoch": 0.01}
    return Talk(host, port, OTHER, **{**usual, **said})


def attacking(host: str = "attacker", port: int = 7777, **said: Any) -> Talk:
    """Somebody who may be late without harm."""
    return Talk(host, port, ATTACKER, **{"ssrc": ATTACKER_SSRC, "punctual": False, **said})
