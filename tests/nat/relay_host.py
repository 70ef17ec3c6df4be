"""The program of the relay's host: a Relay that is told what to do by lines of JSON, each answered by one line.

{"do": name, ...}: the keys are the arguments of the function below that has this name.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from rtpcore import Interface, LatchPolicy, Leg, LegStats, Relay, RtpcoreError

relays: dict[str, Relay] = {}


def leg_of(session: str, leg: str, relay: str) -> Leg:
    return relays[relay].sessions[session].legs[leg]


def opening(relay: str, hosts: list[str], ports: list[int], settings: dict[str, Any]) -> None:
    relays[relay] = Relay([Interface(host, name=host) for host in hosts], range(*ports), **settings)


def closing(relay: str) -> None:
    relays.pop(relay).close()


def session(relay: str, session: str, legs: dict[str, dict[str, Any]]) -> dict[str, list[Any]]:
    """Add the legs, each {"interface": host, "policy": {...}, "port": number or None}; where they are."""
    made = relays[relay].create_session(session)
    found = {}
    for name, wanted in legs.items():
        leg = made.add_leg(name, wanted["interface"], LatchPolicy(**wanted["policy"]), port=wanted.get("port"))
        found[name] = [leg.address, leg.rtcp_address]
    return found


def publish(relay: str, session: str, leg: str) -> None:
    leg_of(session, leg, relay).publish()


def signal(relay: str, session: str, leg: str, said: dict[str, Any]) -> None:
    for name in ("declared", "rtcp"):
        if said.get(name) is not None:
            said[name] = tuple(said[name])
    if said.get("payload_types") is not None:
        said["payload_types"] = {int(number): rate for number, rate in said["payload_types"].items()}
    leg_of(session, leg, relay).signal(**said)


def stats(relay: str, session: str) -> dict[str, Any]:
    return {name: plain(leg) for name, leg in relays[relay].sessions[session].stats().legs.items()}


def plain(leg: LegStats) -> dict[str, Any]:
    return {
        "state": leg.state.name,
        "accepted_source": leg.accepted_source,
        "destination": leg.destination,
        "rtcp_destination": leg.rtcp_destination,
        "received": leg.received,
        "forwarded": leg.forwarded,
        "sent": leg.rtp.sent + leg.rtcp.sent,
        "holding": leg.holding,
        "kernel_dropped": leg.kernel_dropped,
        "dropped": {reason.name: count for reason, count in leg.dropped.items()},
        "cumulative_lost": leg.cumulative_lost,
    }


def hang_up(relay: str, session: str) -> dict[str, Any]:
    """Close a session; its last figures."""
    last = relays[relay].sessions[session].close()
    return {} if last is None else {name: plain(leg) for name, leg in last.legs.items()}


def explain(relay: str, session: str, leg: str) -> str:
    return leg_of(session, leg, relay).explain()


def events(relay: str) -> list[list[Any]]:
    """[session, leg, name, detail, count] of each since the last time."""
    return [[event.session, event.leg, event.name, event.detail, event.count] for event in relays[relay].events(0)]


def errors(relay: str) -> dict[str, int]:
    return relays[relay].socket_errors()


def memory() -> int:
    """Resident memory of this process, octets."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


ACTIONS = (opening, closing, session, publish, signal, stats, hang_up, explain, events, errors, memory)


def main() -> None:
    actions = {action.__name__: action for action in ACTIONS}
    print("ready", flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        try:
            answer = {"answer": actions[order.pop("do")](**order)}
        except (RtpcoreError, ValueError) as problem:
            answer = {"error": type(problem).__name__, "said": str(problem)}
        print(json.dumps(answer), flush=True)
    for relay in relays.values():
        relay.close()


if __name__ == "__main__":
    main()
