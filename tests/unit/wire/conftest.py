"""Some of wire/ has no Python face: its tests use it as the layers above do, from Cython."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SOURCE = Path(__file__).with_name("consumer.pyx")
BUILD = """
from Cython.Build import cythonize
from setuptools import Extension, setup
setup(ext_modules=cythonize([Extension("wire_consumer", ["wire_consumer.pyx"])], language_level="3"))
"""


@pytest.fixture(scope="session")
def consumer(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The module consumer.pyx, built once against the installed package."""
    folder = tmp_path_factory.mktemp("wire_consumer")
    (folder / "wire_consumer.pyx").write_bytes(SOURCE.read_bytes())
    (folder / "setup.py").write_text(BUILD)
    command = [sys.executable, "setup.py", "-q", "build_ext", "--inplace"]
    built = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert built.returncode == 0, f"a consumer of the .pxd files does not build:\n{built.stdout}\n{built.stderr}"
    (library,) = folder.glob("wire_consumer.*.so")
    specification = importlib.util.spec_from_file_location("wire_consumer", library)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module
