"""Relays in turn, A B C A B C, each time in a fresh process, and what counts of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from statistics import median_high

from security import control, player
from security.configurations import Configuration
from security.player import Played, Script
from security.rows import BASELINES, Row
from tests.behaviour.figures import Figures

__all__ = ["FIGURES", "Result", "Spread", "run_rounds"]

SLIP_S = 0.05
"""A play in which this process was later than that is played again: it was about parties that pause."""
ATTEMPTS = 2
CARRIED = {"inj": 0, "bleed_ms": 0, "lost": 10, "dead_ms": 200}
"""What a call without an attack may show at most and be called carried: 200 ms of either direction."""
FIGURES = (*CARRIED, "reports_lost")
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Spread:
    """One figure over the rounds that count."""

    median: int
    worst: int


@dataclass
class Result:
    """All that was played, by configuration."""

    rows: list[Row]
    rounds: dict[str, list[Played]] = field(default_factory=dict)

    def counted(self, configuration: str, row: Row) -> list[Figures]:
        """The figures of the rounds in which the relay carried the call that this row attacks."""
        plays = self.rounds[configuration]
        if row.name in BASELINES.values():
            return [play.figures[row.name] for play in plays]
        return [play.figures[row.name] for play in plays if carried(play.figures[row.baseline])]

    def spread(self, configuration: str, row: Row, figure: str) -> Spread | None:
        """None without a round that counts."""
        values = [getattr(figures, figure) for figures in self.counted(configuration, row)]
        return Spread(median_high(values), max(values)) if values else None

    def carries(self, configuration: str) -> bool:
        """Whether the relay carried both calls without an attack in every round."""
        return all(carried(play.figures[name]) for play in self.rounds[configuration] for name in BASELINES.values())

    def as_json(self) -> dict[str, object]:
        """Every figure of every round."""
        return {
            name: [
                {
                    "late_by_ms": round(played.slip_s * 1000),
                    "rows": {row: _figures(figures) for row, figures in played.figures.items()},
                }
                for played in plays
            ]
            for name, plays in self.rounds.items()
        }


def _figures(figures: Figures) -> dict[str, int]:
    return {name: value for name, value in asdict(figures).items() if name != "events"}


def carried(figures: Figures) -> bool:
    """Whether a call without an attack was a call."""
    return all(getattr(figures, name) <= most for name, most in CARRIED.items())


def _play(configuration: Configuration, scripts: list[Script], tell: Tell) -> Played:
    """The first of two plays in which this process was in time, or the one in which it was least late."""
    plays: list[Played] = []
    while len(plays) < ATTEMPTS:
        with control.run(configuration) as running:
            plays.append(player.play(running, scripts))
        if plays[-1].slip_s <= SLIP_S:
            break
        tell(f"late by {plays[-1].slip_s * 1000:.0f} ms, once more")
    return min(plays, key=lambda play: play.slip_s)


def run_rounds(configurations: list[Configuration], rows: list[Row], rounds: int, tell: Tell) -> Result:
    """Attack every relay once a round; `tell` hears of each as it is done."""
    scripts = player.write(rows)
    result = Result(rows, {configuration.name: [] for configuration in configurations})
    for number in range(1, rounds + 1):
        for place, configuration in enumerate(configurations, 1):
            where = f"round {number} of {rounds}, {configuration.name} ({place} of {len(configurations)})"
            tell(where)
            played = _play(configuration, scripts, lambda what, where=where: tell(f"{where}: {what}"))  # type: ignore[misc]
            result.rounds[configuration.name].append(played)
    return result
