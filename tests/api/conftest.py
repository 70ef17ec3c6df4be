"""The consumers of this folder are compiled once, in a folder of their own, against the installed package."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

import rtpcore
from tests.api.abi_layout import Layout, build, load, measure

SOURCE = Path(__file__).with_name("cimport_consumer.pyx")


@pytest.fixture(scope="session")
def consumer(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """The module cimport_consumer.pyx."""
    folder = tmp_path_factory.mktemp("cimport")
    (folder / SOURCE.name).write_bytes(SOURCE.read_bytes())
    return load(build(folder, "cimport_consumer", rtpcore.get_include()))


@pytest.fixture(scope="session")
def measured() -> tuple[Layout, ModuleType]:
    """The layout of the installed package, and the consumer that measured it."""
    return measure(rtpcore.get_include())


@pytest.fixture
def altered(tmp_path: Path) -> Callable[[str, str, str], str]:
    """`altered(file, pattern, replacement)`: a folder with the installed declarations, but for one change."""
    installed = Path(rtpcore.__file__).parent
    folder = tmp_path / "altered"

    def alter(file: str, pattern: str, replacement: str) -> str:
        for path in installed.rglob("*.pxd"):
            copied = folder / "rtpcore" / path.relative_to(installed)
            copied.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copied)
        changed = folder / "rtpcore" / file
        text, count = re.subn(pattern, replacement, changed.read_text(), count=1)
        assert count == 1, f"{file} has nothing like {pattern}"
        changed.write_text(text)
        return str(folder)

    return alter
