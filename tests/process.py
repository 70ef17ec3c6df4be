"""Programs that a test runs beside itself, each ended by its own id, and the ports for them."""

from __future__ import annotations

import json
import os
import queue
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Self

LIMIT_S = 20.0


class Process:
    """One running program whose standard output is read line by line; a context manager that kills what still runs."""

    def __init__(self, *command: str | Path, environment: Mapping[str, str] | None = None) -> None:
        self.command = list(map(str, command))
        self.lines: list[str] = []
        self._queue: queue.Queue[str | None] = queue.Queue()
        self._child = subprocess.Popen(
            self.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **(environment or {})},
        )
        self._errors: list[str] = []
        self._readers = [threading.Thread(target=target, daemon=True) for target in (self._read, self._read_errors)]
        for reader in self._readers:
            reader.start()

    def _read(self) -> None:
        for line in self._child.stdout or ():
            self._queue.put(line.rstrip("\n"))
        self._queue.put(None)

    def _read_errors(self) -> None:
        self._errors.extend(self._child.stderr or ())

    @property
    def running(self) -> bool:
        return self._child.poll() is None

    @property
    def errors(self) -> str:
        """What it wrote to standard error; complete once it has ended."""
        return "".join(self._errors)

    def wait_for(self, wanted: Callable[[str], bool], limit_s: float = LIMIT_S) -> str:
        """Return the first line, not seen yet, for which `wanted(line)` is true."""
        end = time.monotonic() + limit_s
        while True:
            try:
                line = self._queue.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"{self}: nothing of the kind within {limit_s} s") from None
            if line is None:
                raise AssertionError(f"{self}: ended before that with {self._child.wait()}")
            self.lines.append(line)
            if wanted(line):
                return line

    def write_line(self, line: str) -> None:
        """Give it a line of input."""
        if self._child.stdin is not None:
            self._child.stdin.write(f"{line}\n")
            self._child.stdin.flush()

    def close_input(self) -> None:
        """Give it the end of its input."""
        if self._child.stdin is not None:
            self._child.stdin.close()

    def signal(self, number: int) -> None:
        self._child.send_signal(number)

    def wait(self, limit_s: float = LIMIT_S) -> int:
        """Wait for its end, read what it said and return its exit status."""
        status = self._child.wait(limit_s)
        for reader in self._readers:
            reader.join(limit_s)
        while not self._queue.empty():
            line = self._queue.get()
            if line is not None:
                self.lines.append(line)
        return status

    def report(self, limit_s: float = LIMIT_S) -> dict[str, Any]:
        """Wait for its end, which must be a success; return the JSON object of its last line."""
        status = self.wait(limit_s)
        assert status == 0, f"{self}: ended with {status}"
        report: dict[str, Any] = json.loads(self.lines[-1])
        return report

    def close(self) -> None:
        """Kill it if it still runs, and release what it held."""
        if self.running:
            self._child.kill()
        self._child.wait(LIMIT_S)
        for reader in self._readers:
            reader.join(LIMIT_S)
        for stream in (self._child.stdin, self._child.stdout, self._child.stderr):
            if stream is not None:
                stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __str__(self) -> str:
        return f"{' '.join(self.command)}\n{chr(10).join(self.lines[-20:])}\n{self.errors}"


def console_script() -> Path:
    """The `rtpcore` command beside this interpreter."""
    path = Path(sys.executable).with_name("rtpcore")
    assert path.exists(), f"{path} is missing: rtpcore is not installed in this environment."
    return path


def free_ports(count: int, host: str = "127.0.0.1") -> list[int]:
    """Even ports of which the next is free too, below those that the kernel hands out by itself."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found: list[int] = []
    with ExitStack() as stack:
        for port in range(random.randrange(20000, 28000, 2), 32000, 2):
            with suppress(OSError):
                for number in (port, port + 1):
                    udp = stack.enter_context(socket.socket(family, socket.SOCK_DGRAM))
                    udp.bind((host, number))
                found.append(port)
            if len(found) == count:
                return found
    raise AssertionError(f"{count} pairs of free ports were wanted, {len(found)} found.")
