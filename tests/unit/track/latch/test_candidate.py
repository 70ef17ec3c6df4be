"""Qualification: packets in sequence, one SSRC, at the pace of media, in a bounded number of places."""

from __future__ import annotations

import random

import pytest

from rtpcore import LatchPolicy, LatchState, Reason
from tests.unit.track.line import (
    DROP,
    FORWARD,
    HOLD,
    NEIGHBOUR,
    PHONE,
    PHONE_SSRC,
    SERVER,
    STRANGER_SSRC,
    Line,
    answered,
    forwarded,
)

HOSTS_OF_TIER = {
    1: SERVER,
    2: (SERVER[0], 6044),
    3: (PHONE[0], 40000),
    4: ("198.51.100.77", 4000),
    5: ("203.0.113.99", 7777),
}
OPEN_24 = LatchPolicy(receive_from="any", prefix4=24)


def line_of_all_tiers(policy: LatchPolicy = OPEN_24) -> Line:
    return answered(policy, declared=SERVER, signalling=[PHONE[0]])


# How many packets (tiers) ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("tier", "needed"), [(1, 1), (2, 2), (3, 2), (4, 4), (5, 5)])
def test_the_worse_the_tier_the_more_packets_it_takes(tier: int, needed: int) -> None:
    line = line_of_all_tiers()
    verdicts = line.talk(0, HOSTS_OF_TIER[tier], needed)
    assert [verdict.action for verdict in verdicts] == [HOLD] * (needed - 1) + [FORWARD]
    assert verdicts[-1].row == 5
    (event,) = line.events()
    assert event.detail == f"T{tier}"


@pytest.mark.parametrize("needed", [1, 3, 16])
def test_the_policy_says_how_many(needed: int) -> None:
    line = answered(LatchPolicy(probation=(1, 1, 2, needed, 4, 5)))
    verdicts = line.talk(0, PHONE, needed)
    assert [verdict.action for verdict in verdicts] == [HOLD] * (needed - 1) + [FORWARD]


# In sequence -------------------------------------------------------------------------------------------------------

FIVE = LatchPolicy(probation=(1, 1, 2, 5, 4, 5))


def actions_of(numbers: list[int], policy: LatchPolicy = FIVE) -> list[str]:
    line = answered(policy)
    return [line.receive(20 * index, PHONE, number).action.name[0] for index, number in enumerate(numbers)]


@pytest.mark.parametrize(
    ("numbers", "actions"),
    [
        pytest.param([65533, 65534, 65535, 0, 1], "HHHHF", id="the numbers wrap around"),
        pytest.param([1, 2, 8, 9, 15], "HHHHF", id="five lost packets still are in sequence"),
        pytest.param([1, 2, 9, 10, 11, 12, 13], "HHHHHHF", id="six lost packets begin anew"),
        pytest.param(
            [1, 2, 3, 3, 3, 4, 5], "HHHDDHF", id="a repeated packet neither counts nor resets, and is not held"
        ),
        pytest.param([17, 18, 19, 3, 20, 21], "HHHHHF", id="a packet late by 16 neither counts nor resets"),
        pytest.param([18, 19, 20, 3, 4, 5, 6, 7], "HHHHHHHF", id="a packet late by 17 begins anew"),
        pytest.param([1, 2, 30000, 3, 4, 5, 6, 7], "HHHHHHHF", id="a jump begins anew, and so does the way back"),
    ],
)
def test_what_is_in_sequence(numbers: list[int], actions: str) -> None:
    assert "".join(actions_of(numbers)) == actions


def test_wrapping_around_in_probation_latches_on_time() -> None:
    line = answered(LatchPolicy(probation=(1, 1, 2, 4, 4, 5)))
    verdicts = [line.receive(20 * index, PHONE, number) for index, number in enumerate([65534, 65535, 0, 1])]
    assert [verdict.action for verdict in verdicts] == [HOLD, HOLD, HOLD, FORWARD]
    assert forwarded(verdicts) == 4


def test_one_number_again_and_again_never_qualifies() -> None:
    line = answered()
    verdicts = [line.receive(100 * index, PHONE, 7) for index in range(100)]
    assert forwarded(verdicts) == 0
    assert line.latch.state is LatchState.LEARNING


def test_packets_of_different_ssrcs_do_not_add_up() -> None:
    line = answered(FIVE)
    verdicts = [line.receive(20 * index, PHONE, index, ssrc=PHONE_SSRC + index % 2) for index in range(8)]
    assert forwarded(verdicts) == 0
    assert line.receive(160, PHONE, 8).action is FORWARD  # 0, 2, 4, 6, 8 are five of one


def test_packets_of_different_ports_do_not_add_up() -> None:
    line = answered()
    verdicts = [line.receive(20 * index, (PHONE[0], 40000 + index), index) for index in range(8)]
    assert forwarded(verdicts) == 0


# Pace --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("every_ms", "count"), [(0, 100), (1, 10), (4.9, 3), (9.9, 2)])
def test_a_burst_does_not_qualify_before_its_time(every_ms: float, count: int) -> None:
    # Two packets of 20 ms must have taken 10 ms at least.
    line = answered()
    assert forwarded(line.talk(0, PHONE, count, every_ms=every_ms)) == 0


@pytest.mark.parametrize(("every_ms", "count"), [(10, 2), (5, 3), (1, 11)])
def test_a_burst_qualifies_when_its_time_has_passed(every_ms: float, count: int) -> None:
    line = answered()
    verdicts = line.talk(0, PHONE, count, every_ms=every_ms)
    assert [verdict.action for verdict in verdicts] == [HOLD] * (count - 1) + [FORWARD]
    assert forwarded(verdicts) == count


def test_the_pace_is_that_of_the_signalled_packet_time() -> None:
    line = answered(ptime_ms=60)
    assert [verdict.action for verdict in line.talk(0, PHONE, 2, every_ms=29)] == [HOLD, HOLD]
    assert line.receive(60, PHONE, 2).action is FORWARD


def test_after_a_jump_the_time_begins_anew_too() -> None:
    line = answered()
    line.receive(0, PHONE, 1)
    line.receive(100, PHONE, 1000)
    assert line.receive(105, PHONE, 1001).action is HOLD
    assert line.receive(110, PHONE, 1002).action is FORWARD


# What does not count -----------------------------------------------------------------------------------------------


def test_a_payload_type_that_was_not_negotiated_never_counts() -> None:
    line = answered()
    verdicts = line.talk(0, PHONE, 50, payload_type=99)
    assert {(verdict.action, verdict.reason) for verdict in verdicts} == {(DROP, Reason.PAYLOAD_TYPE)}
    assert line.latch.accepted_source is None


def test_every_payload_type_counts_where_none_was_named() -> None:
    line = answered(payload_types=None)
    assert forwarded(line.talk(0, PHONE, 2, payload_type=99)) == 2


def test_an_empty_packet_never_counts() -> None:
    line = answered()
    verdicts = line.talk(0, PHONE, 50, payload=b"")
    assert {(verdict.action, verdict.reason) for verdict in verdicts} == {(DROP, Reason.KEEPALIVE)}
    assert line.latch.accepted_source is None


# Places ------------------------------------------------------------------------------------------------------------


def test_a_candidate_without_progress_is_gone_after_400_ms() -> None:
    line = answered()
    assert line.receive(0, PHONE, 1).action is HOLD
    assert line.receive(400, PHONE, 2).action is FORWARD
    line = answered()
    assert line.receive(0, PHONE, 1).action is HOLD
    late = line.receive(401, PHONE, 2)
    assert late.action is HOLD
    assert forwarded([line.receive(421, PHONE, 3)]) == 2  # the first one went with its candidate


def test_a_late_packet_is_no_progress() -> None:
    line = answered(FIVE)
    line.receive(0, PHONE, 10)
    line.receive(300, PHONE, 9)
    assert line.receive(500, PHONE, 11).action is HOLD
    verdicts = line.talk(520, PHONE, 4, first=12)
    assert forwarded(verdicts) == 5  # 11 to 15: what came before 500 ms had expired


def test_a_ninth_candidate_finds_no_place_among_live_ones() -> None:
    line = answered()
    for port in range(8):
        line.receive(0, (PHONE[0], 50000 + port), 1, ssrc=port)
    verdict = line.receive(45, PHONE, 1)
    assert (verdict.action, verdict.reason) == (DROP, Reason.CANDIDATES_FULL)


def test_single_packets_older_than_45_ms_give_way() -> None:
    line = answered()
    for port in range(8):
        line.receive(0, (PHONE[0], 50000 + port), 1, ssrc=port)
    assert line.receive(46, PHONE, 1).action is HOLD
    assert line.receive(66, PHONE, 2).action is FORWARD


def test_a_burst_that_nothing_followed_gives_way_like_a_single_packet() -> None:
    line = answered()
    for port in range(8):
        line.receive(0, (PHONE[0], 50000 + port), 1, ssrc=port)
    for port in range(8):
        line.receive(5, (PHONE[0], 50000 + port), 2, ssrc=port)
    assert line.receive(45, PHONE, 1).reason is Reason.CANDIDATES_FULL
    assert line.receive(46, PHONE, 1).action is HOLD


def test_a_run_that_broke_off_gives_way_at_once_however_often_it_begins_anew() -> None:
    line = answered()
    for number in range(10):
        for port in range(8):
            line.receive(20 * number, (PHONE[0], 50000 + port), 100 * number, ssrc=port)
    assert line.receive(181, PHONE, 1).action is HOLD
    assert line.receive(201, PHONE, 2).action is FORWARD


def test_a_candidate_waits_longer_after_comfort_noise() -> None:
    line = answered(payload_types={0: 8000, 13: 8000})
    line.receive(0, PHONE, 1, payload_type=13)
    assert line.receive(1500, PHONE, 2, payload_type=13).action is FORWARD
    line = answered(payload_types={0: 8000, 13: 8000})
    line.receive(0, PHONE, 1, payload_type=13)
    assert line.receive(1501, PHONE, 2, payload_type=13).action is HOLD
    line = answered(payload_types={0: 8000, 13: 8000})
    line.receive(0, PHONE, 1, payload_type=13)
    line.receive(5, PHONE, 2)
    assert line.receive(406, PHONE, 3).action is HOLD  # its newest packet was none


def test_a_candidate_that_idles_for_250_ms_gives_way() -> None:
    line = answered(FIVE)
    for number in range(2):
        for port in range(8):
            line.receive(20 * number, (PHONE[0], 50000 + port), number, ssrc=port)
    assert line.receive(270, PHONE, 1).reason is Reason.CANDIDATES_FULL
    assert line.receive(271, PHONE, 1).action is HOLD


def test_a_worse_tier_gives_way_to_a_better_one_at_once_and_never_the_other_way() -> None:
    line = line_of_all_tiers()
    for number in range(2):
        for port in range(8):
            line.receive(20 * number, ("203.0.113.99", 50000 + port), number, ssrc=port)
    assert line.receive(21, ("203.0.113.99", 60000), 0, ssrc=99).reason is Reason.CANDIDATES_FULL
    assert line.receive(21, PHONE, 0).action is HOLD
    assert line.receive(41, PHONE, 1).action is FORWARD


def test_among_candidates_that_may_go_the_worst_tier_goes_first() -> None:
    line = line_of_all_tiers(LatchPolicy(receive_from="any", prefix4=24, probation=(1, 1, 2, 5, 5, 5)))
    for port in range(7):
        line.receive(0, (PHONE[0], 50000 + port), 0, ssrc=port)
    line.receive(0, ("203.0.113.99", 50000), 0, ssrc=77)
    line.receive(20, ("203.0.113.99", 50000), 1, ssrc=77)
    assert line.receive(60, PHONE, 0).action is HOLD  # took the place of the one live stranger
    for port in range(7):  # the singles of the better tier are still there
        assert line.receive(61, (PHONE[0], 50000 + port), 1, ssrc=port).action is HOLD
    assert line.receive(62, ("203.0.113.99", 50000), 2, ssrc=77).reason is Reason.CANDIDATES_FULL


def test_a_wall_of_single_forged_packets_does_not_keep_a_phone_out() -> None:
    # 2000 packets a second that forge the phone's host, each from another port. Eight places of at least 45 ms leave
    # the phone one chance in eleven with every packet it sends.
    line = answered()
    phase = random.Random(7)
    forged = [(step / 2, (PHONE[0], 1024 + step % 30000), step, STRANGER_SSRC + step) for step in range(4000)]
    phone = [(20 * number + phase.random(), PHONE, number, PHONE_SSRC) for number in range(100)]
    for at_ms, source, number, ssrc in sorted(forged + phone):
        line.receive(at_ms, source, number, ssrc)
        if line.latch.accepted_source is not None:
            break
    assert line.latch.accepted_source == PHONE
    assert at_ms < 1000


def test_a_neighbour_that_never_gets_two_in_sequence_is_never_heard() -> None:
    line = answered()
    verdicts = [line.receive(20 * index, NEIGHBOUR, 100 * index, ssrc=STRANGER_SSRC) for index in range(100)]
    assert forwarded(verdicts) == 0
