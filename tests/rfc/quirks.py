"""The octets of docs/quirks.md, by program and by title."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "quirks.md"


def quirks_of(program: str) -> dict[str, bytes]:
    """The quirks that the page tells of `program`: the first indented line below each title, in octets."""
    sections = dict(
        re.findall(r"^## (\S+)\n(.*?)(?=^## |\Z)", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    )
    return {
        title: bytes.fromhex(octets)
        for title, octets in re.findall(r"^### (.+)\n\n    ([0-9a-f ]+)$", sections[program], re.MULTILINE)
    }
