from __future__ import annotations

import io
import sys

import pytest

from rtpcore.cli.display import LineDisplay, TableDisplay, open_display


def test_lines_stand_under_their_headings(capsys: pytest.CaptureFixture[str]) -> None:
    display = LineDisplay(["leg", "received"])
    display.show([["a", "7"], ["b-long", "12"]])
    assert capsys.readouterr().out.splitlines() == ["leg     received", "a       7", "b-long  12"]


def test_headings_are_said_once_and_columns_keep_their_width(capsys: pytest.CaptureFixture[str]) -> None:
    display = LineDisplay(["leg", "n"])
    display.show([["a-long", "7"]])
    display.say("something happened")
    display.show([["b", "8"]])
    assert capsys.readouterr().out.splitlines()[2:] == ["something happened", "b       8"]


def test_without_a_terminal_there_are_lines() -> None:
    with open_display(["leg"]) as display:
        assert isinstance(display, LineDisplay)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_without_rich_there_are_lines_on_a_terminal_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with open_display(["leg"]) as display:
        assert isinstance(display, LineDisplay)


def test_on_a_terminal_rich_draws_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("rich")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    with open_display(["leg", "hears"]) as display:
        assert isinstance(display, TableDisplay)
        display.show([["a", "[::1]:4000"]])
        display.say("leg a: latched from [::1]:4000.")
        display.settle()
        display.say("it is over")
    assert terminal.getvalue().count("[::1]:4000") >= 2, "brackets are text, not markup"
    assert "hears" in terminal.getvalue()
    assert terminal.getvalue().rstrip().endswith("it is over")
