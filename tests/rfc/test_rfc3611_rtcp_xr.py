"""RFC 3611 4: extended report blocks, field by field as the figures have them."""

from __future__ import annotations

from typing import Any

import pytest

from rtpcore.wire.rtcp.extended_report import ExtendedReport
from rtpcore.wire.rtcp.parse import parse_rtcp
from rtpcore.wire.rtcp.xr_block import ExtendedReportBlock, UnknownReportBlock
from rtpcore.wire.rtcp.xr_statistics import StatisticsSummaryBlock
from rtpcore.wire.rtcp.xr_time import DlrrBlock, ReceiverReferenceTimeBlock
from rtpcore.wire.rtcp.xr_trace import DuplicateRleBlock, LossRleBlock, PacketReceiptTimesBlock
from rtpcore.wire.rtcp.xr_voip import VoipMetricsBlock

SOURCE = 0x89ABCDEF


def figure(*fields: tuple[int, int]) -> bytes:
    """Octets of (value, bits) fields, from left to right; a negative value in two's complement."""
    text = "".join(f"{value % (1 << width):0{width}b}" for value, width in fields)
    return int(text, 2).to_bytes(len(text) // 8, "big")


def both_ways(value: ExtendedReportBlock, octets: bytes) -> Any:
    report = figure((2, 2), (0, 1), (0, 5), (207, 8), (1 + len(octets) // 4, 16), (7, 32)) + octets
    (packet,) = parse_rtcp(report, reduced_size=True)
    assert isinstance(packet, ExtendedReport)
    assert packet.ssrc == 7
    assert packet.blocks == (value,)
    assert ExtendedReport(ssrc=7, blocks=[value]).serialize() == report
    return packet.blocks[0]


def test_3_a_block_that_is_not_known() -> None:
    both_ways(
        UnknownReportBlock(block_type=200, type_specific=3, contents=b"abcd"),
        figure((200, 8), (3, 8), (1, 16)) + b"abcd",
    )


@pytest.mark.parametrize(("kind", "block_type"), [(LossRleBlock, 1), (DuplicateRleBlock, 2)])
def test_4_1_and_4_2_run_length_encoded_traces(kind: Any, block_type: int) -> None:
    trace = [True] * 20 + [False, True] * 7 + [False] + [False] * 30
    value = kind(ssrc=SOURCE, begin_sequence_number=65500, end_sequence_number=29, trace=trace)
    octets = figure((block_type, 8), (0, 4), (0, 4), (4, 16), (SOURCE, 32), (65500, 16), (29, 16))
    # run of 20 ones; a vector of 15; run of 30 zeros; the terminating null chunk
    octets += figure((0, 1), (1, 1), (20, 14), (1, 1), (0b010101010101010, 15), (0, 1), (0, 1), (30, 14), (0, 16))
    assert both_ways(value, octets).trace == tuple(trace)


@pytest.mark.parametrize("thinning", range(16))
def test_4_1_thinning(thinning: int) -> None:
    step = 1 << thinning
    numbers = [number % 65536 for number in range(60000, 60000 + 65533) if number % step == 0]
    lost = numbers[::3]
    trace = (
        [number not in set(lost) for number in numbers]
        if step > 16
        else [number % (3 * step) > 0 for number in numbers]
    )
    block = LossRleBlock(
        ssrc=1, begin_sequence_number=60000, end_sequence_number=(60000 + 65533) % 65536, trace=trace, thinning=thinning
    )
    assert block.trace == tuple(trace)
    assert block.lost == tuple(number for number, received in zip(numbers, trace, strict=True) if not received)


def test_4_3_packet_receipt_times() -> None:
    value = PacketReceiptTimesBlock(
        ssrc=SOURCE, begin_sequence_number=65535, end_sequence_number=6, receipt_times=[10, 20, 30], thinning=1
    )
    octets = figure((3, 8), (0, 4), (1, 4), (5, 16), (SOURCE, 32), (65535, 16), (6, 16), (10, 32), (20, 32), (30, 32))
    both_ways(value, octets)


def test_4_4_receiver_reference_time() -> None:
    octets = figure((4, 8), (0, 8), (2, 16), (0xE0000001, 32), (0x80000000, 32))
    both_ways(ReceiverReferenceTimeBlock(ntp_timestamp=0xE0000001_80000000), octets)


def test_4_5_delay_since_the_last_receiver_report() -> None:
    octets = figure((5, 8), (0, 8), (6, 16), (1, 32), (2, 32), (3, 32), (4, 32), (5, 32), (6, 32))
    both_ways(DlrrBlock(entries=[(1, 2, 3), (4, 5, 6)]), octets)


@pytest.mark.parametrize(("name", "bits"), [("ttl", 1), ("hop_limit", 2)])
def test_4_6_statistics_summary(name: str, bits: int) -> None:
    last: dict[str, Any] = {name: (11, 12, 13, 14)}
    value = StatisticsSummaryBlock(
        ssrc=SOURCE, begin_sequence_number=1, end_sequence_number=2, lost_packets=5, duplicate_packets=6,
        jitter=(7, 8, 9, 10), **last,
    )  # fmt: skip
    octets = figure((6, 8), (1, 1), (1, 1), (1, 1), (bits, 2), (0, 3), (9, 16), (SOURCE, 32), (1, 16), (2, 16))
    octets += figure((5, 32), (6, 32), (7, 32), (8, 32), (9, 32), (10, 32), (11, 8), (12, 8), (13, 8), (14, 8))
    both_ways(value, octets)


def test_4_7_voip_metrics() -> None:
    value = VoipMetricsBlock(
        ssrc=SOURCE, loss_rate=1, discard_rate=2, burst_density=3, gap_density=4, burst_duration=500, gap_duration=6000,
        round_trip_delay=70, end_system_delay=80, signal_level=-9, noise_level=-100, residual_echo_return_loss=11,
        gmin=12, r_factor=94, external_r_factor=127, mos_lq=43, mos_cq=42, packet_loss_concealment=3,
        jitter_buffer_adaptive=2, jitter_buffer_rate=9, jitter_buffer_nominal=60, jitter_buffer_maximum=100,
        jitter_buffer_absolute_maximum=300,
    )  # fmt: skip
    octets = figure((7, 8), (0, 8), (8, 16), (SOURCE, 32), (1, 8), (2, 8), (3, 8), (4, 8), (500, 16), (6000, 16))
    octets += figure((70, 16), (80, 16), (-9, 8), (-100, 8), (11, 8), (12, 8), (94, 8), (127, 8), (43, 8), (42, 8))
    octets += figure((3, 2), (2, 2), (9, 4), (0, 8), (60, 16), (100, 16), (300, 16))
    both_ways(value, octets)
