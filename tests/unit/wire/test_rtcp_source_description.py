"""wire.rtcp_source_description: SourceDescription, its chunks and items."""

from __future__ import annotations

from typing import Any

import pytest

from rtpcore.errors import ConfigurationError
from rtpcore.wire.rtcp_compound import parse_rtcp
from rtpcore.wire.rtcp_source_description import SourceDescription, SourceDescriptionChunk, SourceDescriptionItem

CNAME = SourceDescriptionItem.CNAME
SDES = bytes.fromhex("82ca0006 00000001 0102616200000000 00000002 0800010178000000")


def parsed(datagram: bytes) -> SourceDescription:
    (packet,) = parse_rtcp(datagram, reduced_size=True)
    assert isinstance(packet, SourceDescription)
    return packet


def test_chunks_and_items() -> None:
    packet = parsed(SDES)
    assert packet.chunks == ((1, ((CNAME, b"ab"),)), (2, ((SourceDescriptionItem.PRIV, b""), (1, b"x"))))
    assert packet.chunks[0].ssrc == 1
    assert packet.chunks[0].items == ((1, b"ab"),)
    assert (packet.packet_type, packet.count, packet.padding_size) == (202, 2, 0)


def test_the_constructor_writes_chunks_of_either_form() -> None:
    chunks: list[Any] = [SourceDescriptionChunk(1, ((CNAME, b"ab"),)), (2, [(8, b""), (1, bytearray(b"x"))])]
    assert SourceDescription(chunks=chunks).serialize() == SDES


@pytest.mark.parametrize("size", range(9))
def test_a_chunk_ends_with_a_null_item_at_a_word(size: int) -> None:
    packet = SourceDescription(chunks=[(1, [(CNAME, b"x" * size)]), (2, [])])
    octets = packet.serialize()
    end = 10 + size
    assert octets[end] == 0
    assert len(octets) == (end // 4 + 1) * 4 + 8
    assert parsed(octets).chunks == ((1, ((1, b"x" * size),)), (2, ()))


def test_padding_is_kept() -> None:
    packet = SourceDescription(chunks=[(1, [])], padding_size=8)
    assert (parsed(packet.serialize()).padding_size, parsed(packet.serialize()).chunks) == (8, ((1, ()),))


def test_what_follows_the_last_chunk_is_no_chunk_but_stays() -> None:
    octets = bytes.fromhex("81ca0003 00000001 00000000 deadbeef")
    assert parsed(octets).chunks == ((1, ()),)
    assert parsed(octets).serialize() == octets


def test_no_chunk_and_thirty_one() -> None:
    assert SourceDescription().chunks == ()
    chunks = tuple(SourceDescriptionChunk(number, ()) for number in range(31))
    assert parsed(SourceDescription(chunks=iter(chunks)).serialize()).chunks == chunks


@pytest.mark.parametrize(
    ("chunks", "error", "message"),
    [
        ([(1, [])] * 32, ConfigurationError, "chunks has 32 members, and at most 31 fit"),
        (5, TypeError, "chunks is an iterable, not 5"),
        ([5], TypeError, "A member of chunks is a tuple of SSRC and items, not 5"),
        ([(1, [], 2)], TypeError, "A member of chunks is a tuple of SSRC and items"),
        ([(1 << 32, [])], ConfigurationError, "The SSRC of a chunk is 4294967296"),
        ([("1", [])], TypeError, "The SSRC of a chunk is an integer, not '1'"),
        ([(1, 5)], TypeError, "items is an iterable, not 5"),
        ([(1, [5])], TypeError, "An item is a tuple of type and octets, not 5"),
        ([(1, [(0, b"")])], ConfigurationError, "The type of an item is 0, which ends a chunk"),
        ([(1, [(256, b"")])], ConfigurationError, "The type of an item is 256"),
        ([(1, [(1, "x")])], TypeError, "The value of item 1 is bytes or another buffer, not str"),
        ([(1, [(1, bytes(256))])], ConfigurationError, "Item 1 has 256 octets, and at most 255 fit"),
        ([(1, [(1, bytes(255))] * 1100)], ConfigurationError, "words after its header, and at most 65535 fit"),
    ],
)
def test_a_bad_argument_is_named(chunks: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        SourceDescription(chunks=chunks)


def test_repr_names_every_field() -> None:
    assert repr(SourceDescription(chunks=[(1, [(1, b"a")])])) == (
        "SourceDescription(chunks=(SourceDescriptionChunk(ssrc=1, items=((1, b'a'),)),), padding_size=0)"
    )
