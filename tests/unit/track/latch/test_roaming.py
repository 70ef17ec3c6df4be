"""Rows 10 and 11: the accepted stream goes on from another port or from another host."""

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
    Line,
    answered,
    forwarded,
    locked,
)

LAST_MS = LOCKED_MS - 20  # when the phone's last packet came, number 299
MOVED = ("2001:db8:5::10", 5555)
MOBILE = ("203.0.113.200", 42000)


def go_on(line: Line, source: Address, start_ms: float, count: int, every_ms: float = 20) -> list[int]:
    """The phone's stream as it would be at the time; which rows judged it."""
    rows = []
    for index in range(count):
        at_ms = start_ms + index * every_ms
        number = round((at_ms - LOCKED_MS) / 20) + 300
        rows.append(line.receive(at_ms, source, number).row)
    return rows


# Row 10 ------------------------------------------------------------------------------------------------------------


def test_another_port_is_followed_with_the_third_packet_in_sequence() -> None:
    line = locked()
    verdicts = [line.receive(LOCKED_MS + 20 * index, NEIGHBOUR, 300 + index) for index in range(3)]
    assert [verdict.action for verdict in verdicts] == [HOLD, HOLD, FORWARD]
    assert (verdicts[-1].row, len(verdicts[-1].released)) == (10, 2)
    assert line.latch.accepted_source == line.latch.destination == NEIGHBOUR
    assert line.latch.state is LatchState.LOCKED
    (event,) = line.events()
    assert (event.name, event.detail, event.source, event.previous_source) == (
        "relatched",
        "rebinding",
        NEIGHBOUR,
        PHONE,
    )


def test_a_key_frame_that_reaches_further_than_its_time_is_followed_whole() -> None:
    line = answered(payload_types={96: 90_000})
    line.talk(0, PHONE, 300, payload_type=96, timestamp=0)
    line.events()
    burst = [
        line.receive(LAST_MS + 20 + 0.1 * index, NEIGHBOUR, 300 + index, payload_type=96, timestamp=1800)
        for index in range(62)
    ]
    assert {verdict.action for verdict in burst} == {HOLD}
    assert forwarded(line.talk(LAST_MS + 40, NEIGHBOUR, 1, first=362, payload_type=96, timestamp=3600)) == 63


@pytest.mark.parametrize(("every_ms", "silent_ms", "row"), [(20, 39, 0), (20, 40, 10), (60, 119, 0), (60, 120, 10)])
def test_silence_is_two_packet_times(every_ms: int, silent_ms: int, row: int) -> None:
    line = answered(ptime_ms=every_ms)
    line.talk(0, PHONE, 600, every_ms=every_ms)
    last_ms = 599 * every_ms
    for index in range(3):
        at_ms = last_ms + silent_ms - (2 - index) * every_ms / 2
        verdict = line.receive(at_ms, NEIGHBOUR, 600 + index, timestamp=160 * (600 + index))
    assert verdict.row == row


@pytest.mark.parametrize(("gap_ms", "needed_ms"), [(100, 150), (400, 600), (900, 1000), (3000, 1000)])
def test_silence_is_longer_where_the_source_has_paused(gap_ms: int, needed_ms: int) -> None:
    line = locked()
    back_ms = LAST_MS + gap_ms
    line.receive(back_ms, PHONE, 300, timestamp=round(160 * 299 + gap_ms * 8))

    def row_at(silent_ms: float) -> int:
        numbers = iter(range(301, 400))
        verdict = None
        for at_ms in (silent_ms - 60, silent_ms - 40, silent_ms - 20, silent_ms):
            stamp = round(160 * 299 + (gap_ms + at_ms) * 8)
            verdict = line.receive(back_ms + at_ms, NEIGHBOUR, next(numbers), timestamp=stamp)
        assert verdict is not None
        return verdict.row

    assert row_at(needed_ms) == 10
    line = locked()
    line.receive(back_ms, PHONE, 300, timestamp=round(160 * 299 + gap_ms * 8))
    assert row_at(needed_ms - 1) == 0


def test_a_pause_of_more_than_ten_seconds_ago_does_not_count() -> None:
    line = locked()
    at_ms = LAST_MS + 500
    for index in range(700):
        line.receive(at_ms + 20 * index, PHONE, 300 + index, timestamp=160 * (324 + index))
    last_ms = at_ms + 20 * 699
    rows = [
        line.receive(last_ms + 20 * index, NEIGHBOUR, 999 + index, timestamp=160 * (1023 + index)).row
        for index in range(1, 4)
    ]
    assert rows == [0, 0, 10]


def test_while_the_phone_talks_nobody_is_followed_and_that_is_a_contest() -> None:
    line = locked()
    for index in range(200):
        assert line.receive(LOCKED_MS + 20 * index, NEIGHBOUR, 301 + index).action is not FORWARD
        assert line.receive(LOCKED_MS + 20 * index + 15, PHONE, 300 + index).action is FORWARD
    assert line.latch.accepted_source == PHONE
    assert set(line.event_names()) == {"contest"}
    assert line.receive(LOCKED_MS + 4000, PHONE, 500).row == 8


@pytest.mark.parametrize("number", [299, 200, 1000])
def test_what_does_not_go_on_is_dropped_unseen(number: int) -> None:
    line = locked()
    verdict = line.receive(LOCKED_MS + 100, NEIGHBOUR, number)
    assert (verdict.action, verdict.reason, verdict.row) == (DROP, Reason.NOT_ACCEPTED_SOURCE, 14)


def test_on_hold_another_port_is_followed_and_another_host_is_not() -> None:
    line = locked().signal(LOCKED_MS, "hold")
    assert set(go_on(line, MOBILE, LOCKED_MS + 300, 50)) == {14}
    assert go_on(line, NEIGHBOUR, LOCKED_MS + 1400, 3) == [0, 0, 10]
    assert line.latch.state is LatchState.HELD


def test_who_talked_before_publish_is_not_followed() -> None:
    line = Line()
    line.receive(0, NEIGHBOUR, 5, ssrc=OTHER_SSRC)
    line.publish(10).answer(20)
    for index in range(300):
        line.receive(40 + 20 * index, PHONE, index)
    verdict = line.receive(40 + 20 * 310, NEIGHBOUR, 310)
    assert verdict.reason is Reason.PREPUBLISH_TALKER


def test_a_leg_that_never_learns_follows_nobody() -> None:
    line = answered(LatchPolicy("declared"), declared=PHONE)
    line.talk(0, PHONE, 300)
    assert set(go_on(line, NEIGHBOUR, LOCKED_MS + 100, 50)) == {14}
    assert set(go_on(line, MOBILE, LOCKED_MS + 1100, 50)) == {14}


# Row 11 ------------------------------------------------------------------------------------------------------------


def moved(policy: LatchPolicy | None = None, source: Address = MOBILE) -> Line:
    """The phone is at another host since 300 ms, and accepted there since 380 ms."""
    line = locked(policy)
    assert go_on(line, source, LOCKED_MS + 300, 5) == [0, 0, 0, 0, 11]
    return line


@pytest.mark.parametrize("source", [MOBILE, MOVED], ids=["IPv4", "IPv6"])
def test_another_host_is_accepted_with_the_fifth_packet_and_media_follows_a_second_later(source: Address) -> None:
    line = moved(source=source)
    assert line.latch.state is LatchState.ROAMING
    assert (line.latch.accepted_source, line.latch.destination) == (source, PHONE)
    assert set(go_on(line, source, LOCKED_MS + 400, 49)) == {8}
    assert line.latch.destination == PHONE
    go_on(line, source, LOCKED_MS + 1380, 1)
    assert line.latch.destination == source
    assert line.latch.state is LatchState.LOCKED
    assert [(event.name, event.detail) for event in line.events()] == [
        ("relatched", "roaming"),
        ("relatched", "uncontested"),
    ]


@pytest.mark.parametrize(("silent_ms", "row"), [(199, 0), (200, 11)])
def test_another_host_needs_200_ms_of_silence(silent_ms: int, row: int) -> None:
    line = locked()
    for index in range(5):
        verdict = line.receive(LAST_MS + silent_ms - (4 - index) * 20, MOBILE, 301 + index)
    assert verdict.row == row


@pytest.mark.parametrize(("silent_ms", "row"), [(599, 0), (600, 11)])
def test_after_comfort_noise_it_needs_600_ms(silent_ms: int, row: int) -> None:
    line = answered(payload_types={0: 8000, 13: 8000})
    line.talk(0, PHONE, 300)
    line.receive(LOCKED_MS, PHONE, 300, payload_type=13)
    for index in range(5):
        verdict = line.receive(LOCKED_MS + silent_ms - (4 - index) * 20, MOBILE, 301 + index)
    assert verdict.row == row


@pytest.mark.parametrize(("gap_ms", "row"), [(9_900, 11), (10_100, 14)])
def test_after_ten_seconds_nobody_is_followed_to_another_host(gap_ms: int, row: int) -> None:
    line = locked()
    assert go_on(line, MOBILE, LAST_MS + gap_ms, 5)[-1] == row


def test_strict_follows_to_another_port_but_to_no_other_host() -> None:
    line = locked(LatchPolicy("strict"))
    assert set(go_on(line, MOBILE, LOCKED_MS + 300, 50)) == {14}
    assert go_on(line, NEIGHBOUR, LOCKED_MS + 1400, 3) == [0, 0, 10]


def test_mobile_lets_media_follow_at_once() -> None:
    line = moved(LatchPolicy("mobile"))
    assert line.latch.destination == MOBILE
    assert line.latch.state is LatchState.LOCKED


def test_where_media_goes_to_the_declared_address_nothing_is_to_follow() -> None:
    line = answered(LatchPolicy(send_to="declared"), declared=SERVER, signalling=[PHONE[0]])
    line.talk(0, PHONE, 300)
    assert go_on(line, MOBILE, LOCKED_MS + 300, 5)[-1] == 11
    assert (line.latch.state, line.latch.destination) == (LatchState.LOCKED, SERVER)


def test_while_media_has_not_followed_another_port_moves_the_source_alone_and_the_second_begins_anew() -> None:
    line = moved()
    second = (MOBILE[0], MOBILE[1] + 1)
    assert go_on(line, second, LOCKED_MS + 400, 3)[-1] == 10
    assert (line.latch.accepted_source, line.latch.destination) == (second, PHONE)
    go_on(line, second, LOCKED_MS + 460, 49)
    assert line.latch.destination == PHONE
    go_on(line, second, LOCKED_MS + 1440, 1)
    assert line.latch.destination == second


def test_a_third_address_with_the_same_stream_makes_the_second_begin_anew() -> None:
    line = moved()
    go_on(line, MOBILE, LOCKED_MS + 400, 25)
    line.receive(LOCKED_MS + 890, STRANGER, 343)
    go_on(line, MOBILE, LOCKED_MS + 900, 40)
    assert line.latch.destination == PHONE
    assert "contest" in line.event_names()
    go_on(line, MOBILE, LOCKED_MS + 1700, 20)
    assert line.latch.destination == MOBILE


def test_what_was_on_its_way_from_the_old_host_is_no_contest() -> None:
    line = moved()
    go_on(line, MOBILE, LOCKED_MS + 400, 5)
    line.receive(LOCKED_MS + 490, PHONE, 301, timestamp=160 * 301)  # half a second late
    go_on(line, MOBILE, LOCKED_MS + 500, 45)
    assert line.latch.destination == MOBILE
    assert line.event_names() == ["relatched", "relatched"]


def test_signalling_from_there_lets_media_follow_at_once() -> None:
    line = moved()
    line.signal(LOCKED_MS + 400, "reinvite", declared=PRIVATE, signalling=[MOBILE[0]], payload_types={0: 8000})
    assert (line.latch.accepted_source, line.latch.destination) == (MOBILE, MOBILE)
    assert line.receive(LOCKED_MS + 410, PHONE, 321).action is not FORWARD  # it has no older right any more


def test_a_direction_that_changes_puts_nobody_out_of_scope() -> None:
    line = moved()
    said = {"declared": PRIVATE, "signalling": [PHONE[0]], "payload_types": {0: 8000}}
    line.signal(LOCKED_MS + 400, "reinvite", direction="sendonly", **said)
    assert line.latch.state is LatchState.RELEARNING
    assert line.latch.destination == PHONE
    assert set(go_on(line, MOBILE, LOCKED_MS + 400, 300)) == {8}
    assert line.latch.destination == MOBILE
    assert line.latch.state is LatchState.LOCKED


def test_signalling_that_names_others_forgets_it_in_the_end() -> None:
    line = moved()
    line.signal(LOCKED_MS + 400, "reinvite", declared=SERVER, signalling=[SERVER[0]], payload_types={0: 8000})
    assert line.latch.destination == SERVER
    line.tick(LOCKED_MS + 5400)
    assert line.latch.state is LatchState.LEARNING
    assert line.latch.accepted_source is None


def test_within_the_window_it_is_followed_too() -> None:
    line = answered(declared=PHONE)
    line.talk(0, PHONE, 3)
    assert [line.receive(60 + 20 * index, MOBILE, 3 + index).action for index in range(9)] == [HOLD] * 9
    assert line.receive(240, MOBILE, 12).row == 11
    assert line.latch.state is LatchState.ROAMING
    line.talk(260, MOBILE, 60, first=13)
    assert line.latch.state is LatchState.PROVISIONAL
    assert line.latch.destination == MOBILE


def test_nothing_is_lost_when_the_source_moves() -> None:
    line = locked()
    verdicts = [line.receive(LOCKED_MS + 20 * index, MOBILE, 300 + index) for index in range(30)]
    assert forwarded(verdicts) == 30
