"""Threads may share packets; where the interpreter has no lock, importing does not bring it back."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import rtpcore
from tests.fuzz.targets import TARGETS

THREADS = 8
CORPUS = Path(__file__).resolve().parents[1] / "fuzz" / "corpus"
MODULES = sorted(
    module.name for module in pkgutil.walk_packages(rtpcore.__path__, "rtpcore.") if ".cli" not in module.name
)


@pytest.fixture
def restless() -> Iterator[None]:
    """With the lock, threads take turns as often as can be."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


if sysconfig.get_config_var("Py_GIL_DISABLED"):

    @pytest.mark.parametrize("name", MODULES)
    def test_importing_does_not_bring_the_lock_back(name: str) -> None:
        code = f"import sys, {name}; sys.exit(sys._is_gil_enabled())"
        assert subprocess.run([sys.executable, "-P", "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("name", ["rtp", "rtcp", "batch", "classify"])
def test_threads_parse_the_same_octets(restless: None, name: str) -> None:
    inputs = [bytes.fromhex(line) for line in (CORPUS / f"{name}.txt").read_text(encoding="ascii").split()]

    def run(_: int) -> int:
        for data in inputs:
            TARGETS[name](data)
        return len(inputs)

    with ThreadPoolExecutor(THREADS) as pool:
        assert sum(pool.map(run, range(3 * THREADS))) == 3 * THREADS * len(inputs)


def test_threads_read_the_same_packets(restless: None) -> None:
    block = rtpcore.ReportBlock(ssrc=2, cumulative_lost=-1)
    datagram = rtpcore.SenderReport(
        ssrc=1, ntp_timestamp=2, rtp_timestamp=3, packet_count=4, octet_count=5, reports=[block]
    ).serialize()
    packet = rtpcore.RtpPacket(
        payload_type=0, sequence_number=1, timestamp=2, ssrc=3, csrcs=range(15), extension_elements=[(1, b"a")] * 9
    )
    (report,) = rtpcore.parse_rtcp(datagram)
    assert isinstance(report, rtpcore.SenderReport)

    def run(_: int) -> bool:
        return all(
            packet.csrcs == tuple(range(15))
            and packet.extension_elements == ((1, b"a"),) * 9
            and packet.replace(ssrc=4).ssrc == 4
            and hash(packet) == hash(packet.replace())
            and report.reports == (block,)
            and report.serialize() == datagram
            for _ in range(300)
        )

    with ThreadPoolExecutor(THREADS) as pool:
        assert all(pool.map(run, range(THREADS)))
