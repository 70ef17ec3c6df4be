"""The packet path over real sockets: RTP and RTCP both ways, what is bridged, and the conservation of counters."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

import rtpcore
from rtpcore import Interface, LatchPolicy, Reason, Relay
from tests.party import PORTS, Address, Party, answer, connect, conserved, has_ipv6, own_host, wait_until

needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="there is no IPv6 loopback here")


@pytest.fixture
def relay() -> Iterator[Relay]:
    with Relay([Interface(own_host())], PORTS, quarantine_s=0) as relay:
        yield relay


@pytest.fixture
def caller() -> Iterator[Party]:
    with Party() as party:
        yield party


@pytest.fixture
def callee() -> Iterator[Party]:
    with Party() as party:
        yield party


# RTP -------------------------------------------------------------------------------------------------------------


def test_rtp_goes_both_ways_unchanged_and_in_order(relay: Relay, caller: Party, callee: Party) -> None:
    legs = connect(relay.create_session("call"), caller, callee)
    for _ in range(5):
        there, back = caller.send(legs[0].address, 10), callee.send(legs[1].address, 10)
        assert callee.receive(10) == there
        assert caller.receive(10) == back
    for leg in legs:
        stats = leg.stats()
        assert (stats.rtp.received, stats.rtp.forwarded, stats.rtp.sent) == (50, 50, 50)
        assert stats.dropped == {}


def test_rtp_leaves_from_the_port_that_the_party_sends_to(relay: Relay, caller: Party, callee: Party) -> None:
    """Symmetric RTP (RFC 4961)."""
    legs = connect(relay.create_session("call"), caller, callee)
    caller.send(legs[0].address)
    callee.send(legs[1].address)
    assert callee.receive_from()[1] == legs[1].address
    assert caller.receive_from()[1] == legs[0].address


def test_rtp_follows_the_accepted_source_and_not_the_declared_port(relay: Relay, callee: Party) -> None:
    with Party() as phone:
        session = relay.create_session("call")
        legs = [session.add_leg("phone"), session.add_leg("callee")]
        answer(legs[1], callee)
        legs[0].publish()
        legs[0].signal("answer", declared=("192.168.1.10", 5004), signalling=[phone.address[0]])
        callee.send(legs[1].address)
        wait_until(lambda: legs[1].stats().dropped == {Reason.NO_DESTINATION: 1})
        sent = phone.send(legs[0].address)
        time.sleep(0.02)  # a signalled host needs two packets, at the pace of media
        sent += phone.send(legs[0].address)
        assert callee.receive(2) == sent
        back = callee.send(legs[1].address)
        assert phone.receive_from() == (back[0], legs[0].address)
        assert legs[0].stats().destination == phone.address


@pytest.mark.parametrize("size", [0, 1, 1460, 9000])
def test_payloads_of_every_size(relay: Relay, caller: Party, callee: Party, size: int) -> None:
    legs = connect(relay.create_session("call"), caller, callee)
    caller.send(legs[0].address)  # an empty payload qualifies nobody
    callee.receive()
    packet = caller.packet(bytes(size))
    caller.rtp.sendto(packet, legs[0].address)
    assert callee.receive() == [packet]


def test_a_datagram_that_does_not_fit_is_counted_and_dropped(relay: Relay, caller: Party, callee: Party) -> None:
    legs = connect(relay.create_session("call"), caller, callee)
    caller.send(legs[0].address)
    caller.rtp.sendto(caller.packet(bytes(9300)), legs[0].address)
    last = caller.send(legs[0].address)
    callee.receive(1)
    assert callee.receive() == last
    assert legs[0].stats().dropped == {Reason.TRUNCATED: 1}


def test_an_empty_datagram_is_not_the_end(relay: Relay, caller: Party, callee: Party) -> None:
    legs = connect(relay.create_session("call"), caller, callee)
    caller.send(legs[0].address)
    caller.rtp.sendto(b"", legs[0].address)
    caller.rtcp.sendto(b"", legs[0].rtcp_address)
    caller.send(legs[0].address)
    callee.receive(2)
    wait_until(lambda: legs[0].stats().received == 4)
    assert sum(legs[0].stats().dropped.values()) == 2


def test_a_session_of_one_leg_has_nowhere_to_send(relay: Relay, caller: Party) -> None:
    (leg,) = connect(relay.create_session("call"), caller)
    caller.send(leg.address, 3)
    wait_until(lambda: leg.stats().received == 3)
    assert leg.stats().dropped == {Reason.NO_ROUTE: 3}
    assert conserved(leg.stats())


def test_a_second_leg_may_join_a_running_one(relay: Relay, caller: Party, callee: Party) -> None:
    session = relay.create_session("call")
    (first,) = connect(session, caller)
    caller.send(first.address)
    wait_until(lambda: first.stats().dropped == {Reason.NO_ROUTE: 1})
    answer(session.add_leg("callee"), callee)
    sent = caller.send(first.address)
    assert callee.receive() == sent


def test_a_stranger_is_not_heard_and_hears_nothing(relay: Relay, caller: Party, callee: Party) -> None:
    legs = connect(relay.create_session("call"), caller, callee)
    with Party() as stranger:
        sent = []
        for _ in range(10):
            stranger.send(legs[0].address, 2)
            stranger.send(legs[1].address, 2)
            stranger.send_report(legs[0].rtcp_address)
            sent += caller.send(legs[0].address)
        assert callee.receive(10) == sent
        wait_until(lambda: legs[0].stats().received == 40)
        assert (stranger.waiting(), callee.waiting(), caller.waiting()) == (0, 0, 0)
    assert legs[0].stats().dropped == {Reason.OUT_OF_SCOPE: 20, Reason.RTCP_INELIGIBLE: 10}
    assert all(conserved(leg.stats()) for leg in legs)


def test_what_returns_to_where_it_came_from_is_a_loop(relay: Relay, caller: Party, callee: Party) -> None:
    """The callee's own packets, sent back by a host that signalling does not name."""
    legs = connect(relay.create_session("call"), caller, callee)
    caller.send(legs[0].address)
    (heard,) = callee.receive()
    with Party("127.0.9.9") as echo:
        echo.rtp.sendto(heard, legs[1].address)
        wait_until(lambda: legs[1].stats().dropped == {Reason.LOOP: 1}, str(legs[1].stats().dropped))


def test_the_relay_does_not_talk_to_itself(relay: Relay, caller: Party, callee: Party) -> None:
    """A declared address that is one of the session's own is no destination."""
    session = relay.create_session("call")
    legs = connect(session, caller, callee)
    legs[1].signal("reinvite", declared=legs[0].address)
    caller.send(legs[0].address, 3)
    wait_until(lambda: legs[0].stats().received == 3)
    assert legs[0].stats().dropped == {Reason.NO_DESTINATION: 3}


# RTCP ------------------------------------------------------------------------------------------------------------


def test_rtcp_goes_from_odd_port_to_odd_port(relay: Relay, caller: Party, callee: Party) -> None:
    """And leaves from the port that it is received on: symmetric RTCP (RFC 4961)."""
    legs = connect(relay.create_session("call"), caller, callee)
    caller.send(legs[0].address)
    callee.send(legs[1].address)
    callee.receive()
    caller.receive()
    there = caller.send_report(legs[0].rtcp_address)
    assert callee.receive_report() == (there, legs[1].rtcp_address)
    back = callee.send_report(legs[1].rtcp_address)
    assert caller.receive_report() == (back, legs[0].rtcp_address)
    for leg in legs:
        stats = leg.stats()
        assert (stats.rtcp.received, stats.rtcp.forwarded, stats.rtcp.sent) == (1, 1, 1)
        assert (stats.rtp.received, stats.rtp.forwarded, stats.rtp.sent) == (1, 1, 1)


def test_rtcp_follows_the_address_that_it_comes_from(relay: Relay, caller: Party, callee: Party) -> None:
    """A party whose RTCP does not leave from where a=rtcp says, after a second report that agrees."""
    legs = connect(relay.create_session("call"), caller, callee)
    caller.send(legs[0].address)
    callee.send(legs[1].address)
    callee.receive()
    caller.receive()
    with Party(caller.address[0]) as elsewhere:
        elsewhere.ssrc = caller.ssrc
        sent = [elsewhere.send_report(legs[0].rtcp_address) for _ in range(2)]
        assert [callee.receive_report()[0] for _ in range(2)] == sent
        back = callee.send_report(legs[1].rtcp_address)
        assert elsewhere.receive_report() == (back, legs[0].rtcp_address)
        assert legs[0].stats().rtcp_accepted_source == elsewhere.rtcp_address


@pytest.mark.parametrize(("caller_muxes", "callee_muxes"), [(True, False), (False, True), (True, True)])
def test_rtcp_mux_is_bridged(relay: Relay, caller_muxes: bool, callee_muxes: bool) -> None:
    with Party(mux=caller_muxes) as caller, Party(mux=callee_muxes) as callee:
        legs = connect(relay.create_session("call"), caller, callee)
        for leg, muxes in zip(legs, (caller_muxes, callee_muxes), strict=True):
            assert (leg.rtcp_address == leg.address) is muxes
        for (party, leg), (other, other_leg) in (
            ((caller, legs[0]), (callee, legs[1])),
            ((callee, legs[1]), (caller, legs[0])),
        ):
            media = party.send(leg.address)
            assert other.receive() == media
            report = party.send_report(leg.rtcp_address)
            assert other.receive_report() == (report, other_leg.rtcp_address)
        for leg in legs:
            stats = leg.stats()
            assert (stats.rtp.received, stats.rtp.forwarded, stats.rtp.sent) == (1, 1, 1)
            assert (stats.rtcp.received, stats.rtcp.forwarded, stats.rtcp.sent) == (1, 1, 1)


def test_rtcp_on_the_rtp_port_is_stray_without_mux(relay: Relay, caller: Party, callee: Party) -> None:
    legs = connect(relay.create_session("call"), caller, callee)
    caller.send(legs[0].address)
    callee.receive()
    caller.rtp.sendto(caller.report(), legs[0].address)
    caller.rtcp.sendto(caller.packet(), legs[0].rtcp_address)
    wait_until(lambda: legs[0].stats().received == 3)
    assert legs[0].stats().dropped == {Reason.STRAY_RTCP: 1, Reason.STRAY_RTP: 1}
    assert callee.waiting() == 0


# Interfaces ------------------------------------------------------------------------------------------------------


@needs_ipv6
def test_ipv6(caller: Party) -> None:
    with Relay([Interface("::1")], PORTS) as relay, Party("::1") as first, Party("::1") as second:
        legs = connect(relay.create_session("call"), first, second)
        assert legs[0].address[0] == "::1"
        sent = first.send(legs[0].address)
        assert second.receive() == sent
        report = first.send_report(legs[0].rtcp_address)
        assert second.receive_report() == (report, legs[1].rtcp_address)


@needs_ipv6
def test_ipv4_and_ipv6_are_bridged() -> None:
    """RTP and RTCP, both ways, and each leg speaks its own family."""
    interfaces = [Interface(own_host(), name="four"), Interface("::1", name="six")]
    with Relay(interfaces, PORTS) as relay, Party() as old, Party("::1") as new:
        session = relay.create_session("call")
        legs = [session.add_leg("old", interface="four"), session.add_leg("new", interface="six")]
        answer(legs[0], old)
        answer(legs[1], new)
        for (party, leg), (other, other_leg) in (((old, legs[0]), (new, legs[1])), ((new, legs[1]), (old, legs[0]))):
            (media,) = party.send(leg.address)
            assert other.receive_from() == (media, other_leg.address)
            report = party.send_report(leg.rtcp_address)
            assert other.receive_report() == (report, other_leg.rtcp_address)
        assert legs[1].stats().accepted_source == new.address


@needs_ipv6
def test_a_destination_of_the_other_family_is_a_counted_drop(caller: Party) -> None:
    """The SDP has IPv4 and the leg was bound on IPv6: nothing can be sent, and nothing else breaks."""
    with Relay([Interface("::1")], PORTS) as relay, Party("::1") as party:
        session = relay.create_session("call")
        legs = [session.add_leg("0"), session.add_leg("1")]
        answer(legs[0], party)
        legs[1].publish()
        legs[1].signal("answer", declared=caller.address)
        party.send(legs[0].address, 3)
        wait_until(lambda: legs[0].stats().received == 3)
        assert legs[0].stats().dropped == {Reason.SEND_FAILED: 3}
        assert sum(relay.socket_errors().values()) == 3


# Conservation ----------------------------------------------------------------------------------------------------


def junk(party: Party, leg: rtpcore.Leg) -> list[tuple[socket.socket, bytes, Address]]:
    """One datagram for each of many reasons."""
    packet = party.packet()
    return [
        (party.rtp, b"\x80", leg.address),
        (party.rtp, b"\x40" + packet[1:], leg.address),
        (party.rtp, b"\x8f" + packet[1:20], leg.address),
        (party.rtp, b"\x90" + packet[1:12] + b"\0\0\xff\xff", leg.address),
        (party.rtp, b"\xa0" + packet[1:12] + b"\0", leg.address),
        (party.rtp, bytes(20), leg.address),
        (party.rtp, b"\x14" + bytes(30), leg.address),
        (party.rtp, b"\xff" * 30, leg.address),
        (party.rtp, party.report(), leg.address),
        (party.rtcp, packet, leg.rtcp_address),
        (party.rtcp, b"\x80\xc8\0", leg.rtcp_address),
        (party.rtcp, party.report() + b"\0", leg.rtcp_address),
        (party.rtcp, b"\x80\xca" + party.report()[2:], leg.rtcp_address),
        (party.rtcp, party.report()[:8], leg.rtcp_address),
    ]


def test_every_packet_is_accounted_for(relay: Relay, caller: Party, callee: Party) -> None:
    """Media, reports, junk and a stranger at once, both ways."""
    legs = connect(relay.create_session("call"), caller, callee)
    sent = [0, 0]
    with Party() as stranger:
        for turn in range(60):
            for index, (party, leg) in enumerate(zip((caller, callee), legs, strict=True)):
                sent[index] += len(party.send(leg.address, 5))
                party.send_report(leg.rtcp_address)
                stranger.send(leg.address, 2)
                sent[index] += 3
                datagrams = junk(party, leg) if turn % 5 == 0 else []
                for udp, octets, address in datagrams:
                    udp.sendto(octets, address)
                sent[index] += len(datagrams)
            caller.waiting()
            callee.waiting()
    stats = [leg.stats() for leg in legs]
    wait_until(lambda: [leg.stats().received for leg in legs] == sent, f"{sent} {stats}")
    first, second = (leg.stats() for leg in legs)
    assert conserved(first)
    assert conserved(second)
    assert first.kernel_dropped == second.kernel_dropped == 0
    assert len(first.dropped) >= 10
    for one, other in ((first, second), (second, first)):
        assert one.rtp.forwarded == other.rtp.sent == 300
        assert one.rtcp.forwarded == other.rtcp.sent == 60


def test_overload_is_accounted_for_with_a_tiny_receive_buffer(caller: Party, callee: Party) -> None:
    """Sent = received + dropped by the kernel, and received = forwarded + dropped + held, when most is lost."""
    with Relay([Interface(own_host())], PORTS, receive_buffer_octets=1) as relay:
        legs = connect(relay.create_session("call"), caller, callee)
        address, sent = legs[0].address, 0
        packets = [caller.packet() for _ in range(2000)]
        while legs[0].stats().kernel_dropped < 100:
            assert sent < 200_000, "the kernel drops nothing"
            for packet in packets:
                caller.rtp.sendto(packet, address)
            sent += len(packets)
            callee.waiting()

        def arrived() -> bool:
            stats = legs[0].stats()
            return stats.received + stats.kernel_dropped == sent

        wait_until(arrived, f"{sent} were sent: {legs[0].stats()}")
        stats = legs[0].stats()
        assert conserved(stats)
        assert stats.kernel_dropped >= 100
        assert stats.forwarded == legs[1].stats().rtp.sent > 0


def test_the_early_budget_ends_sending_and_counts_what_it_stops(relay: Relay, caller: Party) -> None:
    """A declared host that never answers is not sent to for ever."""
    with Party() as silent:
        session = relay.create_session("call")
        leg = session.add_leg("caller")
        answer(leg, caller)
        answer(session.add_leg("silent", policy=LatchPolicy(early_budget_ms=1)), silent)
        caller.send(leg.address)
        silent.receive()
        wait_until(lambda: bool(caller.send(leg.address)) and Reason.EARLY_BUDGET in leg.stats().dropped)
        stopped = leg.stats()
        assert set(stopped.dropped) == {Reason.EARLY_BUDGET}
        assert conserved(stopped)
