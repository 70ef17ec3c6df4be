"""What time makes due on a running relay: keepalives, media time-outs, closing, and what ICMP does to sending."""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from rtpcore import Interface, LatchPolicy, Leg, Reason, Relay, RtpPacket, Session, parse_rtcp
from rtpcore.events import ConsentLost, Event, MediaTimeout
from tests.party import PORTS, Party, answer, connect, conserved, own_host, wait_until

STUN_INDICATION = bytes.fromhex("0011")


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


def leg_of(relay: Relay, party: Party, said: dict[str, Any] | None = None, **knobs: Any) -> Leg:
    """One answered leg of a session of its own."""
    leg = relay.create_session("call").add_leg("0", policy=LatchPolicy(**knobs))
    leg.publish()
    told = {"declared": party.address, "rtcp": party.rtcp_address, "rtcp_mux": party.mux, **(said or {})}
    leg.signal("answer", signalling=[party.address[0]], **told)
    return leg


def events_of(relay: Relay, kind: type[Event], count: int = 1) -> list[Event]:
    found: list[Event] = []

    def come() -> bool:
        found.extend(event for event in relay.events(timeout=0.02) if isinstance(event, kind))
        return len(found) >= count

    wait_until(come, f"no {kind.__name__}")
    return found


# Keepalives --------------------------------------------------------------------------------------------------------


def test_a_quiet_port_sends_an_empty_datagram_and_the_rtcp_port_a_report(relay: Relay, caller: Party) -> None:
    leg = leg_of(relay, caller, keepalive_ms=100)
    begun = time.monotonic()
    octets, source = caller.receive_from()
    assert (octets, source) == (b"", leg.address)
    assert time.monotonic() - begun >= 0.09
    octets, source = caller.receive_report()
    assert source == leg.rtcp_address
    (report,) = parse_rtcp(octets)
    assert (type(report).__name__, len(octets)) == ("ReceiverReport", 8)
    wait_until(lambda: leg.stats().keepalives_sent >= 4)
    stats = leg.stats()
    assert (stats.rtp.sent, stats.rtcp.sent, stats.dropped) == (0, 0, {})


def test_with_rtcp_mux_it_is_a_report_on_the_rtp_port(relay: Relay) -> None:
    with Party(mux=True) as party:
        leg = leg_of(relay, party, keepalive_ms=100)
        octets, source = party.receive_from()
        assert source == leg.address
        assert octets[:4] == b"\x80\xc9\x00\x01"


def test_where_rtcp_is_encrypted_the_relay_can_make_none(relay: Relay) -> None:
    with Party(mux=True) as party:
        leg_of(relay, party, said={"encrypted": True}, keepalive_ms=100)
        assert party.receive() == [b""]


@pytest.mark.parametrize("method", ["stun", "rtp", "udp", "rtcp"])
def test_a_method_by_name(relay: Relay, caller: Party, method: str) -> None:
    leg_of(relay, caller, said={"payload_types": {0: 8000, 127: 8000}}, keepalive=method, keepalive_ms=100)
    first, second = caller.receive(2)
    if method == "stun":
        assert first[:2] == STUN_INDICATION
        assert first[4:8] == bytes.fromhex("2112a442")
        assert len(first) == 20 + 8  # with a fingerprint
        assert first[8:20] != second[8:20]
    elif method == "rtp":
        packets = [RtpPacket.parse(octets) for octets in (first, second)]
        assert [packet.payload_type for packet in packets] == [126, 126]
        assert [bytes(packet.payload) for packet in packets] == [b"", b""]
        assert packets[0].ssrc == packets[1].ssrc
    else:
        assert (first, second) == (b"", b"")  # RTCP that is not multiplexed does not go to the RTP port


def test_a_report_bears_the_ssrc_of_what_was_sent_there(relay: Relay, caller: Party, callee: Party) -> None:
    legs = connect(relay.create_session("call"), caller, callee)
    leg = relay.sessions["call"].legs["0"]
    assert leg is legs[0]
    with Party(mux=True) as party:
        session = relay.create_session("mux")
        first, second = (session.add_leg(name, policy=LatchPolicy(keepalive_ms=100)) for name in "ab")
        answer(first, party)
        answer(second, callee)
        callee.send(second.address, 3)
        party.receive(3)
        assert struct.unpack("!I", party.receive()[0][4:8]) == (callee.ssrc,)


def test_where_something_is_sent_no_keepalive_is(relay: Relay, caller: Party, callee: Party) -> None:
    session = relay.create_session("call")
    legs = [session.add_leg(name, policy=LatchPolicy(keepalive_ms=300)) for name in "ab"]
    for leg, party in zip(legs, (caller, callee), strict=True):
        leg.publish()
        leg.signal("answer", declared=party.address, signalling=[party.address[0]], rtcp_mux=False)
    end = time.monotonic() + 1.0
    count = 0
    while time.monotonic() < end:
        callee.send(legs[1].address)
        callee.send_report(legs[1].rtcp_address)
        count += 1
        time.sleep(0.02)
    wait_until(lambda: legs[0].stats().rtp.sent == count)
    assert legs[0].stats().keepalives_sent == 0
    assert legs[1].stats().keepalives_sent > 0


def test_none_goes_where_nothing_may_be_sent(relay: Relay) -> None:
    leg = relay.create_session("call").add_leg("0", policy=LatchPolicy(keepalive_ms=100))
    leg.publish()
    leg.signal("answer", declared=("192.168.1.10", 5004))
    time.sleep(0.3)
    assert leg.stats().keepalives_sent == 0


def test_without_an_interval_there_is_none(relay: Relay, caller: Party) -> None:
    leg = leg_of(relay, caller, keepalive_ms=None)
    time.sleep(0.3)
    assert leg.stats().keepalives_sent == 0


def test_they_count_towards_the_early_budget(relay: Relay, caller: Party) -> None:
    leg = relay.create_session("call").add_leg("0", policy=LatchPolicy(keepalive_ms=100, early_budget_ms=350))
    leg.publish()
    leg.signal("answer", declared=caller.address, signalling=["192.0.2.1"])
    time.sleep(1.0)
    assert 2 <= leg.stats().keepalives_sent <= 2 * 4
    assert leg.stats().dropped == {}


def test_the_first_one_may_go_at_once(relay: Relay, caller: Party) -> None:
    """Both parties wait for the other one's first packet."""
    leg = leg_of(relay, caller, keepalive_first=True)
    begun = time.monotonic()
    assert caller.receive_from() == (b"", leg.address)
    assert time.monotonic() - begun < 1.0
    assert leg.stats().keepalives_sent <= 2


# Media time-outs ---------------------------------------------------------------------------------------------------


def session_of(relay: Relay, *parties: Party, **knobs: Any) -> Session:
    session = relay.create_session("call")
    for index, party in enumerate(parties):
        answer(session.add_leg(str(index), policy=LatchPolicy(**knobs)), party)
    return session


def talk(session: Session, party: Party, name: str, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        party.send(session.legs[name].address)
        time.sleep(0.02)


def test_one_party_is_silent(relay: Relay, caller: Party, callee: Party) -> None:
    session = session_of(relay, caller, callee, media_timeout_ms=300)
    talk(session, caller, "0", 0.8)
    (event,) = (event for event in session.event_log() if isinstance(event, MediaTimeout))
    assert (event.session, event.leg, event.detail) == ("call", "1", "leg")
    assert event.silent_ns >= 300_000_000


def test_nobody_sends(relay: Relay, caller: Party, callee: Party) -> None:
    session = session_of(relay, caller, callee, media_timeout_ms=300)
    talk(session, caller, "0", 0.1)
    told = {event.leg: event for event in events_of(relay, MediaTimeout, 2)}
    assert told["0"].detail == "session"
    assert told["0"].source == caller.address
    assert told["1"].source is None
    assert not session.closed


def test_it_is_told_once_a_silence(relay: Relay, caller: Party) -> None:
    session = session_of(relay, caller, media_timeout_ms=200)
    time.sleep(0.8)
    talk(session, caller, "0", 0.1)
    time.sleep(1.2)  # an event of a kind comes at most once a second
    log = [event for event in session.event_log() if isinstance(event, MediaTimeout)]
    assert [event.count for event in log] == [1, 1]


@pytest.mark.parametrize("held", ["0", "1"])
def test_hold_on_either_leg_suspends_it(relay: Relay, caller: Party, callee: Party, held: str) -> None:
    session = session_of(relay, caller, callee, media_timeout_ms=200, on_media_timeout="close")
    caller.send(session.legs["0"].address, 3)
    callee.send(session.legs["1"].address, 3)
    wait_until(lambda: all(leg.stats().accepted_source is not None for leg in session.legs.values()))
    session.legs[held].signal("hold")
    time.sleep(0.7)
    assert [event for event in session.event_log() if isinstance(event, MediaTimeout)] == []
    assert not session.closed
    session.legs[held].signal("resume")
    wait_until(lambda: session.closed)


def test_a_party_that_only_receives_may_be_silent(relay: Relay, caller: Party, callee: Party) -> None:
    session = session_of(relay, caller, callee, media_timeout_ms=200)
    session.legs["1"].signal("reinvite", direction="recvonly")
    talk(session, caller, "0", 0.6)
    assert [event for event in session.event_log() if isinstance(event, MediaTimeout)] == []


def test_a_session_closes_by_itself_and_its_figures_stay(relay: Relay, caller: Party, callee: Party) -> None:
    session = session_of(relay, caller, callee, media_timeout_ms=300, on_media_timeout="close")
    caller.send(session.legs["0"].address, 10)
    wait_until(lambda: session.closed, "nobody closed it")
    wait_until(lambda: session.last_stats is not None)
    last = session.last_stats
    assert last is not None
    assert last.legs["0"].rtp.forwarded == 10
    assert all(conserved(stats) for stats in last.legs.values())
    assert relay.sessions == {}
    assert session.close() is None
    assert [event.name for event in session.event_log()].count("expired") == 2
    relay.create_session("call").add_leg("0")


def test_one_party_alone_keeps_a_session_open(relay: Relay, caller: Party, callee: Party) -> None:
    session = session_of(relay, caller, callee, media_timeout_ms=300, on_media_timeout="close")
    talk(session, caller, "0", 1.5)
    assert not session.closed


STALLED = """
import sys, time
from rtpcore import Interface, LatchPolicy, Relay
host, phone = sys.argv[1], sys.argv[2]
policy = LatchPolicy(media_timeout_ms=1000, consent_ms=1000, on_media_timeout="close")
with Relay([Interface(host)], range(30000, 30010)) as relay:
    session = relay.create_session("call")
    leg = session.add_leg("0", policy=policy)
    leg.publish()
    leg.signal("answer", declared=(phone, int(sys.argv[3])))
    print(leg.address[1], flush=True)
    sys.stdin.readline()
    print([event.name for event in session.event_log()], session.closed, flush=True)
"""


def test_a_process_that_was_stopped_blames_nobody(caller: Party) -> None:
    host = own_host()
    command = [sys.executable, "-c", STALLED, host, *map(str, caller.address)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        to = host, int(process.stdout.readline())
        for _ in range(10):
            caller.send(to)
            time.sleep(0.02)
        os.kill(process.pid, signal.SIGSTOP)
        for _ in range(100):
            caller.send(to)
            time.sleep(0.02)
        os.kill(process.pid, signal.SIGCONT)
        for _ in range(15):
            caller.send(to)
            time.sleep(0.02)
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline() == "['latched'] False\n"


# ICMP --------------------------------------------------------------------------------------------------------------


def test_a_closed_port_is_tried_again_and_media_goes_on_when_it_is_back(relay: Relay, caller: Party) -> None:
    callee = Party()
    address = callee.address
    session = session_of(relay, caller, callee)
    callee.close()
    talk(session, caller, "0", 1.5)
    stats = session.legs["0"].stats()
    assert stats.dropped[Reason.UNREACHABLE] >= 40
    assert 1 <= session.legs["1"].stats().rtp.sent <= 12
    assert relay.socket_errors()["ECONNREFUSED"] >= 1
    with Party(address[0]) as other:
        other.rtp.close()
        other.rtp = type(other.rtp)(other.rtp.family, other.rtp.type)
        other.rtp.bind(address)
        other.rtp.settimeout(5)
        talk(session, caller, "0", 3.0)
        assert other.waiting() >= 30
    assert conserved(session.legs["0"].stats())


def test_icmp_about_a_party_that_talks_is_ignored(relay: Relay, caller: Party) -> None:
    """Its RTP comes from a port that it does not receive on: each packet to it is answered by ICMP."""
    callee = Party()
    session = session_of(relay, caller, callee)
    with Party(callee.address[0]) as sender:
        callee.close()
        end = time.monotonic() + 1.0
        sent = 0
        while time.monotonic() < end:
            sender.send(session.legs["1"].address)
            caller.send(session.legs["0"].address)
            sent += 1
            time.sleep(0.02)
    assert session.legs["0"].stats().dropped.get(Reason.UNREACHABLE, 0) == 0


def test_a_destination_that_was_heard_and_fell_silent_is_left(relay: Relay, caller: Party, callee: Party) -> None:
    session = session_of(relay, caller, callee, consent_ms=400)
    talk(session, callee, "1", 0.2)
    talk(session, caller, "0", 1.0)
    (event,) = (event for event in session.event_log() if isinstance(event, ConsentLost))
    assert (event.leg, event.source, event.detail) == ("1", callee.address, "stopped")
    assert session.legs["0"].stats().dropped[Reason.CONSENT_LOST] >= 20
    talk(session, callee, "1", 0.1)
    before = session.legs["1"].stats().rtp.sent
    talk(session, caller, "0", 0.2)
    wait_until(lambda: session.legs["1"].stats().rtp.sent > before)


# Events ------------------------------------------------------------------------------------------------------------


def test_what_was_withheld_is_told_when_its_second_is_over(relay: Relay, caller: Party) -> None:
    session = session_of(relay, caller)
    with Party() as stranger:
        for _ in range(50):
            stranger.send(session.legs["0"].address)
        wait_until(lambda: session.legs["0"].stats().received == 50)
    assert [event.count for event in session.event_log()] == [1]
    wait_until(lambda: len(session.event_log()) == 2)
    assert [(event.name, event.count) for event in session.event_log()] == [("scope_miss", 1), ("scope_miss", 49)]


def test_closing_tells_what_was_withheld(relay: Relay, caller: Party) -> None:
    session = session_of(relay, caller)
    with Party() as stranger:
        stranger.send(session.legs["0"].address, 20)
        wait_until(lambda: session.legs["0"].stats().received == 20)
    session.close()
    assert [(event.name, event.count) for event in session.event_log()] == [
        ("scope_miss", 1),
        ("scope_miss", 19),
        ("expired", 1),
    ]


def test_the_log_keeps_the_newest_and_does_not_depend_on_who_takes_events(relay: Relay) -> None:
    session = relay.create_session("call")
    for index in range(200):
        session._log.append(MediaTimeout(index, None, None, 1, None, None, 0, 0, 0, ""))
    assert [event.time_ns for event in session.event_log()] == list(range(136, 200))
    assert relay.events_lost == 0
