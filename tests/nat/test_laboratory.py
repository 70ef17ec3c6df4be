"""The laboratory itself: its NAT translates, and its attacker steals from a relay that lets the first packet decide."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.nat.laboratory import ATTACKER, NAT, PEER, PHONE, RELAY, Laboratory
from tests.process import Process

pytestmark = pytest.mark.nat

NAIVE = Path(__file__).with_name("naive_relay.py")


def naive_relay(lab: Laboratory) -> Process:
    relay = lab.start("relay", sys.executable, NAIVE, RELAY, "4000", "4002")
    relay.wait_for(lambda line: line == "ready")
    return relay


@pytest.mark.parametrize(
    ("masquerade", "kept"), [("", True), ("fully-random", False)], ids=["port-preserving", "random"]
)
def test_the_phone_is_seen_at_the_address_of_its_nat(
    laboratory: Callable[[str], Laboratory], masquerade: str, kept: bool
) -> None:
    lab = laboratory(masquerade)
    relay = naive_relay(lab)
    lab.endpoint("phone", f"{PHONE}:5004", f"{RELAY}:4000", ssrc=1, count=1)
    _, host, port = relay.wait_for(lambda line: line.startswith("4000 ")).split()
    assert host == NAT
    assert (port == "5004") is kept


def test_the_attack_succeeds_against_a_relay_that_lets_the_first_packet_decide(
    laboratory: Callable[[str], Laboratory],
) -> None:
    lab = laboratory("")
    relay = naive_relay(lab)
    attacker = lab.endpoint("attacker", f"{ATTACKER}:7777", f"{RELAY}:4000", ssrc=66)
    relay.wait_for(lambda line: line.startswith("4000 "))
    phone = lab.endpoint("phone", f"{PHONE}:5004", f"{RELAY}:4000", ssrc=1)
    peer = lab.endpoint("peer", f"{PEER}:6000", f"{RELAY}:4002", ssrc=2, count=25)
    peer.wait_for(lambda line: line == "sent")
    for endpoint in (phone, attacker, peer):
        endpoint.close_input()
    assert not phone.report()["numbers"]
    assert attacker.report()["numbers"]["2"]
    assert peer.report()["numbers"]["66"]


@pytest.mark.usefixtures("laboratory")
def test_nothing_is_left_behind() -> None:
    with Laboratory("") as lab:
        process = lab.start("phone", "sleep", "60")
        assert lab.prefix in namespaces()
        assert process.running
    assert lab.prefix not in namespaces()
    assert not process.running


def namespaces() -> str:
    return subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True, timeout=10).stdout
