"""Row 9: the accepted source sends another SSRC, and the displaced one takes the pin back."""

from __future__ import annotations

import pytest

from rtpcore import LatchPolicy, Reason
from tests.behaviour.media import goodbye
from tests.unit.track.line import (
    DROP,
    FORWARD,
    HOLD,
    LOCKED_MS,
    NEIGHBOUR,
    OTHER_SSRC,
    PHONE,
    PHONE_RTCP,
    PHONE_SSRC,
    SERVER,
    STRANGER,
    Line,
    answered,
    forwarded,
    locked,
)

LAST_MS = LOCKED_MS - 20  # when the phone's last packet came
STRICT = LatchPolicy("strict")


# By silence --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("silent_ms", "action"), [(59, HOLD), (60, FORWARD)])
def test_a_new_ssrc_is_accepted_with_its_second_packet_after_60_ms_of_silence(silent_ms: int, action: object) -> None:
    line = locked()
    assert line.receive(LAST_MS + silent_ms - 20, PHONE, 60_000, ssrc=OTHER_SSRC).action is HOLD
    assert line.receive(LAST_MS + silent_ms, PHONE, 60_001, ssrc=OTHER_SSRC).action is action


def test_of_a_new_ssrc_nothing_is_lost() -> None:
    line = locked()
    verdicts = line.talk(LAST_MS + 100, PHONE, 50, first=60_000, ssrc=OTHER_SSRC)
    assert forwarded(verdicts) == 50
    assert line.latch.ssrc == OTHER_SSRC
    (event,) = line.events()
    assert (event.name, event.detail, event.ssrc, event.previous_ssrc) == (
        "ssrc_changed",
        "silence",
        OTHER_SSRC,
        PHONE_SSRC,
    )


@pytest.mark.parametrize(("silent_ms", "action"), [(59, HOLD), (60, FORWARD)])
def test_silence_is_60_ms_where_packet_times_are_short(silent_ms: int, action: object) -> None:
    line = answered(ptime_ms=10)
    line.talk(0, PHONE, 600, every_ms=10)
    last_ms = 599 * 10
    line.receive(last_ms + silent_ms - 10, PHONE, 1, ssrc=OTHER_SSRC)
    assert line.receive(last_ms + silent_ms, PHONE, 2, ssrc=OTHER_SSRC).action is action


@pytest.mark.parametrize(("silent_ms", "action"), [(170, HOLD), (190, FORWARD)])
def test_silence_is_three_packet_times_where_they_are_long(silent_ms: int, action: object) -> None:
    line = answered(ptime_ms=60)
    line.talk(0, PHONE, 300, every_ms=60)
    last_ms = 299 * 60
    line.receive(last_ms + silent_ms - 60, PHONE, 1, ssrc=OTHER_SSRC)
    assert line.receive(last_ms + silent_ms, PHONE, 2, ssrc=OTHER_SSRC).action is action


def test_an_ssrc_beside_the_pinned_one_is_never_heard() -> None:
    line = locked()
    for number in range(500):
        assert line.receive(LOCKED_MS + 20 * number, PHONE, 300 + number).action is FORWARD
        verdict = line.receive(LOCKED_MS + 20 * number + 10, PHONE, number, ssrc=OTHER_SSRC)
        assert verdict.action is HOLD
        assert verdict.released == ()


def test_an_ssrc_guessed_anew_with_each_packet_is_never_heard() -> None:
    line = locked()
    verdicts = [
        line.receive(LOCKED_MS + 1000 + 2 * number, PHONE, number, ssrc=0x70000000 + number) for number in range(2000)
    ]
    assert forwarded(verdicts) == 0
    assert line.receive(LOCKED_MS + 6000, PHONE, 300).action is FORWARD


def test_what_a_guesser_sent_while_the_phone_talked_is_not_released_when_it_pauses() -> None:
    line = locked()
    number = 0
    for index in range(50):
        line.receive(LOCKED_MS + 20 * index, PHONE, 300 + index)
        line.receive(LOCKED_MS + 20 * index + 10, PHONE, number, ssrc=OTHER_SSRC)
        number += 1
    last_ms = LOCKED_MS + 20 * 49
    # The phone loses five packets in a row.
    heard = [line.receive(last_ms + 30 + 20 * index, PHONE, number + index, ssrc=OTHER_SSRC) for index in range(6)]
    assert forwarded(heard) <= 8
    assert line.receive(last_ms + 142, PHONE, 356).action is FORWARD
    assert line.latch.ssrc == PHONE_SSRC


@pytest.mark.parametrize("goodbye_said", [False, True])
def test_nor_when_the_phone_says_goodbye(goodbye_said: bool) -> None:
    line = locked()
    for index in range(20):
        line.receive(LOCKED_MS + 20 * index, PHONE, 300 + index)
        line.receive(LOCKED_MS + 20 * index + 10, PHONE, index, ssrc=OTHER_SSRC)
    last_ms = LOCKED_MS + 20 * 19
    if goodbye_said:
        line.receive_rtcp(last_ms + 15, PHONE_RTCP, goodbye(PHONE_SSRC))
    verdict = line.receive(last_ms + 30, PHONE, 20, ssrc=OTHER_SSRC)
    assert (verdict.action is FORWARD) == goodbye_said
    assert len(verdict.released) == goodbye_said  # of twenty that are held, the one that came after the phone's last


# Taking back -------------------------------------------------------------------------------------------------------


def usurped(*ssrcs: int, at_ms: float = LOCKED_MS + 500) -> tuple[Line, float]:
    """The phone is mute, and somebody who forges its address uses `ssrcs` one after the other, ten packets each."""
    line = locked()
    for ssrc in ssrcs:
        line.talk(at_ms, PHONE, 10, first=9000, ssrc=ssrc)
        at_ms += 20 * 10 + 200
        assert line.latch.ssrc == ssrc
    line.events()
    return line, at_ms - 200


def phone_returns(line: Line, at_ms: float, number: int = 300) -> bool:
    """Whether the phone's next packet is forwarded; its numbers stood still, its clock did not."""
    stamp = round(300 * 160 + (at_ms - LOCKED_MS) * 8)
    return line.receive(at_ms, PHONE, number, timestamp=stamp).action is FORWARD


def test_a_displaced_ssrc_takes_the_pin_back_with_one_packet() -> None:
    line, at_ms = usurped(OTHER_SSRC)
    line.talk(at_ms, PHONE, 50, first=9010, ssrc=OTHER_SSRC)
    assert phone_returns(line, at_ms + 1000)
    assert line.latch.ssrc == PHONE_SSRC
    (event,) = line.events()
    assert (event.name, event.detail) == ("ssrc_changed", "taken_back")
    assert line.receive(at_ms + 1001, PHONE, 9060, ssrc=OTHER_SSRC).action is HOLD


@pytest.mark.parametrize("count", [2, 3, 4])
def test_the_oldest_is_senior_however_many_came_after_it(count: int) -> None:
    line, at_ms = usurped(*range(1, count + 1))
    assert phone_returns(line, at_ms)


def test_the_one_that_held_the_pin_longest_stays_senior_beside_the_oldest() -> None:
    # A transfer from A to B, then B is mute and usurped again and again: both keep their right.
    line = locked()
    line.talk(LOCKED_MS + 100, PHONE, 2000, ssrc=OTHER_SSRC)
    at_ms = LOCKED_MS + 100 + 40_000.0
    for ssrc in range(1, 5):
        line.talk(at_ms + 500, PHONE, 10, first=9000, ssrc=ssrc)
        at_ms += 700
    assert line.latch.ssrc == 4
    verdict = line.receive(at_ms, PHONE, 2000, ssrc=OTHER_SSRC, timestamp=round((at_ms - LOCKED_MS - 100) * 8))
    assert verdict.action is FORWARD
    assert line.latch.ssrc == OTHER_SSRC


def test_who_took_the_pin_from_its_senior_has_no_right_to_it() -> None:
    line, at_ms = usurped(1, 2)
    assert phone_returns(line, at_ms)
    for ssrc in (1, 2):
        assert line.receive(at_ms + 1, PHONE, 9010, ssrc=ssrc).action is HOLD
    assert line.latch.ssrc == PHONE_SSRC


def test_seniority_ends_with_the_source() -> None:
    # The neighbour had two SSRCs; from the phone's address none of them takes anything back.
    line = answered()
    line.talk(0, NEIGHBOUR, 5, ssrc=1)
    line.talk(200, NEIGHBOUR, 5, first=500, ssrc=2)
    line.talk(500, PHONE, 5)
    assert line.latch.accepted_source == PHONE
    assert line.receive(590, PHONE, 5, ssrc=1, timestamp=160 * 29).action is HOLD
    assert line.latch.ssrc == PHONE_SSRC


def test_taking_back_is_not_a_change() -> None:
    # Four changes in ten seconds are permitted; the phone takes the pin back after each. Nobody gets it a fifth time.
    line = locked()
    at_ms = LOCKED_MS + 0.0
    for turn in range(5):
        line.talk(at_ms + 500, PHONE, 3, first=9000 + 100 * turn, ssrc=OTHER_SSRC + turn)
        assert line.latch.ssrc == (OTHER_SSRC + turn if turn < 4 else PHONE_SSRC)
        at_ms += 560
        assert phone_returns(line, at_ms, 300 + turn)
        assert line.latch.ssrc == PHONE_SSRC


def test_a_packet_that_does_not_continue_takes_nothing_back() -> None:
    line, at_ms = usurped(OTHER_SSRC)
    for number, timestamp in ((299, 300 * 160), (20_000, 300 * 160), (300, 300 * 160 + 10_000_000)):
        assert line.receive(at_ms, PHONE, number, timestamp=timestamp).action is HOLD
    assert line.latch.ssrc == OTHER_SSRC


@pytest.mark.parametrize("clock_runs", [True, False], ids=["the clock ran on", "the clock stood still"])
def test_a_muted_sender_may_have_stopped_its_clock(clock_runs: bool) -> None:
    line, at_ms = usurped(OTHER_SSRC)
    stamp = 300 * 160 + (round((at_ms - LOCKED_MS) * 8) if clock_runs else 0)
    assert line.receive(at_ms, PHONE, 300, timestamp=stamp).action is FORWARD


def test_the_displaced_ssrc_is_senior_after_a_goodbye_too() -> None:
    # A goodbye may be forged or early: an SSRC that goes on had not gone.
    line = locked()
    line.receive_rtcp(LAST_MS + 10, PHONE_RTCP, goodbye(PHONE_SSRC))
    assert line.receive(LAST_MS + 11, PHONE, 9000, ssrc=OTHER_SSRC).action is FORWARD
    assert line.receive(LOCKED_MS, PHONE, 300).action is FORWARD
    assert line.latch.ssrc == PHONE_SSRC


# At once -----------------------------------------------------------------------------------------------------------


def test_after_its_goodbye_the_next_ssrc_is_accepted_at_once() -> None:
    line = locked()
    assert line.receive_rtcp(LAST_MS + 1, PHONE_RTCP, goodbye(PHONE_SSRC)).action is FORWARD
    verdict = line.receive(LAST_MS + 2, PHONE, 60_000, ssrc=OTHER_SSRC)
    assert (verdict.action, verdict.row) == (FORWARD, 9)
    assert line.events()[-1].detail == "goodbye"


def test_a_goodbye_of_another_ssrc_says_nothing() -> None:
    line = locked()
    line.receive_rtcp(LAST_MS + 1, PHONE_RTCP, goodbye(PHONE_SSRC, OTHER_SSRC))
    assert line.receive(LAST_MS + 2, PHONE, 60_000, ssrc=OTHER_SSRC).action is HOLD


def test_a_goodbye_from_elsewhere_says_nothing() -> None:
    line = locked()
    assert line.receive_rtcp(LAST_MS + 1, STRANGER, goodbye(PHONE_SSRC)).action is DROP
    assert line.receive(LAST_MS + 2, PHONE, 60_000, ssrc=OTHER_SSRC).action is HOLD


def test_an_ssrc_that_goes_on_talking_after_its_goodbye_has_not_gone() -> None:
    line = locked()
    line.receive_rtcp(LAST_MS + 10, PHONE_RTCP, goodbye(PHONE_SSRC))
    line.talk(LOCKED_MS, PHONE, 10, first=300)
    assert line.receive(LOCKED_MS + 185, PHONE, 60_000, ssrc=OTHER_SSRC).action is HOLD


def test_a_signalled_ssrc_is_accepted_at_once() -> None:
    line = locked(ssrcs=[OTHER_SSRC])
    verdict = line.receive(LAST_MS + 1, PHONE, 60_000, ssrc=OTHER_SSRC)
    assert (verdict.action, verdict.row) == (FORWARD, 9)
    assert line.events()[-1].detail == "signalled"


# Not at all --------------------------------------------------------------------------------------------------------


def test_at_most_four_changes_in_ten_seconds() -> None:
    line = locked()
    at_ms = LOCKED_MS + 0.0
    changes = []
    for ssrc in range(1, 9):
        at_ms += 200
        changes.append(forwarded(line.talk(at_ms, PHONE, 5, ssrc=ssrc)) > 0)
        at_ms += 100
    assert changes == [True] * 4 + [False] * 4
    assert line.latch.ssrc == 4
    assert "ssrc_contest" in line.event_names()
    # Ten seconds after the first change there is room for one more.
    assert forwarded(line.talk(LOCKED_MS + 10_300, PHONE, 5, ssrc=99)) > 0
    assert forwarded(line.talk(LOCKED_MS + 10_450, PHONE, 3, ssrc=100)) == 0


def test_on_hold_silence_gives_nobody_the_pin() -> None:
    line = locked().signal(LOCKED_MS, "hold")
    verdicts = line.talk(LOCKED_MS + 30_000, PHONE, 100, ssrc=OTHER_SSRC)
    assert forwarded(verdicts) == 0
    assert line.latch.ssrc == PHONE_SSRC


def test_any_lets_an_ssrc_in_that_sends_two_packets() -> None:
    line = locked(LatchPolicy(ssrc_change="any"))
    assert line.receive(LAST_MS + 1, PHONE, 1, ssrc=OTHER_SSRC).action is HOLD
    assert line.receive(LAST_MS + 21, PHONE, 2, ssrc=OTHER_SSRC).action is FORWARD


def test_strict_needs_signalling() -> None:
    line = locked(STRICT)
    assert forwarded(line.talk(LOCKED_MS + 10_000, PHONE, 500, ssrc=OTHER_SSRC)) == 0
    line.receive_rtcp(LOCKED_MS + 20_000, PHONE_RTCP, goodbye(PHONE_SSRC))
    assert forwarded(line.talk(LOCKED_MS + 20_001, PHONE, 500, ssrc=OTHER_SSRC)) == 0
    assert line.latch.ssrc == PHONE_SSRC


def test_strict_accepts_a_signalled_ssrc() -> None:
    line = locked(STRICT, ssrcs=[OTHER_SSRC])
    assert line.receive(LOCKED_MS, PHONE, 1, ssrc=OTHER_SSRC).action is FORWARD


def test_strict_accepts_a_new_ssrc_after_changed_signalling() -> None:
    line = locked(STRICT)
    line.answer(LOCKED_MS, declared=SERVER)
    verdicts = line.talk(LOCKED_MS + 100, PHONE, 10, ssrc=OTHER_SSRC)
    assert forwarded(verdicts) == 10
    line = locked(STRICT)
    line.answer(LOCKED_MS)  # nothing new
    assert forwarded(line.talk(LOCKED_MS + 100, PHONE, 10, ssrc=OTHER_SSRC)) == 0


def test_what_never_gets_the_pin_is_dropped_in_the_end() -> None:
    line = locked()
    line.receive(LOCKED_MS, PHONE, 1, ssrc=OTHER_SSRC)
    line.talk(LOCKED_MS, PHONE, 30, first=300)
    verdict = line.receive(LOCKED_MS + 600, PHONE, 2, ssrc=OTHER_SSRC)
    assert (verdict.action, verdict.released, verdict.reason) == (HOLD, (), Reason.NONE)


def test_a_change_in_progress_survives_the_end_of_the_window() -> None:
    line = answered(LatchPolicy(learn_window_ms=1000))
    line.talk(0, PHONE, 46)  # accepted at 20 ms; the window is over at 1020 ms
    assert line.receive(1010, PHONE, 1, ssrc=OTHER_SSRC).action is HOLD
    verdict = line.receive(1030, PHONE, 2, ssrc=OTHER_SSRC)
    assert line.latch.state.name == "LOCKED"
    assert (verdict.action, len(verdict.released)) == (FORWARD, 1)


# Who was there before ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("silent_ms", "heard"), [(270, False), (290, True)])
def test_who_was_there_before_the_pinned_ssrc_fell_silent_waits_longer(silent_ms: int, heard: bool) -> None:
    line = locked()
    last_ms = LOCKED_MS + 80
    for index in range(10):
        line.receive(LOCKED_MS + 20 * index, PHONE, index, ssrc=OTHER_SSRC)
        if index < 5:
            line.receive(LOCKED_MS + 20 * index, PHONE, 300 + index)
    verdict = line.receive(last_ms + silent_ms, PHONE, 10, ssrc=OTHER_SSRC)
    assert (verdict.action is FORWARD) == heard


def test_whoever_begins_after_it_comes_first() -> None:
    line = locked()
    for index in range(20):
        line.receive(LOCKED_MS + 20 * index, PHONE, 300 + index)
        line.receive(LOCKED_MS + 20 * index + 5, PHONE, index, ssrc=0x66)
    last_ms = LOCKED_MS + 380
    for index in range(20):
        line.receive(last_ms + 25 + 20 * index, PHONE, 20 + index, ssrc=0x66)
        if index >= 4:
            line.receive(last_ms + 30 + 20 * index, PHONE, 60_000 + index, ssrc=OTHER_SSRC)
    assert line.latch.ssrc == OTHER_SSRC
    assert "ssrc_contest" in line.event_names()


# Keepalives --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("follow", [False, True])
def test_an_empty_packet_latches_no_source_and_media_only_where_the_policy_says_so(follow: bool) -> None:
    line = answered(LatchPolicy(latch_on_keepalive=follow))
    for source in (STRANGER, PHONE):
        verdict = line.receive(100, source, 1, payload=b"", payload_type=20)
        assert verdict.action is DROP
    assert line.latch.accepted_source is None
    assert line.latch.destination == (PHONE if follow else None)
