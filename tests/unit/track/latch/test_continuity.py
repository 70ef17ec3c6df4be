"""Row 8: how the accepted stream may go on, and what is a jump that needs a second packet."""

from __future__ import annotations

import pytest

from rtpcore import LatchPolicy, Reason
from tests.behaviour.media import rtp
from tests.unit.track.line import (
    DROP,
    FORWARD,
    HOLD,
    LOCKED_MS,
    PHONE,
    PHONE_SSRC,
    Line,
    answered,
    forwarded,
    locked,
    provisional,
)


@pytest.fixture(params=[provisional, locked], ids=["provisional", "locked"])
def line(request: pytest.FixtureRequest) -> Line:
    made: Line = request.param()
    return made


def newest(line: Line) -> int:
    return 299 if line.latch.state.name == "LOCKED" else 9


@pytest.mark.parametrize("step", [-100, -99, -1, 0, 1, 2, 49, 50])
def test_a_packet_within_reach_is_forwarded(line: Line, step: int) -> None:
    verdict = line.receive(LOCKED_MS, PHONE, newest(line) + step)
    assert (verdict.action, verdict.row, verdict.reason) == (FORWARD, 8, Reason.NONE)


@pytest.mark.parametrize("step", [-102, -30000, 600, 30000])
def test_a_jump_is_held_until_a_second_packet_confirms_it(step: int) -> None:
    line = locked()
    verdict = line.receive(LOCKED_MS, PHONE, 299 + step)
    assert (verdict.action, verdict.row) == (HOLD, 8)
    verdict = line.receive(LOCKED_MS + 20, PHONE, 300 + step)
    assert (verdict.action, verdict.row, len(verdict.released)) == (FORWARD, 8, 1)
    assert forwarded(line.talk(LOCKED_MS + 40, PHONE, 10, first=301 + step)) == 10


def test_a_jump_that_nothing_confirms_goes_and_the_stream_goes_on() -> None:
    line = locked()
    assert line.receive(LOCKED_MS, PHONE, 20_000).action is HOLD
    verdicts = line.talk(LOCKED_MS, PHONE, 100, first=300)
    assert forwarded(verdicts) == 100
    assert all(verdict.released == () for verdict in verdicts)


def test_two_jumps_to_different_places_confirm_nothing() -> None:
    line = locked()
    actions = [line.receive(LOCKED_MS + 20 * index, PHONE, 10_000 * (index + 1)).action for index in range(3)]
    assert actions == [HOLD] * 3
    assert line.receive(LOCKED_MS + 60, PHONE, 300).action is FORWARD


@pytest.mark.parametrize(("silent_ms", "step"), [(1000, 112), (10_000, 675)])
def test_the_longer_the_silence_the_further_the_reach(silent_ms: int, step: int) -> None:
    # 1.25 * elapsed / ptime + 50, with the packet time as measured: 20 ms.
    last_ms = LOCKED_MS - 20
    line = locked()
    assert line.receive(last_ms + silent_ms, PHONE, 299 + step).action is FORWARD
    line = locked()
    assert line.receive(last_ms + silent_ms, PHONE, 299 + step + 1).action is HOLD


def test_the_packet_time_is_measured() -> None:
    line = answered(ptime_ms=20)
    line.talk(0, PHONE, 200, every_ms=60)  # 60 ms are sent where 20 were signalled
    last_ms = 199 * 60
    reach = int(1.25 * 6000 / 60) + 50
    assert line.receive(last_ms + 6000, PHONE, 199 + reach + 1).action is HOLD
    assert line.receive(last_ms + 6000, PHONE, 199 + reach - 5).action is FORWARD


def test_the_numbers_wrap_around() -> None:
    line = answered()
    verdicts = line.talk(0, PHONE, 200, first=65_450)
    assert forwarded(verdicts) == 200
    assert {verdict.row for verdict in verdicts[2:]} == {8}


def test_every_packet_twice_from_the_first_on_reaches_the_other_side_once_at_least() -> None:
    line = answered()
    sent_on: list[bytes] = []
    for number in range(300):
        for again in (0, 1):
            verdict = line.receive(20 * number + again, PHONE, number)
            sent_on += verdict.released
            sent_on += [rtp(number, PHONE_SSRC)] if verdict.action is FORWARD else []
    assert {packet[2:4] for packet in sent_on} == {rtp(number, PHONE_SSRC)[2:4] for number in range(300)}


def test_a_jump_from_the_accepted_source_needs_neither_silence_nor_quota() -> None:
    line = locked()
    first = 300
    for jump in range(20):
        first += 5000
        verdicts = line.talk(LOCKED_MS + 100 * jump, PHONE, 5, first=first)
        assert forwarded(verdicts) == 5
    assert "ssrc_contest" not in line.event_names()


def test_a_jump_in_progress_survives_the_end_of_the_window() -> None:
    line = answered(LatchPolicy(learn_window_ms=1000))
    line.talk(0, PHONE, 50)  # accepted at 20 ms, so that the window is over at 1020 ms
    assert line.receive(1010, PHONE, 20_000).action is HOLD
    verdict = line.receive(1030, PHONE, 20_001)
    assert line.latch.state.name == "LOCKED"
    assert (verdict.action, len(verdict.released)) == (FORWARD, 1)


def test_bad_extension_elements_end_the_walk_and_the_packet_goes_on_unchanged() -> None:
    # RFC 8285 4.2: ID 15 is reserved, ID 0 is padding whatever its length says, and an element may be cut off.
    for elements in (b"\xf0\x01\x00\x00", b"\x03\x01\x02\x03", b"\x1f\x01\x02\x03"):
        line = answered()
        plain = rtp(1, PHONE_SSRC, b"")
        extended = bytes([plain[0] | 0x10]) + plain[1:12] + b"\xbe\xde\x00\x01" + elements + bytes(160)
        line.latch.receive(0, PHONE, extended)
        verdict = line.receive(20, PHONE, 2)
        assert verdict.released == (extended,)


def test_a_stranger_to_the_stream_from_its_address_is_not_the_stream() -> None:
    line = locked()
    assert line.receive(LOCKED_MS, PHONE, 300, ssrc=PHONE_SSRC + 1).action is HOLD
    verdict = line.receive(LOCKED_MS, (PHONE[0], PHONE[1] + 1), 300)
    assert (verdict.action, verdict.row) == (HOLD, 0)  # row 10, if it goes on and the phone does not
    verdict = line.receive(LOCKED_MS, (PHONE[0], PHONE[1] + 2), 20_300)
    assert (verdict.action, verdict.reason) == (DROP, Reason.NOT_ACCEPTED_SOURCE)
