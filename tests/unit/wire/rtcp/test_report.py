"""wire.rtcp.report: SenderReport, ReceiverReport, ReportBlock."""

from __future__ import annotations

from typing import Any

import pytest

from rtpcore.errors import ConfigurationError
from rtpcore.wire.rtcp.parse import parse_rtcp
from rtpcore.wire.rtcp.report import ReceiverReport, ReportBlock, SenderReport

BLOCK = bytes.fromhex("00000005 06fffff9 00010002 00000009 0000000a 0000000b")
SENDER = bytes.fromhex("a1c8000e 89abcdef 0011223344556677 00000280 00000003 000001e0") + BLOCK
TAIL = bytes.fromhex("65787431 00000004")
INFO: dict[str, Any] = {
    "ssrc": 0x89ABCDEF, "ntp_timestamp": 0x0011223344556677, "rtp_timestamp": 640, "packet_count": 3,
    "octet_count": 480,
}  # fmt: skip
FIELDS: dict[str, Any] = {
    "ssrc": 5, "fraction_lost": 6, "cumulative_lost": -7, "extended_highest_sequence_number": 65538,
    "interarrival_jitter": 9, "last_sr": 10, "delay_since_last_sr": 11,
}  # fmt: skip


def test_every_field_of_a_sender_report() -> None:
    (report,) = parse_rtcp(SENDER + TAIL)
    assert isinstance(report, SenderReport)
    assert {name: getattr(report, name) for name in INFO} == INFO
    assert (report.packet_type, report.count, report.profile_extensions, report.padding_size) == (200, 1, b"ext1", 4)
    (block,) = report.reports
    assert {name: getattr(block, name) for name in FIELDS} == FIELDS
    assert block.serialize() == BLOCK
    assert report.serialize() == SENDER + TAIL


def test_every_field_of_a_receiver_report() -> None:
    datagram = bytes.fromhex("82c9000d 00000001") + BLOCK + BLOCK[::-1]
    (report,) = parse_rtcp(datagram)
    assert isinstance(report, ReceiverReport)
    assert (report.ssrc, report.packet_type, report.count) == (1, 201, 2)
    assert [block.serialize() for block in report.reports] == [BLOCK, BLOCK[::-1]]
    assert (report.profile_extensions, report.padding_size) == (b"", 0)


def test_the_constructors_write_every_field() -> None:
    block = ReportBlock(**FIELDS)
    assert block.serialize() == BLOCK
    report = SenderReport(**INFO, reports=[block], profile_extensions=memoryview(b"ext1"), padding_size=4)
    assert report.serialize() == SENDER + TAIL
    assert ReceiverReport(ssrc=1, reports=(block,)).serialize() == bytes.fromhex("81c90007 00000001") + BLOCK


@pytest.mark.parametrize("lost", [-0x800000, -1, 0, 1, 0x7FFFFF])
def test_cumulative_lost_is_signed(lost: int) -> None:
    assert ReportBlock(ssrc=1, cumulative_lost=lost).cumulative_lost == lost


def test_a_block_defaults_to_nothing_received() -> None:
    assert ReportBlock(ssrc=1).serialize() == b"\0\0\0\1" + bytes(20)


def test_thirty_one_blocks_fit() -> None:
    blocks = tuple(ReportBlock(ssrc=number) for number in range(31))
    report = ReceiverReport(ssrc=1, reports=iter(blocks))
    assert report.reports == blocks
    assert parse_rtcp(report.serialize()) == [report]


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"ssrc": 1 << 32}, ConfigurationError, "ssrc is 4294967296"),
        ({"ntp_timestamp": 1 << 64}, ConfigurationError, "ntp_timestamp is 18446744073709551616"),
        ({"rtp_timestamp": -1}, ConfigurationError, "rtp_timestamp is -1"),
        ({"packet_count": 1.5}, TypeError, r"packet_count is an integer, not 1\.5"),
        ({"octet_count": None}, TypeError, "octet_count is an integer, not None"),
    ],
)
def test_a_bad_argument_of_a_sender_report_is_named(
    changes: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        SenderReport(**(INFO | changes))


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"ssrc": -1}, ConfigurationError, "ssrc is -1"),
        ({"reports": [ReportBlock(ssrc=1)] * 32}, ConfigurationError, "reports has 32 members, and at most 31 fit"),
        ({"reports": [BLOCK]}, TypeError, "A member of reports is a ReportBlock, not b'"),
        ({"reports": 1}, TypeError, "reports is an iterable, not 1"),
        ({"profile_extensions": b"abc"}, ConfigurationError, "profile_extensions has 3 octets"),
        ({"profile_extensions": "abcd"}, TypeError, "profile_extensions is bytes or another buffer, not str"),
        ({"profile_extensions": bytes(4 * 65536)}, ConfigurationError, "words after its header"),
        ({"padding_size": 2}, ConfigurationError, "padding_size is 2, which is not a multiple of 4"),
    ],
)
def test_a_bad_argument_of_either_report_is_named(
    changes: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        SenderReport(**(INFO | changes))
    with pytest.raises(error, match=message):
        ReceiverReport(**({"ssrc": 1} | changes))


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"fraction_lost": 256}, ConfigurationError, "fraction_lost is 256, which is not between 0 and 255"),
        ({"cumulative_lost": 0x800000}, ConfigurationError, "cumulative_lost is 8388608, which is not between"),
        ({"cumulative_lost": -0x800001}, ConfigurationError, "cumulative_lost is -8388609"),
        ({"cumulative_lost": 2**70}, ConfigurationError, f"cumulative_lost is {2**70}"),
        ({"cumulative_lost": "0"}, TypeError, "cumulative_lost is an integer, not '0'"),
        ({"interarrival_jitter": -1}, ConfigurationError, "interarrival_jitter is -1"),
        ({"extended_highest_sequence_number": 1 << 32}, ConfigurationError, "extended_highest_sequence_number is"),
        ({"last_sr": 1 << 32}, ConfigurationError, "last_sr is 4294967296"),
        ({"delay_since_last_sr": 0.5}, TypeError, r"delay_since_last_sr is an integer, not 0\.5"),
    ],
)
def test_a_bad_argument_of_a_block_is_named(changes: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        ReportBlock(**(FIELDS | changes))


def test_blocks_are_values() -> None:
    block = ReportBlock(**FIELDS)
    assert block == ReportBlock(**FIELDS)
    assert hash(block) == hash(ReportBlock(**FIELDS))
    assert block != ReportBlock(ssrc=5)
    assert block != BLOCK
    with pytest.raises(AttributeError):
        block.ssrc = 1  # type: ignore[misc]
    with pytest.raises(TypeError, match="cannot be initialised twice"):
        block.__init__(ssrc=1)
    with pytest.raises(TypeError, match="has not been initialised"):
        hash(ReportBlock.__new__(ReportBlock))


def test_repr_names_every_field() -> None:
    assert repr(ReceiverReport(ssrc=1, reports=[ReportBlock(**FIELDS)])) == (
        "ReceiverReport(ssrc=0x00000001, reports=(ReportBlock(ssrc=0x00000005, fraction_lost=6, cumulative_lost=-7, "
        "extended_highest_sequence_number=65538, interarrival_jitter=9, last_sr=0x0000000a, delay_since_last_sr=11),), "
        "profile_extensions=b'', padding_size=0)"
    )
    assert repr(SenderReport(**INFO)) == (
        "SenderReport(ssrc=0x89abcdef, ntp_timestamp=0x0011223344556677, rtp_timestamp=640, packet_count=3, "
        "octet_count=480, reports=(), profile_extensions=b'', padding_size=0)"
    )
