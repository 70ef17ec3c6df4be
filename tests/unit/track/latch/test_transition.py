"""The rows of the transition table that a packet triggers: 1, 3, 5, 6 and 14 (8 and 9 have files of their own)."""

from __future__ import annotations

import pytest

from rtpcore import LatchPolicy, LatchState, Reason
from rtpcore.events import Address
from tests.unit.track.line import (
    DROP,
    FORWARD,
    HOLD,
    LOCKED_MS,
    NEIGHBOUR,
    OTHER_SSRC,
    PHONE,
    PRIVATE,
    SERVER,
    STRANGER,
    STRANGER_SSRC,
    Line,
    answered,
    forwarded,
    locked,
)

# Row 1: nobody has been told of the port ---------------------------------------------------------------------------


@pytest.mark.parametrize("source", [PHONE, SERVER, STRANGER])
def test_before_publish_everything_is_dropped(source: Address) -> None:
    line = Line().answer(0, declared=SERVER)
    verdicts = line.talk(0, source, 20)
    assert {(verdict.action, verdict.reason, verdict.row) for verdict in verdicts} == {(DROP, Reason.NOT_PUBLISHED, 1)}
    assert line.latch.state is LatchState.CLOSED
    assert "prepublish_talker" in line.event_names()


# Row 3: media before the answer ------------------------------------------------------------------------------------


def test_media_before_the_answer_is_held_and_released_after_it() -> None:
    line = Line().publish()
    verdicts = line.talk(0, PHONE, 10)
    assert {(verdict.action, verdict.row) for verdict in verdicts} == {(HOLD, 3)}
    line.answer(195)
    verdict = line.receive(200, PHONE, 10)
    assert verdict.action is FORWARD
    assert len(verdict.released) == 10


def test_of_a_long_time_before_the_answer_the_last_320_ms_are_kept() -> None:
    line = Line().publish()
    line.talk(0, PHONE, 100)
    line.answer(1990)
    assert len(line.receive(2000, PHONE, 100).released) == 16


def test_what_a_stranger_sent_before_the_answer_is_never_released() -> None:
    line = Line().publish()
    line.talk(0, STRANGER, 10, ssrc=STRANGER_SSRC)
    line.answer(195)
    verdicts = line.talk(200, STRANGER, 50, first=10, ssrc=STRANGER_SSRC)
    assert {verdict.reason for verdict in verdicts} == {Reason.OUT_OF_SCOPE}


def test_strangers_before_the_answer_do_not_keep_the_phone_out_after_it() -> None:
    line = Line().publish()
    for number in range(20):
        for port in range(8):
            line.receive(20 * number, (STRANGER[0], 7000 + port), number, ssrc=STRANGER_SSRC + port)
    line.answer(399)
    assert line.receive(400, PHONE, 1).action is HOLD
    assert line.receive(420, PHONE, 2).action is FORWARD


def test_a_policy_may_drop_media_before_the_answer() -> None:
    line = Line(LatchPolicy(pre_answer="drop")).publish()
    verdicts = line.talk(0, PHONE, 10)
    assert {(verdict.action, verdict.reason) for verdict in verdicts} == {(DROP, Reason.PRE_ANSWER)}
    line.answer(195)
    verdicts = line.talk(200, PHONE, 2, first=10)
    assert forwarded(verdicts) == 2


# Row 5: the first candidate qualifies ------------------------------------------------------------------------------


def test_the_first_that_qualifies_is_accepted_and_media_goes_there() -> None:
    line = answered()
    line.receive(0, PHONE, 1)
    assert line.latch.state is LatchState.LEARNING
    assert line.latch.destination is None  # 192.168.1.10 cannot be reached
    verdict = line.receive(20, PHONE, 2)
    assert (verdict.action, verdict.row, len(verdict.released)) == (FORWARD, 5, 1)
    assert line.latch.state is LatchState.PROVISIONAL
    assert line.latch.accepted_source == line.latch.destination == PHONE
    (event,) = line.events()
    assert (event.name, event.source, event.previous_source, event.detail) == ("latched", PHONE, None, "T3")


def test_a_declared_address_that_nobody_can_own_elsewhere_is_accepted_at_its_first_packet() -> None:
    line = answered(declared=SERVER, signalling=[PHONE[0]])
    assert line.latch.destination == SERVER
    assert line.receive(0, SERVER, 1).action is FORWARD
    assert line.latch.accepted_source == SERVER


def test_while_nobody_qualifies_learning_goes_on_for_ever() -> None:
    line = answered()
    line.talk(0, STRANGER, 100, every_ms=1000, ssrc=STRANGER_SSRC)
    assert line.latch.state is LatchState.LEARNING
    assert forwarded(line.talk(200_000, PHONE, 2)) == 2


# Row 6: a better one within the window -----------------------------------------------------------------------------


def neighbour_first() -> Line:
    """A neighbour behind the phone's NAT spoke first, 0 to 180 ms; the declared address is public and T1."""
    line = answered(declared=PHONE)
    line.talk(0, NEIGHBOUR, 10, ssrc=STRANGER_SSRC)
    assert line.latch.accepted_source == NEIGHBOUR
    line.events()
    return line


def test_a_better_tier_takes_over_when_the_accepted_source_is_silent_for_60_ms() -> None:
    line = neighbour_first()
    assert line.receive(239, PHONE, 1).action is HOLD
    verdict = line.receive(240, PHONE, 2)
    assert (verdict.action, verdict.row, len(verdict.released)) == (FORWARD, 6, 1)
    assert line.latch.accepted_source == line.latch.destination == PHONE
    event = line.events()[-1]
    assert (event.name, event.previous_source, event.detail) == ("relatched", NEIGHBOUR, "better_tier")


def test_a_better_tier_does_not_take_over_from_one_that_talks() -> None:
    line = neighbour_first()
    for number in range(100):
        line.receive(200 + 20 * number, NEIGHBOUR, 10 + number, ssrc=STRANGER_SSRC)
        assert line.receive(210 + 20 * number, PHONE, number).action is HOLD
    assert line.latch.accepted_source == NEIGHBOUR
    assert set(line.event_names()) == {"contest"}


@pytest.mark.parametrize("talker", [("198.51.100.77", 4000), ("192.0.2.66", 7777)], ids=["T4", "T5"])
def test_a_better_tier_takes_over_at_once_from_one_worse_than_a_signalling_address(talker: Address) -> None:
    line = answered(LatchPolicy(receive_from="any", prefix4=24))
    line.talk(0, talker, 10, ssrc=STRANGER_SSRC)
    assert line.latch.accepted_source == talker
    assert line.receive(181, PHONE, 1).action is HOLD
    assert line.receive(200, talker, 10, ssrc=STRANGER_SSRC).action is FORWARD
    verdict = line.receive(201, PHONE, 2)
    assert (verdict.action, verdict.row) == (FORWARD, 6)


@pytest.mark.parametrize(("silent_ms", "row"), [(99, 0), (100, 6)])
def test_any_tier_in_scope_takes_over_after_100_ms_of_silence(silent_ms: int, row: int) -> None:
    line = answered(declared=PHONE)
    line.talk(0, PHONE, 10)  # until 180 ms
    line.receive(180 + silent_ms - 20, NEIGHBOUR, 1, ssrc=STRANGER_SSRC)
    assert line.receive(180 + silent_ms, NEIGHBOUR, 2, ssrc=STRANGER_SSRC).row == row


def test_junk_and_forged_packets_do_not_end_a_silence() -> None:
    line = answered(declared=PHONE)
    line.talk(0, PHONE, 10)
    for at_ms in range(190, 280, 30):
        line.receive(at_ms, PHONE, 100 * at_ms)  # forged, out of step
        line.receive(at_ms, PHONE, at_ms, ssrc=OTHER_SSRC + at_ms)  # forged, SSRC guessed
        line.receive(at_ms, STRANGER, at_ms, ssrc=STRANGER_SSRC)
    line.receive(265, NEIGHBOUR, 1, ssrc=STRANGER_SSRC)
    assert line.receive(285, NEIGHBOUR, 2, ssrc=STRANGER_SSRC).row == 6


def test_a_switch_forgets_the_old_stream() -> None:
    line = neighbour_first()
    line.receive(239, PHONE, 1)
    line.receive(240, PHONE, 2)
    verdict = line.receive(245, NEIGHBOUR, 10, ssrc=STRANGER_SSRC)
    assert verdict.action is HOLD  # examined as anybody else
    assert line.latch.ssrc != STRANGER_SSRC


def test_two_that_qualify_side_by_side_are_a_contest() -> None:
    line = answered()
    line.receive(0, NEIGHBOUR, 1, ssrc=STRANGER_SSRC)
    for number in range(20):
        line.receive(20 + 20 * number, NEIGHBOUR, 2 + number, ssrc=STRANGER_SSRC)
        line.receive(30 + 20 * number, PHONE, number)
    names = line.event_names()
    assert names.count("contest") == 1  # once a second
    assert line.latch.accepted_source == NEIGHBOUR


def test_a_scope_that_names_nobody_new_is_not_a_contest() -> None:
    line = answered()
    for number in range(50):
        line.receive(20 * number, PHONE, number)
        line.receive(20 * number + 10, STRANGER, number, ssrc=STRANGER_SSRC)
    assert "contest" not in line.event_names()


# Row 14: somebody else, while locked -------------------------------------------------------------------------------


@pytest.mark.parametrize("source", [NEIGHBOUR, STRANGER, PRIVATE, SERVER])
def test_while_locked_nobody_else_is_heard(source: Address) -> None:
    line = locked()
    verdicts = line.talk(LOCKED_MS, source, 240, ssrc=STRANGER_SSRC)
    assert {(verdict.action, verdict.reason, verdict.row) for verdict in verdicts} == {
        (DROP, Reason.NOT_ACCEPTED_SOURCE, 14)
    }
    assert line.latch.accepted_source == line.latch.destination == PHONE
    assert line.event_names() == []
