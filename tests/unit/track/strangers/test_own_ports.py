"""Ports of the relay as parties of its own sessions: a call that spirals through it works, anything else does not."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator

import pytest

from rtpcore import Interface, LatchPolicy, Leg, Reason, Relay
from tests.party import PORTS, Address, Party, own_host, wait_until


@pytest.fixture
def relay() -> Iterator[Relay]:
    with Relay([Interface(own_host())], PORTS, workers=2, quarantine_s=0) as relay:
        yield relay


@pytest.fixture
def caller() -> Iterator[Party]:
    with Party() as party:
        yield party


@pytest.fixture
def callee() -> Iterator[Party]:
    with Party() as party:
        yield party


def call(relay: Relay, name: str, **policies: LatchPolicy) -> tuple[Leg, Leg]:
    """A session with both legs published."""
    session = relay.create_session(name)
    legs = session.add_leg("in", policy=policies.get("policy")), session.add_leg("out", policy=policies.get("policy"))
    for leg in legs:
        leg.publish()
    return legs


def says(leg: Leg, address: Address) -> None:
    leg.signal("answer", declared=address)


def talk_until_heard(speaker: Party, leg: Leg, listener: Party) -> None:
    def heard() -> bool:
        speaker.send(leg.address)
        time.sleep(0.02)
        return listener.waiting() > 0

    wait_until(heard)


@pytest.mark.parametrize("sessions", [2, 3, 8])
@pytest.mark.parametrize("backwards", [False, True])
def test_a_call_that_spirals_through_the_relay_is_heard_both_ways(
    relay: Relay, caller: Party, callee: Party, sessions: int, backwards: bool
) -> None:
    calls = [call(relay, str(number)) for number in range(sessions)]
    said = [(calls[0][0], caller.address), (calls[-1][1], callee.address)]
    for (_, before), (after, _) in itertools.pairwise(calls):
        said += [(before, after.address), (after, before.address)]
    for leg, address in reversed(said) if backwards else said:
        says(leg, address)
    # Nobody has spoken yet: it works from either end.
    talk_until_heard(callee, calls[-1][1], caller)
    talk_until_heard(caller, calls[0][0], callee)
    for legs in calls:
        assert all(leg.stats().dropped.keys() <= {Reason.NO_DESTINATION} for leg in legs)
    callee.send(calls[-1][1].address)
    report = caller.send_report(calls[0][0].rtcp_address)
    assert callee.receive_report()[0] == report


@pytest.mark.parametrize("policy", [LatchPolicy(), LatchPolicy("open"), LatchPolicy("declared")], ids=str)
def test_a_port_of_another_session_that_declares_somebody_else_gets_nothing(
    relay: Relay, caller: Party, callee: Party, policy: LatchPolicy
) -> None:
    """What a forged or mistaken SDP would do: one call heard in another."""
    victim, other = call(relay, "victim"), call(relay, "other", policy=policy)
    says(victim[0], caller.address)
    says(victim[1], callee.address)
    says(other[1], victim[0].address)
    with Party() as intruder:
        says(other[0], intruder.address)
        for _ in range(20):
            intruder.send(other[0].address)
            time.sleep(0.005)
        wait_until(lambda: other[0].stats().received == 20)
        assert other[0].stats().dropped == {Reason.NO_DESTINATION: 20}
        assert other[1].stats().destination is None
        assert victim[0].stats().received == 0
        assert callee.waiting() == caller.waiting() == 0


def test_a_port_of_another_session_is_no_source_whatever_the_scope(relay: Relay, caller: Party) -> None:
    """The other session's leg sends to a leg of scope any, which does not declare it."""
    sender, victim = call(relay, "sender"), call(relay, "victim", policy=LatchPolicy("open"))
    says(sender[0], caller.address)
    says(victim[0], caller.address)
    says(victim[1], sender[1].address)  # one side only
    says(sender[1], ("192.0.2.9", 9))
    with Party(victim[0].address[0]) as neighbour:  # on the relay's host, but no port of the relay
        for _ in range(10):
            neighbour.send(victim[1].address)
            time.sleep(0.02)
        wait_until(lambda: victim[1].stats().accepted_source == neighbour.address)


def test_it_may_be_declared_before_it_is_mutual(relay: Relay, caller: Party, callee: Party) -> None:
    first, second = call(relay, "first"), call(relay, "second")
    says(first[0], caller.address)
    says(first[1], second[0].address)
    assert first[1].stats().destination is None
    says(second[1], callee.address)
    says(second[0], first[1].address)
    wait_until(lambda: first[1].stats().destination == second[0].address)
    wait_until(lambda: second[0].stats().destination == first[1].address)


def test_a_circle_of_sessions_is_broken(relay: Relay) -> None:
    first, second = call(relay, "first"), call(relay, "second")
    for one, other in ((first[1], second[0]), (second[1], first[0])):
        says(one, other.address)
        says(other, one.address)
    time.sleep(0.1)  # longer than the destinations are looked at again
    closed = [leg.stats().destination for leg in (*first, *second)]
    assert closed.count(None) >= 1
    assert [leg.stats().destination is None for leg in (second[1], first[0])] == [True, True]


def test_a_session_that_declares_itself_gets_nothing(relay: Relay) -> None:
    legs = call(relay, "self")
    says(legs[0], legs[1].address)
    says(legs[1], legs[0].address)
    time.sleep(0.05)
    assert [leg.stats().destination for leg in legs] == [None, None]
    says(legs[0], legs[0].address)
    assert legs[0].stats().destination is None


def test_a_port_that_was_freed_is_nobodys(relay: Relay, caller: Party) -> None:
    gone = relay.create_session("gone")
    address = gone.add_leg("leg").address
    gone.close()
    legs = call(relay, "call")
    says(legs[0], address)
    assert legs[0].stats().destination == address
    says(legs[1], caller.address)


def test_the_advertised_address_is_the_relays_too(caller: Party) -> None:
    """Behind a static NAT sessions know each other by the advertised address."""
    bind, advertised = own_host(), own_host()
    with Relay([Interface(bind, advertise=advertised)], PORTS) as relay:
        first, second = call(relay, "first"), call(relay, "second")
        says(first[1], second[0].address)
        assert second[0].address[0] == advertised
        assert first[1].stats().destination is None
        says(first[1], (bind, second[0].address[1]))
        assert first[1].stats().destination is None
        says(second[0], first[1].address)
        says(first[1], second[0].address)
        wait_until(lambda: first[1].stats().destination == second[0].address)
