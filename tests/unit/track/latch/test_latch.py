"""What signalling and time change: rows 2, 4, 7 and 15 to 17."""

from __future__ import annotations

import pytest

from rtpcore import LatchPolicy, LatchState, Reason
from rtpcore.events import Address
from tests.unit.track.line import (
    DROP,
    FORWARD,
    HOLD,
    LOCKED_MS,
    MS,
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
    provisional,
)

# Rows 2 and 4 ------------------------------------------------------------------------------------------------------


def test_publishing_arms_and_the_answer_lets_learning_begin() -> None:
    line = Line()
    assert line.latch.state is LatchState.CLOSED
    assert line.publish().latch.state is LatchState.ARMED
    assert line.answer().latch.state is LatchState.LEARNING


@pytest.mark.parametrize("event", ["answer", "early"])
def test_a_signal_before_publish_is_kept(event: str) -> None:
    line = Line().signal(0, event, declared=SERVER)
    assert line.latch.state is LatchState.CLOSED
    assert line.latch.destination is None
    line.publish(10)
    assert line.latch.state is LatchState.LEARNING
    assert line.latch.destination == SERVER


def test_publishing_twice_changes_nothing() -> None:
    line = provisional().publish(200)
    assert line.latch.state is LatchState.PROVISIONAL
    assert line.latch.accepted_source == PHONE


def test_a_scope_without_anybody_is_told() -> None:
    line = answered(declared=PRIVATE, signalling=[])
    assert line.event_names() == ["scope_empty"]
    assert forwarded(line.talk(0, PRIVATE, 100)) == 0


# Row 7 -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("window_ms", [100, 1000, 5000])
def test_the_lock_comes_exactly_when_the_window_is_over(window_ms: int) -> None:
    line = answered(LatchPolicy(learn_window_ms=window_ms))
    line.receive(0, PHONE, 1)
    line.receive(20, PHONE, 2)
    line.latch.tick((20 + window_ms) * MS - 1)
    assert line.latch.state is LatchState.PROVISIONAL
    line.latch.tick((20 + window_ms) * MS)
    assert line.latch.state is LatchState.LOCKED


def test_the_window_begins_with_the_first_that_qualifies() -> None:
    line = answered()
    line.talk(60_000, PHONE, 2)
    line.tick(65_019)
    assert line.latch.state is LatchState.PROVISIONAL
    line.tick(65_020)
    assert line.latch.state is LatchState.LOCKED


def test_a_switch_does_not_prolong_the_window() -> None:
    line = provisional(LatchPolicy(learn_window_ms=1000))
    line.talk(500, NEIGHBOUR, 2, ssrc=STRANGER_SSRC)
    assert line.latch.accepted_source == NEIGHBOUR
    line.tick(1020)
    assert line.latch.state is LatchState.LOCKED


def test_a_packet_at_the_end_of_the_window_finds_the_lock() -> None:
    line = answered(LatchPolicy(learn_window_ms=1000))
    line.talk(0, PHONE, 2)
    line.receive(1010, NEIGHBOUR, 1, ssrc=STRANGER_SSRC)
    verdict = line.receive(1020, NEIGHBOUR, 2, ssrc=STRANGER_SSRC)
    assert (verdict.action, verdict.reason) == (DROP, Reason.NOT_ACCEPTED_SOURCE)


def test_the_lock_comes_without_a_packet_and_without_a_tick_before_the_next_packet_is_judged() -> None:
    line = provisional()
    verdict = line.receive(5020, NEIGHBOUR, 1, ssrc=STRANGER_SSRC)
    assert verdict.row == 14


# Row 15 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", [{"event": "hold"}, {"event": "reinvite", "direction": "inactive"}])
def test_on_hold_what_is_accepted_stays_accepted(said: dict[str, str]) -> None:
    line = locked().signal(LOCKED_MS, **said)
    assert line.latch.state is LatchState.HELD
    verdicts = line.talk(LOCKED_MS + 30_000, NEIGHBOUR, 500, ssrc=STRANGER_SSRC)
    assert {verdict.row for verdict in verdicts} == {14}
    assert line.receive(LOCKED_MS + 41_000, PHONE, 300).action is FORWARD
    assert line.latch.destination == PHONE


@pytest.mark.parametrize("declared", [("0.0.0.0", 5004), ("192.168.1.10", 0), SERVER, None])
def test_hold_keeps_the_last_declared_address(declared: Address | None) -> None:
    line = locked().signal(LOCKED_MS, "hold", declared=declared)
    assert line.latch.destination == PHONE
    line.signal(LOCKED_MS + 1000, "resume", declared=PRIVATE, payload_types={0: 8000})
    assert line.latch.state is LatchState.LOCKED  # nothing has changed


def test_a_hold_within_the_window_closes_it() -> None:
    line = provisional().signal(200, "hold")
    assert line.latch.state is LatchState.HELD
    assert forwarded(line.talk(1000, NEIGHBOUR, 10, ssrc=STRANGER_SSRC)) == 0
    line.tick(10_000)
    assert line.latch.state is LatchState.HELD


def test_a_refresh_does_not_end_a_hold() -> None:
    line = locked().signal(LOCKED_MS, "hold")
    line.signal(LOCKED_MS + 1000, "refresh", payload_types={0: 8000, 101: 8000})
    assert line.latch.state is LatchState.HELD
    assert forwarded(line.talk(LOCKED_MS + 30_000, PHONE, 100, ssrc=OTHER_SSRC)) == 0


def test_after_hold_and_resume_a_new_address_is_learnt_within_two_packets() -> None:
    line = locked().signal(LOCKED_MS, "hold")
    at_ms = LOCKED_MS + 60_000
    line.signal(at_ms, "resume", declared=(PRIVATE[0], 5006), payload_types={0: 8000})
    assert line.latch.state is LatchState.RELEARNING
    moved = (PHONE[0], 41_000)
    verdicts = line.talk(at_ms + 5, moved, 5, ssrc=OTHER_SSRC)
    assert forwarded(verdicts) == 5
    assert verdicts[1].action is FORWARD
    assert line.latch.destination == moved


def test_a_hold_during_relearning_does_not_lock_a_source_that_is_out_of_scope() -> None:
    # A transfer to a server, put on hold before the server has spoken, then resumed.
    line = locked()
    line.signal(LOCKED_MS, "reinvite", declared=SERVER, signalling=[SERVER[0]], payload_types={0: 8000})
    line.signal(LOCKED_MS + 1000, "hold")
    line.signal(LOCKED_MS + 9000, "resume", payload_types={0: 8000})
    assert line.latch.state is LatchState.RELEARNING
    assert line.latch.destination == SERVER
    assert forwarded(line.talk(LOCKED_MS + 9100, SERVER, 10, ssrc=OTHER_SSRC)) == 10
    assert line.latch.accepted_source == SERVER


def test_a_hold_that_comes_from_another_proxy_is_judged_when_it_ends() -> None:
    line = locked().signal(LOCKED_MS, "hold", signalling=[SERVER[0]])
    assert line.receive(LOCKED_MS + 20, PHONE, 301).action is FORWARD
    line.signal(LOCKED_MS + 1000, "resume", payload_types={0: 8000})
    assert line.latch.state is LatchState.RELEARNING


# Row 16 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("event", ["refresh", "reinvite", "answer", "early", "resume"])
def test_a_refresh_reopens_nothing(event: str) -> None:
    line = locked()
    line.signal(LOCKED_MS, event, declared=PRIVATE, signalling=[PHONE[0]], payload_types={0: 8000, 101: 8000})
    assert line.latch.state is LatchState.LOCKED
    assert line.receive(LOCKED_MS + 4980, NEIGHBOUR, 1, ssrc=STRANGER_SSRC).row == 14


def test_a_refresh_may_name_the_signalling_hosts_in_another_order_and_twice() -> None:
    hosts = [PHONE[0], SERVER[0], STRANGER[0]]
    line = locked(signalling=hosts)
    for said in (hosts[::-1], [*hosts, PHONE[0]], [f"::ffff:{host}" for host in hosts]):
        line.signal(LOCKED_MS, "refresh", signalling=said, payload_types={0: 8000})
        assert line.latch.state is LatchState.LOCKED
    line.signal(LOCKED_MS, "refresh", signalling=hosts[:2], payload_types={0: 8000})
    assert line.latch.state is LatchState.RELEARNING


def test_a_refresh_does_not_prolong_the_window() -> None:
    line = provisional(LatchPolicy(learn_window_ms=1000))
    line.signal(900, "refresh", payload_types={0: 8000})
    line.tick(1020)
    assert line.latch.state is LatchState.LOCKED


# Row 17 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        {"declared": (PRIVATE[0], 5006)},
        {"declared": ("192.168.1.11", 5004)},
        {"signalling": [SERVER[0]]},
        {"signalling": [PHONE[0], SERVER[0]]},
        {"branch": "z9hG4bK2"},
        {"direction": "sendonly"},
        {"direction": "recvonly"},
    ],
)
@pytest.mark.parametrize("start", [provisional, locked])
def test_changed_signalling_reopens_learning_and_breaks_nothing(said: dict[str, object], start: object) -> None:
    line = locked() if start is locked else provisional()
    at_ms, number = (LOCKED_MS, 300) if start is locked else (200, 10)
    line.signal(at_ms, "reinvite", payload_types={0: 8000, 101: 8000}, **said)
    assert line.latch.state is LatchState.RELEARNING
    assert line.latch.accepted_source == PHONE
    assert forwarded(line.talk(at_ms, PHONE, 10, first=number)) == 10


def test_relearning_ends_in_the_lock_after_its_window() -> None:
    line = locked().signal(LOCKED_MS, "reinvite", declared=(PRIVATE[0], 5006), payload_types={0: 8000})
    line.tick(LOCKED_MS + 4999)
    assert line.latch.state is LatchState.RELEARNING
    line.tick(LOCKED_MS + 5000)
    assert line.latch.state is LatchState.LOCKED
    assert line.latch.accepted_source == PHONE


def transferred(policy: LatchPolicy | None = None) -> Line:
    """The phone's party is now a public server with signalling of its own; the phone is out of scope."""
    return locked(policy).signal(
        LOCKED_MS, "reinvite", declared=SERVER, signalling=[SERVER[0]], payload_types={0: 8000}
    )


def test_media_goes_to_the_new_declared_address_at_once_when_the_accepted_source_left_the_scope() -> None:
    line = transferred()
    assert line.latch.accepted_source == PHONE
    assert line.latch.destination == SERVER


def test_media_stays_where_it_goes_when_the_new_declared_address_cannot_be_reached() -> None:
    line = locked().signal(
        LOCKED_MS, "reinvite", declared=("10.0.0.9", 5004), signalling=[SERVER[0]], payload_types={0: 8000}
    )
    assert line.latch.destination == PHONE


def test_media_comes_back_when_the_transfer_is_taken_back() -> None:
    line = transferred()
    line.signal(LOCKED_MS + 1000, "reinvite", declared=PRIVATE, signalling=[PHONE[0]], payload_types={0: 8000})
    assert line.latch.accepted_source == line.latch.destination == PHONE


def test_media_never_stays_at_an_address_that_is_no_longer_declared() -> None:
    line = transferred()
    line.signal(LOCKED_MS + 1000, "reinvite", declared=("10.0.0.9", 5004), payload_types={0: 8000})
    assert line.latch.destination != SERVER


def test_the_new_party_takes_over_and_nothing_of_it_is_lost() -> None:
    line = transferred()
    line.talk(LOCKED_MS, PHONE, 3, first=300)  # until +40 ms
    verdicts = line.talk(LOCKED_MS + 50, SERVER, 50, first=7, ssrc=OTHER_SSRC)
    assert forwarded(verdicts) == 50
    assert line.latch.accepted_source == line.latch.destination == SERVER
    assert forwarded(line.talk(LOCKED_MS + 1050, PHONE, 20, first=303)) == 0


def test_a_source_that_stays_out_of_scope_is_forgotten_when_the_window_is_over() -> None:
    line = transferred()
    line.talk(LOCKED_MS, PHONE, 240, first=300)
    line.tick(LOCKED_MS + 5000)
    assert line.latch.state is LatchState.LEARNING
    assert line.latch.accepted_source is None
    assert line.latch.ssrc is None
    assert line.latch.destination == SERVER
    assert forwarded(line.talk(LOCKED_MS + 5001, PHONE, 100, first=600)) == 0
    assert forwarded(line.talk(LOCKED_MS + 8000, SERVER, 10, ssrc=OTHER_SSRC)) == 10


def test_learning_after_a_forgotten_source_begins_when_the_window_ended_whenever_that_is_noticed() -> None:
    # A talker from before publish gets its second chance a second after learning began.
    def line() -> Line:
        made = Line()
        made.talk(0, SERVER, 3, ssrc=STRANGER_SSRC)
        made.publish(100).answer(100, declared=PRIVATE)
        made.talk(200, PHONE, 300)
        made.signal(7000, "reinvite", declared=PRIVATE, signalling=[SERVER[0]], payload_types={0: 8000})
        return made  # the window ends at 12000 ms

    noticed_late, noticed_at_once = line(), line().tick(12_000)
    for made in (noticed_late, noticed_at_once):
        verdicts = made.talk(13_000, SERVER, 5, ssrc=OTHER_SSRC)
        assert [verdict.action for verdict in verdicts] == [HOLD] * 4 + [FORWARD]


def test_relearning_again_begins_a_new_window() -> None:
    line = transferred()
    line.signal(LOCKED_MS + 4000, "reinvite", declared=(SERVER[0], 6002), payload_types={0: 8000})
    line.tick(LOCKED_MS + 5000)
    assert line.latch.state is LatchState.RELEARNING
    assert line.latch.destination == (SERVER[0], 6002)


def test_any_ssrc_may_qualify_while_relearning() -> None:
    line = locked().signal(LOCKED_MS, "reinvite", declared=(PRIVATE[0], 5006), payload_types={0: 8000})
    moved = (PHONE[0], 41_000)
    verdicts = line.talk(LOCKED_MS + 200, moved, 10, ssrc=OTHER_SSRC)
    assert forwarded(verdicts) == 10


# Close -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", [Line(), answered(), provisional(), locked()], ids=["closed", "learning", "p", "l"])
def test_after_close_nothing_is_forwarded_and_nothing_is_sent(line: Line) -> None:
    line.signal(LOCKED_MS, "close")
    assert line.latch.state is LatchState.EXPIRED
    assert line.event_names()[-1] == "expired"
    assert line.latch.accepted_source is None
    assert line.latch.destination is None
    assert {verdict.reason for verdict in line.talk(LOCKED_MS, PHONE, 10, first=300)} == {Reason.CLOSED}
    line.publish(LOCKED_MS + 1000).answer(LOCKED_MS + 1000).signal(LOCKED_MS + 1000, "close")
    assert line.latch.state is LatchState.EXPIRED
    assert line.event_names() == []
