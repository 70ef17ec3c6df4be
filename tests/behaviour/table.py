"""All scenarios by name."""

from __future__ import annotations

from tests.behaviour.attacks import ATTACKS
from tests.behaviour.authenticated import AUTHENTICATED
from tests.behaviour.calls import CALLS
from tests.behaviour.crowds import CROWDS
from tests.behaviour.fax import FAX
from tests.behaviour.moves import MOVES
from tests.behaviour.octets import OCTETS
from tests.behaviour.reports import REPORTS
from tests.behaviour.runs import RUNS
from tests.behaviour.scenario import Scenario
from tests.behaviour.sending import SENDING
from tests.behaviour.several import SEVERAL

__all__ = ["SCENARIOS", "TABLES"]

TABLES = (CALLS, ATTACKS, REPORTS, RUNS, SENDING, MOVES, SEVERAL, FAX, CROWDS, AUTHENTICATED, OCTETS)
SCENARIOS: dict[str, Scenario] = {scenario.id: scenario for table in TABLES for scenario in table}
