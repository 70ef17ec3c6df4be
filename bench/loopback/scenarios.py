"""What is asked of each relay: how many sessions, and how the packets come."""

from __future__ import annotations

from dataclasses import dataclass, replace

__all__ = ["SCENARIOS", "Scenario", "select"]


@dataclass(frozen=True)
class Scenario:
    """One load. With `window`, that many packets are in flight at all times; with `rate`, so many are sent a second."""

    name: str
    title: str
    sessions: int
    window: int = 0
    rate: int = 0
    one_way: bool = False

    def generator_words(self) -> list[str]:
        """The options of the generator that make this load."""
        load = ["--window", str(self.window)] if self.window else ["--rate", str(self.rate)]
        return [*load, "--one-way"] if self.one_way else load


SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario("saturation", "as fast as it goes without loss", sessions=1000, window=256),
        Scenario("paced-50k", "50,000 packets/s, both directions of 500 calls", sessions=500, rate=50_000),
        Scenario("paced-4k", "4,000 packets/s, both directions of 40 calls", sessions=40, rate=4_000),
        Scenario("one-stream", "one direction of one call, as fast as it goes", sessions=1, window=128, one_way=True),
    )
}


def select(names: list[str], sessions: int | None, window: int | None) -> list[Scenario]:
    """The scenarios of these names; `sessions` and `window` replace those of the saturation scenario."""
    chosen = []
    for name in names:
        if name not in SCENARIOS:
            raise ValueError(f"There is no scenario {name!r}, only {', '.join(SCENARIOS)}.")
        scenario = SCENARIOS[name]
        if name == "saturation":
            scenario = replace(scenario, sessions=sessions or scenario.sessions, window=window or scenario.window)
        chosen.append(scenario)
    return chosen
