"""One call at 50 packets/s through a relay of one worker, while a barrage meets one of the relay's ports."""

from __future__ import annotations

import json
import os
import select
import socket
import struct
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from loopback.cores import resident_kib

import rtpcore

__all__ = ["Outcome", "Victim", "under_flood"]

Address = tuple[str, int]
Victim = str
"""`locked`: the phone's own port, kernel lock on; `unlocked`: the same, lock off; `learning`: a port of another session
that has nobody yet."""

PTIME_S = 0.02
PAYLOAD = bytes(160)
SSRC = 0x1234_5678
SETTLE_S = 0.5
QUIET_S = 0.3
LIMIT_S = 5.0
WINDOW_MS = 200
RELAY, PHONE, PEER, NOBODY = "127.0.0.5", "127.0.0.10", "127.0.0.20", "127.0.0.30"


@dataclass(frozen=True)
class Outcome:
    """What came of one run. Packets are those of the port that was flooded, but for the call's own."""

    kind: str
    victim: Victim
    offered: int
    offered_a_second: int
    legitimate: int
    delivered: int
    latency_p50_us: float
    latency_p99_us: float
    read: int
    kernel_dropped: int
    forwarded: int
    relay_cpu_share: float
    resident_growth_kib: int
    conserved: bool

    def as_json(self) -> dict[str, Any]:
        """For a file."""
        return asdict(self)


class _Barrage:
    """The flood, in a process of its own; a context manager that kills what still runs."""

    def __init__(self, kind: str, rate: int, to: Address, phone: Address, core: int | None) -> None:
        words = [sys.executable, str(Path(__file__).with_name("barrage.py")), kind, str(rate)]
        words += [to[0], str(to[1]), phone[0], str(phone[1]), str(SSRC)]
        self._process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if core is not None:
            os.sched_setaffinity(self._process.pid, {core})
        if self._read() != b"ready\n":
            self._process.kill()
            raise RuntimeError(f"the flood of kind {kind} did not begin.")

    def _read(self) -> bytes:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def go(self) -> None:
        """Begin."""
        assert self._process.stdin is not None
        self._process.stdin.write(b"go\n")
        self._process.stdin.flush()

    def stop(self) -> tuple[int, float]:
        """End; how many datagrams were sent in how many seconds."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        said = json.loads(self._read())
        return said["sent"], said["seconds"]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._process:
            self._process.kill()


class _Call:
    """A phone that talks and a peer that counts."""

    def __init__(self) -> None:
        self.phone, self.peer = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        self.phone.bind((PHONE, 0))
        self.peer.bind((PEER, 0))
        self.peer.setblocking(False)
        self.sent: list[float] = []
        self.arrived: dict[int, float] = {}

    def talk(self, to: Address, seconds: float) -> None:
        """Send on absolute deadlines and read what comes out, for so long."""
        start, first = time.monotonic(), len(self.sent)
        while (due := start + PTIME_S * (len(self.sent) - first)) < start + seconds:
            while (left := due - time.monotonic()) > 0:
                self.listen(left)
            number = len(self.sent)
            self.sent.append(time.monotonic())
            self.phone.sendto(struct.pack("!BBHII", 0x80, 0, number, 160 * number, SSRC) + PAYLOAD, to)

    def listen(self, seconds: float) -> bool:
        """Read what comes within that time."""
        if not select.select([self.peer], [], [], seconds)[0]:
            return False
        number = struct.unpack_from("!H", self.peer.recv(2048), 2)[0]
        self.arrived.setdefault(number, time.monotonic())
        return True

    def latencies(self, first: int) -> list[float]:
        """Seconds through the relay, of those that arrived, from number `first` on."""
        numbers = range(first, len(self.sent))
        return [self.arrived[number] - self.sent[number] for number in numbers if number in self.arrived]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.phone.close()
        self.peer.close()


def _answered(relay: rtpcore.Relay, call: _Call, victim: Victim) -> rtpcore.Leg:
    session = relay.create_session("call")
    lock = "off" if victim == "unlocked" else "auto"
    near = session.add_leg("phone", policy=rtpcore.LatchPolicy(learn_window_ms=WINDOW_MS, kernel_lock=lock))
    far = session.add_leg("peer")
    for leg, party in ((near, call.phone), (far, call.peer)):
        leg.publish()
        address = party.getsockname()
        leg.signal("answer", declared=address, signalling=[address[0]], payload_types={0: 8000})
    return near


def _flooded(relay: rtpcore.Relay, near: rtpcore.Leg, victim: Victim) -> rtpcore.Leg:
    if victim != "learning":
        return near
    leg = relay.create_session("nobody").add_leg("nobody")
    leg.publish()
    leg.signal("answer", declared=(NOBODY, 4000), payload_types={0: 8000})
    return leg


def _figures(leg: rtpcore.Leg, sent: int) -> rtpcore.LegStats:
    """Its figures once everything that was sent to it has been counted, or will not be."""
    end = time.monotonic() + LIMIT_S
    while (stats := leg.stats()).received + stats.kernel_dropped < sent and time.monotonic() < end:
        time.sleep(0.01)
    return stats


def _conserved(stats: rtpcore.LegStats, sent: int) -> bool:
    counted = stats.forwarded + sum(stats.dropped.values()) + stats.holding
    return stats.received == counted and stats.received + stats.kernel_dropped == sent


def _percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] * 1e6 if values else float("nan")


def under_flood(kind: str, victim: Victim, rate: int, seconds: float, cores: tuple[int, int] | None) -> Outcome:
    """Run it; `cores` are those of relay and flood."""
    if cores is not None:
        os.sched_setaffinity(0, {cores[0]})
    with rtpcore.Relay([rtpcore.Interface(RELAY)], ports=range(30000, 30100)) as relay, _Call() as call:
        near = _answered(relay, call, victim)
        target = _flooded(relay, near, victim)
        to = near.address
        with _Barrage(kind, rate, target.address, call.phone.getsockname(), cores and cores[1]) as barrage:
            call.talk(to, SETTLE_S)
            before, resident, first = target.stats(), resident_kib(os.getpid()), len(call.sent)
            if near.stats().kernel_locked == (victim == "unlocked"):
                raise RuntimeError("the kernel refuses the filter.")
            cpu, begin = time.process_time(), time.monotonic()
            barrage.go()
            call.talk(to, seconds)
            cpu_share = (time.process_time() - cpu) / (time.monotonic() - begin)
            offered, duration = barrage.stop()
        while call.listen(QUIET_S):
            pass
        sent = offered + (0 if victim == "learning" else len(call.sent))
        stats = _figures(target, sent)
        resident_after = resident_kib(os.getpid())
    latencies = call.latencies(first)
    return Outcome(
        kind=kind,
        victim=victim,
        offered=offered,
        offered_a_second=round(offered / duration),
        legitimate=len(call.sent) - first,
        delivered=len(latencies),
        latency_p50_us=_percentile(latencies, 0.5),
        latency_p99_us=_percentile(latencies, 0.99),
        read=stats.received - before.received,
        kernel_dropped=stats.kernel_dropped,
        forwarded=stats.forwarded,
        relay_cpu_share=cpu_share,
        resident_growth_kib=resident_after - resident,
        conserved=_conserved(stats, sent),
    )
