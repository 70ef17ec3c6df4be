"""Plays calls through the laboratory: a program on each host, a Relay, and what happens to the network meanwhile."""

from __future__ import annotations

import itertools
import json
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from tests.nat.call import ATTACKER, Call
from tests.nat.figures import PTIME_MS, Evidence, Figures, faults, measure
from tests.nat.laboratory import HOSTILE, Laboratory
from tests.process import Process

PORTS = (30000, 31000)
LEAD_S = 0.1
SLIP_S = 0.015
"""A play in which a host was later than that has tested a phone that pauses, which is another one."""
ATTEMPTS = 4
_calls = itertools.count(1)
_plays = itertools.count(1)


@dataclass(frozen=True)
class Played:
    """What came of some calls at a time."""

    calls: tuple[Figures, ...]
    bleed_ms: int
    slip_s: float
    """By how much somebody was late at worst."""
    arrivals: dict[str, list[list[Any]]]
    """By host: [when, port, kind, role, call, number, source host, source port]."""
    faults: tuple[str, ...]


class Relaying:
    """The Relay in the relay's namespace."""

    def __init__(self, laboratory: Laboratory) -> None:
        self._process = laboratory.start("relay", sys.executable, Path(__file__).with_name("relay_host.py"))
        self._process.wait_for(lambda line: line == "ready")

    def ask(self, action: str, **said: Any) -> Any:
        """Carry out a function of relay_host.py; RuntimeError names the error that it raises."""
        self._process.write_line(json.dumps({"do": action, **said}))
        answer = json.loads(self._process.wait_for(lambda line: line.startswith("{")))
        if "error" in answer:
            raise RuntimeError(f"{answer['error']}: {answer['said']}")
        return answer["answer"]


class Stage:
    """The laboratory with a program on each host that has something to say."""

    def __init__(self, laboratory: Laboratory) -> None:
        self.laboratory = laboratory
        self.relay = Relaying(laboratory)
        self._hosts: dict[str, Process] = {}

    def open(self, name: str, *hosts: str, ports: tuple[int, int] = PORTS, **settings: Any) -> None:
        """Open a Relay on these addresses of the relay's host."""
        self.relay.ask("opening", relay=name, hosts=list(hosts), ports=ports, settings=settings)

    def host(self, name: str) -> Process:
        if name not in self._hosts:
            script = Path(__file__).with_name("host.py")
            self._hosts[name] = self.laboratory.start(name, sys.executable, "-I", "-S", script)
        return self._hosts[name]

    def dismiss(self, names: Iterable[str]) -> None:
        """End programs whose play was not played to its end; the next one starts them anew."""
        for name in names:
            if name in self._hosts:
                self._hosts.pop(name).close()

    def play(self, *calls: Call, steps: Sequence[tuple[float, Callable[[], object]]] = (), **said: Any) -> Played:
        """Play calls side by side, with `steps` at their times, and again where a host was late and a bound broken."""
        for _ in range(ATTEMPTS):
            played = Play(self, calls, steps, **said).run()
            if not played.faults or played.slip_s <= SLIP_S:
                break
        return played


class Play:
    """One attempt."""

    def __init__(
        self,
        stage: Stage,
        calls: Sequence[Call],
        steps: Iterable[tuple[float, Callable[[], object]]],
        relay: str = "relay",
        closed: Mapping[str, Mapping[int, list[tuple[float, float]]]] | None = None,
    ) -> None:
        self.stage = stage
        self.calls = calls
        self.relay = relay
        self.closed = closed or {}
        self.steps = list(steps)
        number = next(_plays)
        self.sessions = [f"call-{number}-{index}" for index in range(len(calls))]
        self.numbers = [next(_calls) for _ in calls]
        self.end = max(call.end for call in calls)
        self.slip_s = 0.0
        self.said: dict[str, list[dict[str, Any]]] = {}
        self.reports: dict[str, dict[str, Any]] = {}

    def ask(self, action: str, index: int, **said: Any) -> Any:
        return self.stage.relay.ask(action, relay=self.relay, session=self.sessions[index], **said)

    def run(self) -> Played:
        strays = self.stage.laboratory.strays()
        self.stage.relay.ask("events", relay=self.relay)
        for index, call in enumerate(self.calls):
            self.cast(index, call, self.set_up(index, call))
        try:
            self.act()
            legs = [self.ask("stats", index) if call.near else {} for index, call in enumerate(self.calls)]
            events = self.stage.relay.ask("events", relay=self.relay)
        finally:
            for index, call in enumerate(self.calls):
                if call.near:
                    self.ask("hang_up", index)
        return self.result(legs, events, self.stage.laboratory.strays() - strays + self.overheard())

    def set_up(self, index: int, call: Call) -> Mapping[str, list[Any]]:
        """Make the session; where its legs are."""
        if call.near is None:
            return {}
        legs: dict[str, dict[str, Any]] = {
            name: {"interface": party.interface, "policy": {"learn_window_ms": 300, **party.policy}}
            for name, party in (("near", call.near), ("far", call.far))
        }
        legs["near"]["port"] = call.port
        found: Mapping[str, list[Any]] = self.ask("session", index, legs=legs)
        if call.publish_s:
            self.steps.append((call.publish_s, lambda: self.answer(index, call)))
        else:
            self.answer(index, call)
        return found

    def cast(self, index: int, call: Call, legs: Mapping[str, list[Any]]) -> None:
        """Every host learns its talks, with addresses in place of names."""
        for talk in call.talks:
            to = talk.to or legs[talk.leg][talk.at == "rtcp"]
            stop = min(talk.stop, call.end)
            line = {**asdict(replace(talk, stop=stop)), "to": to, "call": self.numbers[index]}
            self.said.setdefault(talk.host, []).append(line)

    def answer(self, index: int, call: Call) -> None:
        began_s = time.monotonic()
        for leg, party in (("near", call.near), ("far", call.far)):
            assert party is not None
            self.ask("publish", index, leg=leg)
            said = {"event": "answer", "declared": party.declared, "signalling": party.signalling}
            self.ask("signal", index, leg=leg, said={**said, "payload_types": {0: 8000}, **party.said})
        self.slip_s = max(self.slip_s, time.monotonic() - began_s)

    def act(self) -> None:
        try:
            self.say()
        except BaseException:
            self.stage.dismiss(self.said)
            raise

    def say(self) -> None:
        hosts = {name: self.stage.host(name) for name in self.said}
        for name, host in hosts.items():
            closed = self.closed.get(name, {})
            host.write_line(json.dumps({"talks": self.said[name], "end": self.end, "closed": closed}))
        for host in hosts.values():
            host.wait_for(lambda line: line == "ready")
        begin_s = time.monotonic() + LEAD_S
        for host in hosts.values():
            host.write_line(repr(begin_s))
        for at_s, step in sorted(self.steps, key=lambda step: step[0]):
            time.sleep(max(0.0, begin_s + at_s - time.monotonic()))
            self.slip_s = max(self.slip_s, time.monotonic() - begin_s - at_s)
            step()
        for name, host in hosts.items():
            self.reports[name] = json.loads(host.wait_for(lambda line: line.startswith("{")))

    def overheard(self) -> int:
        """What attackers heard on hosts that are not watched as a whole."""
        spying = {
            (talk.host, port)
            for call in self.calls
            for talk in call.talks
            for port in talk.ports
            if talk.role == ATTACKER and talk.host not in HOSTILE
        }
        return sum((host, heard[1]) in spying for host, report in self.reports.items() for heard in report["arrivals"])

    def result(self, legs: list[dict[str, Any]], events: list[list[Any]], bled: int) -> Played:
        evidence = Evidence(self.said, self.reports)
        figures = []
        bleed_ms = bled * PTIME_MS
        found = [f"bleed is {bleed_ms} ms"] if bleed_ms else []
        for index, call in enumerate(self.calls):
            told = tuple(name for session, leg, name, *_ in events if (session, leg) == (self.sessions[index], "near"))
            figures.append(measure(evidence, self.numbers[index], call, legs[index], told))
            found += faults(index, call, figures[-1])
        slip_s = max(self.slip_s, *(report["slip_s"] for report in self.reports.values()))
        arrivals = {name: report["arrivals"] for name, report in self.reports.items()}
        return Played(tuple(figures), bleed_ms, slip_s, arrivals, tuple(found))
