"""wire.rtcp.source_description: SourceDescription, its chunks and items."""

from __future__ import annotations

from typing import Any

import pytest

from rtpcore.errors import ConfigurationError, ParseError
from rtpcore.wire.rtcp.parse import parse_rtcp
from rtpcore.wire.rtcp.source_description import (
    SourceDescription,
    SourceDescriptionChunk,
    SourceDescriptionItem,
    private_item,
)
from rtpcore.wire.validity import ParseReason

CNAME = SourceDescriptionItem.CNAME
SDES = bytes.fromhex("82ca0006 00000001 0102616200000000 00000002 0800010178000000")


def parsed(datagram: bytes) -> SourceDescription:
    (packet,) = parse_rtcp(datagram, reduced_size=True)
    assert isinstance(packet, SourceDescription)
    return packet


def chunks_of(datagram: bytes) -> list[tuple[int, tuple[tuple[int, bytes], ...]]]:
    return [(chunk.ssrc, chunk.items) for chunk in parsed(datagram).chunks]


def test_chunks_and_items() -> None:
    packet = parsed(SDES)
    assert chunks_of(SDES) == [(1, ((CNAME, b"ab"),)), (2, ((SourceDescriptionItem.PRIV, b""), (1, b"x")))]
    assert packet.chunks[0].ssrc == 1
    assert packet.chunks[0].items == ((1, b"ab"),)
    assert (packet.packet_type, packet.count, packet.padding_size) == (202, 2, 0)


def test_a_chunk_is_a_value() -> None:
    first, second = parsed(SDES).chunks
    assert first == SourceDescriptionChunk(1, [(CNAME, b"ab")])
    assert hash(first) == hash(SourceDescriptionChunk(1, [(CNAME, b"ab")]))
    assert first != second
    assert parsed(SDES).chunks == ((1, ((1, b"ab"),)), (2, ((8, b""), (1, b"x"))))
    assert hash(first) == hash((1, ((1, b"ab"),)))
    assert first != [1, ((1, b"ab"),)]
    assert first.serialize() + second.serialize() == SDES[4:]
    ssrc, items = second
    assert (ssrc, items) == (2, ((8, b""), (1, b"x")))
    assert repr(SourceDescriptionChunk(1)) == "SourceDescriptionChunk(ssrc=1, items=())"
    assert SourceDescription(chunks=[first, second]).serialize() == SDES


@pytest.mark.parametrize("kind", SourceDescriptionItem)
@pytest.mark.parametrize("size", [0, 1, 254, 255])
def test_every_item(kind: SourceDescriptionItem, size: int) -> None:
    chunk = SourceDescriptionChunk(1, [(kind, b"x" * size)])
    assert chunks_of(SourceDescription(chunks=[chunk]).serialize()) == [(1, ((kind, b"x" * size),))]


def test_the_first_canonical_name() -> None:
    assert SourceDescriptionChunk(1).cname is None
    assert SourceDescriptionChunk(1, [(2, b"name")]).cname is None
    assert SourceDescriptionChunk(1, [(2, b"name"), (CNAME, b""), (CNAME, b"second")]).cname == b""


@pytest.mark.parametrize(("prefix", "value"), [(b"", b""), (b"a", b""), (b"", b"b"), (b"x-prefix", b"y" * 246)])
def test_private_items(prefix: bytes, value: bytes) -> None:
    item = private_item(bytearray(prefix), memoryview(value))
    assert item == (SourceDescriptionItem.PRIV, bytes([len(prefix)]) + prefix + value)
    chunk = SourceDescriptionChunk(1, [(CNAME, b"a"), item, (7, b"note"), item])
    assert chunk.private == ((prefix, value), (prefix, value))


@pytest.mark.parametrize(("octets", "offset"), [(b"", 7), (b"\x01", 7), (b"\x03ab", 7), (b"\xff" + bytes(254), 7)])
def test_a_private_item_without_its_prefix_is_told_when_it_is_read(octets: bytes, offset: int) -> None:
    (chunk,) = parsed(SourceDescription(chunks=[(1, [(1, b"a"), (8, octets)])]).serialize()).chunks
    with pytest.raises(ParseError, match=f"A PRIV item of {len(octets)} octets does not hold its prefix") as caught:
        _ = chunk.private
    assert (caught.value.reason, caught.value.offset) == (ParseReason.RTCP_BAD_ITEM, offset)
    assert chunk.items == ((1, b"a"), (8, octets))


@pytest.mark.parametrize(
    ("prefix", "value", "error", "message"),
    [
        (bytes(200), bytes(55), ConfigurationError, "prefix and value have 255 octets, and at most 254 fit"),
        ("a", b"", TypeError, "prefix is bytes or another buffer, not str"),
        (b"", None, TypeError, "value is bytes or another buffer, not NoneType"),
    ],
)
def test_what_is_no_private_item_is_named(prefix: Any, value: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        private_item(prefix, value)


def test_a_chunk_that_was_never_initialised_says_so() -> None:
    chunk = SourceDescriptionChunk.__new__(SourceDescriptionChunk)
    for name in ("ssrc", "items", "cname", "private"):
        with pytest.raises(TypeError, match="The SourceDescriptionChunk has not been initialised"):
            getattr(chunk, name)
    for call in (lambda: hash(chunk), lambda: repr(chunk), lambda: SourceDescription(chunks=[chunk])):
        with pytest.raises(TypeError, match="The SourceDescriptionChunk has not been initialised"):
            call()
    with pytest.raises(TypeError, match="The SourceDescriptionChunk has not been initialised"):
        _ = chunk == SourceDescriptionChunk(1)


def test_what_follows_the_null_octet_of_a_chunk_says_nothing() -> None:
    (chunk,) = parsed(bytes.fromhex("81ca0002 00000001 000000ff")).chunks
    assert chunk == SourceDescriptionChunk(1)
    assert hash(chunk) == hash(SourceDescriptionChunk(1))
    assert chunk.serialize() == bytes.fromhex("00000001 000000ff")


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
    assert chunks_of(octets) == [(1, ((1, b"x" * size),)), (2, ())]


def test_padding_is_kept() -> None:
    packet = SourceDescription(chunks=[(1, [])], padding_size=8)
    assert (parsed(packet.serialize()).padding_size, chunks_of(packet.serialize())) == (8, [(1, ())])


def test_what_follows_the_last_chunk_is_no_chunk_but_stays() -> None:
    octets = bytes.fromhex("81ca0003 00000001 00000000 deadbeef")
    assert chunks_of(octets) == [(1, ())]
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
