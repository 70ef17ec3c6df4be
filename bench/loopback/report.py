"""Turns results into a table to read, JSON to keep, and the block of docs/benchmarks.md."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from loopback.measure import OTHERS_LIMIT, Measurement
from loopback.relays import RELAYS
from loopback.rounds import Figure, Ratio, ScenarioResult, Spread

__all__ = [
    "FIGURES",
    "as_json",
    "facts_lines",
    "read_docs",
    "round_line",
    "scenario_lines",
    "write_docs",
]

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
GENERATOR_LIMIT = 0.95
LATENESS_LIMIT_US = 200
SETUP_SESSIONS = 100  # with fewer, what a session costs is lost in the page size and the first call

FIGURES: dict[str, tuple[str, Figure]] = {
    "packets_per_second": ("packets/s", lambda found: found.packets_per_second),
    "cpu_us_per_packet": ("relay CPU, us/packet", lambda found: found.cpu_us_per_packet),
    "machine_us_per_packet": ("machine CPU, us/packet", lambda found: found.machine_us_per_packet),
    "wakeups_per_packet": ("wake-ups/packet", lambda found: found.wakeups_per_packet),
    "latency_us_p50": ("latency p50, us", lambda found: found.latency_us["p50"]),
    "latency_us_p99": ("latency p99, us", lambda found: found.latency_us["p99"]),
    "latency_us_p999": ("latency p99.9, us", lambda found: found.latency_us["p999"]),
    "sessions_per_second": ("sessions/s made", lambda found: found.sessions_per_second),
    "session_kib": ("KiB a session", lambda found: found.session_kib),
}
SETUP_FIGURES = ("sessions_per_second", "session_kib")
RATIOS = ("packets_per_second", "cpu_us_per_packet", "latency_us_p50", "latency_us_p99")


def _flaws(found: Measurement) -> str:
    words = [f"{count:,} {name}" for name, count in found.flaws.items()]
    words += [f"{count:,} dropped in buffers of the {where}" for where, count in found.drops.items()]
    return f"of {found.sent:,} packets: {', '.join(words) or 'none measured'}"


def round_line(number: int, found: Measurement) -> str:
    """One measurement in one line."""
    head = f"  round {number}  {found.relay:<10}"
    if not found.counts:
        return f"{head} does not count, {_flaws(found)}"
    return (
        f"{head} {found.packets_per_second:>10,.0f} packets/s  {found.cpu_us_per_packet:6.2f} us/packet"
        f"  p50 {found.latency_us['p50']:,.0f} us  p99 {found.latency_us['p99']:,.0f} us"
    )


def _cell(spread: Spread | None) -> str:
    if spread is None:
        return "-"
    digits = 0 if spread.median >= 100 else 1 if spread.median >= 20 else 2
    return f"{spread.median:,.{digits}f} ({spread.least:,.{digits}f} to {spread.greatest:,.{digits}f})"


def _table(result: ScenarioResult) -> list[str]:
    """The figures of one scenario as a Markdown table: median (least to greatest) of the rounds that count."""
    rows = [["", *(RELAYS[relay].title for relay in result.rounds)]]
    good = [f"{sum(each.counts for each in found)} of {len(found)}" for found in result.rounds.values()]
    rows.append(["rounds without loss", *good])
    for name, (title, figure) in FIGURES.items():
        if name in SETUP_FIGURES and result.scenario.sessions < SETUP_SESSIONS:
            continue
        rows.append([title, *(_cell(result.spread(relay, figure)) for relay in result.rounds)])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    rows.insert(1, ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])])
    return ["| " + " | ".join(map(str.ljust, row, widths)) + " |" for row in rows]


def _ratio_lines(result: ScenarioResult) -> list[str]:
    """The first relay against each other one."""
    first, *others = result.rounds
    lines = []
    for other in others:
        shown = []
        for name in RATIOS:
            if name == "packets_per_second" and result.scenario.rate:
                continue  # which the generator sets
            title, figure = FIGURES[name]
            ratio = result.ratio(first, other, figure)
            if ratio:
                shown.append(f"{title} x {_ratio(ratio)}")
        lines.append(f"{first} / {other}: {', '.join(shown) or 'no round in which neither lost a packet'}")
    return lines


def _ratio(ratio: Ratio) -> str:
    return f"{ratio.ratio:.2f} ({ratio.least:.2f} to {ratio.greatest:.2f})"


def _warnings(result: ScenarioResult) -> list[str]:
    """What a reader must know before believing the figures."""
    lines = []
    for relay, found in result.rounds.items():
        busy = Spread.of([each.generator_busy_share for each in found if each.counts])
        if busy and busy.median > GENERATOR_LIMIT:
            lines.append(f"the generator was the limit for {relay}: busy {busy.median:.0%} of the time")
        late = Spread.of([each.send_lateness_us["p99"] for each in found if each.counts])
        if late and late.median > LATENESS_LIMIT_US:
            lines.append(f"the generator sent 1 % of the packets to {relay} more than {late.median:,.0f} us late")
        others = Spread.of([each.others_busy_share for each in found if each.counts])
        if others and others.median > OTHERS_LIMIT:
            lines.append(f"other processes used {others.median:.0%} of a core while {relay} was measured")
        for number, each in enumerate(found, 1):
            if not each.counts:
                lines.append(f"{relay}, round {number}, does not count: {_flaws(each)}")
    return lines


def scenario_lines(result: ScenarioResult) -> list[str]:
    """Settings, table, ratios and warnings of one scenario, as Markdown."""
    scenario = result.scenario
    load = f"{scenario.window} packets in flight" if scenario.window else f"{scenario.rate:,} packets/s"
    ways = "one direction" if scenario.one_way else "both directions"
    notes = [f"- {line}" for line in [*_ratio_lines(result), *(f"note: {line}" for line in _warnings(result))]]
    return [f"Sessions: {scenario.sessions:,}; {load}, {ways}.", "", *_table(result), "", *notes]


def facts_lines(facts: dict[str, object]) -> list[str]:
    """The circumstances, a line each."""
    lines = []
    for name, value in facts.items():
        shown = value
        if isinstance(value, dict):
            shown = "; ".join(f"{key}: {each}" for key, each in value.items()) or "none"
        lines.append(f"{name.replace('_', ' ')}: {shown}")
    return lines


def as_json(result: ScenarioResult) -> dict[str, object]:
    """One scenario: settings, every round, spreads and ratios."""
    first, *others = result.rounds
    return {
        "scenario": asdict(result.scenario),
        "rounds": {relay: [asdict(each) for each in found] for relay, found in result.rounds.items()},
        "spreads": {
            relay: {name: _fields(result.spread(relay, figure)) for name, (_, figure) in FIGURES.items()}
            for relay in result.rounds
        },
        "ratios": {
            f"{first}/{other}": {name: _fields(result.ratio(first, other, FIGURES[name][1])) for name in RATIOS}
            for other in others
        },
        "warnings": _warnings(result),
    }


def _fields(value: Spread | Ratio | None) -> dict[str, float] | None:
    return asdict(value) if value else None


def read_docs(page: Path) -> tuple[str, str]:
    """What stands before and after the measured block of `page`; raise ValueError when its markers are missing."""
    head, begin, rest = page.read_text().partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page} has no line {BEGIN!r} followed by a line {END!r}.")
    return head, tail


def write_docs(page: Path, lines: list[str]) -> None:
    """Replace the measured block of `page`."""
    head, tail = read_docs(page)
    page.write_text(f"{head}{BEGIN}\n\n" + "\n".join(lines) + f"\n\n{END}{tail}")
