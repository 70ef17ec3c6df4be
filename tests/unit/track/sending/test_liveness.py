"""Whether anybody is at the destination: consent, and ICMP as a hint."""

from __future__ import annotations

import pytest

from rtpcore import LatchPolicy, Reason
from rtpcore.errors import ConfigurationError
from tests.behaviour.media import sender_report
from tests.unit.track.line import (
    DROP,
    LOCKED_MS,
    MS,
    NEIGHBOUR,
    PHONE,
    PHONE_RTCP,
    PHONE_SSRC,
    SERVER,
    STRANGER,
    STRANGER_SSRC,
    Line,
    answered,
    locked,
)

STUN_INDICATION = bytes.fromhex("001100002112a442") + bytes(12)
NEIGHBOURS_KEEPALIVES = [b"", b"\r\n", bytes(12), STUN_INDICATION, b"\x80\x14" + bytes(10)]


def may_send(line: Line, at_ms: float) -> Reason:
    return line.latch.may_send(round(at_ms * MS))


def server_talks(policy: LatchPolicy | None = None, until_ms: int = 6000) -> Line:
    """A public party, not on the host of signalling, that has sent until then."""
    line = answered(policy, declared=SERVER)
    line.talk(0, SERVER, until_ms // 20 + 1)
    line.events()
    return line


# Consent -----------------------------------------------------------------------------------------------------------


def test_a_destination_that_falls_silent_is_left_after_thirty_seconds() -> None:
    line = server_talks(until_ms=6000)
    assert may_send(line, 35_999) is Reason.NONE
    assert may_send(line, 36_000) is Reason.CONSENT_LOST
    (event,) = line.events()
    assert (event.name, event.source, event.detail, event.time_ns) == ("consent_lost", SERVER, "stopped", 36_000 * MS)
    assert event.silent_ns == 30_000 * MS


def test_it_does_not_depend_on_how_often_anybody_looks() -> None:
    line = server_talks(until_ms=6000)
    assert may_send(line, 100_000) is Reason.CONSENT_LOST
    (event,) = line.events()
    assert event.time_ns == 36_000 * MS


def test_it_comes_back_when_the_party_talks_again() -> None:
    line = server_talks(until_ms=6000)
    assert may_send(line, 50_000) is Reason.CONSENT_LOST
    line.talk(50_000, SERVER, 3, first=301)
    assert may_send(line, 50_050) is Reason.NONE
    assert may_send(line, 80_100) is Reason.CONSENT_LOST
    assert line.event_names() == ["consent_lost", "consent_lost"]


@pytest.mark.parametrize("keepalive", NEIGHBOURS_KEEPALIVES, ids=["empty", "CRLF", "version 0", "STUN", "PT 20"])
def test_any_datagram_of_its_host_is_a_sign_of_life_and_latches_nothing(keepalive: bytes) -> None:
    line = server_talks(until_ms=6000)
    for at_ms in range(20_000, 200_000, 20_000):
        verdict = line.latch.receive(at_ms * MS, (SERVER[0], 9), keepalive)
        assert verdict.action is DROP
        assert may_send(line, at_ms) is Reason.NONE
    assert line.latch.accepted_source == line.latch.destination == SERVER
    assert line.events() == []


@pytest.mark.parametrize("keepalive", NEIGHBOURS_KEEPALIVES, ids=["empty", "CRLF", "version 0", "STUN", "PT 20"])
def test_a_strangers_keepalive_is_none_and_latches_nothing(keepalive: bytes) -> None:
    line = server_talks(until_ms=6000)
    for at_ms in range(20_000, 60_000, 5_000):
        line.latch.receive(at_ms * MS, STRANGER, keepalive)
    assert may_send(line, 60_000) is Reason.CONSENT_LOST
    fresh = answered()
    for at_ms in range(1000):
        fresh.latch.receive(at_ms * MS, PHONE, keepalive)
    assert fresh.latch.accepted_source is fresh.latch.destination is None


def test_reports_are_a_sign_of_life() -> None:
    line = server_talks(until_ms=6000)
    for at_ms in range(7000, 200_000, 5000):
        line.receive_rtcp(at_ms, (SERVER[0], 6001), sender_report(PHONE_SSRC))
    assert may_send(line, 205_000) is Reason.NONE
    assert line.events() == []


def test_a_destination_on_a_signalling_host_goes_on_and_the_event_says_so() -> None:
    line = locked()
    assert may_send(line, LOCKED_MS + 60_000) is Reason.NONE
    (event,) = line.events()
    assert (event.name, event.detail) == ("consent_lost", "")


def test_hold_suspends_it() -> None:
    line = server_talks(until_ms=6000)
    line.signal(6000, "hold")
    assert may_send(line, 100_000) is Reason.NONE
    line.signal(100_000, "resume")
    assert may_send(line, 129_999) is Reason.NONE
    assert may_send(line, 130_000) is Reason.CONSENT_LOST


def test_who_was_never_heard_has_the_budget_alone() -> None:
    line = answered(LatchPolicy(early_budget_ms=None), declared=SERVER)
    assert may_send(line, 0) is may_send(line, 1_000_000) is Reason.NONE
    assert line.events() == []


def test_without_a_budget_the_declared_address_is_the_owners_word() -> None:
    line = server_talks(LatchPolicy(early_budget_ms=None))
    assert may_send(line, 1_000_000) is Reason.NONE


def test_a_policy_may_set_the_time_or_have_none() -> None:
    line = server_talks(LatchPolicy(consent_ms=500), until_ms=6000)
    assert [may_send(line, at_ms) for at_ms in (6499, 6500)] == [Reason.NONE, Reason.CONSENT_LOST]
    line = server_talks(LatchPolicy(consent_ms=None))
    assert may_send(line, 10**9) is Reason.NONE


def test_another_host_has_consent_of_its_own() -> None:
    line = server_talks(until_ms=6000)
    assert may_send(line, 36_000) is Reason.CONSENT_LOST
    line.signal(36_000, "reinvite", declared=("192.0.2.30", 6000))
    line.talk(36_100, ("192.0.2.30", 6000), 1, ssrc=STRANGER_SSRC)
    assert line.latch.destination == ("192.0.2.30", 6000)
    assert may_send(line, 36_200) is Reason.NONE


# ICMP --------------------------------------------------------------------------------------------------------------


def unreachable(line: Line, at_ms: float, where: tuple[str, int] = SERVER) -> None:
    line.latch.unreachable(round(at_ms * MS), where)


def test_icmp_pauses_for_a_second_and_one_packet_tries_again() -> None:
    line = answered(declared=SERVER)
    assert may_send(line, 0) is Reason.NONE
    unreachable(line, 1)
    asked = [may_send(line, at_ms) for at_ms in range(20, 1001, 20)]
    assert set(asked) == {Reason.UNREACHABLE}
    assert may_send(line, 1020) is Reason.NONE
    unreachable(line, 1021)
    asked = [may_send(line, at_ms) for at_ms in range(1040, 2061, 20)]
    assert asked == [Reason.UNREACHABLE] * 50 + [Reason.NONE, Reason.UNREACHABLE]


def test_it_goes_on_pausing_as_long_as_icmp_comes() -> None:
    line = answered(declared=SERVER)
    sent = 0
    for at_ms in range(0, 10_000, 20):
        if may_send(line, at_ms) is Reason.NONE:
            sent += 1
            unreachable(line, at_ms + 1)
    assert sent == 10


def test_without_icmp_after_the_retry_it_goes_on() -> None:
    line = answered(declared=SERVER)
    may_send(line, 0)
    unreachable(line, 1)
    asked = [may_send(line, at_ms) for at_ms in range(20, 4000, 20)]
    assert asked.index(Reason.NONE) == 50  # 1020 ms
    assert set(asked[51:100]) == {Reason.UNREACHABLE}
    assert set(asked[100:]) == {Reason.NONE}


def test_icmp_about_a_party_that_talks_is_ignored() -> None:
    line = locked()
    for index in range(500):
        line.receive(LOCKED_MS + 20 * index, PHONE, 300 + index)
        unreachable(line, LOCKED_MS + 20 * index, PHONE)
        assert may_send(line, LOCKED_MS + 20 * index) is Reason.NONE


def test_a_party_that_talks_again_ends_the_pause() -> None:
    line = locked()
    unreachable(line, LOCKED_MS + 2000, PHONE)
    assert may_send(line, LOCKED_MS + 2010) is Reason.UNREACHABLE
    line.receive(LOCKED_MS + 2020, PHONE, 400)
    line.latch.receive(round((LOCKED_MS + 2020) * MS), NEIGHBOUR, b"")
    assert may_send(line, LOCKED_MS + 2030) is Reason.NONE


def test_icmp_about_the_rtcp_port_does_not_pause_media() -> None:
    line = locked()
    unreachable(line, LOCKED_MS + 5000, PHONE_RTCP)
    assert may_send(line, LOCKED_MS + 5001) is Reason.NONE


def test_another_destination_is_not_paused() -> None:
    line = answered(declared=SERVER)
    may_send(line, 0)
    unreachable(line, 1)
    line.signal(2, "reinvite", declared=("192.0.2.30", 6000))
    assert may_send(line, 3) is Reason.NONE


@pytest.mark.parametrize("octets", [-1, 65_536])
def test_a_datagram_that_udp_cannot_carry_is_refused(octets: int) -> None:
    with pytest.raises(ConfigurationError, match=str(octets)):
        answered().latch.may_send(0, octets)


def test_octets_of_the_wrong_type_are_a_type_error() -> None:
    with pytest.raises(TypeError, match="octets must be an int, not str"):
        answered().latch.may_send(0, "172")  # type: ignore[arg-type]
