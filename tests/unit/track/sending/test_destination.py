"""Where media goes, by address and by policy, and how long to a destination that never answers."""

from __future__ import annotations

import pytest

from rtpcore import LatchPolicy, Reason
from rtpcore.events import Address
from tests.behaviour.media import sender_report
from tests.unit.track.line import (
    FORWARD,
    HOLD,
    LOCKED_MS,
    MS,
    NEIGHBOUR,
    OTHER_SSRC,
    PHONE,
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

# Addresses that can be reached -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("declared", "interface", "routable"),
    [
        (("192.0.2.20", 6000), RELAY, True),
        (("2001:db8::20", 6000), RELAY, True),
        (("10.0.0.1", 6000), RELAY, False),
        (("172.16.0.1", 6000), RELAY, False),
        (("172.32.0.1", 6000), RELAY, True),
        (("192.168.1.1", 6000), RELAY, False),
        (("100.64.0.1", 6000), RELAY, False),
        (("100.128.0.1", 6000), RELAY, True),
        (("169.254.0.1", 6000), RELAY, False),
        (("127.0.0.1", 6000), RELAY, False),
        (("fd00::1", 6000), RELAY, False),
        (("fe80::1", 6000), RELAY, False),
        (("::1", 6000), RELAY, False),
        (("10.0.0.1", 6000), ("192.168.7.7", 30000), True),
        (("100.64.0.1", 6000), ("192.168.7.7", 30000), False),
        (("192.0.2.20", 6000), ("192.168.7.7", 30000), True),
        (("127.0.1.10", 6000), ("127.0.0.1", 30000), True),
        (("10.0.0.1", 6000), ("127.0.0.1", 30000), False),
        (("127.0.1.10", 6000), None, True),
    ],
)
def test_media_goes_to_the_declared_address_only_where_it_can_be_reached(
    declared: Address, interface: Address | None, routable: bool
) -> None:
    line = Line(interface=interface).publish().signal(0, "answer", declared=declared)
    assert line.latch.destination == (declared if routable else None)


def test_media_never_goes_to_an_own_address() -> None:
    line = Line().publish()
    line.latch.add_own_address((RELAY[0], 30002))
    line.signal(0, "answer", declared=(RELAY[0], 30002))
    assert line.latch.destination is None


# Destination by policy ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("send_to", "declared", "before", "after"),
    [
        ("accepted", SERVER, SERVER, PHONE),
        ("accepted", PRIVATE, None, PHONE),
        ("declared", SERVER, SERVER, SERVER),
        ("declared", PRIVATE, None, None),
        ("accepted_if_private", SERVER, SERVER, SERVER),
        ("accepted_if_private", PRIVATE, None, PHONE),
    ],
)
def test_where_media_goes(send_to: str, declared: Address, before: Address | None, after: Address | None) -> None:
    line = answered(LatchPolicy(send_to=send_to), declared=declared)
    assert line.latch.destination == before
    line.talk(0, PHONE, 10)
    assert line.latch.accepted_source == PHONE
    assert line.latch.destination == after


def test_with_declared_destinations_it_never_moves() -> None:
    line = answered(LatchPolicy(send_to="declared"), declared=SERVER, signalling=[PHONE[0], NEIGHBOUR[0]])
    line.talk(0, PHONE, 5)
    line.talk(500, (PHONE[0], 41_000), 5, ssrc=OTHER_SSRC)
    assert line.latch.accepted_source == (PHONE[0], 41_000)
    assert line.latch.destination == SERVER


# Scope by policy ---------------------------------------------------------------------------------------------------


def test_declared_never_learns() -> None:
    line = answered(LatchPolicy("declared"), declared=SERVER, signalling=[PHONE[0]])
    for source in (PHONE, (SERVER[0], 6044), STRANGER):
        assert {verdict.reason for verdict in line.talk(0, source, 1, ssrc=STRANGER_SSRC)} == {Reason.OUT_OF_SCOPE}
    assert forwarded(line.talk(0, SERVER, 10)) == 10
    assert line.latch.destination == SERVER


def test_open_accepts_whoever_sends_five_packets() -> None:
    line = answered(LatchPolicy("open"))
    verdicts = line.talk(0, STRANGER, 5, ssrc=STRANGER_SSRC)
    assert [verdict.action for verdict in verdicts] == [HOLD] * 4 + [FORWARD]
    assert line.latch.destination == STRANGER


def test_strict_latches_as_guarded_does() -> None:
    line = answered(LatchPolicy("strict"))
    assert forwarded(line.talk(0, STRANGER, 10, ssrc=STRANGER_SSRC)) == 0
    assert forwarded(line.talk(300, PHONE, 10)) == 10


# Early budget ------------------------------------------------------------------------------------------------------


def may_send(line: Line, at_ms: float) -> Reason:
    return line.latch.may_send(round(at_ms * MS))


def test_without_a_destination_nothing_may_be_sent() -> None:
    assert may_send(answered(), 0) is Reason.NO_DESTINATION


def test_a_destination_that_never_answers_gets_its_budget_from_the_first_packet_on() -> None:
    line = answered(declared=SERVER)
    assert may_send(line, 5000) is Reason.NONE
    assert may_send(line, 14_999) is Reason.NONE
    assert may_send(line, 15_000) is Reason.EARLY_BUDGET
    assert may_send(line, 1_000_000) is Reason.EARLY_BUDGET


def test_signalling_does_not_refill_the_budget() -> None:
    line = answered(declared=SERVER)
    may_send(line, 0)
    for port in range(6002, 6020, 2):
        line.signal(9999, "reinvite", declared=(SERVER[0], port))
    assert may_send(line, 10_000) is Reason.EARLY_BUDGET


def test_every_host_has_a_budget_of_its_own_and_there_are_four() -> None:
    line = answered(declared=SERVER)
    may_send(line, 0)
    for index in range(1, 4):
        line.signal(index * 20_000, "reinvite", declared=(f"192.0.2.{100 + index}", 6000))
        assert may_send(line, index * 20_000) is Reason.NONE
        assert may_send(line, index * 20_000 + 10_000) is Reason.EARLY_BUDGET
    line.signal(80_000, "reinvite", declared=("192.0.2.200", 6000))
    assert may_send(line, 80_000) is Reason.EARLY_BUDGET
    line.signal(80_001, "reinvite", declared=SERVER)
    assert may_send(line, 80_001) is Reason.EARLY_BUDGET


def test_an_accepted_source_may_be_sent_to_for_ever() -> None:
    line = locked()
    assert may_send(line, LOCKED_MS + 1_000_000) is Reason.NONE


def test_a_destination_from_where_signalling_comes_needs_no_budget() -> None:
    line = answered(declared=(PHONE[0], 5004))
    may_send(line, 0)
    assert may_send(line, 1_000_000) is Reason.NONE


def test_media_from_the_host_of_the_declared_address_ends_the_budget() -> None:
    line = answered(LatchPolicy(send_to="declared"), declared=SERVER)
    may_send(line, 0)
    line.talk(1000, (SERVER[0], 6044), 2)
    assert line.latch.destination == SERVER
    assert may_send(line, 30_000) is Reason.NONE


def test_a_party_that_only_listens_ends_the_budget_with_its_reports() -> None:
    line = answered(declared=SERVER)
    may_send(line, 0)
    for at_ms in (1000, 6000):
        line.receive_rtcp(at_ms, (SERVER[0], 6001), sender_report(PHONE_SSRC))
    assert may_send(line, 30_000) is Reason.NONE
    line.signal(30_000, "reinvite", direction="recvonly")
    assert may_send(line, 35_000) is Reason.NONE


def test_a_policy_may_set_the_budget_or_have_none() -> None:
    line = answered(LatchPolicy(early_budget_ms=500), declared=SERVER)
    assert [may_send(line, at_ms) for at_ms in (0, 499, 500)] == [Reason.NONE, Reason.NONE, Reason.EARLY_BUDGET]
    line = answered(LatchPolicy(early_budget_ms=None), declared=SERVER)
    assert may_send(line, 0) is may_send(line, 10**9) is Reason.NONE
