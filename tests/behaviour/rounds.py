"""Many scenarios over UDP: so many at a time that nobody is late, and again what failed because somebody was."""

from __future__ import annotations

from tests.behaviour.figures import faults
from tests.behaviour.loopback import Played, play
from tests.behaviour.scenario import Scenario

__all__ = ["again_if_late", "groups"]

SIDE_BY_SIDE = 14
SLIP_S = 0.02
"""A run in which this process was later than that has tested a phone that pauses, which is another scenario."""
ATTEMPTS = 4


def groups(scenarios: list[Scenario]) -> list[list[Scenario]]:
    """As many as can be played side by side."""
    return [scenarios[start : start + SIDE_BY_SIDE] for start in range(0, len(scenarios), SIDE_BY_SIDE)]


def again_if_late(scenario: Scenario, found: Played) -> Played:
    """What came of a scenario: where it failed while this process was late, that of another run on its own."""
    for _ in range(ATTEMPTS - 1):
        if found.slip_s <= SLIP_S or not faults(scenario, "udp", found.figures):
            break
        found = play([scenario])[scenario.id]
    return found
