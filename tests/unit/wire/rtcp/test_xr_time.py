"""wire.rtcp.xr_time: ReceiverReferenceTimeBlock and DlrrBlock."""

from __future__ import annotations

from typing import Any

import pytest

from rtpcore.errors import ConfigurationError, ParseError
from rtpcore.wire.rtcp.extended_report import ExtendedReport
from rtpcore.wire.rtcp.parse import parse_rtcp
from rtpcore.wire.rtcp.xr_time import DlrrBlock, ReceiverReferenceTimeBlock
from rtpcore.wire.validity import ParseReason


def block_of(octets: bytes) -> Any:
    body = bytes(3) + b"\x01" + octets
    (packet,) = parse_rtcp(b"\x80\xcf" + (len(body) // 4).to_bytes(2, "big") + body, reduced_size=True)
    assert isinstance(packet, ExtendedReport)
    (block,) = packet.blocks
    return block


def test_receiver_reference_time() -> None:
    octets = bytes.fromhex("04000002 0123456789abcdef")
    block = block_of(octets)
    assert block == ReceiverReferenceTimeBlock(ntp_timestamp=0x0123456789ABCDEF)
    assert block.ntp_timestamp == 0x0123456789ABCDEF
    assert (block.block_type, block.serialize()) == (4, octets)
    assert repr(block) == "ReceiverReferenceTimeBlock(ntp_timestamp=0x0123456789abcdef)"


@pytest.mark.parametrize(
    ("octets", "entries"),
    [
        ("05000000", ()),
        ("05000003 00000001 89abcdef 00010000", ((1, 0x89ABCDEF, 65536),)),
        ("05000006 00000001 00000002 00000003 00000004 00000005 ffffffff", ((1, 2, 3), (4, 5, 0xFFFFFFFF))),
    ],
)
def test_delays_since_the_last_receiver_reference_time(octets: str, entries: tuple[tuple[int, int, int], ...]) -> None:
    block = block_of(bytes.fromhex(octets))
    assert block == DlrrBlock(entries=iter(entries))
    assert block.entries == entries
    assert (block.block_type, block.serialize()) == (5, bytes.fromhex(octets))
    assert repr(block) == f"DlrrBlock(entries={entries})"


@pytest.mark.parametrize(
    ("octets", "message"),
    [
        ("04000001 00000000", "A receiver reference time block has 12 octets, and this one has 8"),
        ("04000003" + "00" * 12, "A receiver reference time block has 12 octets, and this one has 16"),
        ("05000001 00000000", "A DLRR block has 4 and 12 a receiver octets, and this one has 8"),
        ("05000004" + "00" * 16, "A DLRR block has 4 and 12 a receiver octets, and this one has 20"),
    ],
)
def test_a_block_of_another_size_is_told(octets: str, message: str) -> None:
    with pytest.raises(ParseError, match=message) as caught:
        block_of(bytes.fromhex(octets))
    assert (caught.value.reason, caught.value.offset) == (ParseReason.RTCP_BAD_BLOCK, 8)


@pytest.mark.parametrize(
    ("kind", "fields", "error", "message"),
    [
        (
            ReceiverReferenceTimeBlock,
            {"ntp_timestamp": 1 << 64},
            ConfigurationError,
            "ntp_timestamp is 18446744073709551616",
        ),
        (ReceiverReferenceTimeBlock, {"ntp_timestamp": 1.5}, TypeError, r"ntp_timestamp is an integer, not 1\.5"),
        (DlrrBlock, {"entries": 5}, TypeError, "entries is an iterable, not 5"),
        (DlrrBlock, {"entries": [5]}, TypeError, "A member of entries is a tuple of SSRC, last RR and delay, not 5"),
        (DlrrBlock, {"entries": [(-1, 0, 0)]}, ConfigurationError, "The SSRC of an entry is -1"),
        (DlrrBlock, {"entries": [(0, -1, 0)]}, ConfigurationError, "The last RR of an entry is -1"),
        (DlrrBlock, {"entries": [(0, 0, 1 << 32)]}, ConfigurationError, "The delay of an entry is 4294967296"),
        (
            DlrrBlock,
            {"entries": [(0, 0, 0)] * 21846},
            ConfigurationError,
            "entries has 21846 members, and at most 21845",
        ),
    ],
)
def test_a_bad_argument_is_named(kind: Any, fields: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        kind(**fields)
