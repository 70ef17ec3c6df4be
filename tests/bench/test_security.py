"""What bench/security makes of what it played: which rounds count, and what a cell says."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.behaviour.figures import Figures
from tests.behaviour.scenario import MID, Moment

BENCH = Path(__file__).resolve().parents[2] / "bench"
ENDS = ("near leg", "far leg")


@pytest.fixture
def security(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The modules of bench/security."""
    monkeypatch.syspath_prepend(str(BENCH))
    names = ("configurations", "network", "player", "report", "rounds", "rows")
    return SimpleNamespace(**{name: importlib.import_module(f"security.{name}") for name in names})


def figures(**said: int) -> Figures:
    none = {"inj": 0, "bleed_ms": 0, "lost": 0, "dead_ms": 0, "reports_lost": 0, "sent": 0}
    return Figures(**none | said, events=())


def result(security: Any, *rounds: dict[str, Figures]) -> Any:
    """One relay that did that in N01, N02 and A04, where nothing is said nothing wrong."""
    rows = security.rows.select(["A04"], 2.0)
    plays = [
        security.player.Played({row.name: played.get(row.name, figures()) for row in rows}, 0.0) for played in rounds
    ]
    return security.rounds.Result(rows, {"rtpio": plays})


def cell(security: Any, found: Any, name: str) -> str:
    (row,) = (row for row in found.rows if row.name == name)
    return str(security.report.cell(found, "rtpio", row))


def test_every_row_can_be_played(security: Any) -> None:
    rows = security.rows.select(security.rows.NAMES, 7.0)
    assert [row.name for row in rows] == list(security.rows.NAMES)
    assert {row.name for row in rows if row.baseline == "N01"} > {"N01", "A22"}
    for row in rows:
        scenario = row.scenario
        assert {signal.event for signal in scenario.signals} <= {"refresh", "reinvite", "hold", "resume"}, row.name
        assert not any(signal.said for signal in scenario.signals), row.name
        assert not {stream.source.host for stream in scenario.streams} & set(ENDS), row.name
        assert (dict(scenario.policy), dict(scenario.said), scenario.listens) == ({}, {}, None), row.name
        assert scenario.publish.udp_s == 0.0, row.name
    assert len(security.player.write(rows)) == len(rows)


def test_a_row_that_is_not_there_is_refused(security: Any) -> None:
    with pytest.raises(ValueError, match=r"^There is no row 'A99', only N01, "):
        security.rows.select(["A99"], 2.0)


def test_waits_in_mid_call_are_cut_and_nothing_else_is(security: Any) -> None:
    after = Moment(MID.virtual_s + 60.0, MID.udp_s + 1.5)
    assert security.rows.seconds(MID, 7.0) == Moment(8.0, 8.0)
    assert security.rows.seconds(Moment(5.28, 1.28), 7.0).udp_s == pytest.approx(5.28)
    assert security.rows.seconds(after, 7.0).udp_s == pytest.approx(8.0 + 1.5 + 7.0)
    assert security.rows.seconds(after.after(0.4), 2.0).udp_s == pytest.approx(8.0 + 1.5 + 2.0 + 0.4)


def test_a_cell_has_the_median_and_the_worst(security: Any) -> None:
    found = result(
        security, {"A04": figures(inj=60)}, {"A04": figures(inj=62, bleed_ms=1240)}, {"A04": figures(inj=60)}
    )
    assert cell(security, found, "A04") == "inj 60 to 62, bleed 0.0 s to 1.2 s"
    assert cell(security, found, "N02") == "ok"


def test_a_round_counts_only_where_the_call_without_an_attack_was_carried(security: Any) -> None:
    broken = {"N02": figures(lost=400, dead_ms=8000), "A04": figures(inj=60)}
    assert cell(security, result(security, broken), "A04") == "no call"
    assert cell(security, result(security, broken, {}), "A04") == "ok"
    assert cell(security, result(security, broken), "N02") == "lost 400, dead 8.0 s"
    assert not result(security, broken).carries("rtpio")
    assert result(security, {}).carries("rtpio")


def test_the_summary_counts_rows(security: Any) -> None:
    found = result(security, {"A04": figures(inj=60, bleed_ms=1240), "N01": figures(dead_ms=120)})
    *_, line = security.report.tables(found)["All relays"]
    assert line == "| rtp.io | its defaults | 1 of 2 | 0 of 1 | 60 | 1.2 s |"
