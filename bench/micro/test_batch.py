"""parse_batch: the headers of a thousand packets as one numpy array, beside parsers that make an object a packet."""

from __future__ import annotations

from itertools import accumulate

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

import rtpcore

GROUP = "headers of 1000 packets into numpy"
COLUMNS = ("marker", "payload_type", "sequence_number", "timestamp", "ssrc")


@pytest.mark.benchmark(group=GROUP)
def test_rtpcore_one_buffer(benchmark: BenchmarkFixture, plain: list[bytes]) -> None:
    sizes = np.array([len(datagram) for datagram in plain])
    offsets = np.array([0, *accumulate(sizes.tolist())][:-1])
    rows = benchmark(rtpcore.parse_batch, b"".join(plain), offsets, sizes)
    assert rows["sequence_number"].tolist() == list(range(len(plain)))
    benchmark.extra_info["packets"] = len(plain)


@pytest.mark.benchmark(group=GROUP)
def test_rtpcore_list_of_buffers(benchmark: BenchmarkFixture, plain: list[bytes]) -> None:
    rows = benchmark(rtpcore.parse_batch, plain)
    assert rows["sequence_number"].tolist() == list(range(len(plain)))
    benchmark.extra_info["packets"] = len(plain)


@pytest.mark.benchmark(group=GROUP)
def test_rtpcore_one_by_one(benchmark: BenchmarkFixture, plain: list[bytes]) -> None:
    def run() -> object:
        packets = map(rtpcore.RtpPacket.parse, plain)
        return np.array([[getattr(packet, name) for name in COLUMNS] for packet in packets])

    assert benchmark(run).shape == (len(plain), len(COLUMNS))
    benchmark.extra_info["packets"] = len(plain)


@pytest.mark.benchmark(group=GROUP)
def test_aiortc(benchmark: BenchmarkFixture, plain: list[bytes]) -> None:
    parse = pytest.importorskip("aiortc.rtp").RtpPacket.parse

    def run() -> object:
        return np.array([[getattr(packet, name) for name in COLUMNS] for packet in map(parse, plain)])

    assert benchmark(run).shape == (len(plain), len(COLUMNS))
    benchmark.extra_info["packets"] = len(plain)


@pytest.mark.benchmark(group=GROUP)
def test_aiortc_parse_alone(benchmark: BenchmarkFixture, plain: list[bytes]) -> None:
    parse = pytest.importorskip("aiortc.rtp").RtpPacket.parse
    assert len(benchmark(lambda: [parse(datagram) for datagram in plain])) == len(plain)
    benchmark.extra_info["packets"] = len(plain)
