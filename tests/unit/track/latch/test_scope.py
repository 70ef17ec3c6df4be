"""What signalling may say, and the tier that it gives a source."""

from __future__ import annotations

import re
from typing import Any

import pytest

from rtpcore import LatchPolicy, LatchState, Reason
from rtpcore.errors import ConfigurationError
from rtpcore.events import Address
from tests.unit.track.line import FORWARD, PHONE, PRIVATE, RELAY, SERVER, STRANGER, Line, answered, forwarded

ANY = LatchPolicy(receive_from="any", prefix4=24)


def tier_of(source: Address, policy: LatchPolicy = ANY, interface: Address = RELAY, **said: Any) -> str | None:
    """The tier at which a source is accepted, or None where it never is."""
    line = Line(policy, interface).publish().signal(0, "answer", **said)
    line.talk(0, source, 16)
    details = [event.detail for event in line.events() if event.name == "latched"]
    return details[0] if details else None


# Tiers -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "tier"),
    [
        (SERVER, "T1"),
        ((SERVER[0], 6001), "T2"),
        ((PHONE[0], 1), "T3"),
        ((PHONE[0], 6000), "T3"),
        (("192.0.2.21", 6000), "T4"),
        (("198.51.100.200", 6000), "T4"),
        (("203.0.113.99", 6000), "T5"),
        (("198.51.101.10", 6000), "T5"),
    ],
)
def test_the_nearer_to_what_was_signalled_the_better(source: Address, tier: str) -> None:
    assert tier_of(source, declared=SERVER, signalling=[PHONE[0]]) == tier


@pytest.mark.parametrize("source", [PRIVATE, (PRIVATE[0], 6000), ("192.168.1.11", 5004)])
def test_an_unroutable_declared_address_earns_nothing(source: Address) -> None:
    # Somebody on the relay's own network may have it.
    assert tier_of(source, declared=PRIVATE, signalling=[PHONE[0]]) == "T5"
    assert tier_of(source, LatchPolicy(), declared=PRIVATE, signalling=[PHONE[0]]) is None


@pytest.mark.parametrize(
    ("source", "tier"), [(PRIVATE, "T1"), ((PRIVATE[0], 6000), "T2"), (("192.168.1.11", 5004), "T4")]
)
def test_an_unroutable_declared_address_counts_where_signalling_comes_from_it(source: Address, tier: str) -> None:
    assert tier_of(source, declared=PRIVATE, signalling=[PRIVATE[0]]) == tier


@pytest.mark.parametrize(("source", "tier"), [(PRIVATE, "T1"), ((PRIVATE[0], 6000), "T2")])
def test_a_private_declared_address_counts_for_a_relay_on_a_private_network(source: Address, tier: str) -> None:
    assert tier_of(source, interface=("10.0.0.5", 30000), declared=PRIVATE, signalling=[PHONE[0]]) == tier


def test_every_signalling_host_counts() -> None:
    hosts = ["192.0.2.1", "192.0.2.2", "2001:db8::3", "192.0.2.4"]
    for host in hosts:
        assert tier_of((host, 4000), LatchPolicy(), declared=PRIVATE, signalling=hosts) == "T3"


def test_ipv6_neighbours_within_64_bits_are_one_subscriber() -> None:
    said: dict[str, Any] = {"declared": ("2001:db8:1:2::10", 5004), "signalling": ["2001:db8:1:3::10"]}
    guarded = LatchPolicy()
    assert tier_of(("2001:db8:1:2::10", 5004), guarded, **said) == "T1"
    assert tier_of(("2001:db8:1:2::10", 5006), guarded, **said) == "T2"
    assert tier_of(("2001:db8:1:3::10", 5006), guarded, **said) == "T3"
    assert tier_of(("2001:db8:1:2::99", 5004), guarded, **said) == "T4"
    assert tier_of(("2001:db8:1:3:ffff::", 5004), guarded, **said) == "T4"
    assert tier_of(("2001:db8:1:4::10", 5004), guarded, **said) is None
    assert tier_of(("2001:db8:1:2::99", 5004), LatchPolicy(prefix6=128), **said) is None


def test_the_families_never_mix() -> None:
    assert (
        tier_of(("2001:db8::10", 4000), LatchPolicy(prefix4=8, prefix6=16), declared=PRIVATE, signalling=[PHONE[0]])
        is None
    )


# A pool of media gateways: signalling from .10, media from .11 ------------------------------------------------------

POOL_MEMBER = ("198.51.100.11", 40000)


def test_a_pool_needs_its_prefix_and_four_packets() -> None:
    line = answered(LatchPolicy(prefix4=24))
    verdicts = line.talk(0, POOL_MEMBER, 4)
    assert forwarded(verdicts) == 4
    assert [verdict.action is FORWARD for verdict in verdicts] == [False, False, False, True]


def test_without_the_prefix_a_pool_is_out_of_scope_and_that_is_told() -> None:
    line = answered()
    assert {verdict.reason for verdict in line.talk(0, POOL_MEMBER, 50)} == {Reason.OUT_OF_SCOPE}
    event = line.events()[0]
    assert (event.name, event.source) == ("scope_miss", POOL_MEMBER)


# A scope without anybody -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "said", "empty"),
    [
        (LatchPolicy(), {"declared": PRIVATE, "signalling": []}, True),
        (LatchPolicy(), {"declared": None, "signalling": []}, True),
        (LatchPolicy(), {"declared": SERVER, "signalling": []}, False),
        (LatchPolicy(), {"declared": PRIVATE, "signalling": [PHONE[0]]}, False),
        (LatchPolicy(), {"declared": PRIVATE, "signalling": ["2001:db8::1"]}, True),
        (LatchPolicy(), {"declared": PRIVATE, "signalling": ["2001:db8::1", PHONE[0]]}, False),
        (LatchPolicy(), {"declared": None, "signalling": ["2001:db8::1"]}, False),
        (LatchPolicy("declared"), {"declared": PRIVATE, "signalling": [PHONE[0]]}, True),
        (LatchPolicy("declared"), {"declared": SERVER, "signalling": []}, False),
        (LatchPolicy("open"), {"declared": None, "signalling": []}, False),
    ],
)
def test_an_empty_scope_is_told(policy: LatchPolicy, said: dict[str, Any], empty: bool) -> None:
    line = Line(policy).publish().signal(0, "answer", **said)
    assert ("scope_empty" in line.event_names()) == empty


@pytest.mark.parametrize("policy", [LatchPolicy("declared"), LatchPolicy()])
@pytest.mark.parametrize("talks", [False, True], ids=["nobody yet", "a source is accepted"])
def test_a_scope_that_becomes_empty_is_told(policy: LatchPolicy, talks: bool) -> None:
    line = Line(policy).publish().signal(0, "answer", declared=SERVER)
    line.talk(0, SERVER, 2 * talks)
    line.events()
    line.signal(100, "reinvite", declared=("10.0.0.9", 5004))
    assert line.event_names() == ["scope_empty"]
    line.signal(5000, "refresh")
    assert line.event_names() == []


# What signalling may say -------------------------------------------------------------------------------------------


def test_what_is_left_out_of_a_later_signal_stays() -> None:
    line = answered(declared=SERVER, signalling=[PHONE[0]], ssrcs=[7])
    line.signal(10, "refresh")
    assert line.latch.state is LatchState.LEARNING
    assert line.latch.destination == SERVER
    assert forwarded(line.talk(20, PHONE, 2)) == 2
    assert line.receive(60, PHONE, 1, ssrc=7).action is FORWARD


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ({"event": "ring"}, "ring"),
        ({"event": ""}, "''"),
        ({"direction": "both"}, "both"),
        ({"declared": ("192.0.2.1", 0)}, "0"),
        ({"declared": ("192.0.2.1", 65536)}, "65536"),
        ({"declared": ("192.0.2.1", -1)}, "-1"),
        ({"declared": ("0.0.0.0", 5004)}, "0.0.0.0"),
        ({"declared": ("224.0.0.1", 5004)}, "224.0.0.1"),
        ({"declared": ("255.255.255.255", 5004)}, "255.255.255.255"),
        ({"declared": ("::", 5004)}, "::"),
        ({"declared": ("phone.example", 5004)}, "phone.example"),
        ({"declared": ("192.0.2.1",)}, "192.0.2.1"),
        ({"signalling": ["proxy.example"]}, "proxy.example"),
        ({"signalling": ["240.0.0.1"]}, "240.0.0.1"),
        ({"signalling": ["192.0.2.1"] * 4 + ["192.0.2.9"]}, "192.0.2.9"),
        ({"rtcp": ("192.0.2.1", 0)}, "0"),
        ({"rtcp": ("ff02::1", 5005)}, "ff02::1"),
        ({"payload_types": {}}, "payload_types"),
        ({"payload_types": {128: 8000}}, "128"),
        ({"payload_types": {-1: 8000}}, "-1"),
        ({"payload_types": {0: 0}}, "0 Hz"),
        ({"payload_types": {0: 10_000_001}}, "10000001"),
        ({"payload_types": {number: 8000 + number for number in range(8)}}, "8007"),
        ({"comfort_noise": [128]}, "128"),
        ({"ptime_ms": 0}, "0"),
        ({"ptime_ms": 201}, "201"),
        ({"ssrcs": [1 << 32]}, str(1 << 32)),
        ({"ssrcs": [-1]}, "-1"),
        ({"ssrcs": range(9)}, "8"),
    ],
)
def test_what_cannot_be_is_named_and_changes_nothing(said: dict[str, Any], named: str) -> None:
    line = answered(declared=SERVER, signalling=[PHONE[0]])
    with pytest.raises(ConfigurationError, match=re.escape(named)) as caught:
        line.latch.signal(1, **{"event": "reinvite", "declared": ("192.0.2.99", 4000), **said})
    assert "\n" not in str(caught.value)
    assert line.latch.destination == SERVER
    assert forwarded(line.talk(20, PHONE, 2)) == 2


@pytest.mark.parametrize(
    "said",
    [
        {"event": 1},
        {"declared": "192.0.2.1:5004"},
        {"declared": ("192.0.2.1", "5004")},
        {"declared": ("192.0.2.1", 5004.0)},
        {"declared": ("192.0.2.1", True)},
        {"declared": (b"192.0.2.1", 5004)},
        {"signalling": "192.0.2.1"},
        {"signalling": [3221225985]},
        {"signalling": 5},
        {"rtcp": "192.0.2.1"},
        {"payload_types": [0, 8]},
        {"payload_types": {"0": 8000}},
        {"payload_types": {0: 8000.0}},
        {"payload_types": {True: 8000}},
        {"comfort_noise": ["13"]},
        {"comfort_noise": 13},
        {"ptime_ms": 20.0},
        {"ptime_ms": None},
        {"ssrcs": [1.0]},
        {"ssrcs": ["1"]},
        {"ssrcs": 1},
        {"direction": 3},
        {"branch": ["unhashable"]},
    ],
)
def test_what_is_of_the_wrong_type_is_a_type_error_and_changes_nothing(said: dict[str, Any]) -> None:
    line = answered(declared=SERVER, signalling=[PHONE[0]])
    with pytest.raises(TypeError):
        line.latch.signal(1, **{"event": "reinvite", "declared": ("192.0.2.99", 4000), **said})
    assert line.latch.destination == SERVER


def test_seven_clock_rates_fit_beside_none() -> None:
    rates = {number: 8000 + number % 7 for number in range(128)}
    line = answered(payload_types=rates)
    assert forwarded(line.talk(0, PHONE, 2, payload_type=127)) == 2


@pytest.mark.parametrize("declared", [STRANGER, ("2001:db8::66", 7777)])
def test_an_earlier_address_is_out_of_scope_once_another_is_declared(declared: Address) -> None:
    line = answered(declared=declared, signalling=[PHONE[0]])
    line.signal(10, "reinvite", declared=SERVER)
    assert {verdict.reason for verdict in line.talk(20, declared, 20)} == {Reason.OUT_OF_SCOPE}


def test_the_highest_ports_are_ports() -> None:
    assert tier_of((SERVER[0], 65535), LatchPolicy(), declared=(SERVER[0], 65535), signalling=[]) == "T1"
