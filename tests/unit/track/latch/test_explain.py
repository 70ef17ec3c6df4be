"""Why a source is accepted, or none is, in sentences."""

from __future__ import annotations

import pytest

from rtpcore import LatchPolicy
from tests.unit.track.line import LOCKED_MS, PHONE, PHONE_SSRC, PRIVATE, SERVER, Line, answered, locked, provisional


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (Line(), "not been published"),
        (Line().publish(), "no answer"),
        (answered(), "Waiting for the first source"),
        (provisional(), "better source may still take over"),
        (locked(), "nobody else is heard"),
        (locked().signal(LOCKED_MS, "hold"), "On hold"),
        (locked().signal(LOCKED_MS, "reinvite", declared=SERVER), "Signalling has changed"),
        (answered().signal(0, "close"), "Closed."),
    ],
)
def test_every_state_has_a_sentence(line: Line, said: str) -> None:
    assert said in line.latch.explain()


def test_what_was_signalled_and_what_is_examined_is_named() -> None:
    line = answered()
    line.receive(0, PHONE, 1)
    text = line.latch.explain()
    assert f"{PRIVATE[0]}:{PRIVATE[1]}" in text
    assert f"Signalling came from {PHONE[0]}." in text
    assert f"{PHONE[0]}:{PHONE[1]} with SSRC {PHONE_SSRC:#010x} is being examined" in text
    assert "1 packets in sequence, 1 held" in text
    assert "goes nowhere yet" in text


def test_the_accepted_source_and_the_reason_are_named() -> None:
    text = provisional().latch.explain()
    assert (
        f"{PHONE[0]}:{PHONE[1]} is accepted with SSRC {PHONE_SSRC:#010x}, because signalling came from its host" in text
    )
    assert f"Media goes to {PHONE[0]}:{PHONE[1]}." in text


def test_an_address_that_nothing_came_from_is_said_to_be_unproven() -> None:
    text = answered(LatchPolicy("declared"), declared=SERVER).latch.explain()
    assert f"Media goes to {SERVER[0]}:{SERVER[1]}, from where nothing has come yet." in text


def test_ipv6_addresses_stand_in_brackets() -> None:
    text = answered(declared=("2001:db8::20", 6000)).latch.explain()
    assert "[2001:db8::20]:6000" in text


def test_a_source_that_has_moved_its_senior_and_what_media_waits_for_are_told_with_figures() -> None:
    line = locked()
    mobile = ("203.0.113.200", 42000)
    for index in range(15, 30):
        line.receive(LOCKED_MS + 20 * index, mobile, 300 + index)
    text = line.tick(LOCKED_MS + 600).latch.explain()
    assert "Locked to a source that has moved" in text
    assert f"{mobile[0]}:{mobile[1]} is accepted with SSRC {PHONE_SSRC:#010x}, because it went on with" in text
    assert "row 11, T3, 5 packets in sequence, 220 ms ago" in text
    assert "Its last packet came 20 ms ago; it counts as silent after 40 ms." in text
    assert f"{PHONE[0]}:{PHONE[1]} with SSRC {PHONE_SSRC:#010x} was heard for 6.36 s until 220 ms ago" in text
    assert f"Media goes to {PHONE[0]}:{PHONE[1]}." in text
    assert "after 1.00 s without contest, of which 220 ms are over" in text


def test_what_a_rival_needs_is_told() -> None:
    line = locked()
    line.receive(LOCKED_MS + 60, ("203.0.113.200", 42000), 303)
    assert "it needs 5 and 200 ms of silence" in line.latch.explain()
    line = locked()
    line.receive(LOCKED_MS + 60, (PHONE[0], 55555), 303)
    assert "it needs 3 and 40 ms of silence" in line.latch.explain()
