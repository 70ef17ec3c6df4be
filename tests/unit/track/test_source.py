"""One source by RFC 3550 A.1, A.3 and A.8: probation, cycles, lateness, duplicates, restarts, loss, jitter, octets."""

from __future__ import annotations

import dataclasses
import importlib.resources
import re
import struct
from enum import IntEnum

import pytest

from rtpcore.track.reception import SsrcTable
from rtpcore.track.source import SourceState, SourceStats, SourceVerdict

PROBATION, IN_ORDER, REORDERED, DUPLICATE, BAD_SEQUENCE, RESTARTED, REFUSED, COLLISION, LOOP = SourceVerdict
MS = 1_000_000


def rtp(number: int, timestamp: int = 0, payload: bytes = b"", payload_type: int = 0, ssrc: int = 0x1234) -> bytes:
    return struct.pack("!BBHII", 0x80, payload_type, number % 65536, timestamp % 2**32, ssrc) + payload


def feed(table: SsrcTable, *numbers: int) -> list[SourceVerdict]:
    return [table.update(rtp(number), 0) for number in numbers]


def stats(table: SsrcTable) -> SourceStats:
    (only,) = table.sources()
    return only


@pytest.fixture
def table() -> SsrcTable:
    return SsrcTable(1)


# Probation (A.1) -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", [0, 1000, 65535])
def test_a_source_is_valid_after_two_sequential_packets(table: SsrcTable, first: int) -> None:
    assert feed(table, first) == [PROBATION]
    assert (stats(table).state, stats(table).packets_received, stats(table).cumulative_lost) == (0, 0, 0)
    assert feed(table, first + 1, first + 2) == [IN_ORDER, IN_ORDER]
    # A.1 counts from the packet that ends probation.
    assert (stats(table).state, stats(table).packets_received) == (SourceState.VALID, 2)


def test_probation_begins_again_with_each_packet_out_of_sequence(table: SsrcTable) -> None:
    assert feed(table, 10, 12, 14, 11, 12) == [PROBATION] * 4 + [IN_ORDER]
    assert stats(table).extended_highest_sequence_number == 12
    assert stats(table).cumulative_lost == 0


def test_a_stream_that_comes_twice_from_the_first_packet_becomes_valid(table: SsrcTable) -> None:
    assert feed(table, 7, 7, 8, 8, 9, 9) == [PROBATION, PROBATION, IN_ORDER, DUPLICATE, IN_ORDER, DUPLICATE]
    assert stats(table).duplicates == 2


def test_a_copy_of_the_packet_before_the_first_valid_one_is_a_duplicate(table: SsrcTable) -> None:
    assert feed(table, 7, 8, 7, 6) == [PROBATION, IN_ORDER, DUPLICATE, REORDERED]


# Sequence (A.1) --------------------------------------------------------------------------------------------------


def test_cycles_are_counted_at_the_wrap(table: SsrcTable) -> None:
    feed(table, 65533, 65534, 65535)
    assert stats(table).extended_highest_sequence_number == 65535
    assert feed(table, 0, 1) == [IN_ORDER, IN_ORDER]
    assert stats(table).extended_highest_sequence_number == 65537
    assert feed(table, 65535, 65532) == [DUPLICATE, REORDERED]
    assert stats(table).extended_highest_sequence_number == 65537


def test_late_packets_are_told_from_duplicates(table: SsrcTable) -> None:
    feed(table, 100, 101, 104)
    assert feed(table, 103, 102, 103, 102, 104, 101) == [REORDERED, REORDERED] + [DUPLICATE] * 4
    assert (stats(table).reordered, stats(table).duplicates, stats(table).packets_received) == (2, 4, 8)


def test_beyond_the_window_a_copy_counts_as_late(table: SsrcTable) -> None:
    feed(table, *range(100, 201))
    assert feed(table, 200 - 63, 200 - 64, 200 - 99) == [DUPLICATE, REORDERED, REORDERED]


@pytest.mark.parametrize(("gap", "verdict"), [(1, DUPLICATE), (63, DUPLICATE), (64, REORDERED), (99, REORDERED)])
def test_the_window_moves_over_a_gap(table: SsrcTable, gap: int, verdict: SourceVerdict) -> None:
    feed(table, 1, 2, 2 + gap)
    assert feed(table, 2, 2 + gap) == [verdict, DUPLICATE]


@pytest.mark.parametrize(
    ("step", "verdict"),
    [(2999, IN_ORDER), (3000, BAD_SEQUENCE), (32768, BAD_SEQUENCE), (-100, BAD_SEQUENCE), (-99, REORDERED)],
)
def test_limits_of_a_jump(table: SsrcTable, step: int, verdict: SourceVerdict) -> None:
    feed(table, 30000, 30001)
    assert feed(table, 30001 + step) == [verdict]


def test_two_in_sequence_after_a_jump_are_a_restart(table: SsrcTable) -> None:
    feed(table, *range(1, 50))
    assert feed(table, 20000) == [BAD_SEQUENCE]
    assert stats(table).packets_received == 48
    assert feed(table, 20001, 20002) == [RESTARTED, IN_ORDER]
    assert stats(table).extended_highest_sequence_number == 20002
    assert (stats(table).packets_received, stats(table).cumulative_lost) == (2, 0)


def test_single_jumps_do_not_restart_a_source(table: SsrcTable) -> None:
    feed(table, 1, 2)
    assert feed(table, 20000, 3, 40000, 4, 20001, 5) == [BAD_SEQUENCE, IN_ORDER] * 3
    assert stats(table).packets_received == 4


def test_a_restart_forgets_the_jump_that_led_to_it(table: SsrcTable) -> None:
    feed(table, 1, 2, 20000, 20001, *range(20002, 20202))
    assert feed(table, 20001) == [BAD_SEQUENCE]


def test_restart_across_the_wrap(table: SsrcTable) -> None:
    feed(table, 30000, 30001)
    assert feed(table, 65535, 0) == [BAD_SEQUENCE, RESTARTED]


# Loss (A.3) ------------------------------------------------------------------------------------------------------


def test_loss_is_what_was_expected_and_did_not_come(table: SsrcTable) -> None:
    feed(table, 0, 1, 2, 3, 6, 8)
    assert (stats(table).packets_received, stats(table).cumulative_lost) == (5, 3)
    assert stats(table).fraction_lost == 3 * 256 // 8


def test_duplicates_make_loss_negative(table: SsrcTable) -> None:
    feed(table, 0, 1, 1, 1, 1)
    assert (stats(table).cumulative_lost, stats(table).fraction_lost) == (-3, 0)


def test_an_interval_ends_when_it_is_taken_and_not_when_it_is_looked_at(table: SsrcTable) -> None:
    feed(table, 0, 1, 3, 5, 7)
    assert stats(table).fraction_lost == stats(table).fraction_lost == 3 * 256 // 7
    assert table.take_interval()[0].fraction_lost == 3 * 256 // 7
    assert stats(table).fraction_lost == 0
    feed(table, 8, 10)
    assert stats(table).fraction_lost == 256 // 3
    assert stats(table).cumulative_lost == 4
    assert table.take_interval() == [dataclasses.replace(stats(table), fraction_lost=256 // 3)]


def test_a_restart_begins_a_new_interval(table: SsrcTable) -> None:
    feed(table, 0, 1, 100)
    table.take_interval()
    feed(table, 30000, 30001, 30003)
    assert stats(table).fraction_lost == 256 // 3


def test_cumulative_lost_stops_at_24_bits_and_the_fraction_goes_on(table: SsrcTable) -> None:
    step = 2999
    count = 0x7FFFFF // (step - 1) + 1
    feed(table, 0, 1, *(1 + step * i for i in range(1, count)))
    assert stats(table).cumulative_lost == (count - 1) * (step - 1) < 0x7FFFFF
    feed(table, 1 + step * count, 1 + step * (count + 1))
    assert stats(table).cumulative_lost == 0x7FFFFF
    assert stats(table).extended_highest_sequence_number == 1 + step * (count + 1)
    table.take_interval()
    feed(table, *(1 + step * (count + 1) + 2 * i for i in range(1, 11)))
    assert stats(table).fraction_lost == 128


def test_more_sequence_numbers_than_32_bits_hold(table: SsrcTable) -> None:
    step = 2999
    count = 2**32 // step + 100
    feed(table, 0, 1)
    datagrams = [rtp(number) for number in range(65536)]
    for i in range(1, count):
        table.update(datagrams[(1 + step * i) % 65536], 0)
    highest = 1 + step * (count - 1)
    table.take_interval()
    feed(table, *(highest + 4 * i for i in range(1, 11)))
    assert stats(table).fraction_lost == 192
    assert stats(table).extended_highest_sequence_number == (highest + 40) % 2**32
    assert stats(table).cumulative_lost == 0x7FFFFF


# Jitter (A.8) ----------------------------------------------------------------------------------------------------


def send(table: SsrcTable, packets: list[tuple[int, int]], clock_rate: int = 8000, payload_type: int = 0) -> None:
    """(arrival in ms, timestamp) of each; sequence numbers go on from the last."""
    sources = table.sources()
    following = sources[0].extended_highest_sequence_number + 1 if sources else 0
    for number, (arrival_ms, timestamp) in enumerate(packets, following):
        datagram = rtp(number, timestamp, payload_type=payload_type)
        table.update(datagram, arrival_ms * MS, clock_rate)


def test_a_steady_stream_has_no_jitter_at_any_timestamp(table: SsrcTable) -> None:
    send(table, [(20 * i, 2**32 - 800 + 160 * i) for i in range(100)])
    assert stats(table).interarrival_jitter == 0


def test_one_late_packet_adds_a_sixteenth_of_its_delay(table: SsrcTable) -> None:
    send(table, [(0, 0), (20, 160), (60, 320)])
    assert stats(table).interarrival_jitter == 160 // 16
    send(table, [(80, 480)])
    assert stats(table).interarrival_jitter == (160 - (160 + 8) // 16) // 16


def test_jitter_converges_to_a_constant_deviation(table: SsrcTable) -> None:
    send(table, [(20 * i + 5 * (i % 2), 160 * i) for i in range(500)])
    assert stats(table).interarrival_jitter in (39, 40)


def test_time_does_not_drift(table: SsrcTable) -> None:
    # A day and more, with a rate that no multiple of a nanosecond fits.
    datagrams = [(1_000_000_007 * i, 90_000 * i + 90_000 * 7 * i // 10**9) for i in range(0, 100_000, 997)]
    for number, (now_ns, timestamp) in enumerate(datagrams):
        table.update(rtp(number, timestamp), now_ns, 90_000)
    assert stats(table).interarrival_jitter <= 1


@pytest.mark.parametrize("change", [{"payload_type": 101}, {"clock_rate": 16000}])
def test_a_change_of_payload_type_or_clock_rate_starts_transit_anew(table: SsrcTable, change: dict[str, int]) -> None:
    send(table, [(0, 0), (20, 160), (60, 320)])
    assert stats(table).interarrival_jitter == 10
    send(table, [(80, 0x7000_0000)], **change)
    assert stats(table).interarrival_jitter == 10
    send(table, [(100, 0x7000_0000 + (320 if "clock_rate" in change else 160))], **change)
    assert stats(table).interarrival_jitter == 9


def test_a_restart_starts_transit_anew(table: SsrcTable) -> None:
    send(table, [(0, 0), (20, 160)])
    for arrival_ms, number, timestamp in ((40, 9000, 0x7000_0000), (60, 9001, 0x7000_00A0), (80, 9002, 0x7000_0140)):
        table.update(rtp(number, timestamp), arrival_ms * MS)
    assert stats(table).interarrival_jitter == 0


def test_a_packet_out_of_all_sequence_does_not_touch_jitter(table: SsrcTable) -> None:
    send(table, [(0, 0), (20, 160)])
    assert table.update(rtp(9000, 0x7000_0000, payload_type=9), 30 * MS) is BAD_SEQUENCE
    send(table, [(40, 320)])
    assert stats(table).interarrival_jitter == 0


def test_jitter_saturates(table: SsrcTable) -> None:
    for number in range(100):
        table.update(rtp(number, 2**31 * (number % 2)), 0)
    assert stats(table).interarrival_jitter == (2**32 - 1) // 16


# The rest --------------------------------------------------------------------------------------------------------


def test_octets_are_those_of_the_payload_of_every_packet(table: SsrcTable) -> None:
    csrcs_and_padding = struct.pack("!BBHII", 0xA2, 0, 1, 0, 0x1234) + bytes(8) + b"payload" + b"\0\0\3"
    for datagram in (rtp(0, payload=bytes(160)), csrcs_and_padding, rtp(9000, payload=b"x"), rtp(1, payload=b"yz")):
        table.update(datagram, 0)
    assert stats(table).octets == 160 + 7 + 1 + 2


def test_first_and_last_time(table: SsrcTable) -> None:
    for number, now_ns in enumerate((5, 2**63 - 1)):
        table.update(rtp(number), now_ns)
    assert (stats(table).first_ns, stats(table).last_ns) == (5, 2**63 - 1)


def test_statistics_are_frozen(table: SsrcTable) -> None:
    feed(table, 1, 2)
    with pytest.raises(dataclasses.FrozenInstanceError):
        stats(table).octets = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("mirror", "name", "prefix"),
    [(SourceVerdict, "source_verdict", "SOURCE_"), (SourceState, "source_state", "SOURCE_STATE_")],
)
def test_enum_agrees_with_the_declaration(mirror: type[IntEnum], name: str, prefix: str) -> None:
    text = importlib.resources.files("rtpcore.track").joinpath("source.pxd").read_text()
    block = re.search(rf"cdef enum {name}:\n((?:    .*\n)+)", text)
    assert block
    declared = {key: int(value) for key, value in re.findall(rf"{prefix}(\w+) = (\d+)", block[1])}
    assert declared == {member.name: member.value for member in mirror}
