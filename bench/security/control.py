"""A relay in a process of its own, asked for calls over a pipe."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from loopback.relays import RelayFailed, stop

from security.configurations import Configuration
from security.network import RELAY

__all__ = ["Control", "run"]

REPLY_S = 30.0
PORTS = "30000-31999"
Address = tuple[str, int]


class Control:
    """Asks one thing at a time."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], log: Path) -> None:
        self._name = name
        self._process = process
        self._log = log
        self._octets = b""
        assert process.stdin is not None and process.stdout is not None
        self._stdin, self._stdout = process.stdin, process.stdout
        self._line("to start")

    def ask(self, **asked: object) -> dict[str, Address]:
        """Ask, and return the ports that the relay has said with it; raise RelayFailed when it refuses or is gone."""
        try:
            self._stdin.write(json.dumps(asked).encode() + b"\n")
            self._stdin.flush()
        except BrokenPipeError:
            raise RelayFailed(f"{self._name} has ended: {self._last_words()}") from None
        found = self._line(f"{asked['do']} {asked['call']}")
        if "error" in found:
            raise RelayFailed(f"{self._name}: {found['error']}")
        return {leg: (host, port) for leg, (host, port) in found["ports"].items()}

    def _line(self, of: str) -> dict[str, dict[str, tuple[str, int]]]:
        with selectors.DefaultSelector() as selector:
            selector.register(self._stdout, selectors.EVENT_READ)
            while b"\n" not in self._octets:
                if not selector.select(REPLY_S):
                    raise RelayFailed(f"{self._name} does not answer within {REPLY_S:.0f} s, asked {of}.")
                octets = os.read(self._stdout.fileno(), 65536)
                if not octets:
                    raise RelayFailed(f"{self._name} ended when asked {of}: {self._last_words()}")
                self._octets += octets
        line, _, self._octets = self._octets.partition(b"\n")
        found: dict[str, dict[str, tuple[str, int]]] = json.loads(line)
        return found

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing."

    def is_running(self) -> bool:
        return self._process.poll() is None


@contextmanager
def run(configuration: Configuration) -> Iterator[Control]:
    """Start the relay, and end it on leaving; its files are gone then."""
    words = [sys.executable, *configuration.words(), f"--interface={RELAY}", f"--ports={PORTS}"]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    with tempfile.TemporaryDirectory(prefix="rtpcore-bench-") as folder:
        log = Path(folder) / "stderr"
        with log.open("wb") as stderr:
            # A session of its own: Ctrl-C reaches the harness only, which then ends the relay in order.
            process = subprocess.Popen(
                words,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                start_new_session=True,
                cwd=folder,
                env=environment,
            )
        try:
            yield Control(configuration.name, process, log)
        finally:
            stop(process)
