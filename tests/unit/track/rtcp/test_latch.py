"""RTCP without rtcp-mux has a latch of its own; with it, RTCP is heard from where the RTP comes from."""

from __future__ import annotations

import pytest

from rtpcore import LatchPolicy, LatchState, Reason
from rtpcore.events import Address
from tests.behaviour.media import goodbye, receiver_report, sender_report
from tests.unit.track.line import (
    DROP,
    FORWARD,
    HOLD,
    LOCKED_MS,
    MS,
    NEIGHBOUR,
    OTHER_SSRC,
    PHONE,
    PHONE_RTCP,
    PHONE_SSRC,
    PRIVATE,
    RELAY,
    SERVER,
    STRANGER,
    STRANGER_SSRC,
    Line,
    answered,
    forwarded,
    locked,
)

SERVER_RTCP = (SERVER[0], SERVER[1] + 1)
OTHER_PORT = (PHONE[0], PHONE[1] + 17)
REPORT = sender_report(PHONE_SSRC)


@pytest.fixture
def line() -> Line:
    """The phone is locked and sends reports from the port above its RTP."""
    made = locked()
    assert made.receive_rtcp(LOCKED_MS, PHONE_RTCP, REPORT).action is FORWARD
    made.events()
    return made


def unmoved(line: Line) -> bool:
    return line.latch.rtcp_accepted_source == line.latch.rtcp_destination == PHONE_RTCP


# Who is heard ------------------------------------------------------------------------------------------------------


def test_a_report_from_the_port_above_the_rtp_is_accepted_at_once_and_answered_there() -> None:
    line = locked()
    assert line.latch.rtcp_destination is None  # 192.168.1.10 cannot be reached
    verdict = line.receive_rtcp(LOCKED_MS, PHONE_RTCP, REPORT)
    assert (verdict.action, verdict.row, verdict.released) == (FORWARD, 0, ())
    assert unmoved(line)


def test_four_octets_a_thousand_times_a_second_change_nothing(line: Line) -> None:
    for at_ms in range(LOCKED_MS, LOCKED_MS + 2000):
        verdict = line.receive_rtcp(at_ms, STRANGER, b"\x80\x00\x00\x00")
        assert (verdict.action, verdict.reason) == (DROP, Reason.RTCP_TOO_SHORT)
    assert unmoved(line)
    assert line.receive_rtcp(LOCKED_MS + 2000, PHONE_RTCP, REPORT).action is FORWARD


@pytest.mark.parametrize("ssrc", [STRANGER_SSRC, PHONE_SSRC], ids=["another SSRC", "the right SSRC"])
@pytest.mark.parametrize("silent_ms", [0, 60_000])
def test_reports_from_another_host_move_nothing(line: Line, ssrc: int, silent_ms: int) -> None:
    for index in range(10):
        verdict = line.receive_rtcp(LOCKED_MS + silent_ms + 1000 * index, STRANGER, receiver_report(ssrc))
        assert (verdict.action, verdict.reason) == (DROP, Reason.RTCP_INELIGIBLE)
    assert unmoved(line)
    event = next(event for event in line.events() if event.name != "consent_lost")
    assert (event.name, event.source, event.detail) == ("rtcp_invalid", STRANGER, "rtcp_ineligible")


def test_another_port_of_the_same_host_waits_until_the_accepted_one_is_silent(line: Line) -> None:
    at_ms = LOCKED_MS + 0.0
    for _ in range(10):
        at_ms += 2000
        assert line.receive_rtcp(at_ms, PHONE_RTCP, REPORT).action is FORWARD
        assert line.receive_rtcp(at_ms + 10, OTHER_PORT, REPORT).action is HOLD
    assert unmoved(line)
    assert line.receive_rtcp(at_ms + 9999, OTHER_PORT, REPORT).action is HOLD
    verdict = line.receive_rtcp(at_ms + 10_000, OTHER_PORT, REPORT)
    assert verdict.action is FORWARD
    assert len(verdict.released) == 2
    assert line.latch.rtcp_accepted_source == line.latch.rtcp_destination == OTHER_PORT


def test_a_report_from_a_mapping_of_its_own_is_believed_the_second_time() -> None:
    line = locked()
    assert line.receive_rtcp(LOCKED_MS, OTHER_PORT, REPORT).action is HOLD
    assert line.latch.rtcp_destination is None
    verdict = line.receive_rtcp(LOCKED_MS + 5000, OTHER_PORT, sender_report(PHONE_SSRC, 1))
    assert (verdict.action, verdict.released) == (FORWARD, (REPORT,))
    assert line.latch.rtcp_destination == OTHER_PORT


def test_the_second_report_must_come_within_ten_seconds() -> None:
    line = locked()
    line.receive_rtcp(LOCKED_MS, OTHER_PORT, REPORT)
    assert line.receive_rtcp(LOCKED_MS + 10_001, OTHER_PORT, REPORT).action is HOLD


def test_two_sources_in_turn_confirm_nothing() -> None:
    line = locked()
    for index in range(10):
        port = OTHER_PORT if index % 2 else NEIGHBOUR
        assert line.receive_rtcp(LOCKED_MS + 100 * index, port, REPORT).action is HOLD


# Known SSRCs -------------------------------------------------------------------------------------------------------


def test_a_neighbour_that_does_not_know_the_ssrc_never_gets_the_rtcp() -> None:
    # The phone sends no RTCP at all, as many do.
    line = locked()
    for index in range(20):
        for port in (NEIGHBOUR, PHONE_RTCP, OTHER_PORT):
            verdict = line.receive_rtcp(LOCKED_MS + 5000 * index, port, goodbye(STRANGER_SSRC, PHONE_SSRC))
            assert (verdict.action, verdict.reason) == (DROP, Reason.RTCP_INELIGIBLE)
    assert line.latch.rtcp_destination is None


def test_a_signalled_ssrc_is_known() -> None:
    line = locked(ssrcs=[OTHER_SSRC])
    assert line.receive_rtcp(LOCKED_MS, PHONE_RTCP, sender_report(OTHER_SSRC)).action is FORWARD
    assert line.receive_rtcp(LOCKED_MS, PHONE_RTCP, sender_report(STRANGER_SSRC)).action is DROP


def test_before_any_ssrc_is_known_two_consistent_reports_make_one_known() -> None:
    line = answered(declared=SERVER)
    assert line.receive_rtcp(0, SERVER_RTCP, sender_report(1)).action is HOLD
    assert line.receive_rtcp(100, SERVER_RTCP, sender_report(2)).action is HOLD
    verdict = line.receive_rtcp(5000, SERVER_RTCP, sender_report(2, 1))
    assert (verdict.action, len(verdict.released)) == (FORWARD, 1)
    assert line.receive_rtcp(5001, SERVER_RTCP, sender_report(3)).action is DROP
    assert line.latch.state is LatchState.LEARNING


def test_the_ssrc_that_speaks_is_the_one_that_is_known() -> None:
    line = answered(declared=SERVER)
    for index in range(2):
        line.receive_rtcp(index, SERVER_RTCP, sender_report(STRANGER_SSRC))
    line.talk(100, SERVER, 2)
    assert line.receive_rtcp(200, SERVER_RTCP, sender_report(STRANGER_SSRC)).action is DROP
    assert line.receive_rtcp(200, SERVER_RTCP, REPORT).action is FORWARD


def test_a_changed_ssrc_is_known_as_soon_as_it_has_the_pin(line: Line) -> None:
    line.talk(LOCKED_MS + 500, PHONE, 3, ssrc=OTHER_SSRC)
    assert line.receive_rtcp(LOCKED_MS + 600, PHONE_RTCP, sender_report(OTHER_SSRC)).action is FORWARD


# RTCP never moves RTP ----------------------------------------------------------------------------------------------


def test_reports_alone_latch_no_media() -> None:
    line = answered(declared=SERVER)
    for index in range(10):
        line.receive_rtcp(100 * index, SERVER_RTCP, sender_report(1))
    assert line.latch.state is LatchState.LEARNING
    assert line.latch.accepted_source is None
    assert line.latch.destination == SERVER


def test_reports_on_the_rtp_port_before_any_media_latch_nothing() -> None:
    line = answered()
    for index in range(10):
        verdict = line.latch.receive(100 * index * MS, PHONE, REPORT)
        assert verdict.reason is Reason.STRAY_RTCP
    assert line.latch.state is LatchState.LEARNING
    assert forwarded(line.talk(2000, PHONE, 2)) == 2


def test_media_moves_while_reports_come_from_the_old_port() -> None:
    line = answered()
    line.talk(0, PHONE, 10)
    line.receive_rtcp(200, PHONE_RTCP, REPORT)
    line.talk(400, (PHONE[0], 41_000), 5, ssrc=OTHER_SSRC)
    assert line.latch.accepted_source == (PHONE[0], 41_000)


# The a=rtcp address ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("declared", "rtcp", "destination"),
    [
        (SERVER, None, SERVER_RTCP),
        (SERVER, (SERVER[0], 7000), (SERVER[0], 7000)),
        (SERVER, ("192.0.2.21", 7000), ("192.0.2.21", 7000)),
        (SERVER, ("10.0.0.9", 7000), None),
        (SERVER, RELAY, None),
        ((SERVER[0], 65535), None, None),
        (PRIVATE, None, None),
        (PRIVATE, SERVER_RTCP, SERVER_RTCP),
    ],
)
def test_where_reports_go_before_anybody_spoke(
    declared: Address, rtcp: Address | None, destination: Address | None
) -> None:
    line = answered(declared=declared, rtcp=rtcp)
    assert line.latch.rtcp_destination == destination


def test_reports_from_the_declared_address_are_eligible_before_any_media() -> None:
    line = answered(declared=SERVER, rtcp=("192.0.2.21", 7000))
    assert line.receive_rtcp(0, ("192.0.2.21", 7000), REPORT).action is HOLD
    assert line.receive_rtcp(0, ("192.0.2.21", 7001), REPORT).reason is Reason.RTCP_INELIGIBLE
    assert line.receive_rtcp(0, SERVER_RTCP, REPORT).reason is Reason.RTCP_INELIGIBLE


@pytest.mark.parametrize("rtcp", [None, ("192.168.1.10", 5005)])
def test_an_unroutable_rtcp_address_earns_nothing(rtcp: Address | None) -> None:
    # Somebody on the relay's own network may have it.
    for declared in (SERVER, PRIVATE):
        if declared == SERVER and rtcp is None:
            continue
        line = locked(declared=declared, rtcp=rtcp)
        for index in range(5):
            verdict = line.receive_rtcp(LOCKED_MS + index, ("192.168.1.10", 5005), REPORT)
            assert verdict.reason is Reason.RTCP_INELIGIBLE
        assert line.latch.rtcp_accepted_source is None


def test_a_live_source_at_the_declared_address_is_not_displaced_from_the_media_host() -> None:
    declared = ("192.0.2.21", 7000)
    line = locked(declared=SERVER, rtcp=declared)
    assert line.receive_rtcp(LOCKED_MS, declared, REPORT).action is FORWARD
    for index in range(9):
        assert line.receive_rtcp(LOCKED_MS + 1000 * index, PHONE_RTCP, REPORT).action is HOLD
    assert line.latch.rtcp_accepted_source == declared


@pytest.mark.parametrize("source", [(PHONE[0], 0), RELAY, (RELAY[0], RELAY[1] + 1)])
def test_what_can_be_no_party_is_not_eligible(source: Address) -> None:
    # The phone runs on the relay's own host; RELAY and the port above it are the session's own.
    phone = (RELAY[0], 40_000)
    line = answered(signalling=[RELAY[0], PHONE[0]])
    line.latch.add_own_address((RELAY[0], RELAY[1] + 1))
    line.talk(0, phone, 2)
    if source[1] == 0:
        source = (RELAY[0], 0)
    for index in range(3):
        verdict = line.receive_rtcp(100 + index, source, REPORT)
        assert (verdict.action, verdict.reason) == (DROP, Reason.RTCP_INELIGIBLE)


# Transfers ---------------------------------------------------------------------------------------------------------


def test_reports_follow_the_media_to_another_host(line: Line) -> None:
    line.signal(LOCKED_MS + 100, "reinvite", declared=SERVER, signalling=[SERVER[0]], payload_types={0: 8000})
    assert line.latch.rtcp_destination == SERVER_RTCP
    line.talk(LOCKED_MS + 300, SERVER, 5, ssrc=OTHER_SSRC)
    assert line.receive_rtcp(LOCKED_MS + 500, PHONE_RTCP, REPORT).reason is Reason.RTCP_INELIGIBLE
    assert line.receive_rtcp(LOCKED_MS + 500, SERVER_RTCP, sender_report(OTHER_SSRC)).action is FORWARD
    assert line.latch.rtcp_destination == SERVER_RTCP


def test_no_reports_go_to_a_source_that_was_forgotten(line: Line) -> None:
    line.signal(LOCKED_MS + 100, "reinvite", declared=PRIVATE, signalling=[SERVER[0]], payload_types={0: 8000})
    line.tick(LOCKED_MS + 6000)
    assert line.latch.state is LatchState.LEARNING
    assert line.latch.rtcp_destination is None


# Policy ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("send_to", "declared", "destination"),
    [
        ("accepted", SERVER, PHONE_RTCP),
        ("declared", SERVER, SERVER_RTCP),
        ("declared", PRIVATE, None),
        ("accepted_if_private", SERVER, SERVER_RTCP),
        ("accepted_if_private", PRIVATE, PHONE_RTCP),
    ],
)
def test_reports_go_where_the_policy_sends_media(send_to: str, declared: Address, destination: Address | None) -> None:
    line = locked(LatchPolicy(send_to=send_to), declared=declared)
    line.receive_rtcp(LOCKED_MS, PHONE_RTCP, REPORT)
    assert line.latch.rtcp_accepted_source == PHONE_RTCP
    assert line.latch.rtcp_destination == destination


def test_declared_never_learns_where_reports_come_from() -> None:
    line = answered(LatchPolicy("declared"), declared=SERVER)
    line.talk(0, SERVER, 2)
    for index in range(3):
        assert line.receive_rtcp(100 + index, (SERVER[0], 6017), REPORT).reason is Reason.RTCP_INELIGIBLE
    assert line.receive_rtcp(200, SERVER_RTCP, REPORT).action is FORWARD


# rtcp-mux ----------------------------------------------------------------------------------------------------------


def test_with_mux_reports_are_heard_from_the_accepted_source_alone() -> None:
    line = locked(rtcp_mux=True)
    at_ns = LOCKED_MS * MS
    for source in (PHONE_RTCP, NEIGHBOUR, STRANGER):
        assert line.latch.receive(at_ns, source, REPORT).reason is Reason.RTCP_INELIGIBLE
    assert line.latch.receive(at_ns, PHONE, REPORT).action is FORWARD
    assert line.latch.rtcp_destination == PHONE
    assert line.latch.receive(at_ns, PHONE, sender_report(STRANGER_SSRC)).reason is Reason.RTCP_INELIGIBLE


def test_with_mux_reports_before_media_are_not_heard() -> None:
    line = answered(rtcp_mux=True)
    for index in range(5):
        assert line.latch.receive(index * MS, PHONE, REPORT).reason is Reason.RTCP_INELIGIBLE
    assert line.latch.state is LatchState.LEARNING


def test_mux_may_be_given_up() -> None:
    line = locked(rtcp_mux=True)
    line.signal(LOCKED_MS, "reinvite", rtcp_mux=False, payload_types={0: 8000})
    assert line.latch.receive(LOCKED_MS * MS, PHONE, REPORT).reason is Reason.STRAY_RTCP
    assert line.receive_rtcp(LOCKED_MS, PHONE_RTCP, REPORT).action is FORWARD


# Other states ------------------------------------------------------------------------------------------------------


def test_reports_before_publish_and_after_close_are_dropped() -> None:
    line = Line().answer(declared=SERVER)
    assert line.receive_rtcp(0, SERVER_RTCP, REPORT).reason is Reason.NOT_PUBLISHED
    line.publish().signal(0, "close")
    assert line.receive_rtcp(0, SERVER_RTCP, REPORT).reason is Reason.CLOSED
    assert line.latch.rtcp_destination is None


def test_reports_before_the_answer_are_dropped() -> None:
    line = Line().publish()
    assert line.receive_rtcp(0, PHONE_RTCP, REPORT).reason is Reason.RTCP_INELIGIBLE


def test_an_unbroken_flood_of_one_candidate_holds_two_reports_at_most(line: Line) -> None:
    released: list[bytes] = []
    for index in range(100):
        verdict = line.receive_rtcp(LOCKED_MS + index, OTHER_PORT, sender_report(PHONE_SSRC, index))
        assert verdict.action is HOLD
        released += verdict.released
    assert released == []
    verdict = line.receive_rtcp(LOCKED_MS + 10_000, OTHER_PORT, sender_report(PHONE_SSRC, 100))
    assert verdict.released == (sender_report(PHONE_SSRC, 98), sender_report(PHONE_SSRC, 99))
