"""Who is looked at at all: eligible addresses, loops, own ports, payload types, keepalives."""

from __future__ import annotations

import pytest

from rtpcore import LatchPolicy, Reason
from rtpcore.events import Address
from tests.behaviour.media import rtp
from tests.unit.track.line import (
    DROP,
    FORWARD,
    HOLD,
    LOCKED_MS,
    MS,
    OTHER_SSRC,
    PEER_SSRC,
    PHONE,
    RELAY,
    STRANGER,
    STRANGER_SSRC,
    answered,
    forwarded,
    locked,
    provisional,
)

OPEN = LatchPolicy("open")


def test_a_source_that_is_not_in_scope_is_never_forwarded() -> None:
    line = answered()
    verdicts = line.talk(0, STRANGER, 500, ssrc=STRANGER_SSRC)
    assert {(verdict.action, verdict.reason) for verdict in verdicts} == {(DROP, Reason.OUT_OF_SCOPE)}
    assert line.latch.accepted_source is None
    assert "scope_miss" in line.event_names()


def test_the_port_that_sdp_names_earns_nothing_on_another_host() -> None:
    line = answered()
    verdicts = line.talk(0, (STRANGER[0], 5004), 100, ssrc=STRANGER_SSRC)
    assert {verdict.reason for verdict in verdicts} == {Reason.OUT_OF_SCOPE}


@pytest.mark.parametrize(
    "source",
    [
        (PHONE[0], 0),
        ("0.0.0.0", 4000),
        ("0.1.2.3", 4000),
        ("224.0.0.1", 4000),
        ("239.255.255.255", 4000),
        ("240.0.0.1", 4000),
        ("255.255.255.255", 4000),
        ("::", 4000),
        ("ff02::1", 4000),
        ("::ffff:224.0.0.1", 4000),
        RELAY,
    ],
)
def test_what_can_be_no_party_is_never_eligible(source: Address) -> None:
    line = answered(OPEN)
    verdicts = line.talk(0, source, 20)
    assert {(verdict.action, verdict.reason) for verdict in verdicts} == {(DROP, Reason.INELIGIBLE)}


def test_an_own_address_is_never_eligible_even_where_it_is_declared() -> None:
    other_leg = (RELAY[0], 30002)
    line = answered(declared=other_leg, signalling=[RELAY[0]])
    line.latch.add_own_address(other_leg)
    assert {verdict.reason for verdict in line.talk(0, other_leg, 20)} == {Reason.INELIGIBLE}


def test_an_address_in_ipv6_form_is_the_ipv4_address() -> None:
    line = answered()
    line.receive(0, PHONE, 1)
    assert line.receive(20, (f"::ffff:{PHONE[0]}", PHONE[1]), 2).action is FORWARD
    assert line.latch.accepted_source == PHONE


# Loops -------------------------------------------------------------------------------------------------------------


def test_what_is_sent_to_a_leg_and_comes_back_from_a_stranger_is_a_loop() -> None:
    line = answered(OPEN)
    line.latch.add_sent_ssrc(PEER_SSRC)
    verdicts = line.talk(0, STRANGER, 20, ssrc=PEER_SSRC)
    assert {(verdict.action, verdict.reason) for verdict in verdicts} == {(DROP, Reason.LOOP)}
    assert "loop" in line.event_names()


def test_a_loop_is_told_from_other_strangers_while_locked() -> None:
    line = locked()
    line.latch.add_sent_ssrc(PEER_SSRC)
    assert line.receive(LOCKED_MS, STRANGER, 1, ssrc=PEER_SSRC).reason is Reason.LOOP
    assert line.receive(LOCKED_MS, STRANGER, 1, ssrc=OTHER_SSRC).reason is Reason.NOT_ACCEPTED_SOURCE


def test_the_accepted_source_may_echo() -> None:
    line = provisional()
    line.latch.add_sent_ssrc(PEER_SSRC)
    assert [verdict.reason for verdict in line.talk(300, PHONE, 2, ssrc=PEER_SSRC)] == [Reason.NONE] * 2
    assert line.latch.ssrc == PEER_SSRC


@pytest.mark.parametrize("shared", [0, PEER_SSRC])
def test_both_parties_may_use_one_ssrc(shared: int) -> None:
    # 0 of devices that never choose one, or the same recording played by two testers.
    line = answered()
    line.latch.add_sent_ssrc(shared)
    assert forwarded(line.talk(0, PHONE, 10, ssrc=shared)) == 10


def test_the_newest_eight_ssrcs_are_watched_for_loops() -> None:
    line = answered(OPEN)
    for ssrc in range(1, 10):
        line.latch.add_sent_ssrc(ssrc)
        line.latch.add_sent_ssrc(ssrc)
    reasons = [line.receive(0, STRANGER, 1, ssrc=ssrc).reason for ssrc in range(1, 10)]
    assert reasons == [Reason.NONE] + [Reason.LOOP] * 8


# Keepalives and payload types --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "keepalive", [rtp(1, OTHER_SSRC, b""), rtp(1, OTHER_SSRC, b"", payload_type=20)], ids=["empty", "unknown-type"]
)
def test_a_keepalive_that_belongs_to_no_accepted_stream_is_dropped(keepalive: bytes) -> None:
    for line in (answered(), provisional()):
        verdict = line.latch.receive(300 * MS, PHONE, keepalive)
        assert (verdict.action, verdict.reason) == (DROP, Reason.KEEPALIVE)


def test_an_empty_packet_of_the_accepted_stream_is_forwarded_and_ends_a_silence() -> None:
    line = provisional()
    assert line.receive(300, PHONE, 10, payload=b"").action is FORWARD
    assert line.receive(350, PHONE, 1, ssrc=OTHER_SSRC).action is HOLD
    # 50 ms after the empty packet the stream is not silent yet.
    assert line.receive(350, PHONE, 2, ssrc=OTHER_SSRC).action is HOLD


def test_another_payload_type_of_the_accepted_stream_is_forwarded() -> None:
    line = provisional()
    assert line.receive(200, PHONE, 10, payload_type=99).action is FORWARD


def test_another_ssrc_of_the_accepted_source_must_have_a_negotiated_payload_type() -> None:
    line = provisional()
    verdicts = line.talk(2000, PHONE, 20, ssrc=OTHER_SSRC, payload_type=99)
    assert {verdict.reason for verdict in verdicts} == {Reason.PAYLOAD_TYPE}


def test_ssrc_zero_is_as_good_as_any() -> None:
    line = answered()
    assert forwarded(line.talk(0, PHONE, 300, ssrc=0)) == 300
    assert line.latch.ssrc == 0
    assert line.receive(LOCKED_MS, STRANGER, 1, ssrc=0).reason is Reason.NOT_ACCEPTED_SOURCE
