"""Which core runs what, and how much CPU time a process, a core and the machine have used."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Cores", "Usage", "choose_cores", "on_core", "read_usage", "resident_kib", "wait_for_quiet"]

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
QUIET_SECONDS, QUIET_CORES = 0.5, 0.1
CPUCLOCK_SCHED = 2  # linux/posix-timers.h: the time that the scheduler charged to all threads of a process


@dataclass(frozen=True)
class Cores:
    """The cores of the relay and of the generator."""

    relay: int
    generator: int


def _siblings(core: int) -> str:
    path = Path(f"/sys/devices/system/cpu/cpu{core}/topology/thread_siblings_list")
    return path.read_text().strip() if path.exists() else str(core)


def choose_cores(relay: int | None, generator: int | None) -> Cores:
    """Take the cores that were asked for, else two that share no execution units; raise ValueError in one sentence."""
    allowed = sorted(os.sched_getaffinity(0))
    for wanted in (relay, generator):
        if wanted is not None and wanted not in allowed:
            raise ValueError(f"Core {wanted} is not one of those this process may use: {allowed}.")
    if len(allowed) < 2:
        raise ValueError("Relay and generator need a core each, and this process may use only one.")
    if relay is None:
        relay = next(core for core in reversed(allowed) if core != generator)
    if generator is None:
        others = [core for core in allowed if core != relay]
        generator = next((core for core in others if _siblings(core) != _siblings(relay)), others[0])
    if relay == generator:
        raise ValueError(f"Relay and generator cannot both have core {relay}.")
    return Cores(relay, generator)


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """Processes started inside begin, with all their threads, on that core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@dataclass(frozen=True)
class Usage:
    """CPU seconds since some beginning; take the difference of two."""

    process: float
    machine: float
    softirq: float
    wakeups: int

    def since(self, earlier: Usage) -> Usage:
        """What was used between the two readings."""
        return Usage(
            self.process - earlier.process,
            self.machine - earlier.machine,
            self.softirq - earlier.softirq,
            self.wakeups - earlier.wakeups,
        )


def read_usage(pid: int) -> Usage:
    """Read the CPU clock of process `pid` (all its threads, in nanoseconds) and the tick counters of the machine."""
    process = time.clock_gettime((~pid << 3) | CPUCLOCK_SCHED)
    return Usage(process, *_machine(), _wakeups(pid))


def _machine() -> tuple[float, float]:
    """Seconds that all cores together were not idle, and those of them that were spent in softirq."""
    user, nice, system, _idle, _iowait, irq, softirq, steal = map(
        int, Path("/proc/stat").read_text().partition("\n")[0].split()[1:9]
    )
    return (user + nice + system + irq + softirq + steal) / TICKS_PER_SECOND, softirq / TICKS_PER_SECOND


def wait_for_quiet(seconds: float) -> None:
    """Wait, at most so long, until the machine has done next to nothing for half a second."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        before = _machine()[0]
        time.sleep(QUIET_SECONDS)
        if _machine()[0] - before <= QUIET_CORES * QUIET_SECONDS:
            return


def _wakeups(pid: int) -> int:
    total = 0
    for status in Path(f"/proc/{pid}/task").glob("*/status"):
        found = re.search(r"^voluntary_ctxt_switches:\s*(\d+)", status.read_text(), re.MULTILINE)
        total += int(found[1]) if found else 0
    return total


def resident_kib(pid: int) -> int:
    """The resident memory of process `pid`, in KiB."""
    found = re.search(r"^VmRSS:\s*(\d+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return int(found[1]) if found else 0
