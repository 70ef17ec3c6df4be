"""Relay and Interface: arguments, interfaces, ports, statistics. What ends a relay stands in test_relay_end.py."""

from __future__ import annotations

import gc
import itertools
import resource
import socket
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import rtpcore
from rtpcore import Interface, Relay
from tests.party import PORTS, Party, connect, conserved, descriptors, own_host, wait_until

PROGRAMS = Path(__file__).with_name("programs")


@pytest.fixture
def host() -> str:
    return own_host()


@pytest.fixture
def relay(host: str) -> Iterator[Relay]:
    with Relay([Interface(host)], PORTS, quarantine_s=0) as relay:
        yield relay


# Interfaces ------------------------------------------------------------------------------------------------------


def test_an_interface_advertises_what_it_binds_unless_told_otherwise() -> None:
    assert Interface("127.0.0.1") == Interface("127.0.0.1", advertise="127.0.0.1", name="127.0.0.1")
    behind_nat = Interface("127.0.0.1", advertise="203.0.113.7", name="public")
    assert (behind_nat.bind, behind_nat.advertise, behind_nat.name) == ("127.0.0.1", "203.0.113.7", "public")


def test_an_interface_is_written_in_one_form() -> None:
    assert Interface("0:0:0:0:0:0:0:1") == Interface("::1")
    assert Interface("::ffff:127.0.0.1").bind == "127.0.0.1"


def test_bind_and_advertise_are_two_things(host: str) -> None:
    interfaces = [Interface(host, advertise="203.0.113.7", name="public"), Interface(host, name="private")]
    with Relay(interfaces, PORTS) as relay:
        session = relay.create_session("call")
        outer, inner = session.add_leg("outer", interface="public"), session.add_leg("inner", interface="private")
        assert outer.address[0] == outer.rtcp_address[0] == "203.0.113.7"
        assert inner.address[0] == inner.rtcp_address[0] == host
        assert list(relay.interfaces) == ["public", "private"]
        for leg in (outer, inner):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, pytest.raises(OSError, match="in use"):
                probe.bind((host, leg.address[1]))


def test_the_first_interface_is_the_default(host: str) -> None:
    with Relay([Interface(host, name="b"), Interface(own_host(), name="a")], PORTS) as relay:
        assert relay.create_session("call").add_leg("caller").address[0] == host


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("localhost",), rtpcore.ConfigurationError, "'localhost'"),
        (("",), rtpcore.ConfigurationError, "''"),
        (("127.0.0.1\0",), rtpcore.ConfigurationError, "'127.0.0.1\\x00'"),
        ((5,), TypeError, "5"),
        ((None,), TypeError, "None"),
        (("127.0.0.1", "public"), rtpcore.ConfigurationError, "'public'"),
        (("127.0.0.1", ""), rtpcore.ConfigurationError, "''"),
        (("127.0.0.1", 5), TypeError, "5"),
        (("127.0.0.1", "224.0.0.1"), rtpcore.ConfigurationError, "'224.0.0.1'"),
        (("127.0.0.1", "0.0.0.0"), rtpcore.ConfigurationError, "'0.0.0.0'"),
        (("127.0.0.1", None, 5), TypeError, "int 5"),
        (("127.0.0.1", None, ""), rtpcore.ConfigurationError, "the name of an interface is empty."),
    ],
)
def test_an_interface_that_cannot_be_meant_is_named(
    arguments: tuple[Any, ...], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        Interface(*arguments)
    assert message in str(caught.value)


# Arguments -------------------------------------------------------------------------------------------------------

LOCAL = [Interface("127.0.0.1")]


@pytest.mark.parametrize(
    ("interfaces", "settings", "error", "message"),
    [
        ([], {}, rtpcore.ConfigurationError, "a relay needs at least one interface."),
        (LOCAL * 2, {}, rtpcore.ConfigurationError, "two interfaces are named '127.0.0.1'."),
        (LOCAL[0], {}, TypeError, "interfaces must be a sequence, not Interface"),
        (None, {}, TypeError, "interfaces must be a sequence, not NoneType None."),
        ("127.0.0.1", {}, TypeError, "not str '1'."),
        (["127.0.0.1"], {}, TypeError, "not str '127.0.0.1'."),
        (LOCAL, {"ports": [4000, 4001]}, TypeError, "ports must be a range, not list."),
        (LOCAL, {"ports": range(4000, 4001)}, rtpcore.ConfigurationError, "range(4000, 4001)"),
        (LOCAL, {"workers": 0}, rtpcore.ConfigurationError, "workers is 0, but must be 1 to 256."),
        (LOCAL, {"workers": -1}, rtpcore.ConfigurationError, "workers is -1"),
        (LOCAL, {"workers": 257}, rtpcore.ConfigurationError, "workers is 257"),
        (LOCAL, {"workers": 1.5}, TypeError, "workers must be an int, not float 1.5."),
        (LOCAL, {"workers": True}, TypeError, "workers must be an int, not bool True."),
        (LOCAL, {"workers": None}, TypeError, "workers must be an int, not NoneType None."),
        (LOCAL, {"quarantine_s": -1}, rtpcore.ConfigurationError, "quarantine_s is -1"),
        (LOCAL, {"quarantine_s": "1"}, TypeError, "quarantine_s must be a number, not str '1'."),
        (LOCAL, {"receive_buffer_octets": "big"}, TypeError, "receive_buffer_octets must be an int, not str 'big'."),
        (LOCAL, {"receive_buffer_octets": -1}, rtpcore.ConfigurationError, "receive_buffer_octets is -1"),
        (LOCAL, {"receive_buffer_octets": 1 << 40}, rtpcore.ConfigurationError, f"receive_buffer_octets is {1 << 40}"),
    ],
)
def test_arguments_that_cannot_be_meant_are_named_and_nothing_is_left(
    interfaces: Any, settings: dict[str, Any], error: type[Exception], message: str
) -> None:
    before = descriptors()
    with pytest.raises(error) as caught:
        Relay(interfaces, **settings)
    assert message in str(caught.value)
    del caught
    gc.collect()
    assert descriptors() == before


def test_create_session_refuses_what_is_no_identifier(relay: Relay) -> None:
    for wrong in (None, 5, b"call", ["call"]):
        with pytest.raises(TypeError, match="the identifier of a session must be a str"):
            relay.create_session(wrong)  # type: ignore[arg-type]
    with pytest.raises(rtpcore.ConfigurationError, match="the identifier of a session is empty"):
        relay.create_session("")
    assert relay.sessions == {}


def test_an_identifier_may_be_any_text(relay: Relay) -> None:
    for identifier in (" ", "a" * 10_000, "\0", "Grüße 📞", "'; --"):
        relay.create_session(identifier)
    assert len(relay.sessions) == 5


def test_an_open_session_keeps_its_identifier_to_itself(relay: Relay) -> None:
    first = relay.create_session("call")
    with pytest.raises(rtpcore.SessionExists) as caught:
        relay.create_session("call")
    assert str(caught.value) == "session 'call' exists already."
    assert relay.sessions == {"call": first}
    first.close()
    assert relay.sessions == {}
    assert relay.create_session("call") is not first


def test_what_a_property_gives_is_a_copy(relay: Relay) -> None:
    session = relay.create_session("call")
    session.add_leg("caller")
    relay.sessions.clear()
    relay.interfaces.clear()
    session.legs.clear()
    assert (len(relay.sessions), len(relay.interfaces), len(session.legs)) == (1, 1, 1)


# Ports -----------------------------------------------------------------------------------------------------------


def test_rtp_is_even_and_rtcp_is_the_next(relay: Relay) -> None:
    for name in ("a", "b", "c"):
        for leg in (relay.create_session(name).add_leg("caller"), relay.sessions[name].add_leg("callee")):
            assert leg.address[1] in PORTS
            assert leg.address[1] % 2 == 0
            assert leg.rtcp_address == (leg.address[0], leg.address[1] + 1)


def test_ports_run_out_with_a_sentence_and_come_back(host: str) -> None:
    before = descriptors()
    with Relay([Interface(host)], range(40000, 40008), quarantine_s=0) as relay:
        sessions = [relay.create_session(str(number)) for number in range(3)]
        legs = [session.add_leg(name) for session in sessions[:2] for name in ("caller", "callee")]
        assert sorted(leg.address[1] for leg in legs) == [40000, 40002, 40004, 40006]
        open_now = descriptors()
        with pytest.raises(rtpcore.PortsExhausted, match=f"{host} has no free pair of ports between 40000 and 40007"):
            sessions[2].add_leg("caller")
        assert descriptors() == open_now
        assert sessions[2].legs == {}
        freed = {leg.address[1] for leg in sessions[0].legs.values()}
        sessions[0].close()
        assert {sessions[2].add_leg(name).address[1] for name in ("caller", "callee")} == freed
    assert descriptors() == before


def test_freed_ports_rest(host: str) -> None:
    with Relay([Interface(host)], range(40000, 40004), quarantine_s=3600) as relay:
        session = relay.create_session("first")
        session.add_leg("caller")
        session.close()
        second = relay.create_session("second")
        second.add_leg("caller")
        with pytest.raises(rtpcore.PortsExhausted, match="1 wait for the end of their quarantine"):
            second.add_leg("callee")


def test_pairs_that_others_have_bound_are_passed_over(host: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other, socket.socket(type=socket.SOCK_DGRAM) as another:
        other.bind((host, 40000))
        another.bind((host, 40003))
        with Relay([Interface(host)], range(40000, 40008)) as relay:
            session = relay.create_session("call")
            ports = {session.add_leg(name).address[1] for name in ("caller", "callee")}
            assert ports == {40004, 40006}
            before = descriptors()
            with pytest.raises(rtpcore.PortsExhausted) as caught:
                relay.create_session("another").add_leg("caller")
            assert str(caught.value) == (f"every free pair of ports of interface {host!r} is bound by other programs.")
            assert descriptors() == before
            other.close()
            another.close()
            # They were never ours, so there is nothing to rest from.
            assert relay.sessions["another"].add_leg("caller").address[1] in (40000, 40002)


def test_a_failure_takes_no_pair_out_of_the_pool(relay: Relay) -> None:
    with Relay([Interface("192.0.2.1")], range(40000, 40004), quarantine_s=3600) as elsewhere:
        session = elsewhere.create_session("call")
        for _ in range(10):
            with pytest.raises(rtpcore.AddressNotAvailable):
                session.add_leg("caller")
        assert session.legs == {}


# Descriptors -----------------------------------------------------------------------------------------------------


def test_the_soft_limit_of_descriptors_is_raised_to_the_hard_one(host: str) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(1024, hard), hard))
    try:
        with Relay([Interface(host)], PORTS):
            assert resource.getrlimit(resource.RLIMIT_NOFILE) == (hard, hard)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_no_warning_where_the_limit_is_enough(host: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with Relay([Interface(host)], PORTS):
            pass


def run_program(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-X", "faulthandler", str(PROGRAMS / name), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_few_descriptors(host: str) -> None:
    """A process of its own lowers its hard limit: a warning, then a typed error, and running calls go on."""
    run = run_program("few_descriptors.py", host)
    assert run.returncode == 0, run.stderr
    lines = run.stdout.splitlines()
    assert lines[0] == (
        "warning: the limit of 80 open files (RLIMIT_NOFILE) holds about 4 sessions, "
        "fewer than the 400 ports of this relay could serve."
    )
    assert lines[1].endswith("cannot be opened: the process has no file descriptor left; raise its limit (ulimit -n).")
    assert lines[1].startswith(f"DescriptorsExhausted: {host} port ")
    assert lines[2:] == ["forwarded 20", "no pair lost", "Relay: DescriptorsExhausted", "as before"]


# Statistics ------------------------------------------------------------------------------------------------------

COLUMNS: dict[str, Callable[[rtpcore.LegStats], int]] = {
    "holding": lambda leg: leg.holding,
    "kernel_dropped": lambda leg: leg.kernel_dropped,
    "kernel_locked": lambda leg: int(leg.kernel_locked),
    "ssrc": lambda leg: leg.ssrc or 0,
    "state": lambda leg: int(leg.state),
    "latched": lambda leg: int(leg.accepted_source is not None),
    "payload_type": lambda leg: leg.payload_type,
    "packets_expected": lambda leg: leg.packets_expected,
    "packets_received": lambda leg: leg.packets_received,
    "duplicates": lambda leg: leg.duplicates,
    "reordered": lambda leg: leg.reordered,
    "extended_highest_sequence_number": lambda leg: leg.extended_highest_sequence_number,
    "cumulative_lost": lambda leg: leg.cumulative_lost,
    "interarrival_jitter": lambda leg: leg.interarrival_jitter,
}
FLOW_COLUMNS = ("received", "received_octets", "forwarded", "sent", "sent_octets")


def test_stats_array_says_what_stats_says(host: str) -> None:
    with Relay([Interface(host)], PORTS, workers=2) as relay, Party() as caller, Party() as callee:
        session = relay.create_session("busy")
        legs = connect(session, caller, callee)
        caller.send(legs[0].address, 7)
        caller.send_report(legs[0].rtcp_address)
        caller.rtp.sendto(b"junk", legs[0].address)
        callee.send(legs[1].address, 3)
        caller.receive(3)
        callee.receive(7)
        relay.create_session("idle").add_leg("only")
        wait_until(lambda: legs[0].stats().received == 9)
        rows = relay.stats_array()
        expected = {
            (name, leg): stats for name in ("busy", "idle") for leg, stats in relay.sessions[name].stats().legs.items()
        }
    assert rows.dtype == rtpcore.STATS_DTYPE
    assert {(row["session"], row["leg"]) for row in rows} == set(expected)
    for row in rows:
        leg = expected[row["session"], row["leg"]]
        assert conserved(leg)
        assert {name: row[name] for name in COLUMNS} == {name: value(leg) for name, value in COLUMNS.items()}
        for flow, column in itertools.product(("rtp", "rtcp"), FLOW_COLUMNS):
            assert row[f"{flow}_{column}"] == getattr(getattr(leg, flow), column)
        dropped = {rtpcore.Reason(number): count for number, count in enumerate(row["dropped"].tolist()) if count}
        assert dropped == leg.dropped
    assert sum(rows["rtp_received"]) == 11
    assert sum(rows["rtcp_received"]) == 1


def test_stats_array_of_nothing_is_empty(relay: Relay) -> None:
    relay.create_session("call")
    assert relay.stats_array().shape == (0,)
    assert relay.stats_array().dtype == rtpcore.STATS_DTYPE


def test_stats_array_has_a_row_a_leg_however_many_there_are(host: str) -> None:
    with Relay([Interface(host)], range(40000, 42000), workers=3) as relay:
        names = {f"call {number}" for number in range(330)}
        for name in names:
            relay.create_session(name).add_leg("a")
            relay.sessions[name].add_leg("b")
        rows = relay.stats_array()
        relay.close()
    assert len(rows) == 660
    assert set(rows["session"]) == names
    assert len(set(rows["leg_number"])) == 660


def test_socket_errors_are_counted_by_the_name_of_the_kernel(relay: Relay) -> None:
    with Party() as caller, Party() as callee:
        legs = connect(relay.create_session("call"), caller, callee)
        assert relay.socket_errors() == {}
        # No packet can leave from a loopback address to the outside.
        legs[1].signal("reinvite", declared=("203.0.113.9", 5004))
        caller.send(legs[0].address, 3)
        wait_until(lambda: legs[0].stats().received == 3)
        assert legs[0].stats().dropped == {rtpcore.Reason.SEND_FAILED: 3}
        errors = relay.socket_errors()
        assert sum(errors.values()) == 3
        assert set(errors) <= {"EINVAL", "ENETUNREACH"}
        relay.close()
        assert relay.socket_errors() == errors


def tasks() -> set[str]:
    """The threads of this process as the kernel knows them."""
    return {path.name for path in Path("/proc/self/task").iterdir()}


def test_several_workers_share_the_sessions_and_each_session_stays_on_one(host: str) -> None:
    threads = tasks()
    with Relay([Interface(host)], PORTS, workers=3) as relay:
        assert len(tasks() - threads) == 3
        sessions = [relay.create_session(str(number)) for number in range(9)]
        workers = [{session.add_leg(name)._native.owner for name in ("a", "b")} for session in sessions]
        assert [len(of_one) for of_one in workers] == [1] * 9
        assert len({worker for of_one in workers for worker in of_one}) == 3
        # The emptiest worker gets the next one.
        for session in sessions[:3]:
            session.close()
        again = [relay.create_session(str(number)).add_leg("a")._native.owner for number in range(3)]
        assert len(set(again)) == 3
    wait_until(lambda: tasks() <= threads)
