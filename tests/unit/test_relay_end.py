"""How a relay ends: close, from several threads, in a forked child, by a signal, forgotten, and again and again.

What concerns a whole process runs as a program of its own, in programs/.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import rtpcore
from rtpcore import Interface, Relay
from tests.party import PORTS, Party, answer, connect, descriptors, own_host, wait_until
from tests.process import Process

PROGRAMS = Path(__file__).with_name("programs")
GROWTH_OCTETS = {"sessions": 1 << 20, "failures": 1 << 20, "relays": 2 << 20}  # threads of relays cost arenas


def program(name: str, *arguments: str) -> Process:
    return Process(sys.executable, "-P", "-X", "faulthandler", PROGRAMS / name, *arguments)


# close() ---------------------------------------------------------------------------------------------------------


def test_close_gives_everything_back() -> None:
    before = descriptors(), threading.active_count()
    relay = Relay([Interface(own_host())], PORTS, workers=3)
    for number in range(5):
        session = relay.create_session(str(number))
        session.add_leg("caller")
        session.add_leg("callee")
    relay.close()
    assert relay.closed
    assert relay.sessions == {}
    assert (descriptors(), threading.active_count()) == before


def test_close_again_does_nothing() -> None:
    relay = Relay([Interface(own_host())], PORTS)
    for _ in range(3):
        relay.close()
    assert relay.closed


def test_a_relay_is_a_context_manager() -> None:
    before = descriptors()
    relay = Relay([Interface(own_host())], PORTS)
    relay.create_session("call").add_leg("caller")
    with pytest.raises(KeyError), relay:
        raise KeyError
    assert relay.closed
    assert descriptors() == before
    with pytest.raises(rtpcore.Closed), relay:
        relay.create_session("again")


def test_ports_are_free_as_soon_as_close_returns() -> None:
    host = own_host()
    for _ in range(50):
        with Relay([Interface(host)], PORTS) as relay:
            relay.create_session("call").add_leg("caller", port=4000)


@pytest.mark.parametrize("workers", [1, 3])
def test_relay_and_sessions_may_be_closed_from_several_threads_at_once(workers: int) -> None:
    """Whoever comes first: nobody gets an error, and nothing is lost."""
    before = descriptors(), threading.active_count()
    host = own_host()
    for _ in range(25):
        relay = Relay([Interface(host)], PORTS, workers, quarantine_s=0)
        sessions = [relay.create_session(str(number)) for number in range(8)]
        for session in sessions:
            session.add_leg("caller", port=None)
            session.add_leg("callee")
        failures: list[BaseException] = []
        start = threading.Barrier(4)

        def close(*members: Relay | rtpcore.Session) -> None:
            start.wait()  # noqa: B023
            for member in members:
                try:
                    member.close()
                except BaseException as error:  # noqa: BLE001
                    failures.append(error)  # noqa: B023

        work: list[tuple[Relay | rtpcore.Session, ...]] = [tuple(sessions[:4]), tuple(sessions[4:]), (relay,), (relay,)]
        threads = [threading.Thread(target=close, args=members) for members in work]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert descriptors() == before[0]
    assert threading.active_count() == before[1]


def test_close_while_others_create() -> None:
    """A session that is created meanwhile is either closed with the relay or not created."""
    before = descriptors()
    for _ in range(25):
        relay = Relay([Interface(own_host())], range(10000, 20000), 2, quarantine_s=0)
        failures: list[BaseException] = []
        made: list[rtpcore.Session] = []

        def create(mine: int, relay: Relay = relay) -> None:
            try:
                while True:
                    session = relay.create_session(f"{mine} {len(made)}")  # noqa: B023
                    made.append(session)  # noqa: B023
                    session.add_leg("caller")
                    session.add_leg("callee")
            except (rtpcore.Closed, rtpcore.PortsExhausted):  # three threads without a lock may be as fast as that
                pass
            except BaseException as error:  # noqa: BLE001
                failures.append(error)  # noqa: B023

        threads = [threading.Thread(target=create, args=(mine,)) for mine in range(3)]
        for thread in threads:
            thread.start()
        wait_until(lambda: len(made) > 10)  # noqa: B023
        relay.close()
        for thread in threads:
            thread.join()
        assert failures == []
        assert all(session.closed for session in made)
        assert descriptors() == before


def test_statistics_stay_valid_after_close() -> None:
    with Party() as caller, Party() as callee, Relay([Interface(own_host())], PORTS) as relay:
        legs = connect(relay.create_session("call"), caller, callee)
        caller.send(legs[0].address, 3)
        callee.receive(3)
        rows, stats = relay.stats_array(), legs[0].stats()
        relay.close()
    assert sorted(rows["rtp_received"].tolist()) == [0, 3]
    assert stats.forwarded == 3


# Signals ---------------------------------------------------------------------------------------------------------


def ended_by(mode: str, number: int) -> int:
    with program("signals.py", own_host(), mode) as running:
        running.wait_for(lambda line: line == "ready")
        running.signal(number)
        status = running.wait(10)
        assert "Fatal" not in running.errors, running.errors
        if status == 0:
            assert running.lines[-1] == "over"
        return status


def test_ctrl_c_ends_the_wait_for_events() -> None:
    assert ended_by("interrupted", signal.SIGINT) == -signal.SIGINT


def test_a_handler_may_close_the_relay() -> None:
    assert ended_by("closed_by_handler", signal.SIGTERM) == 0


def test_a_handler_may_close_the_relay_whatever_is_going_on() -> None:
    with program("signals.py", own_host(), "closed_by_handler_at_work") as running:
        assert running.wait(60) == 0, str(running)
        assert running.lines == ["over"]


def test_a_signal_every_millisecond_costs_nothing() -> None:
    with program("signals.py", own_host(), "timer") as running:
        assert running.wait(30) == 0, running.errors
        assert running.lines == ["over"]


# fork ------------------------------------------------------------------------------------------------------------


def test_the_child_of_a_fork_disowns_the_relay() -> None:
    """However it ends and whatever it does with what it inherited; the parent relays on and has its ports back."""
    with program("fork.py", own_host()) as running:
        assert running.wait(60) == 0, str(running)
    assert len(running.lines) == 22
    assert {line.rpartition(":")[2] for line in running.lines[:-1]} == {" 0"}
    assert running.lines[-1] == "parent: as before"


def test_a_program_started_by_the_parent_inherits_nothing() -> None:
    with Relay([Interface(own_host())], PORTS) as relay:
        relay.create_session("call").add_leg("caller")
        listing = "import os; print(*os.listdir('/proc/self/fd'))"
        run = subprocess.run(
            [sys.executable, "-c", listing], capture_output=True, text=True, check=True, close_fds=False
        )
        inherited = {int(number) for number in run.stdout.split()}
        ours = {int(path.name) for path in Path("/proc/self/fd").iterdir()}
        sockets = [number for number in inherited & ours if is_anonymous(number)]
    assert sockets == []


def is_anonymous(number: int) -> bool:
    """A socket, an eventfd or an epoll instance of this process that would pass through exec."""
    try:
        target = str(Path(f"/proc/self/fd/{number}").readlink())
    except OSError:
        return False
    return target.startswith(("socket:", "anon_inode:")) and os.get_inheritable(number)


# Forgotten -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "mode",
    [
        "collected",
        "session_kept",
        "open_at_exit",
        "in_a_cycle",
        "consumer_at_exit",
        "users_at_exit",
        "exception_at_exit",
    ],
)
def test_a_relay_that_nobody_closes_ends_in_peace(mode: str) -> None:
    with program("forgotten.py", own_host(), mode) as running:
        assert running.wait(20) == 0, str(running)
        assert running.errors == ""


def test_the_program_ends_while_packets_flood_the_relay() -> None:
    host = own_host()
    with program("flood.py", host, "40000", "16") as flood:
        flood.wait_for(str.isdecimal)
        for mode in ("open_at_exit", "users_at_exit", "collected"):
            with program("forgotten.py", host, mode) as running:
                assert running.wait(20) == 0, str(running)
                assert running.errors == ""


# Again and again -------------------------------------------------------------------------------------------------


@pytest.mark.skipif(
    bool(sysconfig.get_config_var("Py_GIL_DISABLED")), reason="without a lock memory is given back late"
)
def test_nothing_grows(record_property: Callable[[str, object], None]) -> None:
    """Memory, descriptors and threads over 2,000 sessions, 10,000 failures and three times 300 relays."""
    with program("leak.py", own_host()) as running:
        report = running.report(60)
    record_property("sessions_per_s", report["sessions_per_s"])
    for kind, limit in GROWTH_OCTETS.items():
        octets, files, threads = report[kind]
        assert octets < limit, report
        assert (files, threads) == (0, 0), report


def test_a_thousand_sessions_at_once(record_property: Callable[[str, object], None]) -> None:
    """Set up in one burst, relayed once each, closed in one burst."""
    before = descriptors()
    host = own_host()
    with Relay([Interface(host)], range(10000, 14000), quarantine_s=0) as relay, Party() as caller, Party() as callee:
        start = time.monotonic()
        sessions = [relay.create_session(str(number)) for number in range(1000)]
        for session in sessions:
            answer(session.add_leg("caller"), caller)
            answer(session.add_leg("callee"), callee)
        opened = time.monotonic()
        assert len(relay.stats_array()) == 2000
        for session in sessions:
            packet = caller.packet()
            caller.rtp.sendto(packet, session.legs["caller"].address)
            assert callee.receive() == [packet]
        closing = time.monotonic()
        for session in sessions:
            session.close()
        closed = time.monotonic()
    record_property("set_up_per_s", round(1000 / (opened - start)))
    record_property("closed_per_s", round(1000 / (closed - closing)))
    print(json.dumps({"set up a second": 1000 / (opened - start), "closed a second": 1000 / (closed - closing)}))
    assert descriptors() == before
