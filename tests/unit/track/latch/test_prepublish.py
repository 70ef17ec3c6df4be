"""Who talked to a port before it was given to the peer: barred, with one second chance (section 5 of the rules)."""

from __future__ import annotations

import pytest

from rtpcore import LatchPolicy, LatchState, Reason
from rtpcore.events import Address
from tests.behaviour.media import rtp, sender_report
from tests.unit.track.line import (
    DROP,
    FORWARD,
    HOLD,
    MS,
    NEIGHBOUR,
    OTHER_SSRC,
    PHONE,
    PHONE_SSRC,
    SERVER,
    STRANGER_SSRC,
    Line,
    forwarded,
)

JUNK = {
    "empty": b"",
    "one octet": b"\x80",
    "line feed": b"\r\n\r\n",
    "stun": bytes.fromhex("000100002112a442") + bytes(12),
    "version 0": bytes(12),
    "rtcp on the rtp port": sender_report(STRANGER_SSRC),
}


def talked_before(source: Address, count: int = 5, ssrc: int = STRANGER_SSRC) -> Line:
    """`source` sent before publish; published and answered at 0."""
    line = Line()
    for number in range(count):
        line.receive(0, source, number, ssrc)
    line.publish().answer()
    line.events()
    return line


def test_who_talked_before_publish_is_barred_although_in_scope() -> None:
    line = talked_before(NEIGHBOUR)
    verdicts = line.talk(0, NEIGHBOUR, 50, first=5, ssrc=STRANGER_SSRC)
    assert {(verdict.action, verdict.reason) for verdict in verdicts} == {(DROP, Reason.PREPUBLISH_TALKER)}
    assert forwarded(line.talk(1000, PHONE, 10)) == 10


def test_another_port_of_the_same_host_is_not_barred() -> None:
    line = talked_before(NEIGHBOUR)
    assert forwarded(line.talk(0, PHONE, 2)) == 2


def test_the_declared_address_itself_is_not_barred() -> None:
    line = Line()
    line.talk(0, SERVER, 5)
    line.publish(100).answer(100, declared=SERVER)
    assert forwarded(line.talk(100, SERVER, 10, first=5)) == 10


@pytest.mark.parametrize("at_ms", [999, 1000])
def test_a_second_after_learning_began_the_second_chance_comes(at_ms: int) -> None:
    line = talked_before(PHONE)
    verdict = line.receive(at_ms, PHONE, 1)
    assert (verdict.action is HOLD) == (at_ms == 1000)


def test_the_second_chance_takes_five_packets_of_an_ssrc_not_seen_before() -> None:
    line = talked_before(PHONE)
    verdicts = line.talk(300, PHONE, 60)
    accepted = next(index for index, verdict in enumerate(verdicts) if verdict.action is FORWARD)
    assert 300 + 20 * accepted == 1080
    assert len(verdicts[accepted].released) == 4
    assert line.latch.accepted_source == PHONE


def test_there_is_no_second_chance_for_an_ssrc_seen_before() -> None:
    line = talked_before(PHONE, ssrc=PHONE_SSRC)
    assert forwarded(line.talk(300, PHONE, 500)) == 0
    assert forwarded(line.talk(20_000, PHONE, 10, ssrc=OTHER_SSRC)) == 10


def test_there_is_no_second_chance_while_somebody_is_accepted() -> None:
    line = talked_before(NEIGHBOUR)
    line.talk(0, PHONE, 40)
    verdicts = line.talk(1100, NEIGHBOUR, 50, ssrc=OTHER_SSRC)
    assert {verdict.reason for verdict in verdicts} == {Reason.PREPUBLISH_TALKER}


def test_the_second_chance_is_for_sources_in_scope_only() -> None:
    line = talked_before(SERVER)
    assert {verdict.reason for verdict in line.talk(2000, SERVER, 50, ssrc=OTHER_SSRC)} == {Reason.OUT_OF_SCOPE}


@pytest.mark.parametrize("junk", JUNK.values(), ids=list(JUNK))
def test_any_datagram_before_publish_bars_its_source(junk: bytes) -> None:
    line = Line()
    line.latch.receive(0, NEIGHBOUR, junk)
    line.publish().answer()
    assert line.receive(100, NEIGHBOUR, 1, ssrc=STRANGER_SSRC).reason is Reason.PREPUBLISH_TALKER


@pytest.mark.parametrize("datagram", [sender_report(STRANGER_SSRC), b"\x80\x00\x00\x00", b""])
def test_a_datagram_to_the_rtcp_port_bars_its_source_too(datagram: bytes) -> None:
    line = Line()
    line.receive_rtcp(0, NEIGHBOUR, datagram)
    line.publish().answer()
    assert line.receive(100, NEIGHBOUR, 1, ssrc=STRANGER_SSRC).reason is Reason.PREPUBLISH_TALKER


def test_after_publish_junk_bars_nobody() -> None:
    line = Line().publish().answer()
    for junk in JUNK.values():
        line.latch.receive(0, PHONE, junk)
    assert forwarded(line.talk(100, PHONE, 2)) == 2


def test_talkers_are_told_once_a_second() -> None:
    line = Line()
    line.talk(20, NEIGHBOUR, 100)
    events = line.events()
    assert [event.name for event in events] == ["prepublish_talker"] * 2
    assert [event.count for event in events] == [1, 50]


def test_open_bars_nobody() -> None:
    line = Line(LatchPolicy("open"))
    line.talk(0, NEIGHBOUR, 5)
    line.publish(100).answer(100)
    assert forwarded(line.talk(100, NEIGHBOUR, 10, first=5)) == 10


def test_a_flood_before_publish_forgets_no_talker() -> None:
    line = Line()
    line.receive(0, NEIGHBOUR, 1, ssrc=STRANGER_SSRC)
    for index in range(20_000):
        line.receive(0, (f"192.0.2.{index % 250}", 1024 + index), 1, ssrc=index)
    line.publish().answer()
    assert line.receive(100, NEIGHBOUR, 2, ssrc=STRANGER_SSRC).reason is Reason.PREPUBLISH_TALKER


def test_a_flood_before_publish_does_not_keep_a_phone_out() -> None:
    # The filter is keyed at random, so each line is another draw. Once it has taken so much that it may be wrong about
    # the phone, it no longer asks for its SSRC: a second and five packets are enough.
    for count in (150, 500, 2000):
        for _ in range(20):
            line = Line()
            for index in range(count):
                line.latch.receive(0, (f"192.0.2.{index % 250}", 1024 + index), rtp(1, index))
            line.publish().answer()
            verdicts = line.talk(300, PHONE, 40)
            assert line.latch.state is LatchState.PROVISIONAL, count
            assert forwarded(verdicts) >= 5


def test_the_bar_lasts_as_long_as_the_leg() -> None:
    line = talked_before(NEIGHBOUR)
    line.talk(0, PHONE, 300)
    line.latch.signal(7000 * MS, "reinvite", declared=("192.168.1.10", 5006), payload_types={0: 8000})
    verdicts = line.talk(8000, NEIGHBOUR, 50, ssrc=OTHER_SSRC)
    assert {verdict.reason for verdict in verdicts} == {Reason.PREPUBLISH_TALKER}
