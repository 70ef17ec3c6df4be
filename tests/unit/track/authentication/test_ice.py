"""The ICE-lite agent of a leg: which checks it answers, and how; which pair is used; and for how long (row 19)."""

from __future__ import annotations

import struct
from dataclasses import replace
from typing import Any

import pytest

from rtpcore import IceCredentials, LatchPolicy, LatchState, LatchVerdict, Reason
from rtpcore.events import Address
from rtpcore.wire.stun.message import StunMessage
from tests.behaviour.media import receiver_report
from tests.checks import CREDENTIALS, check, read
from tests.unit.track.line import DROP, FORWARD, MS, NEIGHBOUR, PHONE, PHONE_RTCP, RELAY, SERVER, STRANGER, Line

OTHER = ("198.51.100.77", 50000)
"""Where the phone is once it has moved."""
CONSENT_MS = 30_000


def negotiated(policy: LatchPolicy | None = None, **said: Any) -> Line:
    said = {"ice": CREDENTIALS, "rtcp_mux": True, **said}
    return Line(policy).publish().answer(**said)


def send_check(line: Line, at_ms: float, source: Address, octets: bytes | None = None, **how: Any) -> LatchVerdict:
    return line.latch.receive(round(at_ms * MS), source, check(**how) if octets is None else octets)


# Answers ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", [PHONE, ("2001:db8::7", 5000)])
def test_an_authentic_check_is_answered_with_the_address_it_came_from(source: Address) -> None:
    line = negotiated()
    octets = check()
    verdict = send_check(line, 1, source, octets)
    assert (verdict.action, verdict.reason) == (DROP, Reason.STUN_ANSWERED)
    answer = read(verdict.answer)
    assert (answer.success, answer.authentic, answer.mapped) == (True, True, source)
    assert answer.transaction == octets[8:20]
    assert "FINGERPRINT" in answer.attributes
    assert line.latch.destination == source


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"signed": False}, 400),
        ({"password": "another0123456789012345"}, 401),
        ({"username": "other:phonefrag"}, 401),
        ({"username": "relayfrag"}, 401),
        ({"username": "relayfrag:"}, 401),
        ({"username": "relayfragment:phonefrag"}, 401),
    ],
)
def test_what_cannot_authenticate_is_refused_and_validates_nothing(how: dict[str, Any], code: int) -> None:
    line = negotiated()
    octets = check(**how)
    verdict = send_check(line, 1, PHONE, octets)
    assert verdict.reason is Reason.STUN_ANSWERED
    answer = read(verdict.answer)
    assert (answer.error_code, answer.authentic, "MESSAGE-INTEGRITY" in answer.attributes) == (code, False, False)
    assert len(answer.octets) <= len(octets)
    assert line.latch.destination is None
    assert line.receive(2, PHONE, 1).reason is Reason.NOT_VALIDATED


def test_a_check_without_a_username_is_a_bad_request() -> None:
    octets = b"\0\x01\0\x18\x21\x12\xa4\x42" + bytes(12) + b"\0\x08\0\x14" + bytes(20)
    verdict = send_check(negotiated(), 1, PHONE, octets)
    assert read(verdict.answer).error_code == 400


def test_a_short_request_is_not_worth_a_longer_answer() -> None:
    octets = b"\0\x01\0\0\x21\x12\xa4\x42" + bytes(12)
    verdict = send_check(negotiated(), 1, STRANGER, octets)
    assert (verdict.reason, verdict.answer) == (Reason.STUN_ANSWERED, None)


def test_refusals_are_few_and_do_not_keep_the_party_out() -> None:
    line = negotiated()
    refused = [send_check(line, 1, STRANGER, password="x" * 22) for _ in range(20)]
    assert [verdict.reason for verdict in refused] == [Reason.STUN_ANSWERED] * 8 + [Reason.RATE_LIMIT] * 12
    assert [verdict.answer is not None for verdict in refused] == [True] * 8 + [False] * 12
    assert read(send_check(line, 2, PHONE).answer).success
    assert send_check(line, 1002, STRANGER, password="x" * 22).answer is not None


def test_a_party_that_thinks_the_relay_controls_is_told_to() -> None:
    line = negotiated()
    answer = read(send_check(line, 1, PHONE, controlled=True).answer)
    assert (answer.error_code, answer.authentic) == (487, True)
    assert line.latch.destination is None


def test_what_must_be_understood_and_is_not_is_named() -> None:
    line = negotiated()
    octets = bytearray(check(signed=False)[:-8]) + struct.pack("!HH", 0x7001, 0)
    octets[2:4] = struct.pack("!H", len(octets) - 20)
    signed = StunMessage.parse(octets).serialize(CREDENTIALS.local[1])
    answer = StunMessage.parse(send_check(line, 1, PHONE, signed).answer or b"")
    assert (answer.error_code, answer.is_authentic(CREDENTIALS.local[1])) == (420, True)
    assert (0x000A, b"\x70\x01") in answer.attributes
    assert line.latch.destination is None


@pytest.mark.parametrize("kind", [0x0011, 0x0101, 0x0111, 0x0003], ids=["indication", "success", "error", "allocate"])
def test_other_stun_is_dropped_without_an_answer(kind: int) -> None:
    verdict = send_check(negotiated(), 1, PHONE, struct.pack("!HHI", kind, 0, 0x2112A442) + bytes(12))
    assert (verdict.reason, verdict.answer) == (Reason.STUN, None)


def test_malformed_stun_is_dropped_without_an_answer() -> None:
    verdict = send_check(negotiated(), 1, PHONE, check()[:-4] + bytes(4))
    assert (verdict.reason, verdict.answer) == (Reason.RTP_BAD_VERSION, None)


@pytest.mark.parametrize("source", [("198.51.100.10", 0), ("224.0.0.1", 5000), RELAY])
def test_nobody_can_be_at_some_addresses(source: Address) -> None:
    line = negotiated()
    assert send_check(line, 1, source).reason is Reason.NOT_VALIDATED
    assert line.latch.destination is None


def test_before_publish_nothing_is_answered() -> None:
    line = Line().answer(ice=CREDENTIALS)
    verdict = send_check(line, 1, PHONE)
    assert (verdict.reason, verdict.answer) == (Reason.STUN, None)


def test_without_ice_nothing_is_answered() -> None:
    verdict = send_check(Line().publish().answer(), 1, PHONE)
    assert (verdict.reason, verdict.answer) == (Reason.STUN, None)


# Pairs ---------------------------------------------------------------------------------------------------------------


def test_media_is_heard_from_validated_pairs_only() -> None:
    line = negotiated(declared=PHONE)
    assert (line.receive(1, PHONE, 1).row, line.receive(1, PHONE, 2).reason) == (19, Reason.NOT_VALIDATED)
    send_check(line, 2, PHONE)
    assert line.receive(3, PHONE, 3).action is FORWARD
    assert line.latch.accepted_source == PHONE
    for stranger in (STRANGER, NEIGHBOUR):
        assert line.receive(4, stranger, 4).reason is Reason.NOT_VALIDATED
    assert line.latch.destination == PHONE


def test_a_declared_address_gets_nothing_before_its_check() -> None:
    assert negotiated(declared=SERVER).latch.destination is None


def test_a_check_from_another_branch_is_answered_and_validates_nothing() -> None:
    line = negotiated()
    branch = replace(CREDENTIALS, remote=("branchfrag", "p" * 22))
    assert read(send_check(line, 1, OTHER, credentials=branch).answer).success
    assert line.latch.destination is None
    early = negotiated(ice=replace(CREDENTIALS, remote=None))
    send_check(early, 1, OTHER, credentials=branch)
    assert early.latch.destination == OTHER


def test_the_remote_credentials_may_be_told_later() -> None:
    line = negotiated(ice=replace(CREDENTIALS, remote=None))
    send_check(line, 1, PHONE)
    line.answer(2, ice=CREDENTIALS, rtcp_mux=True)
    assert line.latch.destination == PHONE
    assert line.receive(3, PHONE, 1).action is FORWARD


def test_without_nomination_the_last_checked_pair_is_used() -> None:
    line = negotiated()
    for at_ms, source in enumerate((PHONE, OTHER, PHONE), 1):
        send_check(line, at_ms, source)
        assert line.latch.destination == source


def test_a_nominated_pair_goes_before_others() -> None:
    line = negotiated()
    send_check(line, 1, PHONE, nominates=True)
    send_check(line, 2, OTHER)
    assert line.latch.destination == PHONE
    send_check(line, 3, OTHER, nominates=True, priority=1)
    assert line.latch.destination == OTHER, "a nomination of its own is followed, whatever its priority"


def test_of_pairs_that_are_nominated_again_and_again_the_better_one_is_used() -> None:
    line = negotiated()
    for at_ms in range(0, 200, 40):
        send_check(line, at_ms, PHONE, nominates=True, priority=200)
        assert line.latch.destination == PHONE
        send_check(line, at_ms + 20, OTHER, nominates=True, priority=100)
        assert line.latch.destination == (OTHER if at_ms == 0 else PHONE)


@pytest.mark.parametrize("nominates", [True, False])
def test_a_pair_switch_is_followed_with_the_next_packet(nominates: bool) -> None:
    """I02."""
    line = negotiated()
    send_check(line, 0, PHONE, nominates=nominates)
    line.talk(20, PHONE, 100)
    send_check(line, 2025, OTHER, nominates=nominates)
    assert line.receive(2040, OTHER, 101).action is FORWARD
    assert (line.latch.accepted_source, line.latch.destination) == (OTHER, OTHER)
    assert [event.name for event in line.events()] == ["latched", "relatched"]


def test_what_was_still_on_its_way_from_the_former_pair_does_not_lead_back() -> None:
    line = negotiated()
    send_check(line, 0, PHONE, nominates=True)
    line.talk(20, PHONE, 10)
    send_check(line, 225, OTHER, nominates=True)
    assert line.receive(230, OTHER, 12).action is FORWARD
    assert line.receive(231, PHONE, 11).action is FORWARD, "late, and legitimate"
    assert (line.latch.accepted_source, line.latch.destination) == (OTHER, OTHER)


def test_a_forged_address_of_a_pair_does_not_give_another_ssrc_the_pin() -> None:
    line = negotiated()
    send_check(line, 0, PHONE)
    line.talk(20, PHONE, 10)
    assert line.receive(210, PHONE, 500, ssrc=66).action is not FORWARD
    assert line.receive(220, PHONE, 10).action is FORWARD


def test_a_check_that_comes_again_from_elsewhere_validates_nothing() -> None:
    line = negotiated()
    heard = check(nominates=True)
    send_check(line, 1, PHONE, heard)
    verdict = send_check(line, 2, STRANGER, heard)
    assert (verdict.reason, verdict.answer) == (Reason.NOT_VALIDATED, None)
    assert line.latch.destination == PHONE
    assert read(send_check(line, 3, PHONE, heard).answer).success, "a retransmission of the party is answered"


def test_a_thousand_checks_later_it_is_still_known() -> None:
    line = negotiated()
    heard = check()
    send_check(line, 0, PHONE, heard)
    for at_ms in range(1, 1020):
        send_check(line, at_ms, PHONE)
    assert send_check(line, 1020, STRANGER, heard).reason is Reason.NOT_VALIDATED


def test_more_pairs_than_there_is_room_for() -> None:
    line = negotiated()
    send_check(line, 0, PHONE, nominates=True)
    for number in range(20):
        send_check(line, 1 + number, (OTHER[0], 50_000 + number))
    assert line.latch.destination == PHONE
    assert line.receive(30, PHONE, 1).action is FORWARD
    assert line.receive(31, (OTHER[0], 50_000), 2).reason is Reason.NOT_VALIDATED


# RTCP ----------------------------------------------------------------------------------------------------------------


def test_with_mux_reports_are_heard_from_validated_pairs_without_media() -> None:
    line = negotiated()
    report = receiver_report(5)
    assert line.latch.receive(MS, PHONE, report).reason is Reason.NOT_VALIDATED
    send_check(line, 2, PHONE)
    assert line.latch.receive(3 * MS, PHONE, report).action is FORWARD
    assert line.latch.receive(4 * MS, STRANGER, report).reason is Reason.NOT_VALIDATED
    assert line.latch.rtcp_destination == PHONE


def test_without_mux_the_rtcp_port_has_a_pair_of_its_own() -> None:
    line = negotiated(rtcp_mux=False)
    send_check(line, 1, PHONE)
    assert line.latch.rtcp_destination is None
    assert line.receive_rtcp(2, PHONE_RTCP, receiver_report(5)).reason is Reason.NOT_VALIDATED
    assert read(line.receive_rtcp(3, PHONE_RTCP, check()).answer).mapped == PHONE_RTCP
    assert line.receive_rtcp(4, PHONE_RTCP, receiver_report(5)).action is FORWARD
    assert (line.latch.destination, line.latch.rtcp_destination) == (PHONE, PHONE_RTCP)


# Consent -------------------------------------------------------------------------------------------------------------


def test_without_checks_sending_stops_and_the_same_credentials_do_not_begin_again() -> None:
    """I03."""
    line = negotiated()
    send_check(line, 0, PHONE)
    line.talk(20, PHONE, 1499)
    assert line.receive(CONSENT_MS - 1, PHONE, 1500).action is FORWARD
    assert line.receive(CONSENT_MS, PHONE, 1501).reason is Reason.NOT_VALIDATED
    assert [event.name for event in line.events()] == ["latched", "consent_lost"]
    assert (line.latch.accepted_source, line.latch.destination) == (None, None)
    assert line.latch.may_send(CONSENT_MS * MS) is Reason.CONSENT_LOST
    for at_ms in (CONSENT_MS + 1, CONSENT_MS + 5000):
        verdict = send_check(line, at_ms, PHONE)
        assert (verdict.reason, verdict.answer) == (Reason.CONSENT_LOST, None)
    line.answer(CONSENT_MS + 6000, ice=CREDENTIALS, rtcp_mux=True)
    assert send_check(line, CONSENT_MS + 6001, PHONE).reason is Reason.CONSENT_LOST
    assert line.receive(CONSENT_MS + 6002, PHONE, 1502).reason is Reason.NOT_VALIDATED


def test_new_credentials_begin_again_after_lost_consent() -> None:
    line = negotiated()
    send_check(line, 0, PHONE)
    line.latch.tick(CONSENT_MS * MS)
    again = IceCredentials(("newfrag", "n" * 24), ("hisfrag", "h" * 24))
    line.answer(CONSENT_MS + 1, ice=again, rtcp_mux=True)
    assert read(send_check(line, CONSENT_MS + 2, PHONE, credentials=again).answer, again).authentic
    assert line.latch.destination == PHONE


def test_each_check_gives_consent_anew() -> None:
    line = negotiated()
    for at_ms in range(0, 10 * CONSENT_MS, CONSENT_MS - 1):
        send_check(line, at_ms, PHONE)
        assert line.latch.destination == PHONE
    assert not line.events()


def test_a_repeated_check_gives_no_consent() -> None:
    line = negotiated()
    heard = check()
    send_check(line, 0, PHONE, heard)
    send_check(line, CONSENT_MS - 1, PHONE, heard)
    line.latch.tick(CONSENT_MS * MS)
    assert line.latch.destination is None


def test_another_pair_that_is_alive_takes_over_from_one_that_ended() -> None:
    line = negotiated()
    send_check(line, 0, PHONE, nominates=True)
    line.talk(20, PHONE, 2)
    send_check(line, 15_000, OTHER)
    assert line.latch.destination == PHONE
    line.latch.tick(CONSENT_MS * MS)
    assert (line.latch.accepted_source, line.latch.destination) == (None, OTHER)
    assert [event.name for event in line.events()] == ["latched"]
    assert line.receive(CONSENT_MS + 1, OTHER, 3).action is FORWARD


def test_the_policy_may_do_without_consent() -> None:
    line = negotiated(LatchPolicy(consent_ms=None))
    send_check(line, 0, PHONE)
    line.latch.tick(10 * CONSENT_MS * MS)
    assert line.latch.destination == PHONE


def test_an_ice_restart_keeps_the_former_pair_until_the_new_one_is_there() -> None:
    line = negotiated()
    send_check(line, 0, PHONE, nominates=True)
    line.talk(20, PHONE, 50)
    again = IceCredentials(("newfrag", "n" * 24), ("hisfrag", "h" * 24))
    line.answer(1030, ice=again, rtcp_mux=True)
    assert read(send_check(line, 1035, STRANGER).answer, again).error_code == 401, "the former credentials are over"
    assert line.receive(1040, PHONE, 51).action is FORWARD
    send_check(line, 1050, OTHER, credentials=again)
    assert line.latch.destination == OTHER
    assert line.receive(1060, OTHER, 52).action is FORWARD
    line.latch.tick((1050 + CONSENT_MS - 1) * MS)
    assert line.latch.destination == OTHER


# Signalling ----------------------------------------------------------------------------------------------------------


def test_ice_that_is_negotiated_later_ends_what_addresses_had_decided() -> None:
    line = Line().publish().answer(declared=PHONE)
    line.talk(20, PHONE, 5)
    line.signal(200, "reinvite", declared=PHONE, ice=CREDENTIALS, rtcp_mux=True)
    assert line.receive(220, PHONE, 6).reason is Reason.NOT_VALIDATED
    send_check(line, 230, PHONE)
    assert line.receive(240, PHONE, 7).action is FORWARD


def test_ice_that_is_given_up_leaves_the_source_to_the_rules_of_addresses() -> None:
    line = negotiated(declared=PHONE)
    send_check(line, 1, PHONE)
    line.talk(20, PHONE, 5)
    line.signal(200, "reinvite", declared=PHONE, signalling=[PHONE[0]], ice=False)
    assert line.latch.state is LatchState.RELEARNING
    assert line.receive(220, PHONE, 5).action is FORWARD
    assert send_check(line, 230, PHONE).answer is None
    assert line.receive(240, STRANGER, 5).reason is Reason.OUT_OF_SCOPE


def test_hold_resume_and_a_new_declared_address_change_no_pair() -> None:
    line = negotiated()
    send_check(line, 1, PHONE)
    line.talk(20, PHONE, 5)
    for at_ms, event in ((200, "hold"), (300, "resume"), (400, "reinvite")):
        line.signal(at_ms, event, declared=SERVER, signalling=["192.0.2.99"])
        assert (line.latch.accepted_source, line.latch.destination) == (PHONE, PHONE)
        assert line.receive(at_ms + 1, PHONE, at_ms // 10).action is FORWARD
    assert line.latch.state is LatchState.LOCKED or line.latch.state is LatchState.PROVISIONAL
    assert not {event.name for event in line.events()} & {"scope_empty", "relatched"}
