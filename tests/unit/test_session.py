"""Session: adding parties, what can go wrong when ports are bound, statistics, the end."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

import rtpcore
from rtpcore import Interface, Reason, Relay, Session
from tests.conftest import lacking
from tests.party import PORTS, Party, connect, descriptors, own_host, wait_until
from tests.process import Process


@pytest.fixture
def host() -> str:
    return own_host()


@pytest.fixture
def relay(host: str) -> Iterator[Relay]:
    with Relay([Interface(host)], PORTS, quarantine_s=0) as relay:
        yield relay


@pytest.fixture
def session(relay: Relay) -> Session:
    return relay.create_session("call")


def is_bound(host: str, port: int) -> bool:
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


# Adding a leg ----------------------------------------------------------------------------------------------------


def test_a_leg_knows_its_names_and_addresses(session: Session, host: str) -> None:
    policy = rtpcore.LatchPolicy("strict")
    leg = session.add_leg("caller", policy=policy, port=4000)
    assert (leg.name, leg.session, leg.policy) == ("caller", session, policy)
    assert (leg.address, leg.rtcp_address) == ((host, 4000), (host, 4001))
    assert session.legs == {"caller": leg}
    assert repr(leg) == f"<Leg 'caller' of 'call' at {host} port 4000>"
    assert repr(session) == "<Session 'call' with 1 legs>"


def test_given_ports(session: Session, host: str) -> None:
    odd = session.add_leg("odd", port=4001, rtcp_port=5000)
    assert (odd.address, odd.rtcp_address) == ((host, 4001), (host, 5000))
    assert [is_bound(host, port) for port in (4000, 4001, 4002, 5000, 5001)] == [False, True, False, True, False]
    session.close()
    assert not is_bound(host, 4001)
    assert not is_bound(host, 5000)


def test_the_highest_port(session: Session, host: str) -> None:
    assert session.add_leg("caller", port=65535, rtcp_port=65534).rtcp_address == (host, 65534)


def test_given_ports_are_none_of_the_pool(host: str) -> None:
    with Relay([Interface(host)], range(40000, 40002), quarantine_s=0) as relay:
        for _ in range(3):
            session = relay.create_session("call")
            session.add_leg("given", port=4000)
            assert session.add_leg("taken").address[1] == 40000
            session.close()


WRONG_LEGS: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"name": None}, TypeError, "the name of a leg must be a str, not NoneType"),
    ({"name": 5}, TypeError, "the name of a leg must be a str, not int"),
    ({"interface": "other"}, rtpcore.UnknownInterface, "interface 'other' is none of"),
    ({"interface": ""}, rtpcore.UnknownInterface, "interface '' is none of"),
    ({"interface": 5}, TypeError, "interface must be a name, not int 5."),
    ({"interface": ["public"]}, TypeError, "interface must be a name, not list ['public']."),
    ({"policy": "guarded"}, TypeError, "policy must be a LatchPolicy, not str 'guarded'."),
    ({"policy": rtpcore.LatchPolicy}, TypeError, "policy must be a LatchPolicy, not type"),
    ({"port": 0}, rtpcore.ConfigurationError, "port is 0, but must be 1 to 65535."),
    ({"port": -2}, rtpcore.ConfigurationError, "port is -2"),
    ({"port": 65535}, rtpcore.ConfigurationError, "port is 65535, so that there is none above it for RTCP."),
    ({"port": 65536}, rtpcore.ConfigurationError, "port is 65536"),
    ({"port": 1 << 70}, rtpcore.ConfigurationError, f"port is {1 << 70}"),
    ({"port": "4000"}, TypeError, "port must be an int, not str '4000'."),
    ({"port": 4000.0}, TypeError, "port must be an int, not float 4000.0."),
    ({"port": True}, TypeError, "port must be an int, not bool True."),
    ({"port": 4000, "rtcp_port": 0}, rtpcore.ConfigurationError, "rtcp_port is 0"),
    ({"port": 4000, "rtcp_port": 70000}, rtpcore.ConfigurationError, "rtcp_port is 70000"),
    ({"port": 4000, "rtcp_port": "4001"}, TypeError, "rtcp_port must be an int, not str '4001'."),
    ({"port": 4000, "rtcp_port": 4000}, rtpcore.ConfigurationError, "port and rtcp_port are both 4000"),
    ({"rtcp_port": 4001}, rtpcore.ConfigurationError, "rtcp_port is 4001, but without port the relay chooses both."),
]


@pytest.mark.parametrize(("arguments", "error", "message"), WRONG_LEGS)
def test_a_leg_that_cannot_be_meant_is_named_and_nothing_is_left(
    relay: Relay, session: Session, arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    before = descriptors()
    with pytest.raises(error) as caught:
        session.add_leg(**({"name": "caller"} | arguments))
    assert message in str(caught.value)
    assert str(caught.value).endswith(".")
    assert descriptors() == before
    assert session.legs == {}
    assert len(relay.stats_array()) == 0
    assert session.add_leg("caller").name == "caller"


def test_names_are_taken_once(session: Session) -> None:
    session.add_leg("caller")
    before = descriptors()
    with pytest.raises(rtpcore.LegExists) as caught:
        session.add_leg("caller")
    assert str(caught.value) == "session 'call' has a leg 'caller' already."
    assert descriptors() == before


def test_a_third_leg_is_refused(session: Session) -> None:
    session.add_leg("caller")
    session.add_leg("callee")
    before = descriptors()
    with pytest.raises(rtpcore.ConfigurationError, match="'third' would be one too many"):
        session.add_leg("third")
    assert descriptors() == before


@pytest.mark.parametrize(("occupied", "named"), [(4000, 4000), (4001, 4001)])
def test_an_address_in_use(session: Session, host: str, occupied: int, named: int) -> None:
    before = descriptors()
    with socket.socket(type=socket.SOCK_DGRAM) as other:
        other.bind((host, occupied))
        with pytest.raises(rtpcore.AddressInUse) as caught:
            session.add_leg("caller", port=4000)
        assert str(caught.value) == f"{host} port {named} is in use by another program."
    assert descriptors() == before
    assert not is_bound(host, 4000)
    assert not is_bound(host, 4001)
    assert session.legs == {}
    session.add_leg("caller", port=4000)


def test_two_legs_cannot_have_one_port(session: Session) -> None:
    session.add_leg("caller", port=4000)
    with pytest.raises(rtpcore.AddressInUse, match="port 4001 is in use"):
        session.add_leg("callee", port=4002, rtcp_port=4001)
    session.add_leg("callee", port=4002)


def test_an_address_that_is_not_here() -> None:
    before = descriptors()
    with Relay([Interface("192.0.2.1")], PORTS) as relay:
        session = relay.create_session("call")
        with pytest.raises(rtpcore.AddressNotAvailable, match=r"192\.0\.2\.1 port 4000 cannot be bound"):
            session.add_leg("caller", port=4000)
    assert descriptors() == before


def test_a_port_that_needs_privilege(root: None, host: str) -> None:
    """As another user, in a process of its own: this one could not become root again."""
    first_unprivileged = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text(encoding="ascii")
    if int(first_unprivileged) <= 80:
        lacking("every port is unprivileged here")
    with Process(sys.executable, "-P", Path(__file__).with_name("programs") / "unprivileged.py", host) as running:
        assert running.wait() == 0, str(running)
    assert running.lines == [
        f"{host} port 80 cannot be bound: this user may not use it.",
        "0 descriptors more",
        "the RTP port is free",
    ]


# Statistics and the end ------------------------------------------------------------------------------------------


def test_stats_of_a_session_are_those_of_its_legs(session: Session) -> None:
    with Party() as caller, Party() as callee:
        legs = connect(session, caller, callee)
        caller.send(legs[0].address, 3)
        callee.receive(3)
        stats = session.stats()
        assert stats.session == "call"
        assert stats.legs == {"0": legs[0].stats(), "1": legs[1].stats()}
        assert stats.legs["0"].rtp.received == stats.legs["0"].rtp.forwarded == stats.legs["1"].rtp.sent == 3
        assert stats.legs["0"].rtp.received_octets == stats.legs["1"].rtp.sent_octets == 3 * 172


def test_close_gives_the_last_statistics_once(session: Session) -> None:
    with Party() as caller, Party() as callee:
        legs = connect(session, caller, callee)
        caller.send(legs[0].address, 3)
        callee.receive(3)
        before = session.stats()
        last = session.close()
        assert last is not None
        assert last == before  # as the legs were, not as closing left them
        assert session.close() is None
        assert session.closed
        assert repr(session) == "<Session 'call' with 2 legs, closed>"


def test_what_is_held_when_a_leg_closes_is_counted(session: Session) -> None:
    with Party() as caller:
        leg = session.add_leg("caller")
        leg.publish()
        caller.send(leg.address, 4)  # before the answer nobody can qualify
        wait_until(lambda: leg.stats().holding == 4)
        last = session.close()
        assert last is not None
        assert last.legs["caller"].dropped == {Reason.CLOSED: 4}
        assert last.legs["caller"].holding == 0


def test_a_session_is_a_context_manager(relay: Relay) -> None:
    with relay.create_session("call") as session:
        session.add_leg("caller")
    assert session.closed
    with pytest.raises(KeyError), relay.create_session("call") as session:
        raise KeyError
    assert session.closed
    assert relay.sessions == {}


def test_use_after_close_raises_closed(session: Session) -> None:
    leg = session.add_leg("caller")
    session.close()
    for use in (
        lambda: session.add_leg("callee"),
        session.stats,
        leg.publish,
        leg.stats,
        leg.explain,
        lambda: leg.signal("answer", declared=("127.0.0.1", 5004)),
    ):
        with pytest.raises(rtpcore.Closed) as caught:
            use()
        assert str(caught.value) in ("session 'call' is closed.", "the leg is closed.")
    assert leg.address
    assert repr(leg)


def test_use_after_the_relay_is_closed_raises_closed(relay: Relay, session: Session) -> None:
    leg = session.add_leg("caller")
    relay.close()
    assert session.closed
    for use in (lambda: relay.create_session("x"), relay.stats_array, session.stats, leg.stats, leg.publish):
        with pytest.raises(rtpcore.Closed):
            use()


@pytest.mark.parametrize("turn", range(5))
def test_close_from_several_threads_at_once(relay: Relay, turn: int) -> None:
    before = descriptors()
    sessions = [relay.create_session(str(number)) for number in range(20)]
    for session in sessions:
        session.add_leg("caller")
        session.add_leg("callee")
    start = threading.Barrier(4)
    given: list[object] = []
    failures: list[BaseException] = []

    def close() -> None:
        start.wait()
        try:
            given.extend(session.close() for session in sessions)
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=close) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert sum(last is not None for last in given) == 20
    assert descriptors() == before
    assert relay.sessions == {}


def test_close_while_others_ask(relay: Relay) -> None:
    """stats(), explain(), signal(), publish() and add_leg() during close() give an answer or Closed."""
    failures: list[BaseException] = []
    going = threading.Event()

    def ask() -> None:
        while not going.is_set():
            try:
                for session in relay.sessions.values():
                    session.stats()
                    relay.stats_array()
                    for leg in session.legs.values():
                        leg.explain()
                        leg.signal("answer", declared=("127.0.0.1", 5004))
                        leg.publish()
                    session.add_leg(f"more {threading.get_ident()}")
            except (rtpcore.Closed, rtpcore.LegExists):
                continue
            except rtpcore.ConfigurationError as error:
                if "one too many" not in str(error):
                    failures.append(error)
            except BaseException as error:  # noqa: BLE001
                failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(60):
        session = relay.create_session(str(number))
        session.add_leg("first")
        session.stats()
        session.close()
    going.set()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_leg_is_added_by_one_of_many_threads(relay: Relay) -> None:
    before = descriptors()
    session = relay.create_session("call")
    start = threading.Barrier(8)
    outcomes: list[str] = []

    def add() -> None:
        start.wait()
        try:
            session.add_leg("caller")
            outcomes.append("added")
        except rtpcore.LegExists:
            outcomes.append("exists")

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["added"] + ["exists"] * 7
    assert descriptors() == before + 2


def test_many_sessions_at_once_do_not_meet(host: str) -> None:
    """Every pair of parties hears its own call and no other."""
    with ExitStack() as stack:
        relay = stack.enter_context(Relay([Interface(host)], PORTS, workers=3))
        calls = []
        for number in range(12):
            parties = [stack.enter_context(Party()) for _ in range(2)]
            calls.append((parties, connect(relay.create_session(str(number)), *parties)))
        sent = [[party.send(leg.address, 20) for party, leg in zip(*call, strict=True)] for call in calls]
        for (parties, _), (first, second) in zip(calls, sent, strict=True):
            assert parties[0].receive(20) == second
            assert parties[1].receive(20) == first
            assert parties[0].waiting() == parties[1].waiting() == 0
