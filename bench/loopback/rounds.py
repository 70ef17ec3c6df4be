"""Relays in turn, A B A B, and the ratio of their medians."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

from loopback.measure import Measurement, Plan, measure
from loopback.relays import RelayKind
from loopback.scenarios import Scenario

__all__ = ["Figure", "Ratio", "ScenarioResult", "Spread", "run_rounds"]

Figure = Callable[[Measurement], float | None]


@dataclass(frozen=True)
class Spread:
    """Median, least and greatest of the rounds that count."""

    median: float
    least: float
    greatest: float

    @classmethod
    def of(cls, values: list[float]) -> Spread | None:
        """Of no value: None."""
        return cls(median(values), min(values), max(values)) if values else None


@dataclass(frozen=True)
class Ratio:
    """The ratio of two medians, with the least and the greatest ratio of any one round."""

    ratio: float
    least: float
    greatest: float


@dataclass
class ScenarioResult:
    """All rounds of one scenario."""

    scenario: Scenario
    rounds: dict[str, list[Measurement]] = field(default_factory=dict)

    def spread(self, relay: str, figure: Figure) -> Spread | None:
        """The spread of a figure of one relay over the rounds without a flaw that have it."""
        figures = [figure(found) for found in self.rounds[relay] if found.counts]
        return Spread.of([value for value in figures if value is not None])

    def ratio(self, relay: str, other: str, figure: Figure) -> Ratio | None:
        """`relay` divided by `other`, over the rounds in which neither has a flaw; None without such a round."""
        pairs = []
        for mine, theirs in zip(self.rounds[relay], self.rounds[other], strict=True):
            if mine.counts and theirs.counts:
                over, under = figure(mine), figure(theirs)
                if over is not None and under:
                    pairs.append((over, under))
        if not pairs:
            return None
        each = [mine / theirs for mine, theirs in pairs]
        medians = median(mine for mine, _ in pairs), median(theirs for _, theirs in pairs)
        return Ratio(medians[0] / medians[1], min(each), max(each))


def run_rounds(
    kinds: list[RelayKind], scenario: Scenario, plan: Plan, rounds: int, tell: Callable[[int, Measurement], None]
) -> ScenarioResult:
    """Measure every relay once a round, each time in a fresh process; `tell` hears of each as it is done."""
    result = ScenarioResult(scenario, {kind.name: [] for kind in kinds})
    for number in range(1, rounds + 1):
        for kind in kinds:
            found = measure(kind, scenario, plan)
            result.rounds[kind.name].append(found)
            tell(number, found)
    return result
