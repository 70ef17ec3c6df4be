"""Turns results into tables to read. A cell is a verdict and the figures behind it."""

from __future__ import annotations

from security.configurations import CONFIGURATIONS
from security.rounds import FIGURES, Result, Spread
from security.rows import Row

__all__ = ["tables"]

MAIN = ("rtpcore-guarded", "rtpcore-strict", "rtpengine-delayed", "rtpengine-heuristic-strict", "rtpio")
DEAD_MS = 100
UNBOUNDED = 60_000
"""A bound of a row from here on says that anything may happen; then nothing may here."""
NO_CALL = "no call"


def limits(row: Row) -> dict[str, int]:
    """What a row may show and be called ok: nothing to the attacker, and to the call what its network takes."""
    bounds = row.scenario.bounds
    dead_ms = bounds.dead_ms or 0
    return {
        "inj": 0,
        "bleed_ms": 0,
        "lost": bounds.lost if bounds.lost < UNBOUNDED else 0,
        "dead_ms": max(DEAD_MS, dead_ms if dead_ms < UNBOUNDED else 0),
        "reports_lost": bounds.reports_lost,
    }


def is_ok(result: Result, configuration: str, row: Row) -> bool:
    """Whether every round that counts stayed within the limits, and one does."""
    spreads = {name: result.spread(configuration, row, name) for name in FIGURES}
    most = limits(row)
    return all(spread is not None and spread.worst <= most[name] for name, spread in spreads.items())


def _value(figure: str, number: int) -> str:
    return f"{number / 1000:.1f} s" if figure.endswith("_ms") else f"{number:,}"


def _shown(figure: str, spread: Spread) -> str:
    name = figure.removesuffix("_ms").replace("_", " ")
    text = f"{name} {_value(figure, spread.median)}"
    worst = _value(figure, spread.worst)
    return text if worst == _value(figure, spread.median) else f"{text} to {worst}"


def cell(result: Result, configuration: str, row: Row) -> str:
    """The medians, and the worst where that is another; nothing that is too little to matter."""
    if not result.counted(configuration, row):
        return NO_CALL
    spreads = {name: result.spread(configuration, row, name) for name in FIGURES}
    words = [
        _shown(name, spread)
        for name, spread in spreads.items()
        if spread is not None and spread.worst > (DEAD_MS if name == "dead_ms" else 0)
    ]
    if not is_ok(result, configuration, row):
        return ", ".join(words)
    return ": ".join(["ok", ", ".join(words)]) if words else "ok"


def _markdown(rows: list[list[str]]) -> list[str]:
    head, *rest = rows
    lines = [head, ["---"] * len(head), *rest]
    return ["| " + " | ".join(cells) + " |" for cells in lines]


def _table(result: Result, configurations: list[str], rows: list[Row]) -> list[str]:
    head = ["", "what happens", *(CONFIGURATIONS[name].title for name in configurations)]
    body = [[row.name, row.what, *(cell(result, name, row) for name in configurations)] for row in rows]
    return _markdown([head, *body])


def _summary(result: Result) -> list[str]:
    calls = [row for row in result.rows if not row.is_attack]
    attacks = [row for row in result.rows if row.is_attack]
    table = [["relay", "set up by", "calls ok", "attacks ok", "worst inj", "worst bleed"]]
    for name in result.rounds:
        spreads = {
            figure: [spread.worst for row in attacks if (spread := result.spread(name, row, figure)) is not None]
            for figure in ("inj", "bleed_ms")
        }
        configuration = CONFIGURATIONS[name]
        table.append(
            [
                configuration.title,
                configuration.how,
                f"{sum(is_ok(result, name, row) for row in calls)} of {len(calls)}",
                f"{sum(is_ok(result, name, row) for row in attacks)} of {len(attacks)}",
                *(_value(figure, max(values)) if values else NO_CALL for figure, values in spreads.items()),
            ]
        )
    return _markdown(table)


def tables(result: Result) -> dict[str, list[str]]:
    """Title and lines of each table."""
    main = [name for name in MAIN if name in result.rounds]
    others = [name for name in result.rounds if name not in MAIN]
    calls = [row for row in result.rows if not row.is_attack]
    attacks = [row for row in result.rows if row.is_attack]
    found = {"All relays": _summary(result)}
    for names, suffix in ((main, ""), (others, ", other settings")):
        if names and calls:
            found[f"Calls without an attack, and with what networks do{suffix}"] = _table(result, names, calls)
        if names and attacks:
            found[f"Attacks{suffix}"] = _table(result, names, attacks)
    return found
