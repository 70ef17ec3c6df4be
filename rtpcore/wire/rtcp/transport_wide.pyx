# Transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01, 3.1) as a Python value.
#
#     |      base sequence number     |      packet status count      |
#     |                 reference time                | fb pkt. count |   then 16-bit chunks of statuses, then deltas
#
# A delta is 1/4000 s (250 us), relative to the packet received before. What it says of bandwidth is for others.

from __future__ import annotations

cimport cython
from enum import IntEnum

from cpython.ref cimport Py_INCREF
from cpython.tuple cimport PyTuple_New, PyTuple_SET_ITEM
from libc.stdint cimport int16_t, int32_t, uint8_t, uint16_t

from rtpcore.wire.argument cimport argument_signed, argument_tuple, argument_unsigned
from rtpcore.wire.octets cimport load_u16, load_u24, store_u16, store_u24
from rtpcore.wire.rtcp.value cimport rtcp_value_build, rtcp_value_data, rtcp_value_show
from rtpcore.wire.validity cimport PART_RTCP_BAD_FEEDBACK, validity_refuse


cdef enum:
    OFFSET_STATUS_COUNT = 2
    OFFSET_REFERENCE_TIME = 4
    OFFSET_FEEDBACK_COUNT = 7
    OFFSET_CHUNKS = 8
    VECTOR_CHUNK = 0x8000       # else a run
    TWO_BIT_SYMBOLS = 0x4000    # else one bit
    MAX_RUN = 0x1FFF
    RESERVED_STATUS = 3


class PacketStatus(IntEnum):
    """What transport-wide feedback says of a packet."""

    NOT_RECEIVED = PACKET_NOT_RECEIVED
    SMALL_DELTA = PACKET_SMALL_DELTA
    LARGE_DELTA = PACKET_LARGE_DELTA


# Statuses one by one, from chunks that are known to hold as many as are asked for.
cdef struct status_walk:
    const uint8_t* at           # the next chunk
    uint16_t chunk              # the one under way
    uint16_t left               # statuses in it


cdef inline uint16_t chunk_statuses(uint16_t chunk) noexcept nogil:
    if not chunk & VECTOR_CHUNK:
        return chunk & MAX_RUN
    return 7 if chunk & TWO_BIT_SYMBOLS else 14


cdef inline uint8_t chunk_status(uint16_t chunk, uint16_t left) noexcept nogil:
    # left: statuses that follow in the chunk; the first is in the highest bits.
    if not chunk & VECTOR_CHUNK:
        return <uint8_t>(chunk >> 13)
    if chunk & TWO_BIT_SYMBOLS:
        return <uint8_t>(chunk >> 2 * left & 3)
    return <uint8_t>(chunk >> left & 1)


cdef inline uint8_t next_status(status_walk* walk) noexcept nogil:
    while walk.left == 0:
        walk.chunk = load_u16(walk.at)
        walk.left = chunk_statuses(walk.chunk)
        walk.at += 2
    walk.left -= 1
    return chunk_status(walk.chunk, walk.left)


cdef uint32_t deltas_offset(const uint8_t* fci) noexcept nogil:
    cdef uint32_t left = load_u16(fci + OFFSET_STATUS_COUNT)
    cdef uint32_t offset = OFFSET_CHUNKS
    cdef uint16_t statuses
    while left > 0:
        statuses = chunk_statuses(load_u16(fci + offset))
        left -= min(left, statuses)
        offset += 2
    return offset


cdef int check(const uint8_t* fci, uint32_t size, uint32_t base) except -1:
    # base: the offset of the FCI in its packet.
    if size < OFFSET_CHUNKS:
        validity_refuse(PART_RTCP_BAD_FEEDBACK, f"Transport-wide feedback has at least 8 octets, and this has {size}.",
                        base)
    cdef uint32_t left = load_u16(fci + OFFSET_STATUS_COUNT)
    cdef uint32_t offset = OFFSET_CHUNKS
    cdef uint32_t deltas = 0
    cdef uint32_t index
    cdef uint16_t chunk
    cdef uint16_t statuses
    cdef uint8_t status
    while left > 0:
        if size - offset < 2:
            validity_refuse(PART_RTCP_BAD_FEEDBACK, f"The packet status chunks end before {left} of the "
                            f"{load_u16(fci + OFFSET_STATUS_COUNT)} packets.", base + offset)
        chunk = load_u16(fci + offset)
        statuses = chunk_statuses(chunk)
        for index in range(min(left, statuses)):
            status = chunk_status(chunk, <uint16_t>(statuses - 1 - index))
            if status == RESERVED_STATUS:
                validity_refuse(PART_RTCP_BAD_FEEDBACK, f"The packet status chunk {chunk:#06x} holds the reserved "
                                "status 3.", base + offset)
            deltas += status
        left -= min(left, statuses)
        offset += 2
    if deltas > size - offset:
        validity_refuse(PART_RTCP_BAD_FEEDBACK, f"The receive deltas have {deltas} octets, and {size - offset} are "
                        "left.", base + offset)
    return 0


cdef TransportWideFeedback transport_wide_read(RtcpPacket packet, uint32_t offset, uint32_t size):
    check(packet.start + offset, size, offset)
    cdef TransportWideFeedback feedback = TransportWideFeedback.__new__(TransportWideFeedback)
    rtcp_value_show(feedback, packet.octets, packet.start + offset, size)
    return feedback


cdef uint8_t status_of(object delta) except 0xFF:
    if delta is None:
        return PACKET_NOT_RECEIVED
    cdef long long ticks = argument_signed(delta, "A member of receive_deltas", -0x8000, 0x7FFF)
    return PACKET_SMALL_DELTA if 0 <= ticks <= 0xFF else PACKET_LARGE_DELTA


cdef list chunks_of(const uint8_t* statuses, Py_ssize_t size):
    # A run where it holds no less than a vector would, else the vector with room for the statuses that come next.
    cdef list chunks = []
    cdef Py_ssize_t at = 0
    cdef Py_ssize_t run
    cdef Py_ssize_t ahead
    cdef Py_ssize_t index
    cdef uint8_t status
    cdef uint32_t chunk
    cdef bint large
    while at < size:
        run = 1
        while at + run < size and run < MAX_RUN and statuses[at + run] == statuses[at]:
            run += 1
        ahead = min(<Py_ssize_t>14, size - at)
        large = False
        for index in range(ahead):
            large = large or statuses[at + index] == PACKET_LARGE_DELTA
        if large:
            ahead = min(<Py_ssize_t>7, size - at)
        if run >= ahead:
            chunks.append((<uint32_t>statuses[at] << 13) | <uint32_t>run)
            at += run
            continue
        chunk = VECTOR_CHUNK | (TWO_BIT_SYMBOLS if large else 0)
        for index in range(ahead):
            status = statuses[at + index]
            chunk |= <uint32_t>status << (2 * (6 - index) if large else 13 - index)
        chunks.append(chunk)
        at += ahead
    return chunks


cdef bytes delta_octets(int16_t delta):
    if 0 <= delta <= 0xFF:
        return bytes((delta,))
    return int(delta).to_bytes(2, "big", signed=True)


@cython.final
cdef class TransportWideFeedback(RtcpValue):
    """The feedback (RTPFB, message type 15) when each packet of a transport was received.

    Args (keywords only): base_sequence_number, 16 bits; reference_time, signed 24 bits, in 64 ms;
    feedback_packet_count, 8 bits; receive_deltas, at most 65535, one a packet: None when it was not received, else
    signed 16 bits, in 250 us, from the packet received before it or, for the first, from the reference time.
    Raises: TypeError or ConfigurationError, naming the value at fault. Thread-safe.
    draft-holmer-rmcat-transport-wide-cc-extensions-01 3.1; feedback without deltas (version 02) is not read.
    """

    def __init__(self, *, base_sequence_number, reference_time, feedback_packet_count, receive_deltas):
        cdef tuple deltas = argument_tuple(receive_deltas, "receive_deltas", 0xFFFF)
        cdef uint8_t head[OFFSET_CHUNKS]
        store_u16(head, <uint16_t>argument_unsigned(base_sequence_number, "base_sequence_number", 0xFFFF))
        store_u16(head + OFFSET_STATUS_COUNT, <uint16_t>len(deltas))
        store_u24(head + OFFSET_REFERENCE_TIME,
                  <uint32_t>argument_signed(reference_time, "reference_time", -0x800000, 0x7FFFFF) & 0xFFFFFF)
        head[OFFSET_FEEDBACK_COUNT] = <uint8_t>argument_unsigned(feedback_packet_count, "feedback_packet_count", 0xFF)
        cdef bytes statuses = bytes([status_of(delta) for delta in deltas])
        cdef list parts = [chunk.to_bytes(2, "big") for chunk in chunks_of(statuses, len(statuses))]
        parts.extend([delta_octets(delta) for delta in deltas if delta is not None])
        cdef bytes octets = (<char*>head)[:OFFSET_CHUNKS] + b"".join(parts)
        rtcp_value_build(self, octets + bytes(-len(octets) & 3))

    @property
    def base_sequence_number(self):
        """The transport-wide sequence number of the first packet."""
        return load_u16(rtcp_value_data(self))

    @property
    def packet_status_count(self):
        """The packets that are reported on, from the first in order."""
        return load_u16(rtcp_value_data(self) + OFFSET_STATUS_COUNT)

    @property
    def reference_time(self):
        """The receiver's time that the first delta starts from, signed, in 64 ms."""
        cdef int32_t time = <int32_t>load_u24(rtcp_value_data(self) + OFFSET_REFERENCE_TIME)
        return time - 0x1000000 if time >= 0x800000 else time

    @property
    def feedback_packet_count(self):
        """The number of this feedback, modulo 256; a gap shows that feedback was lost."""
        return rtcp_value_data(self)[OFFSET_FEEDBACK_COUNT]

    @property
    def statuses(self):
        """The PacketStatus of each packet as an integer, a tuple."""
        cdef const uint8_t* data = rtcp_value_data(self)
        cdef status_walk walk = status_walk(data + OFFSET_CHUNKS, 0, 0)
        cdef Py_ssize_t _index
        return tuple([next_status(&walk) for _index in range(load_u16(data + OFFSET_STATUS_COUNT))])

    @property
    def receive_deltas(self):
        """The delta of each packet in 250 us, None for one that was not received; a tuple."""
        cdef const uint8_t* data = rtcp_value_data(self)
        cdef const uint8_t* at = data + deltas_offset(data)
        cdef status_walk walk = status_walk(data + OFFSET_CHUNKS, 0, 0)
        cdef Py_ssize_t count = load_u16(data + OFFSET_STATUS_COUNT)
        cdef tuple deltas = PyTuple_New(count)
        cdef object delta
        cdef Py_ssize_t index
        cdef uint8_t status
        for index in range(count):
            status = next_status(&walk)
            if status == PACKET_NOT_RECEIVED:
                delta = None
            elif status == PACKET_SMALL_DELTA:
                delta = at[0]
            else:
                delta = <int16_t>load_u16(at)
            at += status        # which is also the octets of the delta
            Py_INCREF(delta)
            PyTuple_SET_ITEM(deltas, index, delta)
        return deltas

    def __repr__(self):
        return (f"TransportWideFeedback(base_sequence_number={self.base_sequence_number}, "
                f"reference_time={self.reference_time}, feedback_packet_count={self.feedback_packet_count}, "
                f"receive_deltas={self.receive_deltas})")
