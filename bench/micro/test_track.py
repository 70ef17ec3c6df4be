"""What keeps state, through its Python face: a locked latch and the table of sources. One loop is a thousand packets.

The figures hold the crossing from Python to C and back; bench/pipeline measures the same code without it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

import rtpcore

PHONE = ("127.0.0.1", 40000)
PTIME_NS = 20_000_000
PACKETS = 1000
ROUNDS = 200

Batch = list[tuple[int, bytes]]


class Clock:
    """Gives each packet its time, 20 ms after the one before."""

    def __init__(self) -> None:
        self.now_ns = 1_000_000_000

    def stamp(self, datagrams: list[bytes]) -> Batch:
        """Pair every datagram with the time it arrives."""
        begin = self.now_ns
        self.now_ns += PTIME_NS * len(datagrams)
        return [(begin + PTIME_NS * index, datagram) for index, datagram in enumerate(datagrams)]


def _run(benchmark: BenchmarkFixture, handle: Callable[[Batch], None], batch: Callable[[], Batch]) -> None:
    benchmark.extra_info["packets"] = PACKETS
    pedantic: Any = benchmark.pedantic  # which has no types
    pedantic(handle, setup=lambda: ((batch(),), {}), rounds=ROUNDS, warmup_rounds=2)


def _locked_latch(clock: Clock, fresh_packets: Callable[[], list[bytes]]) -> rtpcore.Latch:
    latch = rtpcore.Latch(rtpcore.LatchPolicy())
    latch.publish(clock.now_ns)
    latch.signal(clock.now_ns, event="answer", declared=PHONE, signalling=[PHONE[0]], payload_types={0: 8000})
    for now_ns, datagram in clock.stamp(fresh_packets()):  # 20 s: the learning window is over
        latch.receive(now_ns, PHONE, datagram)
    assert latch.state is rtpcore.LatchState.LOCKED
    return latch


@pytest.mark.benchmark(group="latch, locked")
def test_latch_receive(benchmark: BenchmarkFixture, fresh_packets: Callable[[], list[bytes]]) -> None:
    clock = Clock()
    latch = _locked_latch(clock, fresh_packets)
    dropped = []

    def handle(batch: Batch) -> None:
        receive = latch.receive
        for now_ns, datagram in batch:
            verdict = receive(now_ns, PHONE, datagram)
        dropped.append(verdict.action is not rtpcore.Action.FORWARD)

    _run(benchmark, handle, lambda: clock.stamp(fresh_packets()))
    assert latch.state is rtpcore.LatchState.LOCKED
    assert not any(dropped)


@pytest.mark.benchmark(group="latch, locked")
def test_latch_refuses_stranger(benchmark: BenchmarkFixture, fresh_packets: Callable[[], list[bytes]]) -> None:
    clock = Clock()
    latch = _locked_latch(clock, fresh_packets)
    stranger = ("198.51.100.66", 7777)
    forged = [datagram[:8] + b"\xde\xad\xbe\xef" + datagram[12:] for datagram in fresh_packets()]

    def handle(batch: Batch) -> None:
        receive = latch.receive
        for now_ns, datagram in batch:
            assert receive(now_ns, stranger, datagram).action is rtpcore.Action.DROP

    now_ns = clock.now_ns
    _run(benchmark, handle, lambda: [(now_ns, datagram) for datagram in forged])


@pytest.mark.benchmark(group="table of sources")
def test_ssrc_table_update(benchmark: BenchmarkFixture, fresh_packets: Callable[[], list[bytes]]) -> None:
    clock = Clock()
    table = rtpcore.SsrcTable(max_sources=8)

    def handle(batch: Batch) -> None:
        update = table.update
        for now_ns, datagram in batch:
            update(datagram, now_ns)

    _run(benchmark, handle, lambda: clock.stamp(fresh_packets()))
    (source,) = table.sources()
    assert source.packets_received >= ROUNDS * 1000
