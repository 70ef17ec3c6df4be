"""wire.rtcp.xr_block: what all blocks share, and UnknownReportBlock."""

from __future__ import annotations

from typing import Any

import pytest

from rtpcore.errors import ConfigurationError
from rtpcore.wire.rtcp.extended_report import ExtendedReport
from rtpcore.wire.rtcp.xr_block import UnknownReportBlock


def test_an_unknown_block_keeps_what_it_holds() -> None:
    block = UnknownReportBlock(block_type=14, type_specific=0xA5, contents=bytearray(b"whatever"))
    assert block.serialize() == bytes.fromhex("0ea50002") + b"whatever"
    assert (block.block_type, block.type_specific, block.contents) == (14, 0xA5, b"whatever")
    assert ExtendedReport(ssrc=1, blocks=[block]).blocks == (block,)
    assert repr(block) == "UnknownReportBlock(block_type=14, type_specific=165, contents=b'whatever')"


def test_the_largest_and_the_smallest_block() -> None:
    assert UnknownReportBlock(block_type=0).serialize() == bytes(4)
    largest = UnknownReportBlock(block_type=255, contents=bytes(4 * 65532))
    assert ExtendedReport(ssrc=1, blocks=[largest]).blocks == (largest,)


@pytest.mark.parametrize(
    ("fields", "error", "message"),
    [
        ({"block_type": 256}, ConfigurationError, "block_type is 256"),
        ({"block_type": "9"}, TypeError, "block_type is an integer, not '9'"),
        ({"block_type": 1}, ConfigurationError, "block_type is 1, which has a class of its own"),
        ({"block_type": 7}, ConfigurationError, "block_type is 7, which has a class of its own"),
        ({"block_type": 8, "type_specific": 256}, ConfigurationError, "type_specific is 256"),
        ({"block_type": 8, "contents": b"abc"}, ConfigurationError, "contents has 3 octets, which is not a multiple"),
        ({"block_type": 8, "contents": "abcd"}, TypeError, "contents is bytes or another buffer, not str"),
        (
            {"block_type": 8, "contents": bytes(4 * 65536)},
            ConfigurationError,
            "The block has 65536 words after its header",
        ),
    ],
)
def test_a_bad_argument_is_named(fields: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        UnknownReportBlock(**fields)
