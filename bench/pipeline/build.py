"""Builds the compiled drivers of this folder against the installed rtpcore."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import sysconfig
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).parent
BUILD = HERE.parent.parent / "build" / "bench"


def _stale(built: Path, source: Path) -> bool:
    found = importlib.util.find_spec("rtpcore")
    if found is None or found.origin is None:
        raise ImportError(f"rtpcore is not installed for {sys.executable}.")
    package = Path(found.origin).parent
    sources = [source, *package.rglob("*.so"), *package.rglob("*.pxd")]
    # Ctime, because an installer may set the modification time to that of the archive.
    return not built.exists() or built.stat().st_ctime <= max(path.stat().st_ctime for path in sources)


def _compile(name: str, source: Path) -> None:
    # Imported so, because neither is typed.
    cythonize = importlib.import_module("Cython.Build").cythonize
    setuptools = importlib.import_module("setuptools")

    BUILD.mkdir(parents=True, exist_ok=True)
    extension = setuptools.Extension(name, [str(source)], extra_compile_args=["-O2"])
    extensions = cythonize([extension], include_path=sys.path, build_dir=str(BUILD), quiet=True, force=True)
    command = setuptools.Distribution({"ext_modules": extensions}).get_command_obj("build_ext")
    command.build_lib = command.build_temp = str(BUILD)
    command.force = True
    command.ensure_finalized()
    command.run()


def build(name: str = "pipeline") -> ModuleType:
    """Compiles NAME.pyx with the release options, if it is out of date, and imports it."""
    source = HERE / f"{name}.pyx"
    built = BUILD / f"{name}{sysconfig.get_config_var('EXT_SUFFIX')}"
    if _stale(built, source):
        _compile(name, source)
    spec = importlib.util.spec_from_file_location(name, built)
    if spec is None or spec.loader is None:
        raise ImportError(f"{name} was built, but cannot be loaded from {BUILD}.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
