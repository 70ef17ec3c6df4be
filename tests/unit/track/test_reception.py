"""SsrcTable beyond counting: addresses, collisions, goodbyes, time-outs, report blocks."""

from __future__ import annotations

import pytest

import rtpcore
from rtpcore import SourceState, SourceVerdict, SsrcTable

S = 1_000_000_000
HERE = ("203.0.113.10", 40000)
THERE = ("203.0.113.99", 40000)


def packet(sequence_number: int, ssrc: int = 1, payload_type: int = 0, timestamp: int | None = None) -> bytes:
    return rtpcore.RtpPacket(
        payload_type=payload_type,
        sequence_number=sequence_number & 0xFFFF,
        timestamp=(160 * sequence_number if timestamp is None else timestamp) & 0xFFFFFFFF,
        ssrc=ssrc,
        payload=bytes(160),
    ).serialize()


def talk(table: SsrcTable, first: int, count: int, start_ns: int, source: rtpcore.events.Address | None = HERE) -> None:
    for index in range(count):
        table.update(packet(first + index), start_ns + index * 20_000_000, source=source)


def sender_report(ssrc: int = 1, ntp_timestamp: int = 0x0102_0304_0506_0708) -> bytes:
    return rtpcore.SenderReport(
        ssrc=ssrc, ntp_timestamp=ntp_timestamp, rtp_timestamp=0, packet_count=0, octet_count=0
    ).serialize()


def goodbye(ssrc: int) -> bytes:
    return rtpcore.ReceiverReport(ssrc=ssrc).serialize() + rtpcore.Goodbye(ssrcs=[ssrc]).serialize()


def test_an_active_ssrc_from_another_address_is_a_collision_and_changes_nothing() -> None:
    table = SsrcTable()
    talk(table, 100, 10, 0)
    before = table.sources()
    assert table.update(packet(5000), 1 * S, source=THERE) is SourceVerdict.COLLISION
    assert table.sources() == before
    assert table.collisions == 1


def test_the_same_ssrc_from_another_address_after_a_long_silence_is_a_new_source() -> None:
    table = SsrcTable()
    talk(table, 100, 10, 0)
    assert table.update(packet(5000), 26 * S, source=THERE) is SourceVerdict.PROBATION
    talk(table, 5001, 5, 27 * S, THERE)
    assert table.sources()[0].packets_received == 5
    assert table.update(packet(111), 28 * S, source=HERE) is SourceVerdict.COLLISION


def test_without_addresses_nothing_collides() -> None:
    table = SsrcTable()
    talk(table, 100, 10, 0, None)
    assert table.collisions == 0


def test_our_own_ssrc_collides_once_and_loops_from_the_same_address_afterwards() -> None:
    table = SsrcTable()
    table.add_own_ssrc(7)
    assert table.update(packet(1, ssrc=7), 0, source=THERE) is SourceVerdict.COLLISION
    assert table.update(packet(2, ssrc=7), 1, source=THERE) is SourceVerdict.LOOP
    assert table.update(packet(3, ssrc=7), 2, source=HERE) is SourceVerdict.COLLISION
    assert table.sources() == []


def test_there_is_room_for_eight_own_ssrcs() -> None:
    table = SsrcTable()
    for ssrc in range(8):
        table.add_own_ssrc(ssrc)
    with pytest.raises(rtpcore.ConfigurationError, match="0x00000009"):
        table.add_own_ssrc(9)


def test_goodbye_counts_from_the_source_s_own_host_only() -> None:
    table = SsrcTable()
    talk(table, 100, 10, 0)
    table.update_rtcp(goodbye(1), 1 * S, source=(THERE[0], 40001))
    assert table.sources()[0].state is SourceState.VALID
    table.update_rtcp(goodbye(1), 1 * S, source=(HERE[0], 40001))
    assert table.sources()[0].state is SourceState.BYE


def test_a_source_is_inactive_after_ten_seconds_and_forgotten_after_twenty_five() -> None:
    table = SsrcTable()
    talk(table, 100, 10, 0)
    last_ns = table.sources()[0].last_ns
    assert table.sources(last_ns + 10 * S)[0].state is SourceState.VALID
    assert table.sources(last_ns + 10 * S + 1)[0].state is SourceState.INACTIVE
    assert table.expire(last_ns + 25 * S) == []
    assert [source.ssrc for source in table.expire(last_ns + 25 * S + 1)] == [1]
    assert table.sources() == []


def test_a_source_that_left_is_kept_for_five_seconds_so_that_late_packets_do_not_make_it_anew() -> None:
    table = SsrcTable()
    talk(table, 100, 10, 0)
    table.update_rtcp(goodbye(1), 1 * S, source=HERE)
    assert table.expire(6 * S) == []
    assert [source.state for source in table.expire(6 * S + 1)] == [SourceState.BYE]


def test_report_blocks_hold_loss_of_the_interval_and_the_delay_since_the_sender_report() -> None:
    table = SsrcTable()
    talk(table, 0, 2, 0)
    for index in range(2, 102):
        if index % 4:
            table.update(packet(index), index * 20_000_000, source=HERE)
    table.update_rtcp(sender_report(), 3 * S, source=(HERE[0], 40001))
    (block,) = table.report_blocks(3 * S + S // 2)
    assert block.ssrc == 1
    assert block.cumulative_lost == 25
    assert block.fraction_lost == 25 * 256 // 101
    assert block.extended_highest_sequence_number == 101
    assert block.last_sr == 0x0304_0506
    assert block.delay_since_last_sr == 32768
    assert table.report_blocks(4 * S) == []


def test_a_source_in_probation_is_not_reported() -> None:
    table = SsrcTable()
    table.update(packet(1), 0)
    assert table.report_blocks(S) == []


def test_a_sender_report_from_another_host_is_not_taken() -> None:
    table = SsrcTable()
    talk(table, 0, 10, 0)
    table.update_rtcp(sender_report(), S, source=THERE)
    assert table.report_blocks(2 * S)[0].last_sr == 0


def test_jitter_goes_by_the_clock_of_each_payload_type() -> None:
    clocks = {0: 8000, 96: 48000}
    table = SsrcTable()
    for index in range(50):
        table.update(packet(index, timestamp=index * 160), index * 20_000_000, clocks)
    for index in range(50, 100):
        table.update(packet(index, payload_type=96, timestamp=index * 960), index * 20_000_000, clocks)
    assert table.sources()[0].interarrival_jitter == 0


def test_a_payload_type_without_a_clock_leaves_the_jitter_as_it_is() -> None:
    table = SsrcTable()
    for index in range(50):
        table.update(packet(index, payload_type=101, timestamp=0), index * 20_000_000, {0: 8000})
    assert table.sources()[0].interarrival_jitter == 0


@pytest.mark.parametrize("clock_rate", [0, -1, 10_000_001, {0: 0}])
def test_a_clock_rate_out_of_range_is_named(clock_rate: object) -> None:
    with pytest.raises(rtpcore.ConfigurationError, match="clock_rate"):
        SsrcTable().update(packet(1), 0, clock_rate)  # type: ignore[arg-type]


def test_invalid_rtcp_is_refused_with_its_reason() -> None:
    with pytest.raises(rtpcore.ParseError) as caught:
        SsrcTable().update_rtcp(b"\x80\xc8\x00\x00", 0)
    assert caught.value.reason is rtpcore.ParseReason.RTCP_TOO_SHORT
