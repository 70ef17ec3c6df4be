"""How a running command shows its figures: a live table where rich is installed and a person looks, else lines."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rich.live import Live

__all__ = ["Display", "open_display"]

Rows = Sequence[Sequence[str]]


class Display(Protocol):
    """A place for a table that changes and for lines that stay."""

    interval_s: float
    """How often it wants new figures."""

    def show(self, rows: Rows) -> None:
        """Show these rows in place of the last ones."""

    def say(self, line: str) -> None:
        """Add a line that stays."""

    def settle(self) -> None:
        """The last table has been shown: it stays, and lines come after it."""


class LineDisplay:
    """Plain lines, one a row, under one line of headings."""

    interval_s = 1.0

    def __init__(self, headings: Sequence[str]) -> None:
        self._widths = [len(heading) for heading in headings]
        self._headings: Sequence[str] | None = headings

    def show(self, rows: Rows) -> None:
        for row in rows:
            self._widths = [max(width, len(cell)) for width, cell in zip(self._widths, row, strict=True)]
        if self._headings is not None:
            self._print(self._headings)
            self._headings = None
        for row in rows:
            self._print(row)
        sys.stdout.flush()

    def say(self, line: str) -> None:
        print(line, flush=True)

    def settle(self) -> None:
        sys.stdout.flush()

    def _print(self, cells: Sequence[str]) -> None:
        print("  ".join(cell.ljust(width) for cell, width in zip(cells, self._widths, strict=True)).rstrip())


class TableDisplay:
    """A table of rich's, drawn over itself."""

    interval_s = 0.25

    def __init__(self, headings: Sequence[str], live: Live) -> None:
        self._headings = headings
        self._live = live

    def show(self, rows: Rows) -> None:
        from rich.table import Table
        from rich.text import Text

        table = Table(*self._headings, expand=True)
        for row in rows:
            table.add_row(*map(Text, row))
        self._live.update(table, refresh=True)

    def say(self, line: str) -> None:
        from rich.text import Text

        self._live.console.print(Text(line))

    def settle(self) -> None:
        self._live.stop()


@contextmanager
def open_display(headings: Sequence[str]) -> Iterator[Display]:
    """The display that suits standard output."""
    if sys.stdout.isatty() and importlib.util.find_spec("rich"):
        from rich.live import Live

        with Live(auto_refresh=False) as live:
            yield TableDisplay(headings, live)
    else:
        yield LineDisplay(headings)
