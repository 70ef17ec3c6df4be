"""RTCP goes where the party at the RTP destination gets its RTCP; to a host that has not answered only for a while."""

from __future__ import annotations

import pytest

from rtpcore import LatchPolicy, Reason
from rtpcore.events import Address
from tests.behaviour.media import receiver_report, sender_report
from tests.unit.track.line import (
    FORWARD,
    HOLD,
    LOCKED_MS,
    MS,
    OTHER_SSRC,
    PHONE,
    PHONE_RTCP,
    PHONE_SSRC,
    PRIVATE,
    SERVER,
    Line,
    answered,
    locked,
    provisional,
)

REPORT = sender_report(PHONE_SSRC)
MONITOR = ("192.0.2.99", 7001)
"""An a=rtcp address on a host of its own."""
MOVED = ("198.51.100.10", 41_000)
MOVED_RTCP = ("198.51.100.10", 41_001)
MOVED_OTHER = ("198.51.100.10", 41_017)


def budget(line: Line, at_ms: float) -> Reason:
    return line.latch.may_send_rtcp(round(at_ms * MS))


# Early budget --------------------------------------------------------------------------------------------------------


def test_an_rtcp_address_that_never_answers_has_a_budget_while_media_has_no_destination() -> None:
    line = answered(declared=PRIVATE, rtcp=MONITOR)
    assert line.latch.destination is None
    assert line.latch.rtcp_destination == MONITOR
    assert budget(line, 1000) is Reason.NONE
    assert budget(line, 10_999) is Reason.NONE
    assert budget(line, 11_000) is Reason.EARLY_BUDGET
    line.signal(12_000, "reinvite", declared=PRIVATE, rtcp=(MONITOR[0], 9), payload_types={0: 8000})
    assert budget(line, 12_000) is Reason.EARLY_BUDGET


def test_an_rtcp_host_has_a_budget_of_its_own_beside_that_of_the_media() -> None:
    line = answered(declared=SERVER, rtcp=MONITOR)
    assert line.latch.may_send(0) is Reason.NONE
    assert budget(line, 9000) is Reason.NONE
    assert line.latch.may_send(10_000 * MS) is Reason.EARLY_BUDGET
    assert budget(line, 18_999) is Reason.NONE
    assert budget(line, 19_000) is Reason.EARLY_BUDGET


def test_media_that_came_from_elsewhere_proves_no_rtcp_host() -> None:
    line = locked(declared=SERVER, rtcp=MONITOR)
    assert line.latch.rtcp_destination == MONITOR
    assert budget(line, LOCKED_MS) is Reason.NONE
    assert budget(line, LOCKED_MS + 10_000) is Reason.EARLY_BUDGET


def test_reports_from_there_prove_it() -> None:
    line = answered(declared=PRIVATE, rtcp=MONITOR)
    assert budget(line, 0) is Reason.NONE
    assert line.receive_rtcp(100, MONITOR, REPORT).action is HOLD
    assert line.receive_rtcp(200, MONITOR, REPORT).action is FORWARD
    assert budget(line, 60_000) is Reason.NONE


@pytest.mark.parametrize(
    ("policy", "signalling"),
    [(LatchPolicy(early_budget_ms=None), [PHONE[0]]), (LatchPolicy(), [PHONE[0], MONITOR[0]])],
    ids=["no limit", "a signalling host"],
)
def test_what_needs_no_proof(policy: LatchPolicy, signalling: list[str]) -> None:
    line = answered(policy, declared=PRIVATE, rtcp=MONITOR, signalling=signalling)
    for at_ms in (0, 10_000, 60_000):
        assert budget(line, at_ms) is Reason.NONE


def test_on_the_host_of_the_media_it_is_the_budget_of_the_media() -> None:
    line = answered(declared=SERVER)
    assert line.latch.may_send(0) is Reason.NONE
    assert budget(line, 9999) is Reason.NONE
    assert budget(line, 10_000) is Reason.EARLY_BUDGET
    line.talk(10_020, SERVER, 2)
    assert budget(line, 10_100) is Reason.NONE


def test_without_a_destination_there_is_none() -> None:
    assert budget(answered(), 0) is Reason.NO_DESTINATION
    assert budget(Line(), 0) is Reason.NO_DESTINATION
    assert budget(answered(rtcp_mux=True), 0) is Reason.NO_DESTINATION
    assert budget(locked(rtcp_mux=True), LOCKED_MS) is Reason.NONE


# Following the media -------------------------------------------------------------------------------------------------


@pytest.fixture
def moved() -> Line:
    """The phone's RTP has moved to another port; its RTCP was heard from the port above the old one."""
    line = provisional()
    assert line.receive_rtcp(200, PHONE_RTCP, REPORT).action is FORWARD
    line.talk(400, MOVED, 5, ssrc=OTHER_SSRC)
    assert line.latch.accepted_source == MOVED
    return line


def report(line: Line, at_ms: float, source: Address, ssrc: int = OTHER_SSRC) -> str:
    return str(line.receive_rtcp(at_ms, source, receiver_report(ssrc)).action.name)


def test_until_rtcp_comes_from_elsewhere_it_goes_where_it_went(moved: Line) -> None:
    assert moved.latch.rtcp_accepted_source == moved.latch.rtcp_destination == PHONE_RTCP
    assert report(moved, 600, PHONE_RTCP) == "FORWARD"
    assert moved.latch.rtcp_destination == PHONE_RTCP


def test_next_to_the_new_port_one_report_is_enough_although_the_old_source_was_just_heard(moved: Line) -> None:
    assert report(moved, 600, MOVED_RTCP) == "FORWARD"
    assert moved.latch.rtcp_accepted_source == moved.latch.rtcp_destination == MOVED_RTCP
    assert report(moved, 700, PHONE_RTCP) == "HOLD"


def test_from_any_other_port_two(moved: Line) -> None:
    assert report(moved, 600, MOVED_OTHER) == "HOLD"
    assert moved.latch.rtcp_destination == PHONE_RTCP
    assert report(moved, 700, MOVED_OTHER) == "FORWARD"
    assert moved.latch.rtcp_destination == MOVED_OTHER


def test_an_rtcp_source_that_goes_on_after_the_move_keeps_its_place(moved: Line) -> None:
    assert report(moved, 600, PHONE_RTCP) == "FORWARD"
    assert report(moved, 700, MOVED_RTCP) == "HOLD"
    assert report(moved, 800, MOVED_RTCP) == "HOLD"
    assert moved.latch.rtcp_destination == PHONE_RTCP


def test_rtcp_comes_back_with_the_media(moved: Line) -> None:
    assert report(moved, 600, MOVED_RTCP) == "FORWARD"
    moved.talk(800, PHONE, 5, first=40)
    assert moved.latch.accepted_source == PHONE
    assert moved.latch.rtcp_accepted_source == moved.latch.rtcp_destination == PHONE_RTCP
    assert report(moved, 900, MOVED_RTCP, PHONE_SSRC) == "HOLD"
    assert moved.latch.rtcp_destination == PHONE_RTCP
    assert report(moved, 1000, PHONE_RTCP, PHONE_SSRC) == "FORWARD"


def test_the_oldest_source_is_not_forgotten_over_many_moves(moved: Line) -> None:
    for index in range(6):
        port = 42_000 + 10 * index
        at_ms = 600 + 300 * index
        assert report(moved, at_ms, (PHONE[0], moved.latch.accepted_source[1] + 1)) == "FORWARD"  # type: ignore[index]
        moved.talk(at_ms + 150, (PHONE[0], port), 5, ssrc=OTHER_SSRC, first=100 * index)
        assert moved.latch.accepted_source == (PHONE[0], port)
    moved.talk(2600, PHONE, 5, first=150)
    assert moved.latch.accepted_source == PHONE
    assert moved.latch.rtcp_destination == PHONE_RTCP


def test_an_rtcp_host_of_its_own_stays_when_the_media_moves() -> None:
    line = provisional(declared=SERVER, rtcp=MONITOR)
    assert line.receive_rtcp(200, MONITOR, REPORT).action is FORWARD
    line.talk(400, MOVED, 5, ssrc=OTHER_SSRC)
    assert line.latch.accepted_source == MOVED
    assert line.latch.rtcp_accepted_source == line.latch.rtcp_destination == MONITOR


def test_the_declared_port_of_a_host_that_the_media_left_gets_nothing() -> None:
    line = answered(declared=SERVER)
    line.talk(0, SERVER, 2)
    assert line.receive_rtcp(50, (SERVER[0], SERVER[1] + 1), REPORT).action is FORWARD
    line.talk(400, PHONE, 5, ssrc=OTHER_SSRC)
    assert line.latch.accepted_source == PHONE
    assert line.latch.rtcp_destination is None
