"""The installed package is whole, setup.py refuses other systems, the check of the archives finds what it should."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import io
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

import rtpcore

CHECKOUT = Path(__file__).resolve().parents[2]
CHECK = CHECKOUT / "wheels" / "check_contents.py"
INSTALLED = Path(rtpcore.__file__).parent
VERSION = importlib.metadata.version("rtpcore")
CONFTEST = CHECKOUT / "tests" / "conftest.py"


def sources(*suffixes: str) -> list[str]:
    found = (path for path in (CHECKOUT / "rtpcore").rglob("*") if path.suffix in suffixes)
    return sorted(path.relative_to(CHECKOUT / "rtpcore").as_posix() for path in found)


# The installed package -------------------------------------------------------------------------------------------


def test_every_declaration_and_stub_is_installed() -> None:
    assert [name for name in sources(".pxd", ".pyi", ".typed") if not (INSTALLED / name).is_file()] == []


@pytest.mark.parametrize("name", sources(".pyx"))
def test_every_module_is_compiled_and_imports(name: str) -> None:
    module = "rtpcore." + name.removesuffix(".pyx").replace("/", ".")
    loaded = importlib.import_module(module)
    assert str(loaded.__file__).endswith(tuple(EXTENSION_SUFFIXES))


@pytest.mark.parametrize("name", sources(".pyx"))
def test_every_compiled_module_with_names_for_python_has_a_stub(name: str) -> None:
    module = "rtpcore." + name.removesuffix(".pyx").replace("/", ".")
    loaded = vars(importlib.import_module(module))
    names = [key for key, value in loaded.items() if key[0] != "_" and getattr(value, "__module__", None) == module]
    assert names == [] or (INSTALLED / name).with_suffix(".pyi").is_file()


@pytest.mark.parametrize("name", sources(".py"))
def test_every_module_in_python_is_the_one_of_the_sources(name: str) -> None:
    assert (INSTALLED / name).read_bytes() == (CHECKOUT / "rtpcore" / name).read_bytes()


def test_the_command_is_installed() -> None:
    (command,) = importlib.metadata.distribution("rtpcore").entry_points.select(group="console_scripts")
    assert command.name == "rtpcore"
    assert callable(command.load())


def test_numpy_is_imported_where_it_is_used_and_not_before() -> None:
    script = "import sys, rtpcore; print('numpy' in sys.modules)"
    run = subprocess.run([sys.executable, "-P", "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"


# setup.py --------------------------------------------------------------------------------------------------------


def run_setup(platform: str) -> subprocess.CompletedProcess[str]:
    # What setup.py imports before its check is imported here before the name of the system is changed.
    script = f"import os, pathlib, runpy, sys; sys.platform = {platform!r}; runpy.run_path('setup.py')"
    return subprocess.run([sys.executable, "-c", script], cwd=CHECKOUT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("platform", ["darwin", "win32", "freebsd14"])
def test_setup_refuses_other_systems_in_one_sentence(platform: str) -> None:
    run = run_setup(platform)
    assert run.returncode == 1
    assert run.stderr == (f"rtpcore builds on Linux only, not on {platform}: it needs recvmmsg, epoll and eventfd.\n")


# conftest.py -----------------------------------------------------------------------------------------------------


def shadowing_problem() -> Callable[[str | None], str | None]:
    specification = importlib.util.spec_from_file_location("rtpcore_tests_conftest", CONFTEST)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    problem: Callable[[str | None], str | None] = module.shadowing_problem
    return problem


def test_a_checkout_that_shadows_the_installed_package_is_refused() -> None:
    problem = shadowing_problem()
    assert "shadows the installed package" in str(problem(str(CHECKOUT / "rtpcore" / "__init__.py")))
    assert "is not installed" in str(problem(None))
    assert problem(str(CHECKOUT / ".venv/lib/python3.11/site-packages/rtpcore/__init__.py")) is None


# wheels/check_contents.py ----------------------------------------------------------------------------------------


def run_check(*archives: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, CHECK, *archives], capture_output=True, text=True, check=False)


def wheel_members() -> dict[str, bytes]:
    information = f"rtpcore-{VERSION}.dist-info"
    members = {f"rtpcore/{name}": b"" for name in sources(".py", ".pxd", ".pyi", ".typed")}
    members |= {f"rtpcore/{name.removesuffix('.pyx')}.cpython-311-x86_64-linux-gnu.so": b"" for name in sources(".pyx")}
    return members | {
        f"{information}/licenses/LICENSE": b"",
        f"{information}/entry_points.txt": b"[console_scripts]\nrtpcore = rtpcore.cli.main:main\n",
    }


def sdist_members() -> dict[str, bytes]:
    top = f"rtpcore-{VERSION}"
    members = {f"{top}/rtpcore/{name}": b"" for name in sources(".py", ".pyx", ".pxd", ".pyi", ".typed")}
    for folder, suffixes in (("tests", (".py", ".pyx")), ("wheels", (".py", ".md"))):
        for path in (CHECKOUT / folder).rglob("*"):
            if path.suffix in suffixes:
                members[f"{top}/{path.relative_to(CHECKOUT).as_posix()}"] = b""
    for name in ("pyproject.toml", "setup.py", "MANIFEST.in", "Makefile", "PKG-INFO", "README.md", "LICENSE"):
        members[f"{top}/{name}"] = b""
    return members | {f"{top}/{name}.md": b"" for name in ("CHANGELOG", "CONTRIBUTING", "SECURITY")}


def write_wheel(folder: Path, members: dict[str, bytes]) -> Path:
    path = folder / f"rtpcore-{VERSION}-cp311-cp311-linux_x86_64.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def write_sdist(folder: Path, members: dict[str, bytes]) -> Path:
    path = folder / f"rtpcore-{VERSION}.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def test_whole_archives_pass(tmp_path: Path) -> None:
    run = run_check(write_wheel(tmp_path, wheel_members()), write_sdist(tmp_path, sdist_members()))
    assert run.returncode == 0, run.stdout
    assert run.stdout.count("holds what it should.") == 2


@pytest.mark.parametrize(
    ("removed", "sentence"),
    [
        ("rtpcore/py.typed", "rtpcore/py.typed is missing."),
        ("rtpcore/__init__.pxd", "rtpcore/__init__.pxd is missing."),
        (f"rtpcore-{VERSION}.dist-info/licenses/LICENSE", "licenses/LICENSE is missing."),
        ("rtpcore/wire/rtp.cpython-311-x86_64-linux-gnu.so", "the compiled module rtpcore.wire.rtp is missing."),
    ],
)
def test_what_a_wheel_lacks_is_named(tmp_path: Path, removed: str, sentence: str) -> None:
    members = wheel_members()
    del members[removed]
    run = run_check(write_wheel(tmp_path, members))
    assert run.returncode == 1
    (line,) = run.stdout.splitlines()
    assert line.endswith(sentence)


@pytest.mark.parametrize(
    ("planted", "sentence"),
    [
        ("rtpcore/wire/rtp.c", "rtpcore/wire/rtp.c must not be in a wheel"),
        ("rtpcore/wire/rtp.pyx", "rtpcore/wire/rtp.pyx must not be in a wheel"),
        ("rtpcore/wire/gone.cpython-311-x86_64-linux-gnu.so", "has no .pyx in the sources"),
        ("rtpcore/gone.py", "rtpcore/gone.py has no counterpart in the sources"),
        ("tests/conftest.py", "tests/conftest.py lies outside the package."),
    ],
)
def test_what_a_wheel_must_not_hold_is_named(tmp_path: Path, planted: str, sentence: str) -> None:
    run = run_check(write_wheel(tmp_path, wheel_members() | {planted: b""}))
    assert run.returncode == 1
    (line,) = run.stdout.splitlines()
    assert sentence in line


@pytest.mark.parametrize("removed", ["rtpcore/wire/rtp.pyx", "rtpcore/wire/rtp.pxd", "LICENSE", "tests/conftest.py"])
def test_what_an_sdist_lacks_is_named(tmp_path: Path, removed: str) -> None:
    members = sdist_members()
    del members[f"rtpcore-{VERSION}/{removed}"]
    run = run_check(write_sdist(tmp_path, members))
    assert run.returncode == 1
    (line,) = run.stdout.splitlines()
    assert f"{removed} is missing" in line


@pytest.mark.parametrize(
    ("planted", "content", "sentence"),
    [
        ("rtpcore/wire/rtp.c", b"", "is generated C"),
        ("bench/loopback/wire.c", b"/* Generated by Cython 3.3.1 */", "is generated C"),
        ("rtpcore/wire/rtp.cpython-311-x86_64-linux-gnu.so", b"", "is a build product"),
        ("build/lib/rtpcore/errors.py", b"", "does not belong to the sources"),
    ],
)
def test_what_an_sdist_must_not_hold_is_named(tmp_path: Path, planted: str, content: bytes, sentence: str) -> None:
    run = run_check(write_sdist(tmp_path, sdist_members() | {f"rtpcore-{VERSION}/{planted}": content}))
    assert run.returncode == 1
    (line,) = run.stdout.splitlines()
    assert f"{planted} {sentence}" in line


def test_c_written_by_hand_may_be_in_an_sdist(tmp_path: Path) -> None:
    run = run_check(write_sdist(tmp_path, sdist_members() | {f"rtpcore-{VERSION}/bench/loopback/x.c": b"int x;"}))
    assert run.returncode == 0, run.stdout


def test_other_files_are_refused(tmp_path: Path) -> None:
    other = tmp_path / "rtpcore.zip"
    other.write_bytes(b"")
    run = run_check(other, tmp_path / "absent.whl")
    assert run.returncode == 2
    assert "rtpcore.zip is neither an sdist (.tar.gz) nor a wheel (.whl)." in run.stdout
    assert "absent.whl: there is no such file." in run.stderr
