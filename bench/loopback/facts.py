"""What a figure is worth nothing without: machine, kernel, settings, versions, commit."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from loopback import build
from loopback.cores import Cores
from loopback.relays import RelayKind

__all__ = ["collect"]


def _read(path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return ""


def _processor() -> str:
    found = re.search(r"^model name\s*:\s*(.+)$", _read("/proc/cpuinfo"), re.MULTILINE)
    return found[1] if found else platform.machine()


def _virtual() -> bool:
    return re.search(r"^flags\s*:.*\bhypervisor\b", _read("/proc/cpuinfo"), re.MULTILINE) is not None


def _mitigations() -> dict[str, str]:
    folder = Path("/sys/devices/system/cpu/vulnerabilities")
    states = {path.name: _read(str(path)) for path in sorted(folder.glob("*"))}
    return {name: state for name, state in states.items() if state != "Not affected"}


def _conntrack() -> bool:
    return Path("/proc/sys/net/netfilter/nf_conntrack_max").exists()


def _filtered() -> str:
    try:
        rules = subprocess.run(["nft", "list", "ruleset"], capture_output=True, text=True, check=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return "rules loaded" if rules.stdout.strip() else "none"


def _commit() -> str:
    def git(*words: str) -> str:
        shown = subprocess.run(["git", *words], cwd=build.BENCH, capture_output=True, text=True, check=True)
        return shown.stdout.strip()

    try:
        return git("rev-parse", "--short=12", "HEAD") + (" with changes" if git("status", "--porcelain") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _compiler_version() -> str:
    try:
        shown = subprocess.run([*build.compiler(), "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return shown.stdout.partition("\n")[0]


def collect(cores: Cores | None, kinds: list[RelayKind]) -> dict[str, object]:
    """Everything a reader needs to judge the figures, ready for JSON."""
    memory = re.search(r"^MemTotal:\s*(\d+)", _read("/proc/meminfo"), re.MULTILINE)
    return {
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "processor": _processor(),
        "processors": os.cpu_count(),
        "virtual_machine": _virtual(),
        "memory_gib": round(int(memory[1]) / 2**20, 1) if memory else None,
        "kernel": platform.release(),
        "mitigations": _mitigations(),
        "conntrack_loaded": _conntrack(),
        "packet_filter": _filtered(),
        "clock_source": _read("/sys/devices/system/clocksource/clocksource0/current_clocksource"),
        "frequency_governor": _read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor") or "none",
        "receive_buffer_octets": {name: _read(f"/proc/sys/net/core/rmem_{name}") for name in ("default", "max")},
        "relay_core": cores.relay if cores else None,
        "generator_core": cores.generator if cores else None,
        "python": platform.python_version(),
        "compiler": _compiler_version(),
        "relays": {kind.name: kind.version() for kind in kinds},
    }
