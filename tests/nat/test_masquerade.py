"""A phone behind nft masquerade whose SDP has its private address, through `rtpcore relay`, beside an attacker."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.nat.laboratory import ATTACKER, NAT, PEER, PHONE, RELAY, Laboratory
from tests.process import Process, console_script

pytestmark = pytest.mark.nat

PHONE_SSRC, PEER_SSRC, ATTACKER_SSRC = 11, 22, 66
COUNT = 100  # packets each way: two seconds
PHONE_PORT = 5004


def relay_line(relay: Process, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The first JSON line of the relay for which `wanted` holds."""
    report: dict[str, Any] = json.loads(relay.wait_for(lambda line: wanted(json.loads(line))))
    return report


def forwarded(line: dict[str, Any]) -> list[int]:
    return [leg["rtp"]["forwarded"] for leg in line["legs"].values()]


@pytest.mark.parametrize(
    ("masquerade", "kept"), [("", True), ("fully-random", False)], ids=["port-preserving", "random"]
)
def test_audio_flows_both_ways_and_the_attacker_gets_nothing(
    laboratory: Callable[[str], Laboratory], masquerade: str, kept: bool
) -> None:
    lab = laboratory(masquerade)
    relay = lab.start(
        "relay",
        *(console_script(), "relay", "--json", "--interval=0.1"),
        *(f"--local-a={RELAY}:4000", f"--peer-a={PHONE}:{PHONE_PORT}", f"--signalling-a={NAT}"),
        *(f"--local-b={RELAY}:4002", f"--peer-b={PEER}:6000"),
    )
    relay_line(relay, lambda line: line["type"] == "listening")
    targets = [f"{RELAY}:4000", f"{RELAY}:4002"]
    attacker = lab.endpoint("attacker", f"{ATTACKER}:7777", *targets, ssrc=ATTACKER_SSRC, options="--rtcp")
    relay_line(relay, lambda line: line["type"] == "report" and line["legs"]["a"]["rtp"]["received"] > 10)
    # The peer listens first: nobody can send to the phone before its first packet has shown where its NAT put it.
    peer = lab.endpoint(
        "peer", f"{PEER}:6000", targets[1], ssrc=PEER_SSRC, count=COUNT, options="--rtcp --listen-first"
    )
    phone = lab.endpoint("phone", f"{PHONE}:{PHONE_PORT}", targets[0], ssrc=PHONE_SSRC, count=COUNT, options="--rtcp")
    phone.wait_for(lambda line: line == "sent")
    peer.wait_for(lambda line: line == "sent")
    relay_line(relay, lambda line: line["type"] == "report" and forwarded(line) == [COUNT, COUNT])
    relay.signal(15)
    final = relay.report()
    for endpoint in (phone, peer, attacker):
        endpoint.close_input()
    heard_by_phone, heard_by_peer, heard_by_attacker = phone.report(), peer.report(), attacker.report()

    assert heard_by_phone["numbers"] == {str(PEER_SSRC): list(range(COUNT))}
    assert heard_by_peer["numbers"] == {str(PHONE_SSRC): list(range(COUNT))}
    assert list(heard_by_phone["reports"]) == [str(PEER_SSRC)]
    assert list(heard_by_peer["reports"]) == [str(PHONE_SSRC)]
    assert not heard_by_attacker["numbers"]
    assert not heard_by_attacker["reports"]

    # Symmetric RTP: the phone hears the relay from the port that it sends to, or its NAT would not let it in.
    assert heard_by_phone["sources"] == [[RELAY, 4000]]
    host, port = final["legs"]["a"]["accepted_source"]
    assert host == NAT
    assert (port == PHONE_PORT) is kept
    assert final["legs"]["a"]["destination"] == [host, port]
    check_books(final)


def check_books(final: dict[str, Any]) -> None:
    """Every packet that reached the relay has one fate, and the attacker's were refused."""
    for leg in final["legs"].values():
        rtp, rtcp = leg["rtp"], leg["rtcp"]
        assert rtp["forwarded"] == COUNT
        refused = sum(leg["dropped"].values())
        assert rtp["received"] + rtcp["received"] == rtp["forwarded"] + rtcp["forwarded"] + refused + leg["holding"]
        assert refused > COUNT / 2
