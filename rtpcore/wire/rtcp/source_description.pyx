# Source descriptions (RFC 3550 6.5) as Python values: chunks of items, as octets.
# Items are not decoded: what a sender calls UTF-8 need not be.

from __future__ import annotations

cimport cython
from enum import IntEnum

from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.ref cimport Py_INCREF
from cpython.tuple cimport PyTuple_GET_SIZE, PyTuple_New, PyTuple_SET_ITEM
from libc.stdint cimport uint8_t, uint32_t

from rtpcore.errors import ConfigurationError
from rtpcore.wire.argument cimport argument_octets, argument_tuple, argument_unsigned
from rtpcore.wire.octets cimport load_u32
from rtpcore.wire.rtcp.compound cimport RTCP_HEADER_OCTETS, RTCP_SDES
from rtpcore.wire.rtcp.packet cimport rtcp_packet_build
from rtpcore.wire.rtcp.value cimport rtcp_value_build, rtcp_value_data, rtcp_value_octets, rtcp_value_show
from rtpcore.wire.validity cimport PART_RTCP_BAD_ITEM, validity_refuse


cdef enum:
    ITEM_CNAME = 1
    ITEM_PRIV = 8
    ITEMS_OFFSET = 4
    MAX_CHUNKS = 31
    MAX_ITEMS = 0xFFFF      # more than any packet holds
    MAX_ITEM_OCTETS = 255


class SourceDescriptionItem(IntEnum):
    """The item types of RFC 3550 6.5."""

    CNAME = ITEM_CNAME
    NAME = 2
    EMAIL = 3
    PHONE = 4
    LOC = 5
    TOOL = 6
    NOTE = 7
    PRIV = ITEM_PRIV


def private_item(prefix, value):
    """Return a PRIV item, the tuple that SourceDescriptionChunk takes.

    Args: prefix and value, any buffers, together at most 254 octets.
    Returns: (type, octets). Raises: TypeError or ConfigurationError. Thread-safe. RFC 3550 6.5.8.
    """
    cdef bytes name = argument_octets(prefix, "prefix")
    cdef bytes octets = argument_octets(value, "value")
    if len(name) + len(octets) >= MAX_ITEM_OCTETS:
        raise ConfigurationError(f"prefix and value have {len(name) + len(octets)} octets, and at most 254 fit.")
    return SourceDescriptionItem.PRIV, bytes((len(name),)) + name + octets


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


cdef bytes chunk_octets(object ssrc, object items):
    cdef bytes head = int(argument_unsigned(ssrc, "The SSRC of a chunk", 0xFFFFFFFF)).to_bytes(4, "big")
    cdef bytes octets = head + b"".join([item_octets(item) for item in argument_tuple(items, "items", MAX_ITEMS)])
    return octets + bytes(4 - (len(octets) & 3))


cdef inline Py_ssize_t item_count(const uint8_t* item) noexcept:
    cdef Py_ssize_t count = 0
    while item[0] != 0:
        item += 2 + item[1]
        count += 1
    return count


@cython.final
cdef class SourceDescriptionChunk(RtcpValue):
    """What a source description says of one source; unpacks and compares as the tuple (ssrc, items).

    Args: ssrc (or CSRC), 32 bits; items, tuples of type (1 to 255) and at most 255 octets.
    Raises: TypeError or ConfigurationError, naming the value at fault. Thread-safe. RFC 3550 6.5.
    """

    def __init__(self, ssrc, items=()):
        rtcp_value_build(self, chunk_octets(ssrc, items))

    @property
    def ssrc(self):
        """The source that is described."""
        return load_u32(rtcp_value_data(self))

    @property
    def items(self):
        """The items, a tuple of (type, octets)."""
        cdef const uint8_t* item = rtcp_value_data(self) + ITEMS_OFFSET
        cdef tuple items = PyTuple_New(item_count(item))
        cdef tuple pair
        cdef Py_ssize_t index
        for index in range(PyTuple_GET_SIZE(items)):
            pair = (item[0], PyBytes_FromStringAndSize(<const char*>item + 2, item[1]))
            Py_INCREF(pair)
            PyTuple_SET_ITEM(items, index, pair)
            item += 2 + item[1]
        return items

    @property
    def cname(self):
        """The canonical name, octets; None without one."""
        cdef const uint8_t* item = rtcp_value_data(self) + ITEMS_OFFSET
        while item[0] != 0:
            if item[0] == ITEM_CNAME:
                return PyBytes_FromStringAndSize(<const char*>item + 2, item[1])
            item += 2 + item[1]
        return None

    @property
    def private(self):
        """The PRIV items, a tuple of (prefix, value).

        Raises: ParseError, RTCP_BAD_ITEM at an octet of this chunk, when an item does not hold its prefix.
        """
        cdef const uint8_t* data = rtcp_value_data(self)
        cdef const uint8_t* item = data + ITEMS_OFFSET
        cdef list found = []
        while item[0] != 0:
            if item[0] == ITEM_PRIV:
                if item[1] == 0 or item[2] >= item[1]:
                    validity_refuse(PART_RTCP_BAD_ITEM, f"A PRIV item of {item[1]} octets does not hold its prefix.",
                                    item - data)
                found.append(((<const char*>item)[3:3 + item[2]], (<const char*>item)[3 + item[2]:2 + item[1]]))
            item += 2 + item[1]
        return tuple(found)

    def __iter__(self):
        return iter((self.ssrc, self.items))

    def __eq__(self, other):
        if not isinstance(other, (SourceDescriptionChunk, tuple)):
            return NotImplemented
        return (self.ssrc, self.items) == tuple(other)

    def __hash__(self):
        return hash((self.ssrc, self.items))

    def __repr__(self):
        return f"SourceDescriptionChunk(ssrc={self.ssrc}, items={self.items})"


cdef bytes member_octets(object member):
    cdef object ssrc, items
    if isinstance(member, SourceDescriptionChunk):
        return rtcp_value_octets(<SourceDescriptionChunk>member)
    try:
        ssrc, items = member
    except (TypeError, ValueError):
        raise TypeError(f"A member of chunks is a tuple of SSRC and items, not {member!r}.") from None
    return chunk_octets(ssrc, items)


cdef inline const uint8_t* chunk_end(const uint8_t* packet, const uint8_t* chunk) noexcept:
    # rtcp_validate has seen to it that items and their null end lie inside the packet, which begins at a word.
    chunk += ITEMS_OFFSET
    while chunk[0] != 0:
        chunk += 2 + chunk[1]
    return packet + ((chunk - packet) | 3) + 1


@cython.final
cdef class SourceDescription(RtcpPacket):
    """A source description (SDES, 202): canonical names and other items of sources.

    Args (keywords only): chunks, at most 31 SourceDescriptionChunk or (ssrc, items) tuples; padding_size 0 to 252, a
    multiple of 4.
    Raises: TypeError or ConfigurationError, naming the value at fault. Thread-safe. RFC 3550 6.5.
    """

    def __init__(self, *, chunks=(), padding_size=0):
        cdef tuple members = argument_tuple(chunks, "chunks", MAX_CHUNKS)
        cdef bytes body = b"".join([member_octets(member) for member in members])
        rtcp_packet_build(self, RTCP_SDES, <uint8_t>len(members), body, padding_size)

    @property
    def chunks(self):
        """The chunks, a tuple of SourceDescriptionChunk; what a packet has after its last one is left out."""
        cdef const uint8_t* data = rtcp_value_data(self)
        cdef const uint8_t* start = data + RTCP_HEADER_OCTETS
        cdef const uint8_t* end
        cdef Py_ssize_t count = data[0] & 0x1F
        cdef tuple chunks = PyTuple_New(count)
        cdef SourceDescriptionChunk chunk
        cdef Py_ssize_t index
        for index in range(count):
            end = chunk_end(data, start)
            chunk = SourceDescriptionChunk.__new__(SourceDescriptionChunk)
            rtcp_value_show(chunk, self.octets, start, <uint32_t>(end - start))
            Py_INCREF(chunk)
            PyTuple_SET_ITEM(chunks, index, chunk)
            start = end
        return chunks

    def __repr__(self):
        return f"SourceDescription(chunks={self.chunks}, padding_size={self.padding_size})"
