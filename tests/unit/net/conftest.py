"""net/ has no Python face, so its tests use it as the layer above does: from Cython, against the installed package."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SOURCE = Path(__file__).with_name("consumer.pyx")
BUILD = """
from Cython.Build import cythonize
from setuptools import Extension, setup
setup(ext_modules=cythonize([Extension("consumer", ["consumer.pyx"])], language_level="3"))
"""

PR_SET_NO_NEW_PRIVS = 38
PR_SET_SECCOMP = 22
SECCOMP_MODE_FILTER = 2
SECCOMP_RET_ERRNO = 0x0005_0000
SECCOMP_RET_ALLOW = 0x7FFF_0000
BPF_LOAD_WORD = 0x20
BPF_JUMP_IF_EQUAL = 0x15
BPF_RETURN = 0x06
CLONE_NEWNET = 0x4000_0000


@pytest.fixture(scope="session")
def consumer(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The module consumer.pyx, built once."""
    folder = tmp_path_factory.mktemp("consumer")
    (folder / "consumer.pyx").write_bytes(SOURCE.read_bytes())
    (folder / "setup.py").write_text(BUILD)
    command = [sys.executable, "setup.py", "-q", "build_ext", "--inplace"]
    built = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert built.returncode == 0, f"a consumer of the .pxd files does not build:\n{built.stdout}\n{built.stderr}"
    (library,) = folder.glob("consumer.*.so")
    specification = importlib.util.spec_from_file_location("consumer", library)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture(params=["127.0.0.1", "::1"])
def host(request: pytest.FixtureRequest) -> str:
    """A loopback address of each family; IPv6 is skipped where the machine has none."""
    address = str(request.param)
    if ":" in address:
        try:
            with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
                probe.bind((address, 0))
        except OSError as error:
            pytest.skip(f"there is no IPv6 loopback here ({error})")
    return address


def in_thread(work: Callable[[], None]) -> None:
    """Runs `work` in a thread, which may change what the kernel keeps by thread, and raises what it raises."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001  pytest.skip and pytest.fail too
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failures:
        raise failures[0]


@pytest.fixture
def with_calls_failing() -> Callable[[Callable[[], None], dict[int, int]], None]:
    """`run(work, {system call: errno})` runs `work` where a sandbox lets these system calls fail."""

    def install(failing: dict[int, int]) -> None:
        program = [(BPF_LOAD_WORD, 0, 0, 0)]
        for number, error in failing.items():
            program += [(BPF_JUMP_IF_EQUAL, 0, 1, number), (BPF_RETURN, 0, 0, SECCOMP_RET_ERRNO | error)]
        program.append((BPF_RETURN, 0, 0, SECCOMP_RET_ALLOW))
        instructions = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *line) for line in program))
        header = ctypes.create_string_buffer(struct.pack("@HP", len(program), ctypes.addressof(instructions)))
        libc = ctypes.CDLL(None, use_errno=True)
        for option, value, pointer in (
            (PR_SET_NO_NEW_PRIVS, 1, None),
            (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(header)),
        ):
            if libc.prctl(option, ctypes.c_ulong(value), ctypes.c_void_p(pointer), 0, 0) != 0:
                pytest.skip(f"no system call filter can be installed here ({os.strerror(ctypes.get_errno())})")

    def run(work: Callable[[], None], failing: dict[int, int]) -> None:
        def filtered() -> None:
            install(failing)
            work()

        in_thread(filtered)

    return run


@pytest.fixture
def in_network_namespace(network_namespaces: None) -> Callable[[Callable[[], None]], None]:
    """`run(work)` runs `work` in a new network namespace, whose loopback is down."""

    def run(work: Callable[[], None]) -> None:
        def moved() -> None:
            assert ctypes.CDLL(None).unshare(CLONE_NEWNET) == 0
            work()

        in_thread(moved)

    return run
