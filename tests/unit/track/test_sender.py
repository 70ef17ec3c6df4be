"""RtpSender: sender reports and the round-trip time from their answers."""

from __future__ import annotations

import pytest

import rtpcore
from rtpcore import RtpPacket, RtpSender, SsrcTable

S = 1_000_000_000
WALL = 1_700_000_000 * S


def packet(sequence_number: int, ssrc: int = 9) -> bytes:
    return RtpPacket(
        payload_type=0, sequence_number=sequence_number, timestamp=sequence_number * 160, ssrc=ssrc, payload=bytes(160)
    ).serialize()


def test_before_anything_is_sent_the_report_is_a_receiver_report() -> None:
    report = RtpSender(9).report(0, WALL)
    assert isinstance(report, rtpcore.ReceiverReport)
    assert report.ssrc == 9


def test_a_sender_report_counts_packets_and_payload_octets_and_carries_the_timestamp_on() -> None:
    sender = RtpSender(9, 8000)
    for index in range(50):
        sender.sent(packet(index), index * 20_000_000)
    report = sender.report(49 * 20_000_000 + S // 2, WALL + S // 2)
    assert isinstance(report, rtpcore.SenderReport)
    assert (report.packet_count, report.octet_count) == (50, 8000)
    assert report.rtp_timestamp == 49 * 160 + 4000
    assert report.ntp_timestamp >> 32 == 1_700_000_000 + 2_208_988_800
    assert report.ntp_timestamp & 0xFFFFFFFF == 1 << 31


def test_the_answer_to_a_sender_report_shows_the_round_trip() -> None:
    sender, receiver = RtpSender(9), SsrcTable()
    for index in range(50):
        sender.sent(packet(index), index * 20_000_000)
        receiver.update(packet(index), index * 20_000_000)
    report = sender.report(1 * S, WALL)
    receiver.update_rtcp(report.serialize(), 1 * S + 30_000_000)
    (block,) = receiver.report_blocks(3 * S)
    measured = sender.round_trip_ns(block, 3 * S + 40_000_000)
    assert measured == pytest.approx(70_000_000, abs=30_000)


def test_an_answer_to_a_report_long_past_shows_nothing() -> None:
    sender = RtpSender(9)
    sender.sent(packet(1), 0)
    first = sender.report(1 * S, WALL)
    assert isinstance(first, rtpcore.SenderReport)
    for second in range(2, 5):
        sender.report(second * S, WALL + second * S)
    block = rtpcore.ReportBlock(ssrc=9, last_sr=first.ntp_timestamp >> 16 & 0xFFFFFFFF)
    assert sender.round_trip_ns(block, 6 * S) is None


def test_packets_and_blocks_of_another_ssrc_are_refused_by_name() -> None:
    sender = RtpSender(9)
    with pytest.raises(rtpcore.ConfigurationError, match="0x00000008"):
        sender.sent(packet(1, ssrc=8), 0)
    with pytest.raises(rtpcore.ConfigurationError, match="0x00000008"):
        sender.round_trip_ns(rtpcore.ReportBlock(ssrc=8), 0)


def test_time_does_not_go_back() -> None:
    sender = RtpSender(9)
    sender.sent(packet(1), 2 * S)
    with pytest.raises(rtpcore.ConfigurationError, match="now_ns is 1000000000"):
        sender.report(1 * S, WALL)
