"""One measurement: a fresh relay with its sessions, one load, and what both cost."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from loopback.cores import Cores, wait_for_quiet
from loopback.load import Load, load, open_ends
from loopback.relays import RelayKind, RunningRelay, run_relay
from loopback.scenarios import Scenario

__all__ = ["OTHERS_LIMIT", "Measurement", "Plan", "measure"]

OTHERS_LIMIT = 0.05  # cores; when other processes use more, the machine's CPU says nothing about the relay


@dataclass(frozen=True)
class Plan:
    """What all measurements of one run have in common."""

    cores: Cores
    seconds: float
    warm_up: float
    ports: range
    wait: float = 0.0  # seconds, at most, for other processes to become quiet


@dataclass(frozen=True)
class Measurement:
    """What came of one relay under one scenario in one round. Figures are 0 when the relay failed the proof."""

    relay: str
    sent: int
    flaws: dict[str, int]  # lost, reordered, duplicated, corrupt, misrouted: those that are not 0
    drops: dict[str, int]  # where the kernel says packets were dropped: in the generator's buffers, in any
    packets_per_second: float = 0.0
    cpu_us_per_packet: float = 0.0  # of the relay's process, all threads
    machine_us_per_packet: float | None = None  # of the whole machine, without the generator's idle spinning
    softirq_us_per_packet: float = 0.0  # of the whole machine; part of both above, depending on who raised it
    wakeups_per_packet: float = 0.0
    latency_us: dict[str, float] = field(default_factory=dict)
    send_lateness_us: dict[str, float] = field(default_factory=dict)
    generator_busy_share: float = 0.0
    others_busy_share: float = 0.0  # CPU used by neither relay nor generator, in cores
    sessions_per_second: float = 0.0
    session_kib: float = 0.0

    @property
    def counts(self) -> bool:
        """Loss-free means loss-free: a run with a flaw is no throughput."""
        return not self.flaws and self.packets_per_second > 0


def measure(kind: RelayKind, scenario: Scenario, plan: Plan) -> Measurement:
    """Start the relay, prove that it relays, load it, and end it."""
    wait_for_quiet(plan.wait)
    with open_ends() as ends:
        names = [f"{host}:{port}" for host, port in (end.getsockname() for end in ends)]
        with run_relay(kind, plan.cores.relay, scenario.sessions, names, plan.ports) as relay:
            dropped = _udp_buffer_errors()
            found = load(relay, scenario, ends, plan.cores.generator, plan.seconds, plan.warm_up)
            dropped = _udp_buffer_errors() - dropped
    drops = {"generator": found.tally.generator_dropped, "machine": dropped}
    return _figures(kind, scenario, relay, found, {name: count for name, count in drops.items() if count})


def _figures(
    kind: RelayKind, scenario: Scenario, relay: RunningRelay, found: Load, drops: dict[str, int]
) -> Measurement:
    flaws = found.tally.flaws()
    if not found.proven or not found.packets or found.latency_us is None or found.send_lateness_us is None:
        return Measurement(kind.name, found.tally.sent, flaws, drops)
    usage = found.usage
    microsecond = 1e6 / found.packets
    # The machine's ticks take the generator's waiting for work; that part is no cost of relaying.
    spun = (1 - found.busy_share) * found.seconds
    others = max(0.0, usage.machine - usage.process - found.cpu_seconds) / found.seconds
    return Measurement(
        relay=kind.name,
        sent=found.tally.sent,
        flaws=flaws,
        drops=drops,
        packets_per_second=found.packets / found.seconds,
        cpu_us_per_packet=usage.process * microsecond,
        machine_us_per_packet=max(0.0, usage.machine - spun) * microsecond if others <= OTHERS_LIMIT else None,
        softirq_us_per_packet=usage.softirq * microsecond,
        wakeups_per_packet=usage.wakeups / found.packets,
        latency_us=found.latency_us,
        send_lateness_us=found.send_lateness_us,
        generator_busy_share=found.busy_share,
        others_busy_share=others,
        sessions_per_second=scenario.sessions / relay.setup_seconds if relay.setup_seconds else 0.0,
        session_kib=relay.session_kib,
    )


def _udp_buffer_errors() -> int:
    """Datagrams that the kernel dropped for want of buffer, on the whole machine."""
    names, values = [
        line.split()[1:] for line in Path("/proc/net/snmp").read_text().splitlines() if line.startswith("Udp:")
    ]
    counted = dict(zip(names, map(int, values), strict=True))
    return counted["RcvbufErrors"] + counted["SndbufErrors"]
