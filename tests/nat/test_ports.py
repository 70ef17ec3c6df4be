"""Ports of the relay: what waits in a socket before it is given away, ports used again, and forbidden destinations."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.nat.call import PHONE_SSRC, Call, Party, attacking, peer, talking
from tests.nat.laboratory import ADDRESS, CARRIER, HOME, RELAY
from tests.nat.play import Stage
from tests.party import wait_until

pytestmark = pytest.mark.nat

PORT = 32000
NEAR = Party((ADDRESS["phone"], 5004), (HOME,))
ONE_LEG = {"near": {"interface": RELAY, "policy": {}}}
BROADCAST = "203.0.113.63"
LEAVING = f"""
table inet leaving
delete table inet leaving
table inet leaving {{
  counter forbidden {{ }}
  set hosts {{
    type ipv4_addr; flags interval;
    elements = {{ 0.0.0.0/8, 127.0.0.0/8, 224.0.0.0/4, 240.0.0.0/4, {RELAY}, {BROADCAST} }}
  }}
  chain out {{
    type filter hook output priority filter;
    meta l4proto udp ip daddr @hosts counter name forbidden
  }}
}}
"""


def test_what_waits_in_the_socket_when_it_is_published_is_dropped(stage: Stage) -> None:
    """An attacker, one who forges the phone's address, and the phone's neighbour fill the queue before publish."""
    early: dict[str, Any] = {"every": 0.002, "stop": 0.2, "start": 0.0}
    talks = (
        attacking(port=7777, **early),
        attacking(port=7778, **{**early, "ssrc": PHONE_SSRC}),
        attacking(forged=(HOME, 40000), **early),
        attacking("roamer", 7779, **early),
        talking("phone", 5004),
        peer(start=0.25),
    )
    played = stage.play(Call(NEAR, talks, end=1.0, publish_s=0.22))
    assert not played.faults, played.calls
    (figures,) = played.calls
    assert figures.legs["near"]["dropped"]["NOT_PUBLISHED"] == 400
    assert "prepublish_talker" in figures.events


@pytest.fixture
def small(stage: Stage) -> Iterator[Callable[[], bool]]:
    """A relay named "small" with two pairs of ports; whether it has a free one."""
    stage.open("small", RELAY, ports=(PORT, PORT + 4), quarantine_s=0.5)

    def is_free() -> bool:
        try:
            stage.relay.ask("session", relay="small", session="early", legs=ONE_LEG)
        except RuntimeError as problem:
            if "PortsExhausted" not in str(problem):
                raise
            return False
        finally:
            stage.relay.ask("hang_up", relay="small", session="early")
        return True

    yield is_free
    stage.relay.ask("closing", relay="small")


def test_a_port_that_was_just_freed_rests_and_is_then_safe_to_use(stage: Stage, small: Callable[[], bool]) -> None:
    """Calls one after the other on one pair of ports, while the phone of the last call goes on sending."""
    first = stage.play(Call(NEAR, (talking("phone", 5004), peer()), end=0.6), relay="small")
    assert not first.faults, first.calls
    assert not small()
    wait_until(small)
    # Somebody else's call: the late phone is a stranger. A port that is named rests no time at all.
    late = attacking("phone", 5004, ssrc=PHONE_SSRC, start=0.0, first=1025)
    talks = (late, talking("mobile", 5004, ssrc=0x0303_0303), peer())
    second = stage.play(Call(Party((ADDRESS["mobile"], 5004), (CARRIER,)), talks, publish_s=0.15, end=0.9, port=PORT))
    assert not second.faults, second.calls
    # The same phone again, by the same mapping. The last five packets of the old call, which nobody is to hear, come
    # before publish: so its mapping is barred for a second.
    late = talking("phone", 5004, stop=0.1, start=0.0, first=1100)
    talks = (late, talking("phone", 5004, ssrc=0x0404_0404), peer())
    third = stage.play(Call(NEAR, talks, publish_s=0.15, end=1.9, lost=45 + 5, dead_ms=1200, port=PORT))
    assert not third.faults, third.calls
    assert third.calls[0].legs["near"]["accepted_source"] == [HOME, 5004]


@pytest.mark.parametrize("host", ["0.0.0.0", "0.1.2.3", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"])
def test_a_host_that_none_has_is_no_destination(stage: Stage, host: str) -> None:
    stage.relay.ask("session", relay="relay", session=host, legs=ONE_LEG)
    try:
        stage.relay.ask("publish", relay="relay", session=host, leg="near")
        for said in ({"declared": (host, 5004)}, {"rtcp": (host, 5005)}, {"signalling": [host]}):
            with pytest.raises(RuntimeError, match=r"ConfigurationError: .*no host can be reached there"):
                stage.relay.ask("signal", relay="relay", session=host, leg="near", said={"event": "answer", **said})
    finally:
        stage.relay.ask("hang_up", relay="relay", session=host)


def test_nothing_leaves_for_the_relay_itself_or_its_network_as_a_whole(stage: Stage) -> None:
    """Signalling names the relay's own ports and its broadcast address; somebody forges packets from the former."""
    lab = stage.laboratory
    lab.nft("relay", LEAVING)
    own = Call(
        Party((RELAY, PORT), (RELAY,)),
        (peer(), attacking(forged=(RELAY, PORT), start=0.0), attacking(start=0.0)),
        end=0.6,
        port=PORT,
    )
    broadcast = Call(Party((BROADCAST, 5004), (HOME,)), (peer(6002), attacking(start=0.0)), end=0.6)
    played = stage.play(own, broadcast)
    listed = json.loads(lab.run("relay", "nft", "--json", "list", "counters"))["nftables"]
    lab.nft("relay", "delete table inet leaving")
    assert not played.faults, played.calls
    assert [item["counter"]["packets"] for item in listed if "counter" in item] == [0]
