"""A phone behind nft masquerade whose SDP has its private address, through `rtpcore relay`, beside an attacker."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.nat.call import Call, attacking, peer, talking
from tests.nat.laboratory import ADDRESS, HOME, NATS, PEER, RELAY
from tests.nat.play import Stage
from tests.process import Process, console_script

pytestmark = pytest.mark.nat

LOCAL = {"near": (RELAY, 4000), "far": (RELAY, 4002)}
PHONE = (ADDRESS["phone"], 5004)
COUNT = 40


def relay_line(relay: Process, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The first JSON line of the relay for which `wanted` holds."""
    report: dict[str, Any] = json.loads(relay.wait_for(lambda line: wanted(json.loads(line))))
    return report


@pytest.fixture
def masquerade(stage: Stage) -> Iterator[Callable[[str], None]]:
    """Change how the home router chooses ports, for this test."""
    yield lambda statement: stage.laboratory.masquerade("home", statement)
    stage.laboratory.masquerade("home", NATS["home"])


@pytest.mark.parametrize(
    ("statement", "kept"),
    [("masquerade", True), ("masquerade random", False), ("masquerade fully-random", False)],
    ids=["port-preserving", "random", "fully-random"],
)
def test_audio_flows_both_ways_and_the_attacker_gets_nothing(
    stage: Stage, masquerade: Callable[[str], None], statement: str, kept: bool
) -> None:
    masquerade(statement)
    relay = stage.laboratory.start(
        "relay",
        *(console_script(), "relay", "--json", "--interval=0.1"),
        *(f"--local-a={RELAY}:4000", f"--peer-a={PHONE[0]}:{PHONE[1]}", f"--signalling-a={HOME}"),
        *(f"--local-b={RELAY}:4002", f"--peer-b={PEER}:6000"),
    )
    with relay:
        relay_line(relay, lambda line: line["type"] == "listening")
        played = stage.play(call())
        assert not played.faults, played.calls
        relay_line(relay, lambda line: line["type"] == "report")
        relay.signal(15)
        final = relay.report()
    # Symmetric RTP: the phone hears the relay from the port that it sends to, or its NAT would not let it in.
    assert {tuple(arrival[-2:]) for arrival in played.arrivals["phone"]} == {(RELAY, 4000), (RELAY, 4001)}
    host, port = final["legs"]["a"]["accepted_source"]
    assert host == HOME
    assert (port == PHONE[1]) is kept
    assert final["legs"]["a"]["destination"] == [host, port]
    check_books(final)


def call() -> Call:
    """The attacker talks to all four ports before the phone, and throughout."""
    talks = [
        *(attacking(port=7777 + port, to=(host, port), start=0.0) for host, port in LOCAL.values()),
        *(attacking(port=7778 + port, to=(host, port + 1), kind="report", start=0.0) for host, port in LOCAL.values()),
        talking("phone", PHONE[1], to=LOCAL["near"], stop=0.3 + COUNT * 0.02),
        # Nobody can send to the phone before its first packet has shown where its NAT put it.
        peer(to=LOCAL["far"], start=0.4, stop=0.4 + COUNT * 0.02),
    ]
    phone_report = talking("phone", PHONE[1] + 1, to=(RELAY, 4001), kind="report", start=0.45, every=0.2, stop=1.1)
    peer_report = peer(6001, to=(RELAY, 4003), kind="report", start=0.7, every=0.2, stop=1.2)
    return Call(None, (*talks, phone_report, peer_report), end=1.3)


def check_books(final: dict[str, Any]) -> None:
    """Every packet that reached the relay has one fate, and the attacker's were refused."""
    for leg in final["legs"].values():
        rtp, rtcp = leg["rtp"], leg["rtcp"]
        assert rtp["forwarded"] == COUNT
        refused = sum(leg["dropped"].values())
        assert rtp["received"] + rtcp["received"] == rtp["forwarded"] + rtcp["forwarded"] + refused + leg["holding"]
        assert refused > COUNT / 2
