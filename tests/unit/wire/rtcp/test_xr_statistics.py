"""wire.rtcp.xr_statistics: StatisticsSummaryBlock."""

from __future__ import annotations

from typing import Any

import pytest

from rtpcore.errors import ConfigurationError, ParseError
from rtpcore.wire.rtcp.extended_report import ExtendedReport
from rtpcore.wire.rtcp.parse import parse_rtcp
from rtpcore.wire.rtcp.xr_statistics import StatisticsSummaryBlock
from rtpcore.wire.validity import ParseReason

RANGE: dict[str, Any] = {"ssrc": 0x89ABCDEF, "begin_sequence_number": 65535, "end_sequence_number": 9}
REPORTED: dict[str, Any] = {
    "lost_packets": 1, "duplicate_packets": 0xFFFFFFFF, "jitter": (2, 0xFFFFFFFF, 4, 5), "ttl": (6, 255, 8, 9),
    "hop_limit": None,
}  # fmt: skip
OCTETS = bytes.fromhex(
    "06e80009 89abcdef ffff0009 00000001 ffffffff 00000002 ffffffff 00000004 00000005 06ff0809"
)  # fmt: skip


def block_of(octets: bytes) -> Any:
    body = bytes(3) + b"\x01" + octets
    (packet,) = parse_rtcp(b"\x80\xcf" + (len(body) // 4).to_bytes(2, "big") + body, reduced_size=True)
    assert isinstance(packet, ExtendedReport)
    (block,) = packet.blocks
    return block


def reported(block: StatisticsSummaryBlock) -> dict[str, Any]:
    return {name: getattr(block, name) for name in REPORTED}


def test_every_field() -> None:
    block = block_of(OCTETS)
    assert block == StatisticsSummaryBlock(**RANGE, **REPORTED)
    assert {name: getattr(block, name) for name in RANGE} == RANGE
    assert reported(block) == REPORTED
    assert (block.block_type, block.type_specific, block.serialize()) == (6, 0xE8, OCTETS)


@pytest.mark.parametrize(
    ("bits", "names"),
    [
        (0x00, set()),
        (0x80, {"lost_packets"}),
        (0x40, {"duplicate_packets"}),
        (0x20, {"jitter"}),
        (0x08, {"ttl"}),
        (0x10, {"hop_limit"}),
        (0x18, set()),
        (0x07, set()),
    ],
)
def test_what_is_not_reported_is_none(bits: int, names: set[str]) -> None:
    block = block_of(OCTETS[:1] + bytes([bits]) + OCTETS[2:])
    assert {name for name, value in reported(block).items() if value is not None} == names
    again = StatisticsSummaryBlock(**RANGE, **reported(block))
    assert reported(again) == reported(block)
    assert again.type_specific == (bits if names else 0)


def test_fields_that_are_not_reported_are_written_as_zero() -> None:
    assert StatisticsSummaryBlock(**RANGE).serialize() == OCTETS[:1] + b"\0" + OCTETS[2:12] + bytes(28)


@pytest.mark.parametrize("words", [0, 8, 10])
def test_a_block_of_another_size_is_told(words: int) -> None:
    with pytest.raises(
        ParseError, match=f"statistics summary block has 40 octets, and this one has {4 + 4 * words}"
    ) as caught:
        block_of(bytes([6, 0, 0, words]) + bytes(4 * words))
    assert (caught.value.reason, caught.value.offset) == (ParseReason.RTCP_BAD_BLOCK, 8)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"ssrc": 1 << 32}, ConfigurationError, "ssrc is 4294967296"),
        ({"begin_sequence_number": -1}, ConfigurationError, "begin_sequence_number is -1"),
        ({"end_sequence_number": 65536}, ConfigurationError, "end_sequence_number is 65536"),
        ({"lost_packets": 1 << 32}, ConfigurationError, "lost_packets is 4294967296"),
        ({"duplicate_packets": "1"}, TypeError, "duplicate_packets is an integer, not '1'"),
        (
            {"jitter": (1, 2, 3)},
            ConfigurationError,
            "jitter has 3 members instead of minimum, maximum, mean and deviation",
        ),
        ({"jitter": (1, 2, 3, 4, 5)}, ConfigurationError, "jitter has 5 members, and at most 4 fit"),
        ({"jitter": 5}, TypeError, "jitter is an iterable, not 5"),
        ({"jitter": (1, 2, 3, 1 << 32)}, ConfigurationError, "A member of jitter is 4294967296"),
        ({"ttl": (1, 2, 3, 256)}, ConfigurationError, "A member of ttl is 256"),
        ({"ttl": None, "hop_limit": (1, 2, 3)}, ConfigurationError, "hop_limit has 3 members"),
        ({"hop_limit": (1, 2, 3, 4)}, ConfigurationError, "ttl and hop_limit are given"),
    ],
)
def test_a_bad_argument_is_named(changes: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        StatisticsSummaryBlock(**(RANGE | REPORTED | changes))


def test_repr_names_every_field() -> None:
    assert repr(StatisticsSummaryBlock(**RANGE, lost_packets=1, hop_limit=(1, 2, 3, 4))) == (
        "StatisticsSummaryBlock(ssrc=0x89abcdef, begin_sequence_number=65535, end_sequence_number=9, lost_packets=1, "
        "duplicate_packets=None, jitter=None, ttl=None, hop_limit=(1, 2, 3, 4))"
    )
