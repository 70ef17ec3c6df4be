"""What the kernel lock would drop the latch would have dropped too, whatever has happened before."""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtpcore import LatchPolicy
from tests.unit.net.test_filter import kept, rtcp

Address = tuple[str, int]

MS = 1_000_000
INTERFACE = ("203.0.113.7", 30000)
PHONE, PEER, NEIGHBOUR, SERVER = "198.51.100.10", "192.0.2.20", "198.51.100.99", "192.0.2.30"
HOSTS = [PHONE, PEER, NEIGHBOUR, SERVER, "2001:db8::5"]
SSRCS = [7, 8, 9]


@dataclass(frozen=True)
class Packet:
    """From whom, with which SSRC, how far on, and how long after the last step."""

    source: Address
    ssrc: int
    step: int
    count: int
    kind: str
    after_ms: int


@dataclass(frozen=True)
class Signal:
    event: str
    declared: Address | None
    signalling: str
    ssrcs: tuple[int, ...]
    direction: str
    after_ms: int


sources = st.tuples(st.sampled_from(HOSTS), st.sampled_from([4000, 4001, 4002]))
pauses = st.sampled_from([0, 20, 20, 20, 100, 250, 900, 2600, 5200, 11_000])
packets = st.builds(
    Packet,
    sources,
    st.sampled_from(SSRCS),
    st.sampled_from([1, 1, 1, 2, 40, 3000]),
    st.integers(1, 8),
    st.sampled_from(["rtp", "rtp", "rtp", "rtcp"]),
    pauses,
)
signals = st.builds(
    Signal,
    st.sampled_from(["answer", "reinvite", "refresh", "hold", "resume"]),
    st.none() | st.tuples(st.sampled_from(HOSTS[:4]), st.just(4000)),
    st.sampled_from(HOSTS),
    st.sampled_from([(), (), (8,), (7, 9)]),
    st.sampled_from(["sendrecv", "sendrecv", "recvonly", "inactive"]),
    pauses,
)
policies = st.builds(
    LatchPolicy,
    st.sampled_from(["guarded", "strict", "mobile", "open", "declared"]),
    learn_window_ms=st.sampled_from([100, 1000]),
    dead_relatch_ms=st.sampled_from([0, 1000, 5000]),
    max_ssrc=st.sampled_from([1, 3]),
)


def octets(packet: Packet, number: int, now_ns: int) -> bytes:
    if packet.kind == "rtcp":
        return rtcp(packet.ssrc)
    timestamp = now_ns // MS * 8 & 0xFFFF_FFFF
    return struct.pack("!BBHII", 0x80, 0, number & 0xFFFF, timestamp, packet.ssrc) + bytes(20)


class Play:
    """A line, and whether the lock was ever wanted and ever dropped anything."""

    def __init__(self, consumer: Any, policy: LatchPolicy) -> None:
        self.consumer, self.line = consumer, consumer.Line(policy, INTERFACE)
        self.now_ns = 10_000 * MS
        self.numbers = dict.fromkeys(SSRCS, 100)
        self.locked = self.kept_out = self.heard = 0

    def passes(self, source: Address, datagram: bytes, rtcp_port: bool) -> bool:
        terms = self.line.lock(self.now_ns)
        if terms is None:
            return True
        self.locked += 1
        accepted, hosts, ssrcs = terms
        if rtcp_port:
            program = self.consumer.Filter((), [accepted[0], *hosts], ssrcs)
        else:
            program = self.consumer.Filter([accepted], hosts, ssrcs)
        return kept(program, source, datagram)

    def take(self, packet: Packet) -> int:
        """How many of them were heard, now or later."""
        before = self.heard
        self.now_ns += packet.after_ms * MS
        for index in range(packet.count):
            self.now_ns += 20 * MS if index else 0
            self.numbers[packet.ssrc] += packet.step if index == 0 else 1
            datagram = octets(packet, self.numbers[packet.ssrc], self.now_ns)
            passes = self.passes(packet.source, datagram, packet.kind == "rtcp")
            heard = self.line.receive(self.now_ns, packet.source, datagram, packet.kind == "rtcp")
            self.kept_out += not passes
            self.heard += heard
            assert passes or not heard, f"{packet} would have been lost: {self.line.lock(self.now_ns)}"
        return self.heard - before

    def say(self, signal: Signal) -> None:
        self.now_ns += signal.after_ms * MS
        self.line.signal(
            self.now_ns, signal.event, signal.declared, [signal.signalling], signal.ssrcs, signal.direction
        )


ANSWER = Signal("answer", (PHONE, 4000), PHONE, (), "sendrecv", 0)


def talk(after_ms: int = 20, count: int = 8) -> Packet:
    return Packet((PHONE, 4000), 7, 1, count, "rtp", after_ms)


@settings(max_examples=300)
@given(policies, st.lists(packets | packets | packets | signals, max_size=40))
def test_nobody_is_kept_out_whom_the_latch_would_hear(
    consumer: Any, policy: LatchPolicy, steps: list[Packet | Signal]
) -> None:
    play = Play(consumer, policy)
    play.line.publish(play.now_ns)
    play.say(ANSWER)
    for step in [talk(), talk(1000), talk(20, 1), *steps]:
        if isinstance(step, Signal):
            play.say(step)
        else:
            play.take(step)


def test_a_displaced_source_with_an_ssrc_of_its_own_is_let_in(consumer: Any) -> None:
    """Row 12, after a neighbour has taken over within the learning window."""
    play = Play(consumer, LatchPolicy(learn_window_ms=1000))
    play.line.publish(play.now_ns)
    play.say(ANSWER)
    neighbour = Packet((PHONE, 4001), 8, 1, 8, "rtp", 120)
    assert [play.take(step) for step in (talk(), neighbour, replace(neighbour, after_ms=1000))] == [8, 8, 8]
    accepted, _, ssrcs = play.line.lock(play.now_ns)
    assert (accepted, ssrcs) == ((PHONE, 4001), [8, 7])
    assert play.take(talk()) == 8
    assert play.line.lock(play.now_ns)[0] == (PHONE, 4000)


@pytest.mark.parametrize("source", [(PEER, 4000), (PHONE, 4002), ("2001:db8::5", 4000)])
def test_the_property_is_about_something(consumer: Any, source: Address) -> None:
    play = Play(consumer, LatchPolicy(learn_window_ms=100))
    play.line.publish(play.now_ns)
    play.say(ANSWER)
    for step in (talk(), talk(1000), talk(), Packet(source, 9, 1, 5, "rtp", 0)):
        play.take(step)
    assert play.locked > 5
    assert play.kept_out == 5
