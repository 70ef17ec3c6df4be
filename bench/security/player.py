"""Plays scenarios over real UDP against a relay in another process: one thread, absolute deadlines, side by side."""

from __future__ import annotations

import gc
import resource
import select
import socket
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from typing import Self

from security import network
from security.control import Control
from security.rows import Row
from tests.behaviour.figures import Arrival, Figures, measure
from tests.behaviour.scenario import ANSWER, PEER, PRIVATE, Signal
from tests.behaviour.timeline import Cast, Send, sends

__all__ = ["Played", "Script", "play", "write"]

Address = tuple[str, int]
STAGGER_S = 0.043
"""From one call to the next, so that not all of them answer, and send, at once."""
RING_S = 1.5
LEAD_S = 0.2
QUIET_S = 0.3
LIMIT_S = 3.0
PUMP_EVERY = 16
RECEIVE_BUFFER_OCTETS = 4 << 20
FILES = 16_384
LEGS = ("near", "far")


@dataclass(frozen=True)
class Script:
    """A row with the hosts of one call, and all that is sent in it. Made once, played to every relay."""

    row: Row
    cast: Cast
    sent: list[Send]
    private: str


@dataclass(frozen=True)
class Played:
    """The figures by row, and by how much this process was late at worst: then a phone paused, which is another row."""

    figures: dict[str, Figures]
    slip_s: float


@dataclass
class Call:
    """One script in play."""

    script: Script
    parties: dict[str, Signal]
    """What each leg's party said last, with nothing left out."""
    ports: dict[str, Address] = field(default_factory=dict)
    sockets: dict[Address, socket.socket] = field(default_factory=dict)
    arrivals: list[Arrival] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.script.row.name


def write(rows: Iterable[Row]) -> list[Script]:
    """The scripts of the rows, a network each."""
    scripts = []
    for number, row in enumerate(rows):
        hosts = network.hosts(number)
        cast = Cast(hosts, {})
        scripts.append(Script(row, cast, sends(row.scenario, "udp", cast), hosts[PRIVATE.host]))
    return scripts


def began(script: Script) -> Call:
    """The call before anything is said."""
    scenario = script.row.scenario
    near = Signal(ANSWER, "answer", scenario.declared, scenario.signalling)
    return Call(script, {"near": near, "far": Signal(ANSWER, "answer", PEER, ("peer",), "far")})


class Stage:
    """All calls on one relay; a context manager."""

    def __init__(self, control: Control, scripts: list[Script]) -> None:
        self._control = control
        self._stack = ExitStack()
        self._poll = select.epoll()
        self._stack.callback(self._poll.close)
        self._by_fd: dict[int, tuple[Call, Address, socket.socket]] = {}
        self.slip_s = 0.0
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(FILES, most) if most > 0 else FILES, most))
        try:
            self.calls = [began(script) for script in scripts]
            for call in self.calls:
                self._bind_all(call)
        except BaseException:
            self.close()
            raise

    def _bind_all(self, call: Call) -> None:
        script = call.script
        places = {script.cast.address(stream.source) for stream in script.row.scenario.streams}
        for address in {send.source for send in script.sent} | places:
            if address[0] == script.private:
                network.own(address[0])
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
                    call.arrivals.append(Arrival(address, udp.recv(65536)))
                except BlockingIOError:
                    break
                except ConnectionError:
                    continue
        return bool(ready)

    def _say(self, call: Call, do: str, leg: str, event: str) -> None:
        party = call.parties[leg]
        assert party.declared is not None
        said = {"leg": leg, "event": event, "declared": call.script.cast.address(party.declared)}
        call.ports |= self._control.ask(do=do, call=call.name, hosts=call.script.cast.hosts(party.signalling), **said)

    def _ring(self, call: Call) -> None:
        self._say(call, "offer", "near", "answer")

    def _answer(self, call: Call) -> None:
        self._say(call, "answer", "far", "answer")

    def _signal(self, call: Call, signal: Signal) -> None:
        """An offer of the party that says something, and the other one's answer to it, which says what it said."""
        before = call.parties[signal.leg]
        declared, hosts = signal.declared or before.declared, signal.signalling or before.signalling
        if set(hosts) == set(before.signalling):
            hosts = before.signalling  # a proxy names one of them, and the same one for the same set
        call.parties[signal.leg] = replace(signal, declared=declared, signalling=hosts)
        self._say(call, "offer", signal.leg, signal.event)
        self._say(call, "answer", "far" if signal.leg == "near" else "near", signal.event)

    def _send(self, call: Call, send: Send) -> None:
        port = call.ports.get(send.leg)
        if port is None:
            return  # the relay has not opened it yet
        target = port if send.port == "rtp" else (port[0], port[1] + 1)
        with suppress(ConnectionError):
            call.sockets[send.source].sendto(send.octets, target)

    def _steps(self) -> list[tuple[float, Callable[[], None]]]:
        found: list[tuple[float, Callable[[], None]]] = []
        for place, call in enumerate(self.calls):
            later = place * STAGGER_S
            scenario = call.script.row.scenario
            found.append((later + ANSWER.udp_s, _bound(self._answer, call)))
            found += [(later + signal.at.udp_s, _bound(self._signal, call, signal)) for signal in scenario.signals]
            found += [(later + send.at_s, _bound(self._send, call, send)) for send in call.script.sent]
        return sorted(found, key=lambda step: step[0])

    def play(self) -> None:
        """Every step at its time, as far as this process gets to run; then every call is ended."""
        steps = self._steps()
        rings = time.monotonic() + LEAD_S
        for place, call in enumerate(self.calls):
            self._wait(rings + place * STAGGER_S)
            self._ring(call)
        start = max(rings + RING_S, time.monotonic() + LEAD_S - min(0.0, steps[0][0]))
        for count, (at_s, carry_out) in enumerate(steps):
            self._wait(start + at_s)
            if count % PUMP_EVERY == 0:
                self._pump(0)
            self.slip_s = max(self.slip_s, time.monotonic() - start - at_s)
            carry_out()
        self._settle()
        for call in self.calls:
            self._control.ask(do="delete", call=call.name)

    def _wait(self, due: float) -> None:
        while (left := due - time.monotonic()) > 0:
            self._pump(left)

    def _settle(self) -> None:
        end = time.monotonic() + LIMIT_S
        while self._pump(QUIET_S) and time.monotonic() < end:
            pass

    def result(self) -> Played:
        found = {
            call.name: measure(call.script.row.scenario, "udp", call.script.cast, call.script.sent, call.arrivals, [])
            for call in self.calls
        }
        return Played(found, self.slip_s)

    def close(self) -> None:
        self._stack.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _bound(function: Callable[..., None], *words: object) -> Callable[[], None]:
    return lambda: function(*words)


def play(control: Control, scripts: list[Script]) -> Played:
    """Play the scripts to the relay, side by side."""
    gc.disable()  # a collection pauses everybody for a fifth of a second
    try:
        with Stage(control, scripts) as stage:
            stage.play()
            return stage.result()
    finally:
        gc.enable()
