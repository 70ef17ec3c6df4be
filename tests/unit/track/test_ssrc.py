"""The bounded table of sources: who gets an entry, who gives way, and what a bad argument gets."""

from __future__ import annotations

import resource
import struct
from pathlib import Path
from typing import Any, cast

import pytest

from rtpcore.errors import ConfigurationError, ParseError
from rtpcore.track.reception import SsrcTable
from rtpcore.track.source import SourceState, SourceVerdict
from rtpcore.wire.validity import ParseReason

SECOND = 1_000_000_000
IDLE = 25 * SECOND


def rtp(ssrc: int, number: int = 0) -> bytes:
    return struct.pack("!BBHII", 0x80, 0, number, 0, ssrc)


def validate(table: SsrcTable, ssrc: int, now_ns: int) -> None:
    for number in range(2):
        table.update(rtp(ssrc, number), now_ns)


def known(table: SsrcTable) -> list[int]:
    return [source.ssrc for source in table.sources()]


def test_sources_are_kept_apart() -> None:
    table = SsrcTable()
    for number in range(10):
        for ssrc in (1, 2, 3):
            table.update(rtp(ssrc, 100 * ssrc + number * ssrc), number)
    assert [(s.ssrc, s.extended_highest_sequence_number, s.packets_received) for s in table.sources()] == [
        (1, 109, 9),
        (2, 218, 0),
        (3, 327, 0),
    ]


@pytest.mark.parametrize("ssrc", [0, 0xFFFFFFFF])
def test_every_ssrc_is_legal(ssrc: int) -> None:
    table = SsrcTable(2)
    assert table.sources() == []
    validate(table, ssrc, 0)
    assert known(table) == [ssrc]
    assert not table.goodbye(ssrc ^ 1)


def test_a_full_table_refuses_a_new_source_while_all_are_active() -> None:
    table = SsrcTable(3)
    for ssrc in (1, 2, 3):
        validate(table, ssrc, ssrc)
    before = table.sources()
    assert table.update(rtp(9), 3 + IDLE - 2) is SourceVerdict.REFUSED
    assert table.sources() == before
    assert (table.refused, table.evicted) == (1, 0)
    assert table.update(rtp(2, 2), 4) is SourceVerdict.IN_ORDER


def test_a_flood_of_sources_displaces_no_valid_one() -> None:
    table = SsrcTable(4)
    for ssrc in (1, 2):
        validate(table, ssrc, 0)
    for attempt in range(1000):
        assert table.update(rtp(1000 + attempt), attempt) is SourceVerdict.PROBATION
    assert known(table)[:2] == [1, 2]
    assert table.evicted == 998
    assert table.refused == 0
    for ssrc in (1, 2):
        assert table.update(rtp(ssrc, 2), 1000) is SourceVerdict.IN_ORDER


def test_bye_gives_way_before_probation_before_idle() -> None:
    table = SsrcTable(4)
    validate(table, 1, 0)
    validate(table, 2, 90 * SECOND)
    table.update(rtp(3), 91 * SECOND)
    validate(table, 4, 92 * SECOND)
    assert table.goodbye(4)
    assert table.sources()[3].state is SourceState.BYE

    validate(table, 5, 93 * SECOND)
    assert known(table) == [1, 2, 3, 5]
    validate(table, 6, 94 * SECOND)
    assert known(table) == [1, 2, 6, 5]
    validate(table, 7, 95 * SECOND)
    assert known(table) == [7, 2, 6, 5]
    assert table.update(rtp(8), 96 * SECOND) is SourceVerdict.REFUSED
    assert (table.evicted, table.refused) == (3, 1)


@pytest.mark.parametrize("kind", ["bye", "probation", "idle"])
def test_of_equals_the_one_heard_least_recently_goes(kind: str) -> None:
    table = SsrcTable(3)
    for ssrc, now_ns in ((1, 30), (2, 10), (3, 20)):
        table.update(rtp(ssrc), now_ns)
        if kind != "probation":
            table.update(rtp(ssrc, 1), now_ns)
        if kind == "bye":
            table.goodbye(ssrc)
    assert table.update(rtp(9), 31 + IDLE) is SourceVerdict.PROBATION
    assert known(table) == [1, 9, 3]


def test_idle_is_more_than_five_report_intervals() -> None:
    table = SsrcTable(1)
    validate(table, 1, 7)
    assert table.update(rtp(2), 7 + IDLE) is SourceVerdict.REFUSED
    assert table.update(rtp(2), 7 + IDLE + 1) is SourceVerdict.PROBATION


def test_time_that_goes_back_makes_nobody_idle() -> None:
    table = SsrcTable(1)
    validate(table, 1, 100 * SECOND)
    assert table.update(rtp(2), 0) is SourceVerdict.REFUSED


def test_an_evicted_source_starts_from_nothing() -> None:
    table = SsrcTable(1)
    validate(table, 1, 0)
    table.goodbye(1)
    validate(table, 2, 5)
    assert table.update(rtp(1, 2), 2 * IDLE) is SourceVerdict.PROBATION
    (source,) = table.sources()
    assert (source.ssrc, source.state, source.packets_received, source.first_ns) == (1, 0, 0, 2 * IDLE)


def test_the_largest_table_holds_what_it_promises() -> None:
    table = SsrcTable(max_sources=4096)
    assert table.max_sources == 4096
    for ssrc in range(4097):
        table.update(rtp(ssrc), ssrc)
    assert len(table.sources()) == 4096
    assert table.evicted == 1


@pytest.mark.parametrize("datagram", [bytearray(rtp(5)), memoryview(rtp(5)), memoryview(b"xx" + rtp(5))[2:]])
def test_any_contiguous_buffer_will_do(datagram: Any) -> None:
    table = SsrcTable()
    table.update(datagram, 0)
    assert known(table) == [5]
    if isinstance(datagram, bytearray):
        datagram.clear()  # the buffer is not kept


@pytest.mark.parametrize(
    ("datagram", "reason", "offset"),
    [
        (b"", ParseReason.RTP_TOO_SHORT, 0),
        (rtp(1)[:11], ParseReason.RTP_TOO_SHORT, 11),
        (b"\x40" + rtp(1)[1:], ParseReason.RTP_BAD_VERSION, 0),
        (b"\x8f" + rtp(1)[1:], ParseReason.RTP_CSRC_OVERRUN, 0),
        (b"\x90" + rtp(1)[1:], ParseReason.RTP_EXTENSION_OVERRUN, 12),
        (b"\xa0" + rtp(1)[1:] + b"\0", ParseReason.RTP_BAD_PADDING, 12),
    ],
)
def test_an_invalid_datagram_says_why_and_changes_nothing(datagram: bytes, reason: ParseReason, offset: int) -> None:
    table = SsrcTable()
    buffer = bytearray(datagram)
    with pytest.raises(ParseError) as caught:
        table.update(buffer, 0)
    assert (caught.value.reason, caught.value.offset) == (reason, offset)
    assert table.sources() == []
    buffer.append(0)  # the buffer has been released


@pytest.mark.parametrize("value", [0, -1, 4097, 2**64])
def test_max_sources_out_of_range(value: int) -> None:
    with pytest.raises(ConfigurationError, match=f"max_sources is {value}, "):
        SsrcTable(value)


@pytest.mark.parametrize("value", [None, "8", 8.0, True])
def test_max_sources_of_another_type(value: Any) -> None:
    with pytest.raises(TypeError, match="max_sources is an integer, not "):
        SsrcTable(value)


@pytest.mark.parametrize(
    ("name", "value"),
    [("now_ns", -1), ("now_ns", 2**63), ("now_ns", 10**30), ("clock_rate", 0), ("clock_rate", 10_000_001)],
)
def test_update_with_a_value_out_of_range(name: str, value: int) -> None:
    table = SsrcTable()
    with pytest.raises(ConfigurationError, match=f"{name} is {value}, "):
        table.update(rtp(1), **cast(dict[str, Any], {"now_ns": 0, name: value}))
    assert table.sources() == []


@pytest.mark.parametrize("value", [None, "1", 1.5, False])
@pytest.mark.parametrize("name", ["now_ns", "clock_rate"])
def test_update_with_a_value_of_another_type(name: str, value: Any) -> None:
    with pytest.raises(TypeError, match=f"{name} is an integer, not "):
        SsrcTable().update(rtp(1), **{"now_ns": 0, name: value})


@pytest.mark.parametrize("datagram", [None, "text", 5, memoryview(rtp(1) * 2)[::2]])
def test_a_datagram_that_is_no_buffer(datagram: Any) -> None:
    with pytest.raises(TypeError, match="A datagram is "):
        SsrcTable().update(datagram, 0)


@pytest.mark.parametrize("ssrc", [-1, 2**32])
def test_goodbye_of_no_ssrc(ssrc: int) -> None:
    with pytest.raises(ConfigurationError, match=f"ssrc is {ssrc}, "):
        SsrcTable().goodbye(ssrc)


def test_tables_give_their_memory_back() -> None:
    def resident_octets() -> int:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return pages * resource.getpagesize()

    def fill(tables: int) -> None:
        for _ in range(tables):
            table = SsrcTable(512)
            for ssrc in range(512):
                table.update(rtp(ssrc), 0)

    fill(20)
    before = resident_octets()
    fill(200)
    assert resident_octets() - before < 4 << 20  # of some 11 MiB that were taken


def test_the_class_is_final() -> None:
    with pytest.raises(TypeError):
        type("Derived", (SsrcTable,), {})
