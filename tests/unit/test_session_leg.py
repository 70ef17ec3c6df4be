"""Leg: what signalling says, what publishing drops, and why a source is accepted."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

import rtpcore
from rtpcore import Interface, LatchState, Reason, Relay, Session
from tests.party import PORTS, Party, answer, connect, own_host


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


# Signalling ------------------------------------------------------------------------------------------------------

WRONG_SIGNALS: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"event": "ring"}, rtpcore.ConfigurationError, "'ring'"),
    ({"event": None}, rtpcore.ConfigurationError, "None"),
    ({"event": 5}, TypeError, "int"),
    ({"declared": "192.0.2.1:5004"}, TypeError, "'192.0.2.1:5004'"),
    ({"declared": ("192.0.2.1",)}, rtpcore.ConfigurationError, "('192.0.2.1',)"),
    ({"declared": ("host", 5004)}, rtpcore.ConfigurationError, "'host'"),
    ({"declared": ("192.0.2.1", 0)}, rtpcore.ConfigurationError, "('192.0.2.1', 0)"),
    ({"declared": ("192.0.2.1", 65536)}, rtpcore.ConfigurationError, "65536"),
    ({"declared": ("192.0.2.1", "5004")}, TypeError, "'5004'"),
    ({"declared": ("224.0.0.1", 5004)}, rtpcore.ConfigurationError, "224.0.0.1"),
    ({"declared": ("0.0.0.0", 5004)}, rtpcore.ConfigurationError, "0.0.0.0"),
    ({"signalling": "192.0.2.1"}, TypeError, "'192.0.2.1'"),
    ({"signalling": 5}, TypeError, "signalling must be a sequence, not int 5."),
    ({"signalling": [5]}, TypeError, "5"),
    ({"signalling": ["255.255.255.255"]}, rtpcore.ConfigurationError, "255.255.255.255"),
    ({"signalling": [f"192.0.2.{n}" for n in range(1, 6)]}, rtpcore.ConfigurationError, "'192.0.2.5'"),
    ({"payload_types": {}}, rtpcore.ConfigurationError, "payload_types is empty"),
    ({"payload_types": [0]}, TypeError, "list"),
    ({"payload_types": {128: 8000}}, rtpcore.ConfigurationError, "128"),
    ({"payload_types": {0: 0}}, rtpcore.ConfigurationError, "0 Hz"),
    ({"payload_types": {0: "8000"}}, TypeError, "str"),
    ({"comfort_noise": (128,)}, rtpcore.ConfigurationError, "128"),
    ({"comfort_noise": 13}, TypeError, "comfort_noise must be a sequence, not int 13."),
    ({"rtcp": ("192.0.2.1", 0)}, rtpcore.ConfigurationError, "rtcp"),
    ({"rtcp": 5005}, TypeError, "5005"),
    ({"ptime_ms": 0}, rtpcore.ConfigurationError, "ptime_ms is 0"),
    ({"ptime_ms": 201}, rtpcore.ConfigurationError, "ptime_ms is 201"),
    ({"ptime_ms": 20.0}, TypeError, "float"),
    ({"direction": "both"}, rtpcore.ConfigurationError, "'both'"),
    ({"ssrcs": (1 << 32,)}, rtpcore.ConfigurationError, str(1 << 32)),
    ({"ssrcs": ("1",)}, TypeError, "str"),
    ({"ssrcs": 1}, TypeError, "ssrcs must be a sequence, not int 1."),
    ({"branch": ["z9hG4bK"]}, TypeError, "list"),
]


@pytest.mark.parametrize(("said", "error", "message"), WRONG_SIGNALS)
def test_a_signal_that_cannot_be_meant_is_named_and_changes_nothing(
    session: Session, said: dict[str, Any], error: type[Exception], message: str
) -> None:
    leg = session.add_leg("caller")
    leg.publish()
    before = leg.explain(), leg.stats(), leg.rtcp_address
    arguments: dict[str, Any] = {"event": "answer", "declared": ("127.0.0.1", 5004), "rtcp_mux": True} | said
    with pytest.raises(error) as caught:
        leg.signal(**arguments)
    assert message in str(caught.value)
    assert (leg.explain(), leg.stats(), leg.rtcp_address) == before


def test_rtcp_has_the_address_of_rtp_when_they_share_a_port(session: Session, host: str) -> None:
    leg = session.add_leg("caller", port=4000)
    leg.signal("answer", declared=("127.0.0.1", 5004), rtcp_mux=True)
    assert leg.rtcp_address == leg.address
    assert is_bound(host, 4001)
    leg.signal("reinvite")
    assert leg.rtcp_address == leg.address
    leg.signal("reinvite", rtcp_mux=False)
    assert leg.rtcp_address == (host, 4001)


def test_signals_before_publish_are_kept(session: Session) -> None:
    with Party() as party:
        leg = session.add_leg("caller")
        leg.signal("answer", declared=party.address)
        assert leg.stats().state is LatchState.CLOSED
        leg.publish()
        assert leg.stats().state is LatchState.LEARNING
        assert leg.stats().destination == party.address


def test_what_is_passed_to_a_signal_may_use_the_leg(session: Session) -> None:
    """What a caller passes may be its own code, which must not meet a lock."""
    leg = session.add_leg("caller")
    leg.publish()

    def hosts() -> Iterator[str]:
        assert leg.stats().state is LatchState.ARMED
        leg.signal("early", declared=("127.0.0.1", 5004))
        yield "127.0.0.1"

    done = threading.Thread(target=lambda: leg.signal("answer", signalling=hosts()), daemon=True)
    done.start()
    done.join(10)
    assert not done.is_alive()
    assert "127.0.0.1:5004" in leg.explain()


def test_explain_names_the_accepted_source(session: Session) -> None:
    with Party() as caller, Party() as callee:
        legs = connect(session, caller, callee)
        caller.send(legs[0].address)
        callee.receive()
        host, port = caller.address
        assert f"{host}:{port} is accepted with SSRC {caller.ssrc:#010x}" in legs[0].explain()


# Publishing ------------------------------------------------------------------------------------------------------


def test_publish_drops_what_was_queued_before(session: Session) -> None:
    """Not one of many packets that arrived before is left when publish returns."""
    with Party() as caller, Party() as callee:
        answer(session.add_leg("callee"), callee)
        leg = session.add_leg("caller")
        leg.signal("answer", declared=caller.address)
        for _ in range(20):
            caller.send(leg.address, 10)
            caller.send_report(leg.rtcp_address)
        leg.publish()
        stats = leg.stats()
        assert stats.received == stats.dropped[Reason.NOT_PUBLISHED] == 220
        sent = caller.send(leg.address, 5)
        assert callee.receive(5) == sent
        assert leg.stats().forwarded == 5


def test_publish_again_changes_nothing(session: Session) -> None:
    with Party() as caller, Party() as callee:
        legs = connect(session, caller, callee)
        caller.send(legs[0].address, 3)
        callee.receive(3)
        before = legs[0].stats()
        legs[0].publish()
        assert legs[0].stats() == before
