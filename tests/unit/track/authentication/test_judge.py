"""Row 18: a leg whose packets must verify. And the endpoints' own protocols, where they are relayed."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from rtpcore import Action, LatchVerdict, Reason
from rtpcore.events import Address
from tests.behaviour.media import receiver_report, rtp, sender_report
from tests.checks import CREDENTIALS, check
from tests.srtp import KEY, protector, verifier
from tests.unit.track.line import (
    DROP,
    FORWARD,
    MS,
    NEIGHBOUR,
    OTHER_SSRC,
    PHONE,
    PHONE_RTCP,
    PHONE_SSRC,
    SERVER,
    STRANGER,
    Line,
)

DTLS = b"\x16\xfe\xfd" + bytes(30)
ZRTP = b"\x10\0" + bytes(10)
STUN = b"\0\x11\0\0\x21\x12\xa4\x42" + bytes(12)


class Asked(list[bytes]):
    """A verify callable that remembers what it was asked, and always says the same."""

    def __init__(self, says: bool) -> None:
        self.says = says

    def __call__(self, packet: bytes) -> bool:
        self.append(packet)
        return self.says


class Call:
    """A line with SRTP: what `send` gets is protected by the party's own key, or by another's."""

    def __init__(self, **said: Any) -> None:
        self.line = Line().publish().answer(encrypted=True, verify=verifier(), **said)
        self.protect = protector()

    def send(self, at_ms: float, source: Address, octets: bytes) -> LatchVerdict:
        return self.line.latch.receive(round(at_ms * MS), source, octets)

    def media(self, number: int, ssrc: int = PHONE_SSRC) -> bytes:
        return self.protect(rtp(number, ssrc))

    def talk(self, at_ms: int, source: Address, count: int, first: int = 0) -> list[bytes]:
        sent = [self.media(first + number) for number in range(count)]
        for index, octets in enumerate(sent):
            assert self.send(at_ms + 20 * index, source, octets).action is FORWARD
        return sent


# Keys ----------------------------------------------------------------------------------------------------------------


def test_the_first_packet_that_verifies_is_accepted_wherever_it_comes_from() -> None:
    call = Call()
    assert call.send(10, STRANGER, call.media(1)).action is FORWARD
    assert call.line.latch.accepted_source == call.line.latch.destination == STRANGER
    assert call.line.events()[0].detail == "T0"


def test_what_does_not_verify_is_dropped_and_counts_for_nothing() -> None:
    """S01."""
    call = Call()
    forge = protector(bytes(30))
    call.talk(0, PHONE, 5)
    call.line.events()
    for number in range(200):
        forged = forge(rtp(5 + number, PHONE_SSRC))
        for source in (STRANGER, PHONE, NEIGHBOUR):
            verdict = call.send(100 + number, source, forged)
            assert (verdict.action, verdict.reason, verdict.row) == (DROP, Reason.NOT_VERIFIED, 18)
    assert call.send(301, PHONE, call.media(6)).action is FORWARD
    assert call.line.latch.accepted_source == PHONE
    assert not call.line.events()


def test_before_anybody_is_accepted_it_counts_for_nothing_either() -> None:
    call = Call()
    forge = protector(bytes(30))
    for number in range(20):
        assert call.send(20 * number, PHONE, forge(rtp(number, PHONE_SSRC))).reason is Reason.NOT_VERIFIED
    assert call.line.latch.accepted_source is None


def test_a_replay_is_rejected_before_it_can_latch() -> None:
    """S02."""
    call = Call()
    captured = call.talk(0, PHONE, 20)
    for index, octets in enumerate(captured):
        assert call.send(500 + index, STRANGER, octets).reason is Reason.NOT_VERIFIED
    assert call.line.latch.accepted_source == call.line.latch.destination == PHONE


def test_one_packet_that_verifies_moves_both_directions() -> None:
    """S03."""
    call = Call()
    before = call.talk(0, PHONE, 20)
    assert call.send(400, SERVER, call.media(20)).action is FORWARD
    assert call.line.latch.accepted_source == call.line.latch.destination == SERVER
    assert call.line.events()[-1].detail == "authenticated"
    assert call.send(401, PHONE, before[-1]).reason is Reason.NOT_VERIFIED, "it is a replay by now"


def test_a_late_packet_from_the_former_address_is_heard_and_does_not_lead_back() -> None:
    call = Call()
    call.talk(0, PHONE, 20)
    late = call.media(20)
    assert call.send(420, SERVER, call.media(21)).action is FORWARD
    assert call.send(421, PHONE, late).action is FORWARD
    assert call.line.latch.accepted_source == call.line.latch.destination == SERVER


def test_another_ssrc_that_verifies_is_heard_at_once() -> None:
    call = Call()
    call.talk(0, PHONE, 5)
    assert call.send(100, PHONE, call.media(9000, OTHER_SSRC)).action is FORWARD
    assert call.line.latch.ssrc == PHONE_SSRC, "it has the pin as long as it talks"
    assert call.send(120, PHONE, call.media(5)).action is FORWARD
    assert call.send(300, PHONE, call.media(9001, OTHER_SSRC)).action is FORWARD
    assert call.line.latch.ssrc == OTHER_SSRC


def test_a_jump_that_verifies_needs_no_second_packet() -> None:
    call = Call()
    call.talk(0, PHONE, 5)
    assert call.send(100, PHONE, call.media(30_000)).action is FORWARD


def test_reports_must_verify_too() -> None:
    call = Call(rtcp_mux=True)
    call.talk(0, PHONE, 5)
    report = call.protect(sender_report(PHONE_SSRC))
    assert call.send(100, PHONE, sender_report(PHONE_SSRC) + bytes(14)).reason is Reason.NOT_VERIFIED
    assert call.send(101, PHONE, report).action is FORWARD
    assert call.send(102, STRANGER, report).reason is Reason.NOT_VERIFIED
    assert call.line.latch.accepted_source == PHONE


def test_reports_without_mux_are_followed_where_they_verify() -> None:
    call = Call()
    call.talk(0, PHONE, 5)
    report = call.protect(receiver_report(PHONE_SSRC))
    assert call.line.receive_rtcp(100, PHONE_RTCP, report).action is FORWARD
    assert call.line.latch.rtcp_accepted_source == PHONE_RTCP


def test_before_publish_a_talker_is_a_talker_and_nothing_is_verified() -> None:
    asked = Asked(False)
    line = Line().answer(verify=asked)
    assert line.receive(1, PHONE, 1).reason is Reason.NOT_PUBLISHED
    assert asked == []


def test_with_ice_the_pair_is_asked_before_the_key() -> None:
    asked = Asked(False)
    line = Line().publish().answer(ice=CREDENTIALS, rtcp_mux=True, verify=asked)
    assert line.receive(1, PHONE, 1).reason is Reason.NOT_VALIDATED
    assert asked == []
    line.latch.receive(2 * MS, PHONE, check())
    assert line.receive(3, PHONE, 1).reason is Reason.NOT_VERIFIED
    assert len(asked) == 1


def test_verify_gets_the_octets_as_they_came_and_may_be_taken_away() -> None:
    asked = Asked(True)
    line = Line().publish().answer(verify=asked)
    assert line.receive(1, STRANGER, 7).action is FORWARD
    assert asked == [rtp(7, PHONE_SSRC)]
    line.answer(2)
    assert line.receive(3, STRANGER, 8).action is FORWARD
    line.answer(4, verify=False)
    assert line.receive(5, SERVER, 9).action is not FORWARD
    assert len(asked) == 2


def test_an_exception_counts_as_no_and_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", told.append)

    def broken(packet: bytes) -> bool:
        raise LookupError(len(packet))

    line = Line().publish().answer(verify=broken)
    for number in range(5):
        assert line.receive(number, PHONE, number).reason is Reason.NOT_VERIFIED
    assert [type(one.exc_value) for one in told] == [LookupError]


# The endpoints' own protocols ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "octets"), [("dtls", DTLS), ("zrtp", ZRTP), ("stun", STUN)])
def test_a_protocol_is_relayed_only_where_it_was_signalled(name: str, octets: bytes) -> None:
    line = Line().publish().answer()
    reason = Reason[name.upper()]
    assert line.latch.receive(MS, PHONE, octets).reason is reason
    line.answer(2, passthrough=[name])
    verdict = line.latch.receive(3 * MS, PHONE, octets)
    assert (verdict.action, verdict.released) == (Action.FORWARD, ())
    others = {DTLS, ZRTP, STUN} - {octets}
    assert {line.latch.receive(4 * MS, PHONE, other).action for other in others} == {DROP}
    line.answer(5, passthrough=())
    assert line.latch.receive(6 * MS, PHONE, octets).reason is reason


@pytest.mark.parametrize(
    ("source", "relayed"),
    [
        (SERVER, True),
        ((SERVER[0], 7), True),
        (PHONE, True),
        (NEIGHBOUR, True),
        (STRANGER, False),
        ((PHONE[0], 0), False),
    ],
)
def test_only_declared_and_signalling_hosts_are_relayed(source: Address, relayed: bool) -> None:
    line = Line().publish().answer(declared=SERVER, passthrough=["dtls"])
    assert (line.latch.receive(MS, source, DTLS).action is FORWARD) is relayed


def test_it_never_latches() -> None:
    line = Line().publish().answer(passthrough=["dtls", "stun", "zrtp"])
    for at_ms in range(0, 2000, 30):
        for octets in (DTLS, STUN, ZRTP):
            line.latch.receive(at_ms * MS, PHONE, octets)
    assert (line.latch.accepted_source, line.latch.destination) == (None, None)


def test_fifty_packets_a_second_of_one_source_are_relayed() -> None:
    line = Line().publish().answer(passthrough=["dtls", "stun"])
    for second in (0, 1001):
        reasons = [
            line.latch.receive((second + at_ms) * MS, PHONE, (DTLS, STUN)[at_ms % 2]).reason for at_ms in range(99)
        ]
        assert reasons == [Reason.NONE] * 50 + [Reason.RATE_LIMIT] * 49
    assert line.latch.receive(1200 * MS, NEIGHBOUR, DTLS).action is FORWARD, "another source has its own"


def test_more_sources_at_once_than_a_call_has_are_refused() -> None:
    line = Line().publish().answer(passthrough=["dtls"])
    reasons = [line.latch.receive(MS, (PHONE[0], 50_000 + number), DTLS).reason for number in range(10)]
    assert reasons == [Reason.NONE] * 8 + [Reason.RATE_LIMIT] * 2
    assert line.latch.receive(1002 * MS, (PHONE[0], 60_000), DTLS).action is FORWARD


def test_with_ice_dtls_is_relayed_from_validated_pairs_only() -> None:
    """I01."""
    line = Line().publish().answer(declared=SERVER, ice=CREDENTIALS, passthrough=["dtls"])
    assert line.latch.receive(MS, SERVER, DTLS).reason is Reason.NOT_VALIDATED
    line.latch.receive(2 * MS, STRANGER, check())
    assert line.latch.receive(3 * MS, STRANGER, DTLS).action is FORWARD, "whoever has the credentials is the party"
    assert line.latch.receive(4 * MS, SERVER, DTLS).reason is Reason.NOT_VALIDATED


def test_before_publish_nothing_is_relayed() -> None:
    line = Line().answer(declared=SERVER, passthrough=["dtls"])
    assert line.latch.receive(MS, SERVER, DTLS).reason is Reason.DTLS


def test_the_key_is_another_for_each_call() -> None:
    assert not verifier(bytes(30))(protector(KEY)(rtp(1, 1)))
