"""The loop: it never waits for Python, stale readiness reaches nobody, and floods do not delay control for ever."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import repeat
from pathlib import Path

import pytest

import rtpcore
from rtpcore import Interface, Reason, Relay
from tests.party import PORTS, Party, answer, connect, conserved, descriptors, own_host, wait_until
from tests.process import Process

PROGRAMS = Path(__file__).parents[1] / "programs"
FLOODED = 16


def program(name: str, *arguments: str) -> Process:
    return Process(sys.executable, "-P", "-X", "faulthandler", PROGRAMS / name, *arguments)


@pytest.fixture
def host() -> str:
    return own_host()


@pytest.fixture
def relay(host: str) -> Iterator[Relay]:
    with Relay([Interface(host)], PORTS, quarantine_s=0) as relay:
        yield relay


@pytest.fixture
def flood(host: str) -> Iterator[Process]:
    """Another process sends to the 16 ports from 50000 of `host` for as long as the test lasts."""
    with program("flood.py", host, "50000", str(FLOODED)) as running:
        running.wait_for(str.isdecimal)
        yield running


# Python stands still -----------------------------------------------------------------------------------------------


def stall(seconds: float) -> tuple[float, float]:
    """Keeps the interpreter to itself in one call of C; from when to when."""
    count = 1_000_000
    while True:
        start = time.monotonic()
        max(repeat(0, count))
        end = time.monotonic()
        if end - start >= seconds:
            return start, end
        count = int(count * max(1.5, 1.3 * seconds / (end - start)))


def test_a_stalled_interpreter_delays_no_packet(relay: Relay) -> None:
    """Another process talks through the relay while this one runs no Python for most of a second."""
    with program("call.py", own_host(), "2.5") as call:
        addresses = json.loads(call.wait_for(lambda line: line.startswith("[")))
        session = relay.create_session("call")
        legs = [session.add_leg("speaker"), session.add_leg("listener")]
        for leg, address in zip(legs, addresses, strict=True):
            leg.publish()
            leg.signal("answer", declared=tuple(address))
        call.write_line(json.dumps(legs[0].address))
        wait_until(lambda: legs[0].stats().forwarded > 0)
        start, end = stall(0.7)
        times = json.loads(call.wait_for(lambda line: line.startswith("[["), 20))
    assert all(arrived is not None for _, arrived in times)
    during = [(sent, arrived) for sent, arrived in times if start < sent and sent < end]
    assert len(during) > 20, "the stall was not while they talked"
    late = [arrived - sent for sent, arrived in during]
    assert sum(arrived < end for _, arrived in during) >= len(during) - 2
    assert sorted(late)[len(late) // 2] < (end - start) / 10, late


# Floods ------------------------------------------------------------------------------------------------------------


def flooded_session(relay: Relay, number: int) -> rtpcore.Session:
    """A session both legs of which are sent to."""
    session = relay.create_session(f"flooded {number}")
    for name, port in (("a", 50000 + 4 * number), ("b", 50002 + 4 * number)):
        session.add_leg(name, port=port)
    return session


def wait_for_packets(session: rtpcore.Session) -> None:
    wait_until(lambda: all(stats.received for stats in session.stats().legs.values()))


def test_sessions_close_while_packets_flood_them(relay: Relay, flood: Process) -> None:
    before = descriptors()
    received = 0
    for turn in range(60):
        session = flooded_session(relay, turn % 4)
        for leg in session.legs.values():
            if turn % 2:
                leg.publish()
                leg.signal("answer", declared=("127.0.0.1", 9), signalling=[leg.address[0]])
        if turn % 3 == 0:
            wait_for_packets(session)
        last = session.close()
        assert last is not None
        for stats in last.legs.values():
            assert stats.holding == 0
            assert conserved(stats)
            received += stats.received
    assert received > 0
    assert descriptors() == before


def test_a_call_goes_on_beside_a_flood(relay: Relay, flood: Process) -> None:
    with Party() as caller, Party() as callee:
        legs = connect(relay.create_session("call"), caller, callee)
        for number in range(4):
            wait_for_packets(flooded_session(relay, number))
        for _ in range(200):
            sent = caller.send(legs[0].address)
            assert callee.receive() == sent
            assert all(
                conserved(stats) for session in relay.sessions.values() for stats in session.stats().legs.values()
            )
        assert legs[0].stats().dropped == {}


def test_publish_returns_while_packets_flood_the_port(relay: Relay, flood: Process) -> None:
    """Nobody who talked before is accepted, although there is always one more packet."""
    session = flooded_session(relay, 0)
    for leg in session.legs.values():
        leg.signal("answer", declared=("127.0.0.1", 9), signalling=[leg.address[0]])
        wait_until(lambda leg=leg: leg.stats().dropped.get(Reason.NOT_PUBLISHED, 0) > 100)  # type: ignore[misc]
        leg.publish()
    for leg in session.legs.values():
        stats = leg.stats()
        assert stats.accepted_source is None
        assert stats.forwarded == 0


def test_a_new_leg_gets_nothing_of_the_one_whose_descriptor_it_has(host: str, flood: Process) -> None:
    """Readiness of a port that has been closed is pending when another one gets its number."""
    with Relay([Interface(host)], range(41000, 41400), quarantine_s=0) as relay:
        for turn in range(150):
            flooded = flooded_session(relay, turn % 4)
            flooded.close()
            quiet = relay.create_session("quiet")
            legs = [quiet.add_leg("a"), quiet.add_leg("b")]
            legs[1].publish()
            stats = quiet.close()
            assert stats is not None
            assert [leg.received for leg in stats.legs.values()] == [0, 0]
        assert all(event.session != "quiet" or event.name == "expired" for event in relay.events(timeout=0))


def test_stress(relay: Relay) -> None:
    """Threads open, talk through, ask and close sessions of one worker, all at once."""
    failures: list[BaseException] = []
    numbers = iter(range(1 << 30))
    end = time.monotonic() + 1.5

    def work() -> None:
        try:
            with Party() as caller, Party() as callee:
                while time.monotonic() < end:
                    session = relay.create_session(f"{threading.get_ident()} {next(numbers)}")
                    legs = connect(session, caller, callee)
                    sent = caller.send(legs[0].address, 3)
                    assert callee.receive(3) == sent
                    relay.stats_array()
                    last = session.close()
                    assert last is not None
                    assert last.legs["0"].forwarded == last.legs["1"].rtp.sent == 3
                    assert callee.waiting() == caller.waiting() == 0
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert relay.sessions == {}


# Slots and timers --------------------------------------------------------------------------------------------------


def test_the_middle_leg_of_many_may_go(relay: Relay) -> None:
    """Legs leave the loop's list in any order, and the others go on."""
    with ExitStack() as stack:
        calls: list[tuple[rtpcore.Session, tuple[str, int], Party, Party]] = []
        for number in range(9):
            parties = [stack.enter_context(Party()) for _ in range(2)]
            session = relay.create_session(str(number))
            calls.append((session, connect(session, *parties)[0].address, parties[0], parties[1]))
        for gone in (4, 0, 8, 3, 5):
            calls[gone][0].close()
            for session, address, caller, callee in calls:
                if not session.closed:
                    sent = caller.send(address)
                    assert callee.receive() == sent
        again = relay.create_session("again")
        parties = [stack.enter_context(Party()) for _ in range(2)]
        new = connect(again, *parties)
        sent = parties[0].send(new[0].address)
        assert parties[1].receive() == sent


def test_timers_run_without_packets(relay: Relay) -> None:
    """What was held for an answer that never came is dropped in time, although the port is quiet."""
    with Party() as caller:
        leg = relay.create_session("call").add_leg("caller")
        leg.publish()
        caller.send(leg.address, 3)
        wait_until(lambda: leg.stats().holding == 3)
        wait_until(lambda: leg.stats().holding == 0)
        assert leg.stats().dropped == {Reason.PRE_ANSWER: 3}


def test_packets_held_for_the_answer_are_forwarded_in_order(relay: Relay) -> None:
    with Party() as caller, Party() as callee:
        session = relay.create_session("call")
        answer(session.add_leg("callee"), callee)
        leg = session.add_leg("caller")
        leg.publish()
        sent = caller.send(leg.address, 5)
        wait_until(lambda: leg.stats().holding == 5)
        leg.signal("answer", declared=caller.address)
        sent += caller.send(leg.address)
        assert callee.receive(6) == sent
        assert conserved(leg.stats())
