"""Who talks to ports at random: how it is found, for how long it is marked, and what a flood cannot do about it."""

from __future__ import annotations

import itertools

import pytest

from rtpcore.events import Address
from rtpcore.track.strangers.spray import SprayTable

SECOND = 1_000_000_000
SPRAYER = ("192.0.2.66", 7777)
PLACES = 4096


def touch_all(table: SprayTable, source: Address, ports: range, start_ns: int = 0, every_ns: int = 0) -> list[bool]:
    return [table.touch(start_ns + index * every_ns, source, port) for index, port in enumerate(ports)]


def others(count: int, network: int = 10) -> list[Address]:
    return [(f"{network}.{index >> 16 & 255}.{index >> 8 & 255}.{index & 255}", 9) for index in range(count)]


def test_the_eighth_port_within_ten_seconds_marks() -> None:
    table = SprayTable(key=1)
    assert touch_all(table, SPRAYER, range(7)) == [False] * 7
    assert not table.marked(0, SPRAYER)
    assert table.touch(10 * SECOND, SPRAYER, 7)
    assert table.marked(10 * SECOND, SPRAYER)


def test_the_window_slides() -> None:
    table = SprayTable(key=1)
    touch_all(table, SPRAYER, range(3))
    touch_all(table, SPRAYER, range(3, 7), 9 * SECOND)
    assert touch_all(table, SPRAYER, range(7, 10), 11 * SECOND) == [False] * 3
    assert table.touch(19 * SECOND, SPRAYER, 10)


def test_a_port_that_is_touched_again_counts_once() -> None:
    table = SprayTable(key=1)
    for _ in range(10):
        assert touch_all(table, SPRAYER, range(7)) == [False] * 7
    assert table.touch(0, SPRAYER, 7)


def test_seven_ports_for_ever_are_no_spray() -> None:
    table = SprayTable(key=1)
    for second in range(100):
        assert touch_all(table, SPRAYER, range(7), second * SECOND) == [False] * 7
    assert not table.marked(100 * SECOND, SPRAYER)


def test_one_canary_is_enough() -> None:
    table = SprayTable(key=1)
    assert table.touch(5, SPRAYER, 30_000, canary=True)
    assert table.marked(5, SPRAYER)


def test_a_mark_lasts_for_a_minute_and_is_renewed_by_more_of_the_same() -> None:
    table = SprayTable(key=1)
    table.touch(0, SPRAYER, 1, canary=True)
    assert table.marked(60 * SECOND - 1, SPRAYER)
    assert not table.marked(60 * SECOND, SPRAYER)
    assert touch_all(table, SPRAYER, range(8), 60 * SECOND)[-1]
    assert touch_all(table, SPRAYER, range(8), 80 * SECOND)[-1]
    assert table.marked(139 * SECOND, SPRAYER)
    assert not table.marked(141 * SECOND, SPRAYER)


@pytest.mark.parametrize("other", [(SPRAYER[0], 7778), ("192.0.2.67", 7777), ("::ffff:192.0.2.67", 7777)])
def test_a_mark_is_of_one_address_and_port(other: Address) -> None:
    table = SprayTable(key=1)
    table.touch(0, SPRAYER, 1, canary=True)
    assert not table.marked(0, other)
    assert table.marked(0, (f"::ffff:{SPRAYER[0]}", SPRAYER[1]))


# Under a flood -------------------------------------------------------------------------------------------------------


def test_a_flood_of_forged_sources_hides_no_sprayer() -> None:
    """100,000 forged sources a second, one packet each; the sprayer tries a port every 20 ms."""
    table = SprayTable(key=1)
    forged = itertools.cycle(others(200_000))
    now_ns = 0
    for port in range(8):
        found = table.touch(now_ns, SPRAYER, port)
        for _ in range(2000):
            now_ns += 10_000
            table.touch(now_ns, next(forged), 50_000)
    assert found


def test_forged_marks_do_not_wash_out_one_that_is_at_work() -> None:
    """20,000 forged hits of a canary a second; the sprayer tries every 20 ms."""
    table = SprayTable(key=1)
    table.touch(0, SPRAYER, 1, canary=True)
    now_ns = 0
    forged = iter(others(100_000))
    for _ in range(200):
        for _ in range(400):
            now_ns += 50_000
            table.touch(now_ns, next(forged), 2, canary=True)
        assert table.marked(now_ns, SPRAYER)


def test_forged_marks_leave_room_for_others_to_be_counted() -> None:
    table = SprayTable(key=1)
    for source in others(100_000):
        table.touch(0, source, 2, canary=True)
    for index, source in enumerate(others(50, network=11)):
        assert touch_all(table, source, range(8), index)[-1]
        assert table.marked(index, source)


def test_those_who_touched_more_outlive_those_who_touched_fewer() -> None:
    table = SprayTable(key=1)
    busy = others(500, network=11)
    for source in busy:
        touch_all(table, source, range(7))
    for source in others(100_000):
        table.touch(1, source, 9)
    assert sum(table.touch(2, source, 7) for source in busy) > 480


def test_the_table_forgets_what_is_over() -> None:
    table = SprayTable(key=1)
    for source in others(PLACES * 4):
        touch_all(table, source, range(7))
    later = 11 * SECOND
    for source in others(500, network=11):
        assert touch_all(table, source, range(8), later)[-1]


def test_the_key_decides_who_shares_a_bucket() -> None:
    """No set of sources displaces another one under every key."""
    survived = set()
    for key in range(20):
        table = SprayTable(key=key)
        touch_all(table, SPRAYER, range(1))
        for source in others(4000):
            table.touch(0, source, 1)
        touch_all(table, SPRAYER, range(1, 7))
        survived.add(table.touch(0, SPRAYER, 7))
    assert survived == {True, False}


def test_times_and_ports_are_whole_numbers() -> None:
    table = SprayTable()
    with pytest.raises(TypeError):
        table.touch("0", SPRAYER, 1)  # type: ignore[arg-type]
    with pytest.raises(OverflowError):
        table.touch(0, SPRAYER, -1)
    with pytest.raises(ValueError, match="256"):
        table.marked(0, ("192.0.2.256", 1))
