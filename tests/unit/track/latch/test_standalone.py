"""The Python face of a latch: its arguments, its clock, and that results do not depend on ticks."""

from __future__ import annotations

from typing import Any

import pytest

import rtpcore
from rtpcore import Action, Latch, LatchPolicy, LatchState, LatchVerdict, Reason
from rtpcore.errors import ConfigurationError
from tests.behaviour.media import rtp
from tests.unit.track.line import MS, PHONE, PHONE_SSRC, PRIVATE, answered


@pytest.fixture
def latch() -> Latch:
    made = Latch(LatchPolicy(), ("203.0.113.7", 30000))
    made.publish(0)
    made.signal(0, "answer", declared=PRIVATE, signalling=[PHONE[0]])
    return made


def test_a_new_latch_knows_nobody() -> None:
    latch = Latch(LatchPolicy("strict"))
    assert latch.state is LatchState.CLOSED
    assert latch.policy.profile == "strict"
    assert [
        latch.accepted_source,
        latch.destination,
        latch.rtcp_accepted_source,
        latch.rtcp_destination,
        latch.ssrc,
        latch.events(),
    ] == [None, None, None, None, None, []]


def test_a_verdict_says_what_was_decided(latch: Latch) -> None:
    verdict = latch.receive(0, PHONE, rtp(1, PHONE_SSRC))
    assert isinstance(verdict, LatchVerdict)
    assert (verdict.action, verdict.reason, verdict.row, verdict.released) == (Action.HOLD, Reason.NONE, 0, ())
    assert repr(verdict) == "LatchVerdict(action=HOLD, reason=NONE, row=0, released=0)"
    with pytest.raises(AttributeError):
        verdict.action = Action.FORWARD  # type: ignore[misc]


@pytest.mark.parametrize("buffer", [bytes, bytearray, memoryview])
def test_any_buffer_is_a_datagram(latch: Latch, buffer: Any) -> None:
    latch.receive(0, PHONE, buffer(rtp(1, PHONE_SSRC)))
    assert latch.receive(20 * MS, PHONE, buffer(rtp(2, PHONE_SSRC))).released == (rtp(1, PHONE_SSRC),)


def test_a_held_datagram_is_a_copy(latch: Latch) -> None:
    datagram = bytearray(rtp(1, PHONE_SSRC))
    latch.receive(0, PHONE, datagram)
    datagram[:] = bytes(len(datagram))
    assert latch.receive(20 * MS, PHONE, rtp(2, PHONE_SSRC)).released == (rtp(1, PHONE_SSRC),)


@pytest.mark.parametrize("now_ns", [1.0, "0", None, True])
@pytest.mark.parametrize("call", ["publish", "tick", "may_send", "signal", "receive"])
def test_a_time_of_the_wrong_type_is_a_type_error(latch: Latch, call: str, now_ns: Any) -> None:
    arguments: dict[str, tuple[Any, ...]] = {"signal": ("refresh",), "receive": (PHONE, rtp(1, PHONE_SSRC))}
    with pytest.raises(TypeError, match="now_ns"):
        getattr(latch, call)(now_ns, *arguments.get(call, ()))


@pytest.mark.parametrize("now_ns", [-1, 1 << 62, 10**30])
def test_a_time_that_cannot_be_is_named(latch: Latch, now_ns: int) -> None:
    with pytest.raises(ConfigurationError, match=str(now_ns)):
        latch.tick(now_ns)


def test_time_does_not_go_back(latch: Latch) -> None:
    latch.tick(1000)
    latch.tick(1000)
    with pytest.raises(ConfigurationError, match=r"999.*1000"):
        latch.receive(999, PHONE, rtp(1, PHONE_SSRC))


def test_the_latest_time_is_a_time(latch: Latch) -> None:
    latch.tick((1 << 62) - 1)
    assert latch.receive((1 << 62) - 1, PHONE, rtp(1, PHONE_SSRC)).action is Action.HOLD


@pytest.mark.parametrize("source", [None, "198.51.100.10:40000", ("198.51.100.10", "40000"), (1, 2), 5])
def test_a_source_of_the_wrong_type_is_a_type_error(latch: Latch, source: Any) -> None:
    with pytest.raises(TypeError):
        latch.receive(0, source, b"")
    with pytest.raises(TypeError):
        latch.receive_rtcp(0, source, b"")
    with pytest.raises(TypeError):
        latch.add_own_address(source)


@pytest.mark.parametrize("source", [("phone", 1), ("198.51.100.10", 65536), ("198.51.100.10", -1), (), ("1.2.3.4",)])
def test_a_source_that_cannot_be_is_a_configuration_error(latch: Latch, source: Any) -> None:
    with pytest.raises(ConfigurationError):
        latch.receive(0, source, b"")


@pytest.mark.parametrize("data", [None, "text", 5, [1, 2]])
def test_what_is_no_buffer_is_a_type_error(latch: Latch, data: Any) -> None:
    with pytest.raises(TypeError):
        latch.receive(0, PHONE, data)


def test_a_datagram_longer_than_udp_carries_is_refused(latch: Latch) -> None:
    with pytest.raises(ConfigurationError, match="65536"):
        latch.receive(0, PHONE, bytes(65536))
    assert latch.receive(0, PHONE, rtp(1, PHONE_SSRC, bytes(65523))).action is Action.HOLD


@pytest.mark.parametrize(("ssrc", "error"), [(-1, ConfigurationError), (1 << 32, ConfigurationError), ("1", TypeError)])
def test_an_ssrc_that_cannot_be_is_refused(latch: Latch, ssrc: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        latch.add_sent_ssrc(ssrc)


@pytest.mark.parametrize(("policy", "interface"), [(None, None), ("guarded", None), (LatchPolicy(), "203.0.113.7")])
def test_a_latch_cannot_be_made_of_anything(policy: Any, interface: Any) -> None:
    with pytest.raises(TypeError):
        Latch(policy, interface)


def test_results_do_not_depend_on_how_often_it_ticks() -> None:
    quiet, busy = answered(), answered()
    for step in range(4000):
        at_ms = 2 * step
        busy.tick(at_ms)
        if step % 10 == 0 and step % 1000 < 600:
            assert repr(quiet.receive(at_ms, PHONE, step // 10)) == repr(busy.receive(at_ms, PHONE, step // 10))
        if step % 7 == 0:
            source = (PHONE[0], 50_000 + step % 12)
            verdicts = [line.receive(at_ms, source, step // 7, ssrc=step % 9) for line in (quiet, busy)]
            assert repr(verdicts[0]) == repr(verdicts[1])
        assert quiet.latch.accepted_source == busy.latch.accepted_source
    assert quiet.latch.state is busy.latch.state
    assert quiet.event_names() == busy.event_names()


def test_it_is_among_the_public_names() -> None:
    for name in ("Action", "Latch", "LatchPolicy", "LatchState", "LatchVerdict", "Reason"):
        assert name in rtpcore.__all__
