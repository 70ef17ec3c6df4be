"""The table of `make scenarios`."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.behaviour import run
from tests.behaviour.scenario import ANSWER
from tests.behaviour.table import SCENARIOS


def test_a_line_a_scenario_with_figures_and_bounds(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    asked = ["A13", "N02", "--json", str(tmp_path / "rows.json")]
    assert run.main(asked) == 0
    head, *lines, end = capsys.readouterr().out.splitlines()
    assert head.split() == ["id", "inj", "bleed", "lost", "dead", "what"]
    ids = [name for name in SCENARIOS if name.startswith("A13") or name == "N02"]
    assert [line.split()[0] for line in lines] == ids
    assert end == f"{len(ids)} scenarios, 0 with a broken bound."
    rows = {row["id"]: row for row in json.loads((tmp_path / "rows.json").read_text())}
    assert list(rows) == ids
    figures, bounds = rows["A13"]["virtual"]["figures"], rows["A13"]["virtual"]["bounds"]
    assert bounds == {"inj": 160, "bleed_ms": 2100, "lost": 0, "dead_ms": 2100}
    assert 0 < figures["inj"] <= 160
    assert f"{figures['inj']}/160" in lines[ids.index("A13")]
    assert rows["A13-late"]["virtual"]["bounds"]["inj"] is None


def test_over_udp_on_request(capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(["K02", "--udp"]) == 0
    head, line, _ = capsys.readouterr().out.splitlines()
    assert head.count("udp") == 4
    assert line.split()[1:9] == ["0/0", "0/0", "0/0", "0/60", "0/0", "0/0", "0/0", "0/100"]


def test_a_broken_bound_is_said_and_told_by_the_exit_status(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    deaf = replace(SCENARIOS["N02"], policy={"profile": "declared"}, end=ANSWER.after(1.0))
    monkeypatch.setitem(SCENARIOS, "N02", deaf)
    assert run.main(["N02", "N01"]) == 1
    out = capsys.readouterr().out
    assert "BROKEN" in out
    assert "virtual: lost is 35, at most 0 are allowed" in out
    assert out.endswith("2 scenarios, 1 with a broken bound.\n")


def test_a_scenario_that_does_not_exist_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        run.main(["Q99"])
    assert left.value.code == 2
    assert capsys.readouterr().err == "tests/behaviour/run.py: there is no scenario 'Q99'.\n"
