"""Sends that fail for a while: the peer's port is closed, a firewall, an address that goes, a cable, a smaller MTU."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.nat.call import Call, Party, attacking, peer, talking
from tests.nat.laboratory import ADDRESS, HOME, PEER, RELAY, RELAY6, Laboratory, gateway6
from tests.nat.play import Stage

pytestmark = pytest.mark.nat

LATE_S = 0.1
SMALLER = 1300
FIREWALL = f"""
table inet firewall {{
  chain out {{ type filter hook output priority filter; ip daddr {HOME} drop; }}
}}
"""
ROUTES = ("route replace default via 203.0.113.1", f"route replace ::/0 via {gateway6(RELAY6)}")
CARRIER_S = 1.05
"""The kernel acts on a carrier that comes and goes at most once a second."""
FIREWALLED, ROUTELESS, ADDRESSLESS, SMALL, UNPLUGGED = (0.7, 0.95), (1.2, 1.45), (1.7, 1.95), (2.2, 2.5), (2.75, 2.9)
CLOSED = (0.8, 2.2)
END = UNPLUGGED[1] + CARRIER_S + 0.3


def call(port: int, *faults: tuple[float, float], octets: int = 160, **said: Any) -> Call:
    """`faults`: when the network is not there; what is sent within a tenth of a second of one does not count."""
    around = tuple((begin, finish + LATE_S) for begin, finish in faults)
    talks = (talking("phone", port, octets=octets), peer(port + 1000, octets=octets), attacking(port=port, start=0.0))
    far = Party((PEER, port + 1000))
    return Call(Party((ADDRESS["phone"], port), (HOME,)), talks, far, offline=around, **said)


def test_closed_ports_those_that_are_and_those_that_are_not(stage: Stage) -> None:
    """One peer closes its port, and its host answers with ICMP: nothing is sent there after a second, and it is heard
    and hears again when it is back. In another call an attacker forges such ICMP for both parties, who talk on."""
    closed = {"peer": {6004: [CLOSED]}}
    forged = [
        attacking(port=0, kind="unreachable", forged=(HOME, 5006), start=0.6),
        attacking(port=0, kind="unreachable", forged=(PEER, 6006), start=0.6, leg="far"),
    ]
    told = stage.laboratory.unreachable("relay")
    alive = call(5006, end=2.6, dead_ms=0)
    played = stage.play(call(5004, CLOSED, end=2.6), replace(alive, talks=(*alive.talks, *forged)), closed=closed)
    assert not played.faults, played.calls
    assert stage.laboratory.unreachable("relay") - told >= 2 * 50
    paused, unmoved = (figures.legs["near"]["dropped"] for figures in played.calls)
    assert paused["UNREACHABLE"] >= 10
    assert "UNREACHABLE" not in unmoved


def test_a_firewall_a_route_an_address_an_mtu_and_a_cable(stage: Stage) -> None:
    """Media flows within a tenth of a second afterwards. Errors are counted by name, and only what is too large for
    the path is lost, until the sender has been told so."""
    lab = stage.laboratory
    before = stage.relay.ask("errors", relay="relay")
    steps = [
        (FIREWALLED[0], lambda: lab.nft("relay", FIREWALL)),
        (FIREWALLED[1], lambda: lab.nft("relay", "delete table inet firewall")),
        (ROUTELESS[0], lambda: lab.ip("relay", "route del default")),
        (ROUTELESS[1], lambda: lab.ip("relay", *ROUTES)),
        (ADDRESSLESS[0], lambda: lab.ip("relay", f"addr del {RELAY}/26 dev uplink")),
        (ADDRESSLESS[1], lambda: lab.ip("relay", f"addr add {RELAY}/26 dev uplink", *ROUTES)),
        (SMALL[0], lambda: path_mtu(lab, SMALLER)),
        (SMALL[1], lambda: path_mtu(lab, 1500)),
        (UNPLUGGED[0], lambda: lab.ip("relay", "link set dev uplink down")),
        (UNPLUGGED[1], lambda: lab.ip("relay", "link set dev uplink up", *ROUTES)),
    ]
    faults = (FIREWALLED, ROUTELESS, ADDRESSLESS, (UNPLUGGED[0], UNPLUGGED[1] + CARRIER_S - LATE_S))
    video = call(5006, *faults, octets=1400, end=END, lost=4, dead_ms=80)
    played = stage.play(call(5004, *faults, end=END, dead_ms=0), video, steps=steps)
    after = stage.relay.ask("errors", relay="relay")
    assert not played.faults, played.calls
    for name in ("EPERM", "ENETUNREACH"):
        assert after[name] - before.get(name, 0) >= 20


def path_mtu(lab: Laboratory, octets: int) -> None:
    """Of the relay's cable, at both ends."""
    lab.ip("relay", f"link set dev uplink mtu {octets}")
    lab.ip("internet", f"link set dev to-relay mtu {octets}")
