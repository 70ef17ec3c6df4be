"""Row 12: who was displaced and speaks again takes its place back; and row 13, when nobody speaks any more."""

from __future__ import annotations

import pytest

from rtpcore import LatchPolicy, LatchState, LatchVerdict
from rtpcore.events import Address
from tests.behaviour.media import receiver_report
from tests.unit.track.line import (
    DROP,
    FORWARD,
    HOLD,
    LOCKED_MS,
    NEIGHBOUR,
    PHONE,
    PHONE_RTCP,
    PHONE_SSRC,
    STRANGER,
    STRANGER_SSRC,
    Line,
    answered,
    forwarded,
    locked,
)

LAST_MS = LOCKED_MS - 20


def observe(line: Line, source: Address, start_ms: float, count: int) -> float:
    """The phone is mute, and somebody goes on with its stream; returns the time of the next packet."""
    for index in range(count):
        at_ms = start_ms + 20 * index
        line.receive(at_ms, source, round((at_ms - LOCKED_MS) / 20) + 300)
    assert line.latch.accepted_source == source
    return start_ms + 20 * count


def phone_returns(line: Line, at_ms: float, number: int = 300, clock_runs: bool = True) -> LatchVerdict:
    stamp = 160 * 300 + (round((at_ms - LOCKED_MS) * 8) if clock_runs else 160 * (number - 300))
    return line.receive(at_ms, PHONE, number, timestamp=stamp)


@pytest.mark.parametrize("thief", [STRANGER, NEIGHBOUR])
@pytest.mark.parametrize("seconds", [1, 2, 30, 600])
def test_the_first_packet_takes_both_directions_back(thief: Address, seconds: int) -> None:
    line = locked()
    at_ms = observe(line, thief, LOCKED_MS + 100, 50 * seconds)
    line.events()
    verdict = phone_returns(line, at_ms)
    assert (verdict.action, verdict.row) == (FORWARD, 12)
    assert line.latch.accepted_source == line.latch.destination == PHONE
    assert line.latch.ssrc == PHONE_SSRC
    assert line.latch.state is LatchState.LOCKED
    events = line.events()
    assert {event.name for event in events} == {"hijack_suspected", "reverted"}
    assert {(event.source, event.previous_source) for event in events} == {(PHONE, thief)}


def test_who_was_sent_back_has_no_right_of_its_own() -> None:
    line = locked()
    at_ms = observe(line, STRANGER, LOCKED_MS + 100, 50)
    phone_returns(line, at_ms)
    for index in range(1, 100):
        assert line.receive(at_ms + 20 * index - 1, STRANGER, 355 + index).action is not FORWARD
        assert phone_returns(line, at_ms + 20 * index, 300 + index).action is FORWARD


def test_whoever_came_in_between_loses_its_right_too() -> None:
    line = locked()
    at_ms = observe(line, STRANGER, LOCKED_MS + 100, 20)
    at_ms = observe(line, ("192.0.2.67", 7777), at_ms + 300, 20)
    at_ms = observe(line, ("192.0.2.68", 7777), at_ms + 300, 20)
    assert phone_returns(line, at_ms).row == 12
    assert line.receive(at_ms + 1, STRANGER, 400).action is not FORWARD
    assert line.latch.accepted_source == PHONE


def test_the_first_of_many_is_never_forgotten() -> None:
    line = locked()
    at_ms = LOCKED_MS + 100.0
    for host in range(10):
        at_ms = observe(line, ("192.0.2.66", 7000 + host), at_ms, 12) + (250 if host == 0 else 60)
    assert phone_returns(line, at_ms).row == 12
    assert line.latch.accepted_source == PHONE


@pytest.mark.parametrize(("after_ms", "row"), [(1500, 14), (2100, 12)])
def test_a_sender_that_stopped_its_clock_comes_back_after_two_seconds(after_ms: int, row: int) -> None:
    # Before that it cannot be told from a packet that the network kept back.
    line = locked()
    observe(line, STRANGER, LOCKED_MS + 100, (after_ms - 150) // 20)
    assert phone_returns(line, LAST_MS + after_ms, clock_runs=False).row == row


@pytest.mark.parametrize(("late_ms", "row"), [(450, 14), (100, 12)])
def test_what_a_handover_left_behind_takes_nothing_back(late_ms: int, row: int) -> None:
    # Number 315 was sent at 300 ms; the new place is accepted at 380 ms.
    line = locked()
    observe(line, STRANGER, LOCKED_MS + 300, 30)
    at_ms = LOCKED_MS + 900
    sent_ms = at_ms - late_ms
    number = 300 + round((sent_ms - LOCKED_MS) / 20)
    if row == 14:
        number, sent_ms = 312, LOCKED_MS + 240
    verdict = line.receive(at_ms, PHONE, number, timestamp=round(160 * 300 + (sent_ms - LOCKED_MS) * 8))
    assert verdict.row == row


@pytest.mark.parametrize("number", [299, 250, 20_000])
def test_a_packet_that_does_not_go_on_takes_nothing_back(number: int) -> None:
    line = locked()
    at_ms = observe(line, STRANGER, LOCKED_MS + 100, 50)
    assert line.receive(at_ms, PHONE, number, timestamp=160 * 350).action is DROP
    assert line.latch.accepted_source == STRANGER


def test_nor_does_another_ssrc() -> None:
    line = locked()
    at_ms = observe(line, STRANGER, LOCKED_MS + 100, 50)
    assert line.receive(at_ms, PHONE, 350, ssrc=STRANGER_SSRC).action is DROP


def test_on_hold_it_goes_back_too() -> None:
    line = locked()
    at_ms = observe(line, STRANGER, LOCKED_MS + 100, 50)
    line.signal(at_ms, "hold")
    assert phone_returns(line, at_ms + 1000).row == 12
    assert line.latch.state is LatchState.HELD


def test_an_ssrc_that_was_displaced_before_the_move_comes_back_with_its_address() -> None:
    # Somebody forges the phone's address with an SSRC of its own, then leads the stream away to itself.
    line = locked()
    line.talk(LOCKED_MS + 100, PHONE, 10, ssrc=STRANGER_SSRC)
    line.talk(LOCKED_MS + 520, STRANGER, 60, first=20, ssrc=STRANGER_SSRC, timestamp=None)
    assert line.latch.accepted_source == STRANGER
    verdict = phone_returns(line, LOCKED_MS + 2000)
    assert (verdict.row, line.latch.accepted_source, line.latch.ssrc) == (12, PHONE, PHONE_SSRC)


# Row 13 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("dead_ms", "taken"), [(5000, False), (5001, True)])
def test_a_dead_source_is_replaced_by_one_in_scope(dead_ms: int, taken: bool) -> None:
    line = locked()
    verdicts = line.talk(LAST_MS + dead_ms, NEIGHBOUR, 5, ssrc=STRANGER_SSRC, every_ms=20 if taken else 0)
    assert (verdicts[-1].row == 13) == taken
    if taken:
        assert forwarded(verdicts) == 5
        assert line.latch.accepted_source == line.latch.destination == NEIGHBOUR
        assert line.events()[-1].detail == "dead"


def test_but_not_by_one_out_of_scope_and_not_on_hold() -> None:
    line = locked()
    assert forwarded(line.talk(LOCKED_MS + 60_000, STRANGER, 100, ssrc=STRANGER_SSRC)) == 0
    line.signal(LOCKED_MS + 70_000, "hold")
    assert forwarded(line.talk(LOCKED_MS + 80_000, NEIGHBOUR, 100, ssrc=STRANGER_SSRC)) == 0


def test_nor_where_the_policy_says_never() -> None:
    line = locked(LatchPolicy(dead_relatch_ms=0))
    assert forwarded(line.talk(LOCKED_MS + 60_000, NEIGHBOUR, 100, ssrc=STRANGER_SSRC)) == 0


@pytest.mark.parametrize("sign", ["keepalive", "junk", "report", "none"])
def test_a_source_that_gives_any_sign_of_life_is_not_dead(sign: str) -> None:
    line = locked()
    for at_ms in range(LOCKED_MS, LOCKED_MS + 20_000, 2000):
        if sign == "keepalive":
            line.receive(at_ms, PHONE, 300, ssrc=PHONE_SSRC + 1, payload=b"", payload_type=20)
        elif sign == "junk":
            line.latch.receive(at_ms * 1_000_000, PHONE, b"\r\n\r\n")
        elif sign == "report":
            line.receive_rtcp(at_ms, PHONE_RTCP, receiver_report(PHONE_SSRC))
    verdicts = line.talk(LOCKED_MS + 19_000, NEIGHBOUR, 20, ssrc=STRANGER_SSRC)
    assert (forwarded(verdicts) == 0) == (sign != "none")


def test_a_neighbours_keepalive_is_no_sign_of_life() -> None:
    line = locked()
    line.latch.receive((LOCKED_MS + 5000) * 1_000_000, NEIGHBOUR, b"\r\n\r\n")
    assert forwarded(line.talk(LOCKED_MS + 6000, NEIGHBOUR, 5, ssrc=STRANGER_SSRC)) == 5


def test_whoever_was_dead_takes_its_place_back() -> None:
    line = locked()
    line.talk(LOCKED_MS + 6000, NEIGHBOUR, 100, ssrc=STRANGER_SSRC)
    verdict = phone_returns(line, LOCKED_MS + 8000)
    assert (verdict.row, line.latch.accepted_source) == (12, PHONE)
    assert line.receive(LOCKED_MS + 8001, NEIGHBOUR, 100, ssrc=STRANGER_SSRC).action is DROP


def test_row_6_displaces_an_equal_and_it_comes_back_but_not_one_that_signalling_likes_less() -> None:
    line = answered()
    line.talk(0, PHONE, 10)
    line.talk(290, NEIGHBOUR, 3, ssrc=STRANGER_SSRC)
    assert line.latch.accepted_source == NEIGHBOUR
    assert line.receive(400, PHONE, 10, timestamp=160 * 20).row == 12
    line = answered(declared=PHONE)
    line.talk(0, NEIGHBOUR, 10, ssrc=STRANGER_SSRC)
    line.talk(280, PHONE, 2)
    assert line.latch.accepted_source == PHONE
    assert line.receive(320, NEIGHBOUR, 10, ssrc=STRANGER_SSRC, timestamp=160 * 16).action is HOLD
