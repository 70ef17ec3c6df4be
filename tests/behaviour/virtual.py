"""Plays a scenario in virtual time: two latches wired to each other, and no socket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rtpcore import Action, Latch, LatchPolicy, Reason
from rtpcore.events import Address
from tests.behaviour.figures import Arrival, Figures, measure
from tests.behaviour.scenario import Place, Scenario, Signal
from tests.behaviour.timeline import Cast, Send, sends, signals

__all__ = ["play"]

START_S = 10.0  # the answer; scenarios begin before it
RELAY = "127.0.0.1"
RTCP_TYPES = range(200, 208)
LEGS: dict[str, Address] = {"near leg": (RELAY, 30000), "far leg": (RELAY, 30002)}
HOSTS = {
    "phone": "127.0.1.10",
    "pool": "127.0.1.11",
    "attacker": "127.0.2.66",
    "peer": "127.0.3.20",
    "server": "127.0.4.30",
    "lan": "192.168.1.10",
    "mobile": "127.0.5.40",
    "elsewhere": "127.0.6.50",
}


@dataclass
class Call:
    """The relay's part: what is received on one leg leaves by the other."""

    scenario: Scenario
    cast: Cast
    arrivals: list[Arrival]
    legs: dict[str, Latch]
    events: list[str]

    def now_ns(self, at_s: float) -> int:
        return round((START_S + at_s) * 1e9)

    def carry_out(self, step: Send | Signal | str, at_s: float) -> None:
        now_ns = self.now_ns(at_s)
        if isinstance(step, Send) and step.is_icmp:
            self.legs[step.leg].unreachable(now_ns, step.source)
        elif isinstance(step, Send):
            self.receive(now_ns, step)
        elif isinstance(step, Signal):
            self.legs[step.leg].signal(now_ns, **arguments(step, self.cast))
        else:
            for leg in self.legs.values():
                leg.publish(now_ns)
        self.events += [event.name for event in self.legs["near"].events()]
        self.legs["far"].events()

    def receive(self, now_ns: int, send: Send) -> None:
        latch = self.legs[send.leg]
        other = self.legs["far" if send.leg == "near" else "near"]
        judge = latch.receive if send.port == "rtp" else latch.receive_rtcp
        is_fax = self.scenario.said.get("media") == "udptl"
        verdict = judge(now_ns, send.source, send.octets)
        if verdict.action is not Action.FORWARD:
            return
        for octets in (*verdict.released, send.octets):
            if octets[1] in RTCP_TYPES and not is_fax:
                destination = other.rtcp_destination if other.may_send_rtcp(now_ns) is Reason.NONE else None
            else:
                if not is_fax:
                    other.add_sent_ssrc(int.from_bytes(octets[8:12]))
                may_send = other.may_send(now_ns, len(octets)) is Reason.NONE
                destination = other.destination if may_send else None
            if destination is not None:
                self.arrivals.append(Arrival(destination, octets))
                other.note_sent(now_ns, octets)


def arguments(signal: Signal, cast: Cast) -> dict[str, Any]:
    """Of Latch.signal and of Leg.signal."""
    return {
        "event": signal.event,
        "declared": None if signal.declared is None else cast.address(signal.declared),
        "signalling": cast.hosts(signal.signalling),
        "payload_types": {0: 8000, 13: 8000, 101: 8000},
        **{name: spoken(name, value, cast) for name, value in signal.said.items()},
    }


def spoken(name: str, value: Any, cast: Cast) -> Any:
    # A verifier knows what it has seen, so each play makes its own.
    if name == "verify":
        return value()
    return cast.address(value) if isinstance(value, Place) else value


def own_addresses() -> list[Address]:
    return [(host, port + index) for host, port in LEGS.values() for index in (0, 1)]


def play(scenario: Scenario) -> Figures:
    """The figures of one scenario in virtual time."""
    cast = Cast(HOSTS, LEGS)
    policy = {"near": LatchPolicy(**scenario.policy), "far": LatchPolicy()}
    call = Call(scenario, cast, [], {name: Latch(policy[name], LEGS[f"{name} leg"]) for name in ("near", "far")}, [])
    for latch in call.legs.values():
        for address in own_addresses():
            latch.add_own_address(address)
    sent = sends(scenario, "virtual", cast)
    steps: list[tuple[float, Send | Signal | str]] = [(scenario.publish.on("virtual"), "publish")]
    steps += [(signal.at.on("virtual"), signal) for signal in signals(scenario)]
    steps += [(send.at_s, send) for send in sent]
    for at_s, step in sorted(steps, key=lambda step: step[0]):
        call.carry_out(step, at_s)
    return measure(scenario, "virtual", cast, sent, call.arrivals, call.events)
