"""The compiled tracker against a slow model of RFC 3550 A.1, A.3 and A.8 in unbounded integers and sets."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass, field
from itertools import chain, pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from rtpcore.track.reception import SsrcTable
from rtpcore.track.source import SourceState, SourceStats, SourceVerdict

SSRC = 0xDEADBEEF
MAX_DROPOUT, MAX_MISORDER, MIN_SEQUENTIAL = 3000, 100, 2
WINDOW = 64  # how far back a duplicate is told from a late packet


@dataclass(frozen=True)
class Packet:
    sequence_number: int
    timestamp: int = 0
    payload_type: int = 0
    payload_size: int = 0
    clock_rate: int = 8000
    elapsed_ns: int = 20_000_000

    def datagram(self) -> bytes:
        header = struct.pack("!BBHII", 0x80, self.payload_type, self.sequence_number, self.timestamp, SSRC)
        return header + bytes(self.payload_size)


@dataclass
class Model:
    """Sequence numbers are kept extended, without end; `run` is what came in sequence and is not valid yet."""

    run: list[int] = field(default_factory=list)
    valid: bool = False
    base: int = 0
    highest: int = 0
    awaited: int | None = None
    seen: set[int] = field(default_factory=set)
    received: int = 0
    expected_prior: int = 0
    received_prior: int = 0
    duplicates: int = 0
    reordered: int = 0
    octets: int = 0
    transit: int | None = None
    transit_kind: tuple[int, int] | None = None
    jitter: int = 0
    first_ns: int | None = None
    last_ns: int = 0

    def start(self, number: int) -> None:
        self.base = self.highest = number
        self.seen = {number - i for i in range(MIN_SEQUENTIAL)}
        self.received = 1
        self.expected_prior = self.received_prior = 0
        self.awaited = None

    def sequence(self, number: int) -> SourceVerdict:
        if not self.valid:
            self.run = [*self.run, number] if self.run and number == (self.run[-1] + 1) % 65536 else [number]
            if len(self.run) < MIN_SEQUENTIAL:
                return SourceVerdict.PROBATION
            self.valid = True
            self.start(number)
            return SourceVerdict.IN_ORDER
        ahead = (number - self.highest) % 65536
        if MAX_DROPOUT <= ahead <= 65536 - MAX_MISORDER:
            if number == self.awaited:
                self.start(number)
                return SourceVerdict.RESTARTED
            self.awaited = (number + 1) % 65536
            return SourceVerdict.BAD_SEQUENCE
        self.received += 1
        if 0 < ahead < MAX_DROPOUT:
            self.highest += ahead
            self.seen.add(self.highest)
            return SourceVerdict.IN_ORDER
        extended = self.highest - (self.highest - number) % 65536
        if extended in self.seen and self.highest - extended < WINDOW:
            self.duplicates += 1
            return SourceVerdict.DUPLICATE
        self.seen.add(extended)
        self.reordered += 1
        return SourceVerdict.REORDERED

    def update(self, packet: Packet, now_ns: int) -> SourceVerdict:
        verdict = self.sequence(packet.sequence_number)
        self.octets += packet.payload_size
        self.first_ns = now_ns if self.first_ns is None else self.first_ns
        self.last_ns = now_ns
        if verdict is SourceVerdict.BAD_SEQUENCE:
            return verdict
        kind = (packet.payload_type, packet.clock_rate)
        transit = now_ns * packet.clock_rate // 10**9 - packet.timestamp
        if self.transit is not None and kind == self.transit_kind and verdict is not SourceVerdict.RESTARTED:
            difference = (transit - self.transit) % 2**32
            difference = min(difference, 2**32 - difference)
            self.jitter = min(self.jitter + difference - (self.jitter + 8) // 16, 2**32 - 1)
        self.transit, self.transit_kind = transit, kind
        return verdict

    def expected(self) -> int:
        return self.highest - self.base + 1 if self.valid else 0

    def fraction_lost(self) -> int:
        expected = self.expected() - self.expected_prior
        lost = expected - (self.received - self.received_prior)
        return lost * 256 // expected if expected > 0 and lost > 0 else 0

    def take_interval(self) -> None:
        self.expected_prior, self.received_prior = self.expected(), self.received

    def stats(self) -> SourceStats:
        assert self.first_ns is not None
        return SourceStats(
            ssrc=SSRC,
            state=SourceState.VALID if self.valid else SourceState.PROBATION,
            extended_highest_sequence_number=(self.highest if self.valid else self.run[-1]) % 2**32,
            packets_received=self.received,
            cumulative_lost=max(-(2**23), min(2**23 - 1, self.expected() - self.received)),
            fraction_lost=self.fraction_lost(),
            interarrival_jitter=self.jitter // 16,
            duplicates=self.duplicates,
            reordered=self.reordered,
            octets=self.octets,
            first_ns=self.first_ns,
            last_ns=self.last_ns,
        )


# What a sender or a network does next, as a step from the highest sequence number so far, with the edges of A.1.
STEPS = st.one_of(
    st.just(1),
    st.integers(-110, 110),
    st.sampled_from([2999, 3000, 3001, -99, -100, -101, -63, -64, -65, 63, 64, 65, 32767, 32768]),
    st.integers(0, 65535),
)
RESTART = st.integers(3000, 62000).map(lambda step: [step, 1])
STREAM = st.lists(st.one_of(STEPS.map(lambda step: [step]), RESTART), max_size=60).map(lambda runs: [*chain(*runs)])
START = st.one_of(st.sampled_from([0, 1, 65533, 65534, 65535]), st.integers(0, 65535))


def numbers(start: int, steps: list[int]) -> list[int]:
    """Sequence numbers; a step behind the highest is a late packet, after which the sender goes on where it was."""
    highest, made = start, [start]
    for step in steps:
        made.append((highest + step) % 65536)
        if step > 0:
            highest = made[-1]
    return made


def run(packets: list[Packet], interval: int = 0) -> None:
    """Gives both the same packets and compares verdicts and statistics after each."""
    table, model, now_ns = SsrcTable(1), Model(), 0
    for count, packet in enumerate(packets):
        now_ns += packet.elapsed_ns
        verdict = table.update(packet.datagram(), now_ns, packet.clock_rate)
        assert verdict is model.update(packet, now_ns)
        assert table.sources() == [model.stats()]
        if interval and count % interval == 0:
            assert table.take_interval() == [model.stats()]
            model.take_interval()
            assert table.sources() == [model.stats()]


@given(start=START, steps=STREAM, interval=st.integers(0, 20))
@example(start=65535, steps=[1, 1, 1], interval=0)
@example(start=10, steps=[1] * 70 + [-69, -64, -63, 0, 3000, 1, -1], interval=0)
def test_sequence_and_loss(start: int, steps: list[int], interval: int) -> None:
    run([Packet(number) for number in numbers(start, steps)], interval)


@given(start=START, cycles=st.integers(1, 3), step=st.integers(1000, 2999))
def test_many_cycles(start: int, cycles: int, step: int) -> None:
    run([Packet(number) for number in numbers(start, [1] + [step] * (cycles * 65536 // step + 2))], 20)


@given(
    st.lists(
        st.builds(
            Packet,
            sequence_number=st.integers(0, 65535),
            timestamp=st.integers(0, 2**32 - 1),
            payload_type=st.sampled_from([0, 0, 0, 101]),
            payload_size=st.integers(0, 200),
            clock_rate=st.sampled_from([8000, 8000, 8000, 48000, 90000, 1, 10_000_000]),
            elapsed_ns=st.one_of(st.integers(0, 10**8), st.integers(0, 2**56)),
        ),
        max_size=60,
    ),
    st.booleans(),
)
def test_jitter_and_octets_of_anything(packets: list[Packet], in_sequence: bool) -> None:
    if in_sequence:
        packets = [Packet(**{**vars(p), "sequence_number": i}) for i, p in enumerate(packets)]
    run(packets)


@given(st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 50_000_000)), min_size=2, max_size=200))
def test_jitter_is_the_formula_of_6_4_1(moves: list[tuple[int, int]]) -> None:
    table, now_ns, timestamp = SsrcTable(1), 0, 2**32 - 1000
    transits = []
    for number, (step, elapsed_ns) in enumerate(moves):
        now_ns += elapsed_ns
        timestamp += step
        table.update(Packet(number, timestamp % 2**32).datagram(), now_ns, 8000)
        transits.append(math.floor(now_ns * 8000 / 10**9) - timestamp)
    jitter = 0.0
    for before, after in pairwise(transits):
        jitter += (abs(after - before) - jitter) / 16
    # Sixteenths are rounded in A.8: half a unit at most adds up to half a unit of the result, which is then cut.
    assert -1.5 <= table.sources()[0].interarrival_jitter - jitter <= 0.5 + 1e-6
