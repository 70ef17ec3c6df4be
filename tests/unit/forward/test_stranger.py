"""Sprayers at the ports of a relay: found within a tenth of a second, barred where nothing vouches for them only."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rtpcore import Interface, LatchPolicy, LatchState, Leg, Reason, Relay
from rtpcore.events import Sprayer
from tests.party import Party, conserved, own_host, wait_until

SMALL, LARGE = range(40000, 40400), range(40000, 42000)
PACE_S = 0.02


@pytest.fixture
def relay() -> Iterator[Relay]:
    with Relay([Interface(own_host())], SMALL, workers=2, quarantine_s=0) as relay:
        yield relay


@pytest.fixture
def sprayer() -> Iterator[Party]:
    with Party() as party:
        yield party


def legs_of(relay: Relay, count: int, policy: LatchPolicy | None = None, **said: object) -> list[Leg]:
    """Published legs, of sessions that are spread over the workers, which wait for somebody that never comes."""
    said = {"declared": (own_host(), 9), **said}
    names = [f"{time.monotonic_ns()}/{index}" for index in range(count)]
    legs = [relay.create_session(name).add_leg("leg", policy=policy) for name in names]
    for leg in legs:
        leg.publish()
        leg.signal("answer", **said)  # type: ignore[arg-type]
    return legs


def spray_until_marked(relay: Relay, party: Party, spray: Callable[[], object]) -> float:
    """Seconds until the event that says so. A touch may go uncounted where two workers look at once: it goes on."""
    start = time.monotonic()
    while time.monotonic() < start + 2:
        spray()
        for event in relay.events(timeout=PACE_S):
            if isinstance(event, Sprayer) and event.source == party.address:
                assert (event.session, event.leg, event.count) == (None, None, 1)
                return time.monotonic() - start
    raise AssertionError("it was not marked.")


def media_to(legs: list[Leg], party: Party) -> Callable[[], object]:
    return lambda: [party.send(leg.address) for leg in legs]


def is_heard(leg: Leg, party: Party) -> bool:
    """Whether a party qualifies with ten packets at the pace of media."""
    for _ in range(10):
        party.send(leg.address)
        time.sleep(PACE_S)
    wait_until(lambda: leg.stats().received >= 10)
    assert conserved(leg.stats())
    return leg.stats().state is LatchState.PROVISIONAL


def test_eight_ports_of_sessions_on_several_workers_make_a_sprayer(relay: Relay, sprayer: Party) -> None:
    assert spray_until_marked(relay, sprayer, media_to(legs_of(relay, 8), sprayer)) < 0.1
    (open_leg,) = legs_of(relay, 1, LatchPolicy("open"))
    assert not is_heard(open_leg, sprayer)
    assert open_leg.stats().dropped == {Reason.SPRAYER: 10}


def test_seven_do_not(relay: Relay, sprayer: Party) -> None:
    legs = legs_of(relay, 7)
    for _ in range(3):
        for leg in legs:
            sprayer.send(leg.address)
    wait_until(lambda: all(leg.stats().received == 3 for leg in legs))
    (open_leg,) = legs_of(relay, 1, LatchPolicy("open", early_budget_ms=None))
    sprayer.rtp.sendto(sprayer.report(), legs[0].address)  # the same port again
    wait_until(lambda: legs[0].stats().received == 4)
    assert [event for event in relay.events(timeout=0) if isinstance(event, Sprayer)] == []
    # The open leg's port is the eighth: before it is accepted, a source is a stranger like any other.
    assert not is_heard(open_leg, sprayer)


def test_junk_and_rtcp_count_as_well(relay: Relay, sprayer: Party) -> None:
    legs = legs_of(relay, 4)

    def spray() -> None:
        for leg in legs:
            sprayer.rtp.sendto(b"\x00", leg.address)
            sprayer.rtp.sendto(sprayer.report(), leg.rtcp_address)

    assert spray_until_marked(relay, sprayer, spray) < 0.1


def test_another_port_of_the_same_host_is_not_marked(relay: Relay, sprayer: Party) -> None:
    with Party(sprayer.address[0]) as neighbour:
        spray_until_marked(relay, sprayer, media_to(legs_of(relay, 8), sprayer))
        (open_leg,) = legs_of(relay, 1, LatchPolicy("open"))
        assert is_heard(open_leg, neighbour)


@pytest.mark.parametrize("known_by", ["declared", "declared host", "signalling"])
def test_whom_signalling_vouches_for_is_heard_although_marked(relay: Relay, sprayer: Party, known_by: str) -> None:
    """A mark can be forged: it must not silence a trunk."""
    spray_until_marked(relay, sprayer, media_to(legs_of(relay, 8), sprayer))
    host, port = sprayer.address
    ways: dict[str, dict[str, object]] = {
        "declared": {"declared": (host, port)},
        "declared host": {"declared": (host, port + 2)},
        "signalling": {"declared": ("192.168.1.10", 5004), "signalling": [host]},
    }
    for policy in (LatchPolicy(), LatchPolicy("open")):
        (trunk,) = legs_of(relay, 1, policy, **ways[known_by])
        assert is_heard(trunk, sprayer), policy


def test_a_trunk_that_talks_to_many_ports_is_no_sprayer(relay: Relay, sprayer: Party) -> None:
    legs = legs_of(relay, 20, declared=("192.168.1.10", 5004), signalling=[sprayer.address[0]])
    for leg in legs:
        sprayer.send(leg.address)
    wait_until(lambda: all(leg.stats().received == 1 for leg in legs))
    assert [event for event in relay.events(timeout=0) if isinstance(event, Sprayer)] == []


def test_an_accepted_source_stays_accepted_when_it_is_marked(relay: Relay, sprayer: Party) -> None:
    (open_leg,) = legs_of(relay, 1, LatchPolicy("open"))
    assert is_heard(open_leg, sprayer)
    spray_until_marked(relay, sprayer, media_to(legs_of(relay, 8), sprayer))
    before = open_leg.stats().dropped.get(Reason.NO_ROUTE, 0)
    sprayer.send(open_leg.address, 5)
    wait_until(lambda: open_leg.stats().dropped.get(Reason.NO_ROUTE, 0) == before + 5)


def test_early_media_of_a_marked_source_waits_until_it_is_known_who_may_talk(relay: Relay, sprayer: Party) -> None:
    spray_until_marked(relay, sprayer, media_to(legs_of(relay, 8), sprayer))
    ringing = relay.create_session("ringing").add_leg("leg")
    ringing.publish()
    sprayer.send(ringing.address, 2)
    wait_until(lambda: ringing.stats().received == 2)
    # On a machine that is busy they may have waited for too long by now, but they were not refused.
    stats = ringing.stats()
    assert stats.holding + stats.dropped.get(Reason.PRE_ANSWER, 0) == 2
    ringing.signal("answer", declared=sprayer.address)
    sprayer.send(ringing.address)
    wait_until(lambda: ringing.stats().state is LatchState.PROVISIONAL)


# Canaries ------------------------------------------------------------------------------------------------------------


def test_one_packet_to_a_canary_is_enough(sprayer: Party) -> None:
    host = own_host()
    with Relay([Interface(host)], LARGE, workers=2, quarantine_s=0) as relay:
        canary = bound_ports(host, LARGE)[3]
        assert spray_until_marked(relay, sprayer, lambda: sprayer.rtp.sendto(b"", (host, canary))) < 0.1
        (open_leg,) = legs_of(relay, 1, LatchPolicy("open"))
        assert not is_heard(open_leg, sprayer)
        (trunk,) = legs_of(relay, 1, signalling=[sprayer.address[0]])
        assert is_heard(trunk, sprayer)


def test_a_flood_of_canaries_is_told_once_a_second_and_worker() -> None:
    host = own_host()
    with Relay([Interface(host)], LARGE, quarantine_s=0) as relay:
        canaries = bound_ports(host, LARGE)
        parties = [Party() for _ in range(20)]
        for party in parties:
            party.rtp.sendto(b"", (host, canaries[0]))
        time.sleep(1.1)  # the limit is a time
        parties[0].rtp.sendto(b"", (host, canaries[1]))
        found = [event.count for event in relay.events(timeout=0.5) if isinstance(event, Sprayer)]
        for party in parties:
            party.close()
        assert len(found) == 2
        assert sum(found) == 21


def bound_ports(host: str, ports: range) -> list[int]:
    """Ports of the range on which nobody else can be bound, by asking."""
    found = []
    for line in Path("/proc/net/udp").read_text(encoding="ascii").splitlines()[1:]:
        address, port = line.split()[1].split(":")
        if bytes.fromhex(address)[::-1] == bytes(map(int, host.split("."))) and int(port, 16) in ports:
            found.append(int(port, 16))
    return sorted(found)
