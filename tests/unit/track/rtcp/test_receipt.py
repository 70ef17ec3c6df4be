"""What a party's reports say of the media that is sent to it: that it stands still, or that it arrives."""

from __future__ import annotations

from typing import Any

import pytest

from rtpcore.events import DownlinkNotReceived
from tests.behaviour.media import last_sr, receiver_report, report_block, rtp, sender_report
from tests.unit.track.line import (
    LOCKED_MS,
    MS,
    OTHER_SSRC,
    PEER_SSRC,
    PHONE,
    PHONE_RTCP,
    PHONE_SSRC,
    Line,
    answered,
    locked,
)

SEND_FROM_MS = LOCKED_MS


class Downlink:
    """The peer's stream on its way to a locked phone, and the phone's reports of it."""

    def __init__(self, **said: Any) -> None:
        self.line: Line = locked(**said)
        self.now_ms = float(SEND_FROM_MS)
        self.number = 100

    def send(self, seconds: float, *, every_ms: float = 20, ssrc: int = PEER_SSRC, first: int | None = None) -> None:
        """Media for that long."""
        if first is not None:
            self.number = first
        for _ in range(round(seconds * 1000 / every_ms)):
            self.line.latch.note_sent(round(self.now_ms * MS), rtp(self.number, ssrc))
            self.number += 1
            self.now_ms += every_ms

    def pause(self, seconds: float) -> None:
        self.now_ms += seconds * 1000

    def report(self, *blocks: bytes) -> list[DownlinkNotReceived]:
        """A report of the phone; the events that it led to."""
        self.line.receive_rtcp(self.now_ms, PHONE_RTCP, receiver_report(PHONE_SSRC, *blocks))
        return [event for event in self.line.events() if isinstance(event, DownlinkNotReceived)]

    def hears(self, highest: int, ssrc: int = PEER_SSRC) -> list[DownlinkNotReceived]:
        return self.report(report_block(ssrc, highest))


def test_a_number_that_stands_still_for_ten_seconds_of_sending_is_told_once() -> None:
    downlink = Downlink()
    downlink.send(2)
    assert downlink.hears(150) == []
    found = []
    for second in range(1, 31):
        downlink.send(1)
        for event in downlink.hears(150):
            found.append(second)
            assert (event.source, event.ssrc, event.sequence_number) == (PHONE_RTCP, PEER_SSRC, 150)
    assert found == [10]


def test_it_is_told_anew_after_it_has_moved() -> None:
    downlink = Downlink()
    downlink.send(1)
    for highest in (149, 150, 65_536 + 5):
        assert downlink.hears(highest) == []
        downlink.send(9.5)
        assert downlink.hears(highest) == []
        downlink.send(1)
        assert len(downlink.hears(highest)) == 1


def test_a_number_that_moves_is_never_told() -> None:
    downlink = Downlink()
    for _ in range(20):
        downlink.send(2)
        assert downlink.hears(downlink.number - 1) == []


def test_while_nothing_is_sent_nothing_can_arrive() -> None:
    # Hold, or a peer that suppresses silence altogether.
    downlink = Downlink()
    downlink.send(1)
    assert downlink.hears(149) == []
    for _ in range(30):
        downlink.pause(5)
        assert downlink.hears(149) == []
    downlink.send(5)
    assert downlink.hears(149) == []
    downlink.send(5)
    assert len(downlink.hears(149)) == 1


def test_comfort_noise_every_400_ms_is_sending() -> None:
    downlink = Downlink()
    downlink.send(1)
    assert downlink.hears(149) == []
    downlink.send(10, every_ms=400)
    assert len(downlink.hears(149)) == 1


def test_a_report_without_a_block_says_that_nothing_came() -> None:
    downlink = Downlink()
    downlink.send(1)
    assert downlink.hears(149) == []
    downlink.send(5)
    assert downlink.report() == []
    downlink.send(5)
    assert len(downlink.report()) == 1


def test_a_party_that_never_reports_is_not_judged() -> None:
    # Many send reports without blocks, always.
    downlink = Downlink()
    for _ in range(10):
        downlink.send(5)
        assert downlink.report() == []


def test_what_is_said_of_another_stream_does_not_count() -> None:
    downlink = Downlink()
    for _ in range(10):
        downlink.send(5)
        assert downlink.hears(7, OTHER_SSRC) == []


def test_another_stream_begins_anew() -> None:
    downlink = Downlink()
    downlink.send(5)
    assert downlink.hears(149) == []
    downlink.send(6)
    downlink.send(5, ssrc=OTHER_SSRC, first=9)
    assert downlink.hears(149, OTHER_SSRC) == []
    downlink.send(5, ssrc=OTHER_SSRC)
    assert downlink.hears(149, OTHER_SSRC) == []
    downlink.send(5, ssrc=OTHER_SSRC)
    assert len(downlink.hears(149, OTHER_SSRC)) == 1


@pytest.mark.parametrize("ssrc", [PEER_SSRC, OTHER_SSRC])
def test_feedback_alone_is_no_report(ssrc: int) -> None:
    downlink = Downlink(reduced_size=True)
    downlink.send(1)
    assert downlink.hears(149) == []
    downlink.send(12)
    feedback = bytes.fromhex("81ce0002") + PHONE_SSRC.to_bytes(4, "big") + ssrc.to_bytes(4, "big")
    assert downlink.line.receive_rtcp(downlink.now_ms, PHONE_RTCP, feedback).action.name == "FORWARD"
    assert downlink.line.event_names() == []


def test_encrypted_reports_are_not_read() -> None:
    downlink = Downlink(encrypted=True)
    for _ in range(10):
        downlink.send(5)
        assert downlink.hears(149) == []


def test_what_is_sent_is_a_loop_when_it_comes_back() -> None:
    line = answered()
    line.latch.note_sent(0, rtp(1, PEER_SSRC))
    assert line.receive(1, ("192.0.2.66", 7777), 1, PEER_SSRC).reason.name == "LOOP"


@pytest.mark.parametrize("octets", [b"", b"\x80", bytes(12), sender_report(1)[:-4], b"\x16\xfe\xfd" + bytes(30)])
def test_octets_that_are_no_packet_are_not_noted(octets: bytes) -> None:
    line = answered()
    line.latch.note_sent(0, octets)
    assert line.talk(0, PHONE, 2)[1].action.name == "FORWARD"


def test_a_time_that_goes_back_is_refused() -> None:
    line = locked()
    with pytest.raises(ValueError, match="time does not go back"):
        line.latch.note_sent(0, rtp(1, PEER_SSRC))
    with pytest.raises(ValueError, match="time does not go back"):
        line.latch.may_send_rtcp(0)


# Receipt proof -------------------------------------------------------------------------------------------------------

MOBILE = ("198.51.100.77", 42_000)
MOBILE_RTCP = (MOBILE[0], MOBILE[1] + 1)


def roamed(**said: Any) -> Downlink:
    """The phone talks from another network since 100 ms; media still goes where it was. Reports 5, 6 and 7 were the
    last that were sent to it, and the numbers of the last ten seconds are about 250 to 699."""
    downlink = Downlink(**said)
    downlink.line = answered(**said)
    downlink.now_ms = 0
    for number in range(600):
        downlink.line.receive(downlink.now_ms, PHONE, number)
        if number in (150, 250, 350, 450):
            downlink.line.latch.note_sent(round(downlink.now_ms * MS), sender_report(PEER_SSRC, number // 100 + 3))
        downlink.send(0.02)
    downlink.line.talk(13_000, MOBILE, 6, first=650)
    assert downlink.line.latch.accepted_source == MOBILE
    assert downlink.line.latch.destination == PHONE
    return downlink


def report_from(downlink: Downlink, source: tuple[str, int], highest: int, middle: int, ssrc: int = PEER_SSRC) -> bool:
    """Whether media follows the phone after that report."""
    report = receiver_report(PHONE_SSRC, report_block(ssrc, highest, middle))
    downlink.line.receive_rtcp(13_110, source, report)
    return downlink.line.latch.destination == MOBILE


@pytest.mark.parametrize("highest", [300, 699, 65_536 + 650])
@pytest.mark.parametrize("number", [5, 6, 7])
@pytest.mark.parametrize("source", [MOBILE_RTCP, (MOBILE[0], 9)], ids=["next port", "another mapping"])
def test_a_report_that_only_a_receiver_can_make_moves_media(highest: int, number: int, source: tuple[str, int]) -> None:
    assert report_from(roamed(), source, highest, last_sr(number))


@pytest.mark.parametrize(
    ("highest", "middle", "ssrc"),
    [
        (100, last_sr(7), PEER_SSRC),
        (701, last_sr(7), PEER_SSRC),
        (0, last_sr(7), PEER_SSRC),
        (600, last_sr(4), PEER_SSRC),
        (600, last_sr(8), PEER_SSRC),
        (600, 0, PEER_SSRC),
        (600, last_sr(7), OTHER_SSRC),
        (600, last_sr(7), PHONE_SSRC),
    ],
    ids=["too old", "never sent", "nothing", "an older report", "a later one", "none", "another SSRC", "its own"],
)
def test_any_other_report_proves_nothing(highest: int, middle: int, ssrc: int) -> None:
    assert not report_from(roamed(), MOBILE_RTCP, highest, middle, ssrc)


@pytest.mark.parametrize("source", [PHONE_RTCP, ("192.0.2.66", 42_001)], ids=["where it was", "a stranger"])
def test_a_report_from_elsewhere_proves_nothing(source: tuple[str, int]) -> None:
    assert not report_from(roamed(), source, 600, last_sr(7))


def test_an_encrypted_report_proves_nothing() -> None:
    assert not report_from(roamed(encrypted=True), MOBILE_RTCP, 600, last_sr(7))
