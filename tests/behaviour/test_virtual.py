"""Every scenario in virtual time."""

from __future__ import annotations

import pytest

from tests.behaviour.figures import faults
from tests.behaviour.scenario import Scenario
from tests.behaviour.table import SCENARIOS
from tests.behaviour.virtual import play


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=list(SCENARIOS))
def test_scenario(scenario: Scenario) -> None:
    figures = play(scenario)
    assert faults(scenario, "virtual", figures) == [], f"{scenario.what}: {figures}"
