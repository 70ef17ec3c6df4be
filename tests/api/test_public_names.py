"""The public names: whole, importable, typed, and enough to write a program with."""

from __future__ import annotations

import ast
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

import rtpcore
from tests.party import own_host

CONSUMER = Path(__file__).with_name("consumer.py")
INSTALLED = Path(rtpcore.__file__).parent


def run(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*map(str, command)],
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
        cwd=CONSUMER.parent,
        env=os.environ | environment,
    )


def test_the_consumer_runs() -> None:
    done = run(sys.executable, "-P", "-W", "error", CONSUMER, own_host())
    assert (done.returncode, done.stdout, done.stderr) == (0, "over\n", "")


def test_the_consumer_uses_public_names_only() -> None:
    tree = ast.parse(CONSUMER.read_text(encoding="utf-8"))
    used = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "rtpcore"
    }
    assert used - {"aio"} <= set(rtpcore.__all__)
    assert len(used) > 25
    assert not [node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr.startswith("_")]


@pytest.mark.skipif(importlib.util.find_spec("mypy") is None, reason="mypy is not installed; make lint has it")
def test_mypy_is_content_with_the_consumer(tmp_path: Path) -> None:
    """The types that it asserts are those of the installed stubs, and each line it ignores is an error."""
    # Where rtpcore was not installed but built in place, mypy has to be told of the place.
    place = {} if INSTALLED.parent.name.endswith("-packages") else {"MYPYPATH": str(INSTALLED.parent)}
    done = run(
        sys.executable, "-P", "-m", "mypy", "--strict", "--config-file=", f"--cache-dir={tmp_path}", CONSUMER, **place
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_public_name_is_there_and_said_once() -> None:
    assert [name for name in rtpcore.__all__ if not hasattr(rtpcore, name)] == []
    assert len(set(rtpcore.__all__)) == len(rtpcore.__all__)


def test_a_star_import_gives_the_public_names_and_no_others() -> None:
    names: dict[str, object] = {}
    exec("from rtpcore import *", names)
    assert set(names) - {"__builtins__"} == set(rtpcore.__all__)


def test_no_class_or_function_is_visible_without_being_public() -> None:
    visible = {
        name
        for name, value in vars(rtpcore).items()
        if not name.startswith("_") and getattr(value, "__module__", "").startswith("rtpcore")
    }
    assert visible <= set(rtpcore.__all__)


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'rtpcore' has no attribute 'Rely'"):
        rtpcore.Rely  # noqa: B018


def test_every_public_class_and_function_says_what_it_is() -> None:
    silent = [
        name
        for name in rtpcore.__all__
        if callable(value := getattr(rtpcore, name)) and not (value.__doc__ or "").strip()
    ]
    assert silent == []
