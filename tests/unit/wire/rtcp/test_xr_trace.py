"""wire.rtcp.xr_trace: LossRleBlock, DuplicateRleBlock and PacketReceiptTimesBlock."""

from __future__ import annotations

from typing import Any

import pytest

from rtpcore.errors import ConfigurationError, ParseError
from rtpcore.wire.rtcp.extended_report import ExtendedReport
from rtpcore.wire.rtcp.parse import parse_rtcp
from rtpcore.wire.rtcp.xr_trace import DuplicateRleBlock, LossRleBlock, PacketReceiptTimesBlock
from rtpcore.wire.validity import ParseReason

ONE, NONE = (True,), (False,)
RLE: list[Any] = [LossRleBlock, DuplicateRleBlock]


def block_of(octets: bytes) -> Any:
    body = bytes(3) + b"\x01" + octets
    (packet,) = parse_rtcp(b"\x80\xcf" + (len(body) // 4).to_bytes(2, "big") + body, reduced_size=True)
    assert isinstance(packet, ExtendedReport)
    (block,) = packet.blocks
    return block


def rle(block_type: int, begin: int, end: int, chunks: str, thinning: int = 0) -> Any:
    contents = b"\0\0\0\x07" + begin.to_bytes(2, "big") + end.to_bytes(2, "big") + bytes.fromhex(chunks)
    return block_of(bytes([block_type, thinning]) + (len(contents) // 4).to_bytes(2, "big") + contents)


@pytest.mark.parametrize("kind", RLE)
@pytest.mark.parametrize(
    ("trace", "chunks"),
    [
        ((), ""),
        (ONE, "4001 0000"),
        (NONE, "0001 0000"),
        (ONE * 14 + NONE, "fffe 0000"),
        (NONE * 14 + ONE, "8001 0000"),
        (ONE * 15, "400f 0000"),
        (ONE * 16 + NONE * 15, "4010 000f"),
        (ONE * 16383, "7fff 0000"),
        (ONE * 16384, "7fff 4001"),
        ((ONE + NONE) * 8, "d555 0001"),
        (NONE + ONE * 20, "bfff 4006"),
    ],
)
def test_a_trace_becomes_chunks(kind: Any, trace: tuple[bool, ...], chunks: str) -> None:
    block_type = 1 if kind is LossRleBlock else 2
    end = (65530 + len(trace)) % 65536
    block = kind(ssrc=7, begin_sequence_number=65530, end_sequence_number=end, trace=iter(trace))
    assert block == rle(block_type, 65530, end, chunks)
    assert (block.ssrc, block.begin_sequence_number, block.end_sequence_number) == (7, 65530, end)
    assert (block.block_type, block.type_specific, block.thinning) == (block_type, 0, 0)
    assert block.trace == trace
    assert block.chunks == tuple(int(chunk, 16) for chunk in chunks.split())


@pytest.mark.parametrize(
    ("begin", "end", "thinning", "numbers"),
    [
        (0, 0, 0, []),
        (0, 1, 0, [0]),
        (0, 1, 15, [0]),
        (1, 32768, 15, []),
        (1, 32769, 15, [32768]),
        (65535, 1, 1, [0]),
        (65533, 6, 2, [0, 4]),
        (4, 13, 2, [4, 8, 12]),
        (5, 12, 2, [8]),
        (65528, 9, 3, [65528, 0, 8]),
    ],
)
def test_the_sequence_numbers_that_are_reported_on(begin: int, end: int, thinning: int, numbers: list[int]) -> None:
    trace = [False] * len(numbers)
    fields: dict[str, Any] = {"begin_sequence_number": begin, "end_sequence_number": end, "thinning": thinning}
    assert LossRleBlock(ssrc=1, trace=trace, **fields).lost == tuple(numbers)
    assert DuplicateRleBlock(ssrc=1, trace=trace, **fields).duplicated == tuple(numbers)
    times = PacketReceiptTimesBlock(ssrc=1, receipt_times=range(len(numbers)), **fields)
    assert times.receipt_times == tuple(range(len(numbers)))
    for wrong in ([False] * (len(numbers) + 1), [False] * (len(numbers) - 1)):
        if len(wrong) != len(numbers):
            with pytest.raises(ConfigurationError, match=f"the block reports on {len(numbers)} packets"):
                LossRleBlock(ssrc=1, trace=wrong, **fields)


@pytest.mark.parametrize(
    ("chunks", "lost"),
    [
        ("ffff ffff", ()),  # symbols after the end of the range
        ("bfff 7fff", (10,)),
        ("4000 0000 8000 4010", None),  # a null chunk ends the trace
        ("4000 4010", ()),  # a run of no packet
        ("4001 0001 0001 400d", (11, 12)),
    ],
)
def test_what_a_sender_need_not_write_is_read(chunks: str, lost: tuple[int, ...] | None) -> None:
    block = rle(1, 10, 26, chunks)
    if lost is None:
        with pytest.raises(ParseError, match="hold 0 of 16 packets"):
            _ = block.trace
    else:
        assert block.lost == lost
        assert len(block.trace) == 16


@pytest.mark.parametrize("block_type", [1, 2])
@pytest.mark.parametrize(
    ("chunks", "offset", "held"), [("", 12, 0), ("4001 0000", 14, 1), ("ffff 0000", 14, 15), ("ffff 8000", 16, 30)]
)
def test_chunks_that_end_before_the_range_are_told_when_they_are_read(
    block_type: int, chunks: str, offset: int, held: int
) -> None:
    block = rle(block_type, 0, 31, chunks)
    for name in ("trace", "lost" if block_type == 1 else "duplicated"):
        with pytest.raises(ParseError, match=f"hold {held} of 31 packets") as caught:
            getattr(block, name)
        assert (caught.value.reason, caught.value.offset) == (ParseReason.RTCP_BAD_BLOCK, offset)
    assert len(repr(block)) > 0


def test_the_reserved_bits_are_ignored() -> None:
    block = rle(1, 0, 1, "4001 0000", thinning=0xF0)
    assert (block.thinning, block.type_specific, block.lost) == (0, 0xF0, ())


def test_receipt_times() -> None:
    block = PacketReceiptTimesBlock(
        ssrc=7, begin_sequence_number=65535, end_sequence_number=2, receipt_times=iter([1, 2, 0xFFFFFFFF])
    )
    octets = bytes.fromhex("03000005 00000007 ffff0002 00000001 00000002 ffffffff")
    assert block.serialize() == octets
    assert block_of(octets) == block
    assert block_of(octets).receipt_times == (1, 2, 0xFFFFFFFF)
    assert repr(block) == (
        "PacketReceiptTimesBlock(ssrc=0x00000007, begin_sequence_number=65535, end_sequence_number=2, thinning=0, "
        "receipt_times=(1, 2, 4294967295))"
    )


@pytest.mark.parametrize(("block_type", "name"), [(1, "loss RLE"), (2, "duplicate RLE"), (3, "packet receipt times")])
@pytest.mark.parametrize("words", [0, 1])
def test_a_block_that_is_too_short_is_told(block_type: int, name: str, words: int) -> None:
    with pytest.raises(ParseError, match=f"A {name} block has at least 12 octets, and this one has {4 + 4 * words}"):
        block_of(bytes([block_type, 0, 0, words]) + bytes(4 * words))


@pytest.mark.parametrize("kind", [LossRleBlock, DuplicateRleBlock, PacketReceiptTimesBlock])
@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"ssrc": -1}, ConfigurationError, "ssrc is -1"),
        ({"begin_sequence_number": 65536}, ConfigurationError, "begin_sequence_number is 65536"),
        ({"end_sequence_number": "1"}, TypeError, "end_sequence_number is an integer, not '1'"),
        (
            {"end_sequence_number": 65534},
            ConfigurationError,
            "from 0 to 65534 has 65534 packets, and at most 65533 fit",
        ),
        ({"thinning": 16}, ConfigurationError, "thinning is 16, which is not between 0 and 15"),
        ({"members": 5}, TypeError, r"(trace|receipt_times) is an iterable, not 5"),
        ({"members": ["x"]}, TypeError, "A member of (trace is True or False|receipt_times is an integer), not 'x'"),
        (
            {"members": [1] * 65536},
            ConfigurationError,
            "(trace|receipt_times) has 65536 members, and at most 65535 fit",
        ),
    ],
)
def test_a_bad_argument_is_named(kind: Any, changes: dict[str, Any], error: type[Exception], message: str) -> None:
    fields = {"ssrc": 1, "begin_sequence_number": 0, "end_sequence_number": 1, "thinning": 0, "members": [1]} | changes
    fields["receipt_times" if kind is PacketReceiptTimesBlock else "trace"] = fields.pop("members")
    with pytest.raises(error, match=message):
        kind(**fields)


@pytest.mark.parametrize("kind", RLE)
def test_repr_names_every_field(kind: Any) -> None:
    block = kind(ssrc=1, begin_sequence_number=2, end_sequence_number=19, trace=[False] * 17)
    assert repr(block) == (
        f"{kind.__name__}(ssrc=0x00000001, begin_sequence_number=2, end_sequence_number=19, thinning=0, chunks=(17, 0))"
    )
