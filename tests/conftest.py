"""What all tests share: they run against the installed package, and a missing program is named."""

from __future__ import annotations

import functools
import importlib.util
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
SYSTEM_FOLDERS = ("/usr/local/sbin", "/usr/sbin", "/sbin")


def shadowing_problem(origin: str | None, checkout: Path = CHECKOUT) -> str | None:
    """Why tests must not run against the rtpcore found at `origin`, or None where they may."""
    if origin is None:
        return "rtpcore is not installed: run make test, which builds and installs it."
    if Path(origin).resolve().is_relative_to(checkout / "rtpcore"):
        return (
            f"the checkout's {origin} shadows the installed package: run make test, "
            "or set RTPCORE_TEST_CHECKOUT=1 to test modules that were built in place."
        )
    return None


def pytest_configure(config: pytest.Config) -> None:
    specification = importlib.util.find_spec("rtpcore")
    problem = shadowing_problem(specification.origin if specification else None)
    if problem and not (specification and os.environ.get("RTPCORE_TEST_CHECKOUT") == "1"):
        pytest.exit(problem, returncode=pytest.ExitCode.USAGE_ERROR)
    # ip, nft and the like stand where the PATH of an ordinary user does not look.
    os.environ["PATH"] = os.pathsep.join((os.environ.get("PATH", os.defpath), *SYSTEM_FOLDERS))


def lacking(sentence: str) -> None:
    """Skips the test with `sentence`, or fails it where RTPCORE_REQUIRE_PROGRAMS=1 promises that all is there."""
    __tracebackhide__ = True
    if os.environ.get("RTPCORE_REQUIRE_PROGRAMS") == "1":
        pytest.fail(f"{sentence} and RTPCORE_REQUIRE_PROGRAMS=1 requires it", pytrace=False)
    pytest.skip(sentence)


@functools.cache
def namespace_problem() -> str | None:
    """Why this process cannot make network namespaces, or None where it can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    ip = shutil.which("ip")
    if ip is None:
        return "ip (iproute2) is not installed"
    name = f"rtpcore-probe-{os.getpid()}"
    made = subprocess.run([ip, "netns", "add", name], capture_output=True, text=True, check=False)
    if made.returncode != 0:
        return f"network namespaces are not permitted here ({made.stderr.strip()})"
    subprocess.run([ip, "netns", "delete", name], capture_output=True, check=True)
    return None


@pytest.fixture(scope="session")
def program() -> Callable[[str], str]:
    """`program("ffmpeg")` is the path of that program; where it is missing the test is skipped by name, or fails."""

    def find(name: str) -> str:
        __tracebackhide__ = True
        path = shutil.which(name)
        if path is None:
            lacking(f"{name} is not installed")
        return str(path)

    return find


@pytest.fixture(scope="session")
def root() -> None:
    """The test needs to be root."""
    if os.geteuid() != 0:
        lacking("this test needs root")


@pytest.fixture(scope="session")
def network_namespaces() -> None:
    """The test makes network namespaces."""
    problem = namespace_problem()
    if problem:
        lacking(problem)
