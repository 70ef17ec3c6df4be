"""Every scenario over real UDP, several at a time on one Relay."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from tests.behaviour.figures import faults
from tests.behaviour.loopback import Played, play
from tests.behaviour.rounds import again_if_late, groups
from tests.behaviour.scenario import Scenario
from tests.behaviour.table import SCENARIOS
from tests.conftest import lacking


def wanted(session: pytest.Session) -> list[Scenario]:
    """The scenarios of the tests that were selected."""
    tests = [item for item in session.items if isinstance(item, pytest.Function) and item.function is test_scenario]
    selected = [test.callspec.params["scenario"] for test in tests]
    return [
        scenario
        for scenario in selected
        if isinstance(scenario, Scenario) and (os.geteuid() == 0 or not scenario.forges_hosts)
    ]


@pytest.fixture(scope="module")
def played(request: pytest.FixtureRequest) -> Callable[[Scenario], Played]:
    """Plays all selected scenarios in groups; one that fails while this process was late is played again on its own."""
    first: dict[str, Played] = {}

    def result(scenario: Scenario) -> Played:
        if not first:
            for group in groups(wanted(request.session)):
                first.update(play(group))
        return again_if_late(scenario, first[scenario.id])

    return result


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=list(SCENARIOS))
def test_scenario(scenario: Scenario, played: Callable[[Scenario], Played]) -> None:
    if scenario.forges_hosts and os.geteuid() != 0:
        lacking("forging a source address needs root")
    run = played(scenario)
    said = f"{scenario.what}: {run.figures}, late by {run.slip_s * 1000:.0f} ms at worst"
    assert faults(scenario, "udp", run.figures) == [], said
    for name, stats in run.legs.items():
        assert stats.received == stats.forwarded + sum(stats.dropped.values()) + stats.holding, said
        assert stats.received + stats.kernel_dropped == run.sent[name], said
    near, far = run.legs["near"], run.legs["far"]
    assert (near.forwarded, far.forwarded) == (far.rtp.sent + far.rtcp.sent, near.rtp.sent + near.rtcp.sent), said
