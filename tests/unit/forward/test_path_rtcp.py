"""RTCP over real sockets, with rtcp-mux on none, one or both of the legs: reports, answers to them, and goodbye."""

from __future__ import annotations

import struct
import time
from collections.abc import Iterator

import pytest

from rtpcore import Interface, LatchPolicy, Reason, Relay
from tests.behaviour.media import goodbye, receiver_report, report_block
from tests.party import PORTS, Party, connect, conserved, own_host, wait_until


@pytest.fixture
def relay() -> Iterator[Relay]:
    with Relay([Interface(own_host())], PORTS, quarantine_s=0) as relay:
        yield relay


@pytest.mark.parametrize("caller_muxes", [False, True], ids=["caller apart", "caller mux"])
@pytest.mark.parametrize("callee_muxes", [False, True], ids=["callee apart", "callee mux"])
def test_reports_are_answered_across_the_bridge(relay: Relay, caller_muxes: bool, callee_muxes: bool) -> None:
    with Party(mux=caller_muxes) as caller, Party(mux=callee_muxes) as callee:
        legs = connect(relay.create_session("call"), caller, callee)
        for party, leg, other, other_leg in ((caller, legs[0], callee, legs[1]), (callee, legs[1], caller, legs[0])):
            (media,) = party.send(leg.address)
            assert other.receive() == [media]
            report = party.send_report(leg.rtcp_address)
            assert other.receive_report() == (report, other_leg.rtcp_address)
        answers = []
        for party, leg, other in ((caller, legs[0], callee), (callee, legs[1], caller)):
            last_sr = struct.unpack_from("!I", other.report(), 10)[0]
            block = report_block(other.ssrc, other.sequence_number, last_sr)
            answers.append(receiver_report(party.ssrc, block))
            (party.rtp if party.mux else party.rtcp).sendto(answers[-1], leg.rtcp_address)
        assert callee.receive_report()[0] == answers[0]
        assert caller.receive_report()[0] == answers[1]
        for leg, other in ((legs[0], callee), (legs[1], caller)):
            reported = leg.stats().reported
            assert reported is not None
            assert reported.extended_highest_sequence_number == other.sequence_number
            assert reported.round_trip_ns is not None
            assert 0 < reported.round_trip_ns < 5_000_000_000
            assert leg.stats().dropped == {}


@pytest.mark.parametrize("caller_muxes", [False, True], ids=["caller apart", "caller mux"])
@pytest.mark.parametrize("callee_muxes", [False, True], ids=["callee apart", "callee mux"])
def test_a_goodbye_crosses_the_bridge_and_lets_another_ssrc_in(
    relay: Relay, caller_muxes: bool, callee_muxes: bool
) -> None:
    with Party(mux=caller_muxes) as caller, Party(mux=callee_muxes) as callee:
        legs = connect(relay.create_session("call"), caller, callee)
        sent = caller.send(legs[0].address)
        assert callee.receive() == sent
        said = goodbye(caller.ssrc)
        (caller.rtp if caller_muxes else caller.rtcp).sendto(said, legs[0].rtcp_address)
        assert callee.receive_report() == (said, legs[1].rtcp_address)
        caller.ssrc += 0x10_0000
        sent = caller.send(legs[0].address)
        assert callee.receive() == sent
        assert legs[0].stats().ssrc == caller.ssrc


def test_rtcp_on_the_odd_port_is_heard_from_the_accepted_source_although_mux_was_negotiated(relay: Relay) -> None:
    with Party(mux=True) as caller, Party() as callee:
        legs = connect(relay.create_session("call"), caller, callee)
        caller.send(legs[0].address)
        callee.receive()
        odd = (legs[0].address[0], legs[0].address[1] + 1)
        report = caller.report()
        caller.rtp.sendto(report, odd)
        assert callee.receive_report()[0] == report
        caller.rtcp.sendto(report, odd)
        wait_until(lambda: legs[0].stats().dropped == {Reason.RTCP_INELIGIBLE: 1})


def test_an_rtcp_address_that_never_answers_gets_its_budget_and_no_more(relay: Relay) -> None:
    with Party() as caller, Party() as victim:
        session = relay.create_session("call")
        legs = [session.add_leg("caller"), session.add_leg("callee", policy=LatchPolicy(early_budget_ms=100))]
        for leg in legs:
            leg.publish()
        legs[0].signal("answer", declared=caller.address)
        # Media has no destination, for the declared address cannot be reached; RTCP has.
        legs[1].signal("answer", declared=("192.168.1.10", 5004), rtcp=victim.rtcp_address)
        caller.send(legs[0].address)
        first = caller.send_report(legs[0].rtcp_address)
        assert victim.receive_report()[0] == first
        time.sleep(0.11)  # the budget is a time
        for _ in range(20):
            caller.send_report(legs[0].rtcp_address)
        wait_until(lambda: legs[0].stats().received == 22)
        assert legs[0].stats().dropped == {Reason.NO_DESTINATION: 1, Reason.EARLY_BUDGET: 20}
        assert victim.waiting() == 0
        assert all(conserved(leg.stats()) for leg in legs)
