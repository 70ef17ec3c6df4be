"""Plays scenarios over real UDP, side by side on one Relay: one thread with absolute deadlines, hosts of their own."""

from __future__ import annotations

import gc
import heapq
import itertools
import os
import select
import socket
import time
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from typing import Self

from rtpcore import Interface, LatchPolicy, Leg, LegStats, PacketKind, Relay, classify
from rtpcore.events import Address
from tests.behaviour.figures import Arrival, Figures, measure
from tests.behaviour.forger import Forger
from tests.behaviour.scenario import Scenario, Signal
from tests.behaviour.timeline import Cast, Send, sends, signals
from tests.behaviour.virtual import arguments

__all__ = ["Played", "play"]

PORTS = range(30000, 31000)
WINDOW_MS = 1000
"""The learning window: `scenario.MID` counts on it."""
RECEIVE_BUFFER_OCTETS = 4 << 20
LEAD_S = 0.1
LIMIT_S = 3.0
QUIET_S = 0.2
PUMP_EVERY = 16

_networks = itertools.count(os.getpid() // 30)


@dataclass(frozen=True)
class Played:
    """What came of one scenario."""

    figures: Figures
    slip_s: float
    """By how much this process was late at worst. A phone that pauses is another scenario."""
    legs: dict[str, LegStats]
    sent: dict[str, int]
    """Datagrams sent to the ports of each leg, by anybody."""


def hosts() -> dict[str, str]:
    """A network that no other scenario and no other process uses; the phone and the pool are neighbours in it."""
    near = 192 + 2 * (os.getpid() % 30)
    net = next(_networks) % 250
    return {
        "phone": f"127.{near}.{net}.10",
        "pool": f"127.{near}.{net}.11",
        "relay": f"127.{near}.{net}.1",
        "attacker": f"127.{near + 1}.{net}.66",
        "peer": f"127.{near + 1}.{net}.20",
        "server": f"127.{near + 1}.{net}.30",
        "lan": "192.168.1.10",
        "mobile": f"127.{near + 1}.{net}.40",
        "elsewhere": f"127.{near + 1}.{net}.50",
    }


@dataclass
class Call:
    """One scenario on the relay, and the sockets of everybody in it."""

    scenario: Scenario
    name: str
    cast: Cast
    legs: dict[str, Leg]
    sent: list[Send]
    sockets: dict[Address, socket.socket] = field(default_factory=dict)
    arrivals: list[Arrival] = field(default_factory=list)

    def steps(self) -> list[tuple[float, Call, Send | Signal | str]]:
        """In order; what falls on one moment stays as it stands here."""
        found: list[tuple[float, Call, Send | Signal | str]] = [(self.scenario.publish.udp_s, self, "publish")]
        found += [(signal.at.udp_s, self, signal) for signal in signals(self.scenario)]
        found += [(send.at_s, self, send) for send in self.sent]
        return sorted(found, key=lambda step: step[0])

    def target(self, send: Send) -> Address:
        leg = self.legs[send.leg]
        return leg.address if send.port == "rtp" else leg.rtcp_address


class Stage:
    """The relay and all calls on it; a context manager."""

    def __init__(self, scenarios: Iterable[Scenario]) -> None:
        self._stack = ExitStack()
        self._poll = select.epoll()
        self._stack.callback(self._poll.close)
        self._by_fd: dict[int, tuple[Call, Address, socket.socket]] = {}
        self._forger: Forger | None = None
        self.slip_s = 0.0
        self.events: dict[str, list[str]] = {}
        try:
            self._relay = Relay([Interface(hosts()["relay"])], PORTS, quarantine_s=0)
            self._stack.callback(self._relay.close)
            self.calls = [self._call(scenario) for scenario in scenarios]
        except BaseException:
            self.close()
            raise

    def _call(self, scenario: Scenario) -> Call:
        policy = LatchPolicy(**{"learn_window_ms": WINDOW_MS, **scenario.policy})
        session = self._relay.create_session(scenario.id)
        legs = {"near": session.add_leg("near", policy=policy), "far": session.add_leg("far")}
        cast = Cast(hosts(), {"near leg": legs["near"].address, "far leg": legs["far"].address})
        call = Call(scenario, scenario.id, cast, legs, sends(scenario, "udp", cast))
        places = {stream.source for stream in scenario.streams} | ({scenario.listens} if scenario.listens else set())
        bound = {send.source for send in call.sent} | {cast.address(place) for place in places}
        for address in bound:
            if address[0].startswith("127.") and address not in (leg.address for leg in legs.values()):
                self._bind(call, address)
        if scenario.forges_hosts and self._forger is None:
            self._forger = Forger()
            self._stack.callback(self._forger.close)
        return call

    def _bind(self, call: Call, address: Address) -> None:
        udp = self._stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK))
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_OCTETS)
        udp.bind(address)
        call.sockets[address] = udp
        self._by_fd[udp.fileno()] = (call, address, udp)
        self._poll.register(udp, select.EPOLLIN)

    def _pump(self, wait_s: float) -> bool:
        """Take in what arrives within that time; whether anything did."""
        ready = self._poll.poll(wait_s)
        for fd, _ in ready:
            call, address, udp = self._by_fd[fd]
            while True:
                try:
                    octets = udp.recv(65536)
                    if not is_answer(octets):
                        call.arrivals.append(Arrival(address, octets))
                except BlockingIOError:
                    break
                except ConnectionError:
                    continue
        return bool(ready)

    def _carry_out(self, call: Call, step: Send | Signal | str) -> None:
        if isinstance(step, Signal):
            call.legs[step.leg].signal(**arguments(step, call.cast))
        elif isinstance(step, str):
            for leg in call.legs.values():
                leg.publish()
        elif step.is_icmp and self._forger is not None:
            self._forger.unreachable(step.source, call.target(step))
        elif step.source in call.sockets:
            with suppress(ConnectionError):
                call.sockets[step.source].sendto(step.octets, call.target(step))
        elif self._forger is not None:
            self._forger.sendto(step.octets, step.source, call.target(step))

    def play(self) -> None:
        """Every step at its time, as far as this process gets to run; `slip_s` says how late the latest one was."""
        steps = list(heapq.merge(*(call.steps() for call in self.calls), key=lambda step: step[0]))
        start = time.monotonic() + LEAD_S - steps[0][0]
        for count, (at_s, call, step) in enumerate(steps):
            due = start + at_s
            while (left := due - time.monotonic()) > 0:
                self._pump(left)
            if count % PUMP_EVERY == 0:
                self._pump(0)
            self.slip_s = max(self.slip_s, time.monotonic() - due)
            self._carry_out(call, step)
        self._settle()

    def _settle(self) -> None:
        """Until the relay has read everything and everything that it sent has arrived, or nothing more comes."""
        end = time.monotonic() + LIMIT_S
        while time.monotonic() < end and not all(self._is_read(call) for call in self.calls):
            self._pump(0.01)
        while time.monotonic() < end and any(unseen(call) for call in self.calls):
            if not self._pump(QUIET_S):
                break
        for event in self._relay.events(timeout=0):
            if event.leg == "near" and event.session is not None:
                self.events.setdefault(event.session, []).append(event.name)

    @staticmethod
    def _is_read(call: Call) -> bool:
        stats = [leg.stats() for leg in call.legs.values()]
        return sum(leg.received + leg.kernel_dropped for leg in stats) >= sum(not send.is_icmp for send in call.sent)

    def result(self, call: Call) -> Played:
        events = self.events.get(call.name, [])
        figures = measure(call.scenario, "udp", call.cast, call.sent, call.arrivals, events, unseen(call))
        sent = {name: sum(send.leg == name and not send.is_icmp for send in call.sent) for name in call.legs}
        return Played(figures, self.slip_s, {name: leg.stats() for name, leg in call.legs.items()}, sent)

    def close(self) -> None:
        self._stack.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def is_answer(octets: bytes) -> bool:
    """The relay answers a check by itself: that is nothing of the call."""
    return classify(octets) is PacketKind.STUN


def unseen(call: Call) -> int:
    """Datagrams that the relay has sent and that have arrived at no socket of this call."""
    stats = [leg.stats() for leg in call.legs.values()]
    return sum(leg.rtp.sent + leg.rtcp.sent for leg in stats) - len(call.arrivals)


def play(scenarios: Iterable[Scenario]) -> dict[str, Played]:
    """The scenarios side by side, by name."""
    gc.disable()  # a collection would make everybody pause
    try:
        with Stage(scenarios) as stage:
            stage.play()
            return {call.name: stage.result(call) for call in stage.calls}
    finally:
        gc.enable()
