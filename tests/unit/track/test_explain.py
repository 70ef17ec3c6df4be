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
