"""Row 9 where several SSRCs of one source are permitted or signalled."""

from __future__ import annotations

from rtpcore import LatchPolicy
from tests.unit.track.line import FORWARD, LOCKED_MS, NEIGHBOUR, PHONE, PHONE_SSRC, Line, locked


def side_by_side(line: Line, ssrcs: list[int], turns: int = 50) -> dict[int, int]:
    """How many packets of each SSRC were forwarded."""
    heard = dict.fromkeys(ssrcs, 0)
    for turn in range(turns):
        for place, ssrc in enumerate(ssrcs):
            verdict = line.receive(LOCKED_MS + 20 * turn + place, PHONE, 1000 + turn, ssrc=ssrc)
            heard[ssrc] += len(verdict.released) + (verdict.action is FORWARD)
    return heard


def test_as_many_as_the_policy_permits_are_heard_at_once() -> None:
    line = locked(LatchPolicy(max_ssrc=3))
    heard = side_by_side(line, [PHONE_SSRC, 1, 2, 3, 4])
    assert [count > 0 for count in heard.values()] == [True, True, True, False, False]
    assert heard[1] == heard[2] == 50
    assert "ssrc_contest" in line.event_names()


def test_signalled_ones_need_no_permission_and_others_get_none() -> None:
    line = locked(ssrcs=[PHONE_SSRC, 1, 2])
    heard = side_by_side(line, [PHONE_SSRC, 1, 2, 3])
    assert (heard[1], heard[2], heard[3]) == (50, 50, 0)


def test_where_one_is_permitted_one_is_heard() -> None:
    line = locked()
    heard = side_by_side(line, [PHONE_SSRC, 1, 2, 3, 4])
    assert [count > 0 for count in heard.values()] == [True, False, False, False, False]
    assert "ssrc_contest" in line.event_names()


def test_a_move_is_followed_by_the_one_that_talks() -> None:
    line = locked(ssrcs=[PHONE_SSRC, 1])
    side_by_side(line, [PHONE_SSRC, 1])
    at_ms = LOCKED_MS + 1000
    for turn in range(100):
        line.receive(at_ms + 20 * turn, PHONE, 1050 + turn, ssrc=1)
    assert line.latch.ssrc == 1
    at_ms += 2000
    for turn in range(3):
        verdict = line.receive(at_ms + 20 * turn, NEIGHBOUR, 1150 + turn, ssrc=1)
    assert verdict.row == 10
