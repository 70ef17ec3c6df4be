# Source descriptions (RFC 3550 6.5) as Python values: chunks of items, as octets.
# Items are not decoded: what a sender calls UTF-8 need not be.

from __future__ import annotations

cimport cython
from enum import IntEnum
from typing import NamedTuple

from cpython.bytes cimport PyBytes_FromStringAndSize
from libc.stdint cimport uint8_t, uint32_t

from rtpcore.errors import ConfigurationError
from rtpcore.wire.argument cimport argument_octets, argument_tuple, argument_unsigned
from rtpcore.wire.octets cimport load_u32
from rtpcore.wire.rtcp cimport RTCP_HEADER_OCTETS, RTCP_SDES
from rtpcore.wire.rtcp_packet cimport RtcpPacket, rtcp_packet_build, rtcp_packet_data


cdef enum:
    MAX_CHUNKS = 31
    MAX_ITEMS = 0xFFFF      # more than any packet holds
    MAX_ITEM_OCTETS = 255


class SourceDescriptionItem(IntEnum):
    """The item types of RFC 3550 6.5."""

    CNAME = 1
    NAME = 2
    EMAIL = 3
    PHONE = 4
    LOC = 5
    TOOL = 6
    NOTE = 7
    PRIV = 8


class SourceDescriptionChunk(NamedTuple):
    """What a source description says of one source: its SSRC (or CSRC) and (type, octets) items."""

    ssrc: int
    items: tuple[tuple[int, bytes], ...]


cdef object chunk_at(const uint8_t* data, Py_ssize_t* offset):
    # rtcp_validate has seen to it that items and their null end lie inside the packet.
    cdef Py_ssize_t at = offset[0] + 4
    cdef list items = []
    while data[at] != 0:
        items.append((data[at], PyBytes_FromStringAndSize(<const char*>data + at + 2, data[at + 1])))
        at += 2 + data[at + 1]
    cdef uint32_t ssrc = load_u32(data + offset[0])
    offset[0] = (at | 3) + 1
    return SourceDescriptionChunk(ssrc, tuple(items))


cdef bytes item_octets(object item):
    cdef object kind, value
    cdef bytes octets
    try:
        kind, value = item
    except (TypeError, ValueError):
        raise TypeError(f"An item is a tuple of type and octets, not {item!r}.") from None
    if argument_unsigned(kind, "The type of an item", 0xFF) == 0:
        raise ConfigurationError("The type of an item is 0, which ends a chunk.")
    octets = argument_octets(value, f"The value of item {int(kind)}")
    if len(octets) > MAX_ITEM_OCTETS:
        raise ConfigurationError(f"Item {int(kind)} has {len(octets)} octets, and at most 255 fit.")
    return bytes((kind, len(octets))) + octets


cdef bytes chunk_octets(object chunk):
    cdef object ssrc, items
    try:
        ssrc, items = chunk
    except (TypeError, ValueError):
        raise TypeError(f"A member of chunks is a tuple of SSRC and items, not {chunk!r}.") from None
    cdef bytes head = int(argument_unsigned(ssrc, "The SSRC of a chunk", 0xFFFFFFFF)).to_bytes(4, "big")
    cdef bytes octets = head + b"".join([item_octets(item) for item in argument_tuple(items, "items", MAX_ITEMS)])
    return octets + bytes(4 - (len(octets) & 3))


@cython.final
cdef class SourceDescription(RtcpPacket):
    """A source description (SDES, 202): canonical names and other items of sources.

    Args (keywords only): chunks, at most 31 SourceDescriptionChunk or (ssrc, items) tuples, each item a tuple of type
    (1 to 255) and at most 255 octets; padding_size 0 to 252, a multiple of 4.
    Raises: TypeError or ConfigurationError, naming the value at fault. Thread-safe. RFC 3550 6.5.
    """

    def __init__(self, *, chunks=(), padding_size=0):
        cdef tuple members = argument_tuple(chunks, "chunks", MAX_CHUNKS)
        cdef bytes body = b"".join([chunk_octets(chunk) for chunk in members])
        rtcp_packet_build(self, RTCP_SDES, <uint8_t>len(members), body, padding_size)

    @property
    def chunks(self):
        """The chunks, a tuple of SourceDescriptionChunk; what a packet has after its last one is left out."""
        cdef const uint8_t* data = rtcp_packet_data(self)
        cdef Py_ssize_t offset = RTCP_HEADER_OCTETS
        cdef list chunks = []
        cdef int index
        for index in range(data[0] & 0x1F):
            chunks.append(chunk_at(data, &offset))
        return tuple(chunks)

    def __repr__(self):
        return f"SourceDescription(chunks={self.chunks}, padding_size={self.padding_size})"
