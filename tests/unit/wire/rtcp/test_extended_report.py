"""wire.rtcp.extended_report: ExtendedReport."""

from __future__ import annotations

from typing import Any

import pytest

from rtpcore.errors import ConfigurationError, ParseError
from rtpcore.wire.rtcp.extended_report import ExtendedReport
from rtpcore.wire.rtcp.parse import parse_rtcp
from rtpcore.wire.rtcp.xr_block import ExtendedReportBlock, UnknownReportBlock
from rtpcore.wire.rtcp.xr_statistics import StatisticsSummaryBlock
from rtpcore.wire.rtcp.xr_time import DlrrBlock, ReceiverReferenceTimeBlock
from rtpcore.wire.rtcp.xr_trace import DuplicateRleBlock, LossRleBlock, PacketReceiptTimesBlock
from rtpcore.wire.rtcp.xr_voip import VoipMetricsBlock
from rtpcore.wire.validity import ParseReason

RANGE: dict[str, Any] = {"ssrc": 1, "begin_sequence_number": 0, "end_sequence_number": 1}
BLOCKS: list[ExtendedReportBlock] = [
    LossRleBlock(**RANGE, trace=[True]),
    DuplicateRleBlock(**RANGE, trace=[True]),
    PacketReceiptTimesBlock(**RANGE, receipt_times=[5]),
    ReceiverReferenceTimeBlock(ntp_timestamp=5),
    DlrrBlock(entries=[(1, 2, 3)]),
    StatisticsSummaryBlock(**RANGE),
    VoipMetricsBlock(ssrc=1),
    UnknownReportBlock(block_type=8, contents=b"what"),
    UnknownReportBlock(block_type=0),
]


def parsed(datagram: bytes) -> ExtendedReport:
    (packet,) = parse_rtcp(datagram, reduced_size=True)
    assert isinstance(packet, ExtendedReport)
    return packet


def test_every_block_in_order() -> None:
    report = ExtendedReport(ssrc=0x89ABCDEF, blocks=iter(BLOCKS), padding_size=4)
    again = parsed(report.serialize())
    assert (again.ssrc, again.packet_type, again.count, again.padding_size) == (0x89ABCDEF, 207, 0, 4)
    assert again.blocks == tuple(BLOCKS)
    assert [type(block) for block in again.blocks] == [type(block) for block in BLOCKS]
    assert [block.block_type for block in again.blocks] == [1, 2, 3, 4, 5, 6, 7, 8, 0]
    assert again == report
    assert ExtendedReport(ssrc=0x89ABCDEF, blocks=again.blocks, padding_size=4) == report


def test_no_block() -> None:
    assert ExtendedReport(ssrc=1).serialize() == bytes.fromhex("80cf0001 00000001")
    assert parsed(bytes.fromhex("80cf0001 00000001")).blocks == ()


def test_the_reserved_bits_are_ignored_and_kept() -> None:
    octets = bytes.fromhex("9fcf0002 00000001 08000000")
    assert parsed(octets).blocks == (UnknownReportBlock(block_type=8),)
    assert parsed(octets).serialize() == octets


@pytest.mark.parametrize(
    ("blocks", "offset", "message"),
    [
        ("08000001", 8, "A block of type 8 has 8 octets, and 4 are left"),
        ("08000000 0800ffff", 12, "A block of type 8 has 262144 octets, and 4 are left"),
        ("08000000 04000000", 12, "A receiver reference time block has 12 octets, and this one has 4"),
    ],
)
def test_a_bad_block_is_told_when_it_is_read(blocks: str, offset: int, message: str) -> None:
    body = bytes.fromhex("00000001" + blocks)
    octets = b"\x80\xcf" + (len(body) // 4).to_bytes(2, "big") + body
    report = parsed(octets)
    with pytest.raises(ParseError, match=message) as caught:
        _ = report.blocks
    assert (caught.value.reason, caught.value.offset) == (ParseReason.RTCP_BAD_BLOCK, offset)
    assert (report.ssrc, report.serialize()) == (1, octets)
    assert repr(report) == f"ExtendedReport(ssrc=0x00000001, blocks=<{len(body) - 4} octets>, padding_size=0)"


def test_padding_is_no_block() -> None:
    assert parsed(bytes.fromhex("a0cf0003 00000001 08000000 00000004")).blocks == (UnknownReportBlock(block_type=8),)


@pytest.mark.parametrize("block", BLOCKS)
def test_a_block_that_was_never_initialised_says_so(block: Any) -> None:
    kind: Any = type(block)
    empty = kind.__new__(kind)
    sentence = f"The {kind.__name__} has not been initialised"
    names = [name for name in dir(empty) if not name.startswith("_") and name != "serialize"]
    assert {"block_type", "type_specific"} < set(names)
    for name in names:
        with pytest.raises(TypeError, match=sentence):
            getattr(empty, name)
    for call in (empty.serialize, lambda: repr(empty), lambda: ExtendedReport(ssrc=1, blocks=[empty])):
        with pytest.raises(TypeError, match=sentence):
            call()


@pytest.mark.parametrize(
    ("fields", "error", "message"),
    [
        ({"ssrc": -1}, ConfigurationError, "ssrc is -1"),
        ({"blocks": 5}, TypeError, "blocks is an iterable, not 5"),
        ({"blocks": [b"abcd"]}, TypeError, "A member of blocks is an ExtendedReportBlock, not b'abcd'"),
        ({"padding_size": 3}, ConfigurationError, "padding_size is 3, which is not a multiple of 4"),
        (
            {"blocks": [UnknownReportBlock(block_type=8, contents=bytes(4 * 65534))]},
            ConfigurationError,
            "65536 words after its header",
        ),
    ],
)
def test_a_bad_argument_is_named(fields: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        ExtendedReport(**({"ssrc": 1} | fields))
