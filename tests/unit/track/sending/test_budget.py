"""No more than its share to a host that has not answered, and three times what came to a stranger."""

from __future__ import annotations

import pytest

from rtpcore import LatchPolicy, LatchState, Reason
from tests.unit.track.line import MS, PHONE, SERVER, STRANGER, STRANGER_SSRC, Line, answered

OPEN = LatchPolicy("open")
PCMU_OCTETS = 172


def send(line: Line, at_ms: float, count: int, octets: int = PCMU_OCTETS, every_ms: float = 20) -> list[Reason]:
    return [line.latch.may_send(round((at_ms + index * every_ms) * MS), octets) for index in range(count)]


# The early budget --------------------------------------------------------------------------------------------------


def test_ten_seconds_of_speech_are_five_hundred_packets() -> None:
    line = answered(declared=SERVER)
    asked = send(line, 0, 1000)
    assert asked.count(Reason.NONE) == 500
    assert asked[500:] == [Reason.EARLY_BUDGET] * 500


@pytest.mark.parametrize(
    ("payload_types", "octets"),
    [({0: 8000}, 160_000), ({96: 48_000}, 960_000), ({96: 90_000}, 2_500_000), (None, 2_500_000)],
)
def test_a_burst_ends_with_the_octets_that_ten_seconds_could_have(
    payload_types: dict[int, int] | None, octets: int
) -> None:
    line = Line().publish().signal(0, "answer", declared=SERVER, payload_types=payload_types)
    asked = send(line, 0, 3000, octets=1000, every_ms=0)
    assert asked.count(Reason.NONE) == octets // 1000


def test_neither_ports_nor_signals_nor_a_way_back_refill_it() -> None:
    line = answered(declared=SERVER, payload_types={0: 8000})
    spent = send(line, 0, 100, octets=1000, every_ms=0).count(Reason.NONE)
    for index in range(10):
        for declared in (("192.0.2.99", 6000), (SERVER[0], 6002 + 2 * index)):
            line.signal(index, "reinvite", declared=declared, payload_types={0: 8000})
        spent += send(line, index, 100, octets=1000, every_ms=0).count(Reason.NONE)
    assert spent == 160


def test_a_recorder_in_a_prefix_of_signalling_needs_none() -> None:
    line = answered(LatchPolicy(prefix4=24), declared=("198.51.100.200", 5004))
    assert set(send(line, 0, 2, every_ms=1_000_000)) == {Reason.NONE}
    line = answered(declared=("198.51.100.200", 5004))
    assert send(line, 0, 2, every_ms=1_000_000)[1] is Reason.EARLY_BUDGET


# Amplification -----------------------------------------------------------------------------------------------------


def test_a_stranger_gets_three_times_what_it_sent() -> None:
    line = answered(OPEN)
    line.talk(0, STRANGER, 5, ssrc=STRANGER_SSRC)  # T5 needs five
    assert line.latch.state is LatchState.PROVISIONAL
    asked = send(line, 100, 20, every_ms=0)
    assert asked == [Reason.NONE] * 15 + [Reason.AMPLIFICATION] * 5
    line.talk(100, STRANGER, 1, first=5, ssrc=STRANGER_SSRC)
    assert send(line, 110, 4, every_ms=0) == [Reason.NONE] * 3 + [Reason.AMPLIFICATION]


def test_octets_count_as_well_as_packets() -> None:
    line = answered(OPEN)
    line.talk(0, STRANGER, 5, ssrc=STRANGER_SSRC, payload=b"short")  # 17 octets each
    asked = send(line, 100, 5, octets=100, every_ms=0)
    assert asked == [Reason.NONE] * 2 + [Reason.AMPLIFICATION] * 3


def test_other_addresses_do_not_add_to_it() -> None:
    line = answered(OPEN)
    line.talk(0, STRANGER, 5, ssrc=STRANGER_SSRC)
    for index in range(20):
        line.receive(90, (STRANGER[0], 8000 + index), index, ssrc=index)
    assert send(line, 100, 20, every_ms=0).count(Reason.NONE) == 15


def test_a_call_both_ways_never_meets_it() -> None:
    line = answered(OPEN)
    line.talk(0, STRANGER, 5, ssrc=STRANGER_SSRC)
    for index in range(500):
        line.receive(100 + 20 * index, STRANGER, 5 + index, ssrc=STRANGER_SSRC)
        assert send(line, 100 + 20 * index, 1) == [Reason.NONE]
    assert line.latch.state is LatchState.LOCKED


def test_it_ends_with_the_window() -> None:
    line = answered(OPEN)
    line.talk(0, STRANGER, 5, ssrc=STRANGER_SSRC)
    assert Reason.AMPLIFICATION in send(line, 100, 20, every_ms=0)
    assert send(line, 5081, 50, every_ms=0) == [Reason.NONE] * 50


def test_whom_signalling_vouches_for_is_not_metered() -> None:
    line = answered()
    line.talk(0, PHONE, 2)
    assert send(line, 20, 100, every_ms=0) == [Reason.NONE] * 100
