"""The relays that can be measured, and one of them running with its sessions."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from loopback import build, cores

__all__ = ["RELAYS", "RelayFailed", "RelayKind", "RunningRelay", "run_relay", "stop"]

START_SECONDS = 60
STOP_SECONDS = 15


class RelayFailed(Exception):
    """A relay did not start, or ended before it should."""


@dataclass(frozen=True)
class RelayKind:
    """How to start one relay. `missing()` names what it lacks here, or is None; `version()` is for the report."""

    name: str
    title: str
    command: Callable[[], list[str]]
    missing: Callable[[], str | None]
    version: Callable[[], str]


@dataclass(frozen=True)
class RunningRelay:
    """A relay with its sessions made: (caller_host, caller_port, callee_host, callee_port) each."""

    pid: int
    sessions: list[tuple[str, int, str, int]]
    setup_seconds: float
    session_kib: float


def _peer(script: str) -> Callable[[], list[str]]:
    return lambda: [sys.executable, str(build.BENCH / "peers" / script)]


def _rtpcore_missing() -> str | None:
    return None if importlib.util.find_spec("rtpcore") else f"rtpcore is not installed for {sys.executable}"


def _rtpengine_missing() -> str | None:
    names = [name for name in ("rtpengine", "setpriv") if not shutil.which(name)]
    return f"{' and '.join(names)} not installed (Debian: rtpengine-daemon, util-linux)" if names else None


def _rtpio_missing() -> str | None:
    try:
        found = importlib.util.find_spec("rtp.io")
    except ModuleNotFoundError:
        found = None
    return None if found else f"rtp.io is not installed for {sys.executable} (pip install rtp.io)"


def _bare_missing() -> str | None:
    word = build.compiler()[0]
    return None if shutil.which(word) else f"the C compiler {word} is not installed"


def _rtpcore_version() -> str:
    return str(importlib.import_module("rtpcore").__version__)


def _rtpengine_version() -> str:
    shown = subprocess.run(["rtpengine", "--version"], capture_output=True, text=True, check=False)
    return (shown.stdout + shown.stderr).strip().removeprefix("Version: ")


RELAYS = {
    kind.name: kind
    for kind in (
        RelayKind("rtpcore", "rtpcore, one worker", _peer("rtpcore_relay.py"), _rtpcore_missing, _rtpcore_version),
        RelayKind("rtpengine", "rtpengine, user space", _peer("rtpengine.py"), _rtpengine_missing, _rtpengine_version),
        RelayKind(
            "rtpio",
            "rtp.io (RTPProxy)",
            _peer("rtpio_relay.py"),
            _rtpio_missing,
            lambda: importlib.metadata.version("rtp.io"),
        ),
        RelayKind(
            "asyncio",
            "asyncio relay",
            _peer("asyncio_relay.py"),
            lambda: None,
            lambda: f"Python {sys.version.split()[0]}",
        ),
        RelayKind(
            "bare", "bare C, epoll", lambda: [str(build.bare_relay())], _bare_missing, lambda: "no RTP work at all"
        ),
    )
}


def _start(kind: RelayKind, words: list[str], core: int, log: Path) -> subprocess.Popen[bytes]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    with log.open("wb") as stderr, cores.on_core(core):
        try:
            # A session of its own: Ctrl-C reaches the harness only, which then ends the relay in order.
            return subprocess.Popen(
                words,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                start_new_session=True,
                cwd=build.BUILD,  # rtp.io leaves a file of its calls where it runs
                env=environment,
            )
        except OSError as failure:
            raise RelayFailed(f"{kind.name} cannot be started: {failure.strerror}.") from None


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a relay: by the end of its stdin, and by signals when it does not take that."""
    assert process.stdin is not None and process.stdout is not None
    process.stdin.close()
    process.stdout.close()
    for number in (signal.SIGTERM, signal.SIGKILL, None):
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            if number is not None:
                process.send_signal(number)
        else:
            return


class _Announcements:
    """The JSON lines that a relay prints, read with a limit in time."""

    def __init__(self, kind: RelayKind, process: subprocess.Popen[bytes], log: Path) -> None:
        self._kind = kind
        self._process = process
        self._log = log
        self._octets = b""

    def read(self, event: str) -> dict[str, object]:
        """The next line, which must be about `event`."""
        assert self._process.stdout is not None
        limit = time.monotonic() + START_SECONDS
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while b"\n" not in self._octets:
                if not selector.select(max(0.0, limit - time.monotonic())):
                    raise RelayFailed(f"{self._kind.name} is not {event} after {START_SECONDS} s.")
                octets = os.read(self._process.stdout.fileno(), 65536)
                if not octets:
                    raise RelayFailed(f"{self._kind.name} ended before it was {event}: {self._last_words()}")
                self._octets += octets
        line, _, self._octets = self._octets.partition(b"\n")
        found = json.loads(line)
        if not isinstance(found, dict) or found.get("event") != event:
            raise RelayFailed(f"{self._kind.name} announced {line!r} when it should be {event}.")
        return found

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing."


@contextmanager
def run_relay(kind: RelayKind, core: int, sessions: int, ends: list[str], ports: range) -> Iterator[RunningRelay]:
    """Start a relay on `core`, make `sessions` between the two `ends` ("host:port"), and end it on leaving."""
    build.BUILD.mkdir(parents=True, exist_ok=True)
    log = build.BUILD / f"{kind.name}.stderr"
    words = [*kind.command(), "--sessions", str(sessions), "--caller", ends[0], "--callee", ends[1]]
    process = _start(kind, [*words, "--ports", f"{ports[0]}-{ports[-1]}"], core, log)
    try:
        announcements = _Announcements(kind, process, log)
        pid = announcements.read("started")["pid"]
        assert isinstance(pid, int)
        before_kib = cores.resident_kib(pid)
        ready = announcements.read("ready")
        rows, seconds = ready["sessions"], ready["setup_seconds"]
        assert isinstance(rows, list) and isinstance(seconds, float)
        if len(rows) != sessions:
            raise RelayFailed(f"{kind.name} made {len(rows)} sessions of {sessions}.")
        grown_kib = (cores.resident_kib(pid) - before_kib) / sessions
        yield RunningRelay(pid, [(row[0], row[1], row[2], row[3]) for row in rows], seconds, grown_kib)
        if process.poll() is not None:
            raise RelayFailed(f"{kind.name} ended with status {process.returncode} while it was measured.")
    finally:
        stop(process)
