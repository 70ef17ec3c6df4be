"""Two packets with one SSRC and sequence number that are not the same: somebody speaks beside the phone."""

from __future__ import annotations

import pytest

from tests.unit.track.line import FORWARD, LOCKED_MS, PHONE, locked

OTHER = bytes(159) + b"\x55"


@pytest.mark.parametrize("back", [0, 1, 40, 63])
def test_another_payload_with_the_same_number_is_told(back: int) -> None:
    line = locked()
    line.talk(LOCKED_MS, PHONE, 100, first=300)
    assert line.receive(LOCKED_MS + 2001, PHONE, 399 - back, payload=OTHER).action is FORWARD
    (event,) = line.events()
    assert (event.name, event.sequence_number) == ("injection_suspected", 399 - back)


@pytest.mark.parametrize("back", [0, 1, 40, 63])
def test_a_repeat_is_not(back: int) -> None:
    line = locked()
    line.talk(LOCKED_MS, PHONE, 100, first=300)
    line.receive(LOCKED_MS + 2001, PHONE, 399 - back)
    assert line.events() == []


def test_nor_is_one_that_was_late_or_that_nobody_remembers() -> None:
    line = locked()
    numbers = [number for number in range(300, 400) if number % 10]
    for index, number in enumerate(numbers):
        line.receive(LOCKED_MS + 20 * index, PHONE, number)
    for number in (390, 380, 370, 320):
        line.receive(LOCKED_MS + 2500, PHONE, number, payload=OTHER)
    assert line.events() == []
    line.receive(LOCKED_MS + 2500, PHONE, 390)
    assert [event.name for event in line.events()] == ["injection_suspected"]


def test_numbers_that_wrap_around_are_not_mixed_up() -> None:
    line = locked()
    at_ms = LOCKED_MS + 0.0
    for number in range(300, 66_000):
        line.receive(at_ms, PHONE, number & 0xFFFF, timestamp=160 * number, payload=bytes([number & 0xFF]) * 160)
        at_ms += 20
    assert line.events() == []
