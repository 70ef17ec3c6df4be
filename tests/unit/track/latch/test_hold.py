"""Hold and release: what waits is forwarded in order of arrival, or never."""

from __future__ import annotations

import pytest

from rtpcore import LatchPolicy, Reason
from tests.behaviour.media import rtp
from tests.unit.track.line import FORWARD, HOLD, PHONE, PHONE_SSRC, STRANGER, Line, answered

SIXTEEN = LatchPolicy(probation=(1, 1, 2, 16, 16, 16))


def packet(number: int) -> bytes:
    return rtp(number, PHONE_SSRC)


def test_what_was_held_is_released_octet_by_octet_and_in_order_of_arrival() -> None:
    line = answered(LatchPolicy(probation=(1, 1, 2, 5, 5, 5)))
    arrivals = [12, 10, 11, 13, 14, 15]  # the first two come late
    verdicts = [line.receive(20 * index, PHONE, number) for index, number in enumerate(arrivals)]
    assert verdicts[-1].action is HOLD  # 12, 13, 14, 15 are four
    last = line.receive(120, PHONE, 16)
    assert last.action is FORWARD
    assert last.released == tuple(map(packet, arrivals))


def test_nothing_is_released_twice() -> None:
    line = answered()
    line.receive(0, PHONE, 1)
    assert line.receive(20, PHONE, 2).released == (packet(1),)
    assert all(verdict.released == () for verdict in line.talk(40, PHONE, 20, first=3))


def test_packets_older_than_320_ms_are_not_worth_forwarding() -> None:
    line = answered()
    line.receive(0, PHONE, 1)
    assert line.receive(320, PHONE, 2).released == (packet(1),)
    line = answered()
    line.receive(0, PHONE, 1)
    verdict = line.receive(321, PHONE, 2)
    assert verdict.action is FORWARD
    assert verdict.released == ()


@pytest.mark.parametrize(("every_ms", "kept"), [(10, 32), (2, 64)])
def test_of_a_candidate_the_last_320_ms_are_kept_and_the_newest_64(every_ms: int, kept: int) -> None:
    line = Line().publish()
    line.talk(0, PHONE, 100, every_ms=every_ms)  # nobody knows yet who may talk
    line.answer(100 * every_ms - 1)
    verdict = line.receive(100 * every_ms, PHONE, 100)
    assert verdict.action is FORWARD
    assert verdict.released == tuple(map(packet, range(100 - kept, 100)))


def test_sixteen_packets_may_be_asked_for_and_none_is_lost() -> None:
    line = answered(SIXTEEN)
    verdicts = line.talk(0, PHONE, 16)
    assert verdicts[-1].action is FORWARD
    assert verdicts[-1].released == tuple(map(packet, range(15)))


def test_a_packet_as_long_as_udp_carries_is_held_and_released_whole() -> None:
    line = answered()
    payload = bytes(range(256)) * 255
    line.receive(0, PHONE, 1, payload=payload)
    assert line.receive(20, PHONE, 2).released == (rtp(1, PHONE_SSRC, payload),)


def test_what_a_candidate_held_before_a_jump_goes() -> None:
    line = answered()
    line.receive(0, PHONE, 1)
    line.receive(20, PHONE, 1000)
    assert line.receive(40, PHONE, 1001).released == (packet(1000),)


def test_strangers_before_the_answer_leave_room_for_calls_that_are_answered() -> None:
    line = Line().publish()
    verdicts = [
        line.receive(number, (STRANGER[0], 7000 + port), number, ssrc=port) for number in range(16) for port in range(8)
    ]
    kept = [verdict.action is HOLD for verdict in verdicts]
    assert kept == [True] * 96 + [False] * 32  # half of the 192 that a latch of its own can hold
    assert {verdict.reason for verdict in verdicts if verdict.action is not HOLD} == {Reason.HOLD_POOL_EMPTY}
    line.answer(20)
    assert line.receive(20, PHONE, 1).action is HOLD
    assert line.receive(40, PHONE, 2).released == (packet(1),)


def test_no_packet_is_lost_to_a_full_pool() -> None:
    # Eight candidates with sixteen packets each, and the ninth still finds room to wait.
    line = answered(SIXTEEN)
    for number in range(15):
        for port in range(8):
            line.receive(number, (PHONE[0], 50000 + port), number, ssrc=port)
    assert line.receive(400, PHONE, 1).action is HOLD
    assert line.receive(401, PHONE, 1).reason is Reason.UNQUALIFIED
