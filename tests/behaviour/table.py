"""All scenarios by name."""

from __future__ import annotations

from tests.behaviour.attacks import ATTACKS
from tests.behaviour.calls import CALLS
from tests.behaviour.reports import REPORTS
from tests.behaviour.runs import RUNS
from tests.behaviour.scenario import Scenario

__all__ = ["SCENARIOS"]

SCENARIOS: dict[str, Scenario] = {scenario.id: scenario for scenario in (*CALLS, *ATTACKS, *REPORTS, *RUNS)}
