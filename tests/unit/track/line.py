"""One latch with a clock in milliseconds: what the tests of latching talk through."""

from __future__ import annotations

from typing import Any

from rtpcore import Action, Latch, LatchPolicy, LatchVerdict
from rtpcore.events import Address, Event
from tests.behaviour.media import PTIME_MS, rtp

MS = 1_000_000

RELAY = ("203.0.113.7", 30000)
PHONE = ("198.51.100.10", 40000)  # where the NAT puts the phone; its signalling comes from this host
PHONE_RTCP = ("198.51.100.10", 40001)
PRIVATE = ("192.168.1.10", 5004)  # what the phone's SDP says
NEIGHBOUR = ("198.51.100.10", 55555)  # somebody else behind the phone's NAT
SERVER = ("192.0.2.20", 6000)  # a public party
STRANGER = ("192.0.2.66", 7777)

PHONE_SSRC, OTHER_SSRC, STRANGER_SSRC, PEER_SSRC = 0x1111_1111, 0x3333_3333, 0x6666_6666, 0x2222_2222

FORWARD, HOLD, DROP = Action


class Line:
    """A latch; times are milliseconds that must not go back."""

    def __init__(self, policy: LatchPolicy | None = None, interface: Address | None = RELAY) -> None:
        self.latch = Latch(policy or LatchPolicy(), interface)

    def publish(self, at_ms: float = 0) -> Line:
        self.latch.publish(round(at_ms * MS))
        return self

    def signal(self, at_ms: float, event: str = "answer", **said: Any) -> Line:
        self.latch.signal(round(at_ms * MS), event, **said)
        return self

    def answer(self, at_ms: float = 0, declared: Address | None = PRIVATE, **said: Any) -> Line:
        """The phone's answer: a private address in SDP, signalling from its NAT, PCMU and telephone events."""
        said = {"signalling": [PHONE[0]], "payload_types": {0: 8000, 101: 8000}, **said}
        return self.signal(at_ms, "answer", declared=declared, **said)

    def receive(
        self, at_ms: float, source: Address, number: int, ssrc: int = PHONE_SSRC, **packet: Any
    ) -> LatchVerdict:
        return self.latch.receive(round(at_ms * MS), source, rtp(number, ssrc, **packet))

    def receive_rtcp(self, at_ms: float, source: Address, datagram: bytes) -> LatchVerdict:
        return self.latch.receive_rtcp(round(at_ms * MS), source, datagram)

    def talk(
        self,
        start_ms: float,
        source: Address,
        count: int,
        first: int = 0,
        ssrc: int = PHONE_SSRC,
        every_ms: float = PTIME_MS,
        **packet: Any,
    ) -> list[LatchVerdict]:
        """`count` packets in sequence, one every `every_ms`."""
        return [
            self.receive(start_ms + index * every_ms, source, first + index, ssrc, **packet) for index in range(count)
        ]

    def tick(self, at_ms: float) -> Line:
        self.latch.tick(round(at_ms * MS))
        return self

    def events(self) -> list[Event]:
        return self.latch.events()

    def event_names(self) -> list[str]:
        return [event.name for event in self.latch.events()]


def answered(policy: LatchPolicy | None = None, declared: Address | None = PRIVATE, **said: Any) -> Line:
    """Published and answered at 0 ms; nobody has spoken."""
    return Line(policy).publish().answer(declared=declared, **said)


def provisional(policy: LatchPolicy | None = None, **said: Any) -> Line:
    """The phone has sent packets 0 to 9 from 0 to 180 ms and is accepted since 20 ms."""
    line = answered(policy, **said)
    line.talk(0, PHONE, 10)
    line.events()
    return line


def locked(policy: LatchPolicy | None = None, **said: Any) -> Line:
    """The phone has sent packets 0 to 299 from 0 to 5980 ms, and the learning window is over."""
    line = answered(policy, **said)
    line.talk(0, PHONE, 300)
    line.events()
    return line


LOCKED_MS = 6000
"""When the next packet of `locked()` is due: number 300."""


def forwarded(verdicts: list[LatchVerdict]) -> int:
    """How many packets were sent on, those held before included."""
    return sum(len(verdict.released) + (verdict.action is FORWARD) for verdict in verdicts)
