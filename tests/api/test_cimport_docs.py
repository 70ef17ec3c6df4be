"""docs/cython-api.md names all that is public, quotes the example as it stands, and the example does what it says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import rtpcore
from tests.api import abi_layout

CHECKOUT = Path(__file__).resolve().parents[2]
EXAMPLE = CHECKOUT / "examples" / "cython_consumer"
PAGE = (CHECKOUT / "docs" / "cython-api.md").read_text(encoding="utf-8")
PRINTED = """\
accepted: ('198.51.100.9', 40512)
played: 49 packets, the first is number 0
SSRC 0x5eed5eed: VALID, lost 1, doubled 1
refused: 50 x OUT_OF_SCOPE
"""


@pytest.fixture(scope="module")
def entries() -> dict[str, Any]:
    return abi_layout.surface(rtpcore.get_include())


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def test_every_public_function_and_type_is_on_the_page(entries: dict[str, Any]) -> None:
    named = set(re.findall(r"`(\w+)`", PAGE))
    expected = {name for name, entry in entries.items() if entry.is_cfunction or entry.is_type}
    assert sorted(expected - named) == [], "docs/cython-api.md must say what they are"


def test_every_name_of_the_tables_is_public(entries: dict[str, Any]) -> None:
    tables = PAGE[PAGE.index("## What there is") : PAGE.index("## Who owns what")]
    named = {name for cell in re.findall(r"^\| (`[^|]*) \|", tables, re.MULTILINE) for name in re.findall(r"\w+", cell)}
    assert named >= {"latch_receive", "transport_address"}
    assert sorted(named - entries.keys()) == []


def test_every_constant_of_the_page_is_public(entries: dict[str, Any]) -> None:
    prefixes = {name.split("_")[0] for name, entry in entries.items() if entry.is_const}
    named = {name for name in re.findall(r"\b[A-Z]+_[A-Z_]+\b", PAGE) if name.split("_")[0] in prefixes}
    assert named >= {"PARSE_OK", "RTPCORE_ABI_VERSION"}
    assert sorted(named - entries.keys()) == []


def test_the_page_names_the_functions_that_need_the_gil(entries: dict[str, Any]) -> None:
    paragraph = PAGE[PAGE.index("**The GIL**") :].partition("Those of them")[0]
    expected = {name for name, entry in entries.items() if entry.is_cfunction and not entry.type.nogil}
    assert set(re.findall(r"`(\w+)`", paragraph)) == expected


def test_excerpts_are_those_of_the_example() -> None:
    source = (EXAMPLE / "gate.pyx").read_text(encoding="utf-8")
    assert len(blocks("cython")) == 3
    assert [block for block in blocks("cython") if block not in source] == []
    (setup,) = blocks("py")
    assert setup in (EXAMPLE / "setup.py").read_text(encoding="utf-8")


def test_the_example_builds_and_runs_as_it_stands(tmp_path: Path) -> None:
    folder = shutil.copytree(EXAMPLE, tmp_path / "example", ignore=shutil.ignore_patterns("*.c", "*.so", "build"))
    # A reader runs it so: play.py finds what setup.py has put beside it.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    for command in (["setup.py", "-q", "build_ext", "--inplace"], ["play.py"]):
        run = subprocess.run(
            [sys.executable, *command], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        assert run.returncode == 0, run.stderr
    assert run.stdout == PRINTED
    assert run.stderr == ""
