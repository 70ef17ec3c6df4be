"""The laboratory itself: its NATs translate, and its attacker steals from a relay that lets the first packet decide."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.nat.call import Call, attacking, peer, talking
from tests.nat.laboratory import CARRIER, HOME, PEER, RELAY, Laboratory
from tests.nat.play import Stage
from tests.process import Process

pytestmark = pytest.mark.nat

NAIVE = Path(__file__).with_name("naive_relay.py")
NEAR, FAR = (RELAY, 4000), (RELAY, 4002)


def test_a_home_router_keeps_the_port_and_a_carrier_takes_another_for_each_destination(stage: Stage) -> None:
    targets = ((PEER, 7000), (PEER, 7002))
    talks = [
        talking(host, 5004, to=to, start=0.0, stop=0.02) for host in ("phone", "mobile", "mobile2") for to in targets
    ]
    listening = [peer(port, to=(RELAY, 9), stop=0.0) for _, port in targets]
    played = stage.play(Call(None, (*talks, *listening), end=0.05))
    seen = {tuple(arrival[-2:]) for arrival in played.arrivals["peer"]}
    assert {port for host, port in seen if host == HOME} == {5004}
    assert len(played.arrivals["peer"]) == len(talks)
    carried = {port for host, port in seen if host == CARRIER}
    assert len(carried) == 4
    assert 5004 not in carried


def test_the_attack_succeeds_against_a_relay_that_lets_the_first_packet_decide(stage: Stage) -> None:
    with stage.laboratory.start("relay", sys.executable, NAIVE, RELAY, str(NEAR[1]), str(FAR[1])) as relay:
        relay.wait_for(lambda line: line == "ready")
        talks = (
            attacking(to=NEAR, start=0.0),
            talking("phone", 5004, to=NEAR, start=0.1),
            peer(to=FAR, start=0.1),
        )
        played = stage.play(Call(None, talks, end=0.5))
    (figures,) = played.calls
    assert figures.inj >= 15
    assert figures.lost >= 15
    assert figures.dead_ms >= 300
    assert played.bleed_ms >= 300
    assert len(played.faults) == 4


@pytest.mark.usefixtures("laboratory")
def test_nothing_is_left_behind() -> None:
    with Laboratory() as lab:
        process = lab.start("phone", "sleep", "60")
        assert lab.prefix in namespaces()
        assert process.running
    assert lab.prefix not in namespaces()
    assert not process.running


@pytest.mark.usefixtures("laboratory")
def test_nothing_is_left_behind_by_a_failure() -> None:
    lab = Laboratory()
    started: list[Process] = []
    with pytest.raises(RuntimeError, match="Cannot find device"):
        fail(lab, started)
    assert lab.prefix not in namespaces()
    assert [process.running for process in started] == [False]


def fail(lab: Laboratory, started: list[Process]) -> None:
    with lab:
        started.append(lab.start("relay", "sleep", "60"))
        lab.ip("relay", "link set dev none up")


def namespaces() -> str:
    return subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True, timeout=10).stdout
