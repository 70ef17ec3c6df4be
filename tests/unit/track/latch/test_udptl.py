"""media="udptl" (T.38): latched by address only."""

from __future__ import annotations

import struct

import pytest

from rtpcore import ConfigurationError, IceCredentials, Latch, LatchPolicy, LatchState, LatchVerdict, Reason
from rtpcore.events import Address
from tests.unit.track.line import (
    DROP,
    FORWARD,
    HOLD,
    MS,
    NEIGHBOUR,
    PHONE,
    PRIVATE,
    RELAY,
    SERVER,
    STRANGER,
    Line,
    locked,
)

LOCKED_MS = 6000


def ifp(number: int) -> bytes:
    """A UDPTL packet; the first octet takes every value."""
    return struct.pack("!HB", number * 257 & 0xFFFF, 1) + b"fax"


class Fax(Line):
    def send(self, at_ms: float, source: Address = PHONE, octets: bytes | None = None) -> LatchVerdict:
        made = ifp(round(at_ms)) if octets is None else octets
        return self.latch.receive(round(at_ms * MS), source, made)

    def run(self, start_ms: float, count: int, source: Address = PHONE, every_ms: float = 20) -> list[LatchVerdict]:
        return [self.send(start_ms + index * every_ms, source) for index in range(count)]


def faxing(policy: LatchPolicy | None = None, declared: Address | None = PRIVATE) -> Fax:
    line = Fax(policy)
    line.publish().answer(declared=declared, media="udptl")
    return line


def latched(policy: LatchPolicy | None = None) -> Fax:
    line = faxing(policy)
    line.run(0, 300)
    line.events()
    assert line.latch.state is LatchState.LOCKED
    return line


def test_every_first_octet_is_forwarded_from_the_accepted_source() -> None:
    line = latched()
    for first in range(256):
        assert line.send(LOCKED_MS + first, octets=bytes([first, 200, 0, 0])).action is FORWARD
    assert line.send(LOCKED_MS + 300, octets=b"").reason is Reason.KEEPALIVE
    assert line.latch.ssrc is None


def test_a_signalling_host_needs_two_that_are_held_and_released() -> None:
    line = faxing()
    first = line.send(0, octets=b"one")
    second = line.send(20, octets=b"two")
    assert (first.action, second.action, second.row, second.released) == (HOLD, FORWARD, 5, (b"one",))
    assert (line.latch.accepted_source, line.latch.destination) == (PHONE, PHONE)


def test_the_declared_address_needs_one() -> None:
    line = faxing(declared=SERVER)
    assert line.send(0, SERVER).action is FORWARD


def test_a_burst_does_not_qualify() -> None:
    line = faxing()
    assert [line.send(0).action for _ in range(5)] == [HOLD] * 5
    assert line.send(9).action is HOLD
    assert line.send(10).action is FORWARD


def test_a_spray_between_does_not_keep_the_party_out() -> None:
    line = faxing()
    assert line.send(0).action is HOLD
    for port in range(7000, 7100):
        assert line.send(1, (STRANGER[0], port)).reason is Reason.OUT_OF_SCOPE
    assert line.send(20).action is FORWARD


def test_nobody_else_is_heard_while_locked() -> None:
    line = latched()
    for index in range(200):
        at_ms = LOCKED_MS + 20 * index
        for source in (NEIGHBOUR, STRANGER, (PRIVATE[0], 9)):
            verdict = line.send(at_ms, source)
            assert (verdict.action, verdict.reason, verdict.row) == (DROP, Reason.NOT_ACCEPTED_SOURCE, 14)
        assert line.send(at_ms + 5).action is FORWARD


def test_half_duplex_silence_in_the_window_lets_no_neighbour_in_at_once() -> None:
    line = faxing()
    line.run(0, 10)
    verdicts = line.run(190, 40, NEIGHBOUR)
    assert all(verdict.action is HOLD for verdict in verdicts)
    assert "contest" in line.event_names()
    assert line.latch.accepted_source == PHONE


def test_row_6_a_second_of_silence_in_the_window() -> None:
    line = faxing()
    line.run(0, 10)
    verdicts = line.run(1160, 3, NEIGHBOUR)
    assert [verdict.action for verdict in verdicts] == [HOLD, FORWARD, FORWARD]
    assert verdicts[1].row == 6


def test_row_13_needs_the_dead_time_five_packets_and_scope() -> None:
    line = latched()
    last_ms = LOCKED_MS - 20
    assert {verdict.reason for verdict in line.run(last_ms + 4700, 10, NEIGHBOUR)} == {Reason.NOT_ACCEPTED_SOURCE}
    assert {verdict.reason for verdict in line.run(last_ms + 5001, 10, STRANGER)} == {Reason.NOT_ACCEPTED_SOURCE}
    verdicts = line.run(last_ms + 6000, 6, NEIGHBOUR)
    assert [verdict.action for verdict in verdicts] == [HOLD] * 4 + [FORWARD] * 2
    assert (verdicts[4].row, len(verdicts[4].released)) == (13, 4)
    assert line.latch.destination == NEIGHBOUR


def test_row_12_the_displaced_one_is_back_with_its_first_datagram() -> None:
    line = latched()
    line.run(LOCKED_MS + 6000, 10, NEIGHBOUR)
    assert line.latch.accepted_source == NEIGHBOUR
    line.events()
    verdict = line.send(LOCKED_MS + 7000)
    assert (verdict.action, verdict.row) == (FORWARD, 12)
    assert (line.latch.accepted_source, line.latch.destination) == (PHONE, PHONE)
    assert {"hijack_suspected", "reverted"} <= set(line.event_names())
    assert line.send(LOCKED_MS + 7020, NEIGHBOUR).row == 14


def test_on_hold_nobody_takes_over() -> None:
    line = latched()
    line.signal(LOCKED_MS, "hold")
    assert all(verdict.row == 14 for verdict in line.run(LOCKED_MS + 20_000, 10, NEIGHBOUR))


def test_a_talker_from_before_publish_stays_barred() -> None:
    line = Fax()
    line.answer(media="udptl")
    assert line.send(0).row == 1
    line.publish(10)
    assert {verdict.reason for verdict in line.run(2000, 10)} == {Reason.PREPUBLISH_TALKER}
    assert line.run(3000, 2, NEIGHBOUR)[1].action is FORWARD


def test_the_relay_itself_and_port_0_are_nobody() -> None:
    line = faxing()
    line.latch.add_own_address(RELAY)
    assert line.send(0, RELAY).reason is Reason.INELIGIBLE
    assert line.send(1, (PHONE[0], 0)).reason is Reason.INELIGIBLE


def test_there_is_no_rtcp_port() -> None:
    line = latched()
    assert line.receive_rtcp(LOCKED_MS, PHONE, ifp(1)).reason is Reason.OTHER_MEDIA
    assert line.latch.may_send_rtcp(LOCKED_MS * MS) is Reason.OTHER_MEDIA
    assert line.latch.may_send(LOCKED_MS * MS) is Reason.NONE


def test_a_call_that_turns_to_fax_is_learnt_anew_and_media_stays_where_the_party_was() -> None:
    line = locked()
    line.signal(LOCKED_MS, "reinvite", declared=PRIVATE, signalling=[PHONE[0]], media="udptl")
    assert (line.latch.state, line.latch.accepted_source, line.latch.destination) == (LatchState.LEARNING, None, PHONE)
    verdicts = [line.latch.receive(round((LOCKED_MS + at) * MS), PHONE, ifp(at)) for at in (20, 40)]
    assert [verdict.action for verdict in verdicts] == [HOLD, FORWARD]
    line.signal(LOCKED_MS + 60, "reinvite", declared=PRIVATE, signalling=[PHONE[0]])
    assert line.receive(LOCKED_MS + 80, PHONE, 1).action is HOLD
    assert line.receive(LOCKED_MS + 100, PHONE, 2).action is FORWARD


def test_a_hold_does_not_change_the_media_and_a_refresh_reopens_nothing() -> None:
    line = latched()
    line.signal(LOCKED_MS, "refresh", declared=PRIVATE, signalling=[PHONE[0]], media="udptl")
    line.signal(LOCKED_MS, "hold")
    assert line.send(LOCKED_MS, octets=b"\x00").action is FORWARD


def test_explain_names_no_ssrc() -> None:
    line = latched()
    assert "T.38: sources are told apart by address only." in line.latch.explain()
    assert "SSRC" not in line.latch.explain()


@pytest.mark.parametrize(
    ("said", "error", "words"),
    [
        ({"media": "t38"}, ConfigurationError, "media is 't38', but must be one of rtp, udptl"),
        ({"media": None}, TypeError, "media must be a str, not NoneType None"),
        ({"media": "udptl", "verify": bool}, ConfigurationError, "neither with ice nor with verify nor"),
        ({"media": "udptl", "passthrough": ["dtls"]}, ConfigurationError, "neither with ice nor with verify nor"),
        (
            {"media": "udptl", "ice": IceCredentials(("frag", "x" * 22))},
            ConfigurationError,
            "neither with ice nor with verify nor",
        ),
    ],
)
def test_bad_words_change_nothing(said: dict[str, object], error: type[Exception], words: str) -> None:
    latch = Latch(LatchPolicy(), RELAY)
    with pytest.raises(error, match=words):
        latch.signal(0, "answer", declared=SERVER, **said)  # type: ignore[arg-type]
    assert "Declared" not in latch.explain()
