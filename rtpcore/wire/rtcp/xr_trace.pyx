# Report blocks on a range of sequence numbers (RFC 3611 4.1 loss RLE, 4.2 duplicate RLE, 4.3 receipt times).
# Of those from begin_seq to end_seq - 1 the multiples of 2**T are reported on, in 16-bit chunks of a trace or in times.
#
#     |     BT        | rsvd. |   T   |         block length          |
#     |                        SSRC of source                         |
#     |          begin_seq            |             end_seq           |

from __future__ import annotations

cimport cython
from libc.stdint cimport uint8_t, uint16_t

from rtpcore.errors import ConfigurationError
from rtpcore.wire.argument cimport argument_flag, argument_tuple, argument_unsigned
from rtpcore.wire.octets cimport load_u16, load_u32, store_u16, store_u32
from rtpcore.wire.rtcp.value cimport rtcp_value_data
from rtpcore.wire.rtcp.xr_block cimport (XR_BLOCK_OFFSET_TYPE_SPECIFIC, XR_DUPLICATE_RLE, XR_LOSS_RLE,
                                         XR_PACKET_RECEIPT_TIMES, xr_block_build, xr_block_refuse, xr_block_show)
from rtpcore.wire.validity cimport PART_RTCP_BAD_BLOCK, validity_refuse


cdef enum:
    OFFSET_SSRC = 4
    OFFSET_BEGIN = 8
    OFFSET_END = 10
    OFFSET_REPORTS = 12
    BIT_VECTOR = 0x8000         # else a run length
    RUN_OF_ONES = 0x4000
    VECTOR_BITS = 15
    MAX_RUN = 0x3FFF
    MAX_RANGE = 65533


cdef uint32_t reported_count(uint16_t begin, uint16_t end, uint8_t thinning) noexcept:
    # 2**T divides 65536, so wrap-around changes nothing.
    cdef uint32_t span = <uint16_t>(end - begin)
    cdef uint32_t skipped = <uint16_t>-begin & ((1 << thinning) - 1)
    if span <= skipped:
        return 0
    return ((span - skipped - 1) >> thinning) + 1


cdef uint16_t first_reported(uint16_t begin, uint8_t thinning) noexcept:
    return <uint16_t>(begin + (<uint16_t>-begin & ((1 << thinning) - 1)))


cdef list chunks_of(list trace):
    # A run length where it covers no less than a bit vector would.
    cdef list chunks = []
    cdef Py_ssize_t size = len(trace)
    cdef Py_ssize_t at = 0
    cdef Py_ssize_t run
    cdef Py_ssize_t index
    cdef uint32_t chunk
    while at < size:
        run = 1
        while at + run < size and run < MAX_RUN and trace[at + run] == trace[at]:
            run += 1
        if run >= min(<Py_ssize_t>VECTOR_BITS, size - at):
            chunks.append((RUN_OF_ONES if trace[at] else 0) | run)
            at += run
            continue
        chunk = BIT_VECTOR
        for index in range(min(<Py_ssize_t>VECTOR_BITS, size - at)):
            if trace[at + index]:
                chunk |= <uint32_t>1 << (VECTOR_BITS - 1 - index)
        chunks.append(chunk)
        at += VECTOR_BITS
    return chunks


cdef tuple trace_of(SequenceRangeBlock block):
    cdef const uint8_t* data = rtcp_value_data(block)
    cdef uint32_t wanted = reported_count(load_u16(data + OFFSET_BEGIN), load_u16(data + OFFSET_END),
                                          data[XR_BLOCK_OFFSET_TYPE_SPECIFIC] & 0x0F)
    cdef list trace = []
    cdef uint32_t offset = OFFSET_REPORTS
    cdef uint16_t chunk
    cdef int bit
    while <uint32_t>len(trace) < wanted and offset < block.size:
        chunk = load_u16(data + offset)
        if chunk == 0:
            break
        if chunk & BIT_VECTOR:
            trace.extend([(chunk >> bit & 1) != 0 for bit in range(VECTOR_BITS - 1, -1, -1)])
        else:
            trace.extend([(chunk & RUN_OF_ONES) != 0] * (chunk & MAX_RUN))
        offset += 2
    if <uint32_t>len(trace) < wanted:
        validity_refuse(PART_RTCP_BAD_BLOCK, f"The chunks of the block hold {len(trace)} of {wanted} packets.", offset)
    return tuple(trace[:wanted])


cdef tuple zeros_of(SequenceRangeBlock block):
    cdef tuple trace = trace_of(block)
    cdef uint8_t thinning = rtcp_value_data(block)[XR_BLOCK_OFFSET_TYPE_SPECIFIC] & 0x0F
    cdef uint32_t first = first_reported(load_u16(block.start + OFFSET_BEGIN), thinning)
    cdef uint32_t index
    return tuple([<uint16_t>(first + (index << thinning)) for index in range(<uint32_t>len(trace)) if not trace[index]])


cdef tuple chunk_words(SequenceRangeBlock block):
    cdef const uint8_t* data = rtcp_value_data(block)
    cdef uint32_t offset
    return tuple([load_u16(data + offset) for offset in range(OFFSET_REPORTS, block.size, 2)])


cdef int build(SequenceRangeBlock block, uint8_t block_type, object ssrc, object begin, object end, object thinning,
               tuple members, str name, bytes reports) except -1:
    # members: one for each sequence number, of which reports are the octets.
    cdef uint8_t head[8]
    cdef uint16_t first = <uint16_t>argument_unsigned(begin, "begin_sequence_number", 0xFFFF)
    cdef uint16_t last = <uint16_t>argument_unsigned(end, "end_sequence_number", 0xFFFF)
    cdef uint8_t power = <uint8_t>argument_unsigned(thinning, "thinning", 15)
    cdef uint16_t span = <uint16_t>(last - first)
    if span > MAX_RANGE:
        raise ConfigurationError(f"The range from {first} to {last} has {span} packets, and at most 65533 fit.")
    cdef uint32_t wanted = reported_count(first, last, power)
    if <uint32_t>len(members) != wanted:
        raise ConfigurationError(f"{name} has {len(members)} members, and the block reports on {wanted} packets.")
    store_u32(head, <uint32_t>argument_unsigned(ssrc, "ssrc", 0xFFFFFFFF))
    store_u16(head + 4, first)
    store_u16(head + 6, last)
    return xr_block_build(block, block_type, power, (<char*>head)[:8] + reports + bytes(-len(reports) & 3))


cdef int build_trace(SequenceRangeBlock block, uint8_t block_type, object ssrc, object begin, object end,
                     object thinning, object trace) except -1:
    cdef tuple members = argument_tuple(trace, "trace", 0xFFFF)
    cdef list bits = [argument_flag(member, "A member of trace") != 0 for member in members]
    cdef bytes chunks = b"".join([chunk.to_bytes(2, "big") for chunk in chunks_of(bits)])
    return build(block, block_type, ssrc, begin, end, thinning, members, "trace", chunks)


cdef class SequenceRangeBlock(ExtendedReportBlock):
    """A block on a range of sequence numbers, and the base of the three; immutable. RFC 3611 4.1 to 4.3."""

    @property
    def ssrc(self):
        """The source that is reported on."""
        return load_u32(rtcp_value_data(self) + OFFSET_SSRC)

    @property
    def thinning(self):
        """T: only sequence numbers that are multiples of 2**T are reported on."""
        return rtcp_value_data(self)[XR_BLOCK_OFFSET_TYPE_SPECIFIC] & 0x0F

    @property
    def begin_sequence_number(self):
        """The first sequence number of the range."""
        return load_u16(rtcp_value_data(self) + OFFSET_BEGIN)

    @property
    def end_sequence_number(self):
        """The sequence number after the last one of the range."""
        return load_u16(rtcp_value_data(self) + OFFSET_END)


cdef LossRleBlock loss_rle_read(RtcpPacket packet, uint32_t offset, uint32_t size):
    cdef LossRleBlock block = LossRleBlock.__new__(LossRleBlock)
    if size < OFFSET_REPORTS:
        xr_block_refuse("loss RLE", "at least 12", offset, size)
    xr_block_show(block, packet, offset, size)
    return block


cdef DuplicateRleBlock duplicate_rle_read(RtcpPacket packet, uint32_t offset, uint32_t size):
    cdef DuplicateRleBlock block = DuplicateRleBlock.__new__(DuplicateRleBlock)
    if size < OFFSET_REPORTS:
        xr_block_refuse("duplicate RLE", "at least 12", offset, size)
    xr_block_show(block, packet, offset, size)
    return block


cdef PacketReceiptTimesBlock receipt_times_read(RtcpPacket packet, uint32_t offset, uint32_t size):
    cdef PacketReceiptTimesBlock block = PacketReceiptTimesBlock.__new__(PacketReceiptTimesBlock)
    if size < OFFSET_REPORTS:
        xr_block_refuse("packet receipt times", "at least 12", offset, size)
    xr_block_show(block, packet, offset, size)
    return block


@cython.final
cdef class LossRleBlock(SequenceRangeBlock):
    """Which packets were received and lost (block type 1).

    Args (keywords only): ssrc, 32 bits; begin_sequence_number and end_sequence_number, 16 bits, at most 65533 apart;
    trace, one flag a reported sequence number, true where it was received; thinning 0 to 15.
    Raises: TypeError or ConfigurationError, naming the value at fault. Thread-safe. RFC 3611 4.1.
    """

    def __init__(self, *, ssrc, begin_sequence_number, end_sequence_number, trace, thinning=0):
        build_trace(self, XR_LOSS_RLE, ssrc, begin_sequence_number, end_sequence_number, thinning, trace)

    @property
    def chunks(self):
        """The chunks as they stand, 16 bits each, a tuple; a null chunk may end them."""
        return chunk_words(self)

    @property
    def trace(self):
        """Whether each reported sequence number was received, a tuple.

        Raises: ParseError, RTCP_BAD_BLOCK at an octet of this block, when the chunks end before the range does.
        """
        return trace_of(self)

    @property
    def lost(self):
        """The reported sequence numbers that were lost, a tuple; raises as trace."""
        return zeros_of(self)

    def __repr__(self):
        return (f"LossRleBlock(ssrc={self.ssrc:#010x}, begin_sequence_number={self.begin_sequence_number}, "
                f"end_sequence_number={self.end_sequence_number}, thinning={self.thinning}, chunks={self.chunks})")


@cython.final
cdef class DuplicateRleBlock(SequenceRangeBlock):
    """Which packets were received more than once (block type 2).

    Args: as LossRleBlock, but that the trace is true where there was no duplicate, which includes what was lost.
    Raises: TypeError or ConfigurationError, naming the value at fault. Thread-safe. RFC 3611 4.2.
    """

    def __init__(self, *, ssrc, begin_sequence_number, end_sequence_number, trace, thinning=0):
        build_trace(self, XR_DUPLICATE_RLE, ssrc, begin_sequence_number, end_sequence_number, thinning, trace)

    @property
    def chunks(self):
        """The chunks as they stand, 16 bits each, a tuple; a null chunk may end them."""
        return chunk_words(self)

    @property
    def trace(self):
        """Whether each reported sequence number had no duplicate, a tuple; raises as that of LossRleBlock."""
        return trace_of(self)

    @property
    def duplicated(self):
        """The reported sequence numbers that came more than once, a tuple; raises as trace."""
        return zeros_of(self)

    def __repr__(self):
        return (f"DuplicateRleBlock(ssrc={self.ssrc:#010x}, begin_sequence_number={self.begin_sequence_number}, "
                f"end_sequence_number={self.end_sequence_number}, thinning={self.thinning}, chunks={self.chunks})")


@cython.final
cdef class PacketReceiptTimesBlock(SequenceRangeBlock):
    """When packets were received (block type 3).

    Args (keywords only): ssrc, 32 bits; begin_sequence_number and end_sequence_number, 16 bits, at most 65533 apart;
    receipt_times, one a reported sequence number, 32 bits, in units of the RTP timestamp; thinning 0 to 15.
    Raises: TypeError or ConfigurationError, naming the value at fault. Thread-safe. RFC 3611 4.3.
    """

    def __init__(self, *, ssrc, begin_sequence_number, end_sequence_number, receipt_times, thinning=0):
        cdef tuple times = argument_tuple(receipt_times, "receipt_times", 0xFFFF)
        cdef list words = [int(argument_unsigned(time, "A member of receipt_times", 0xFFFFFFFF)).to_bytes(4, "big")
                           for time in times]
        build(self, XR_PACKET_RECEIPT_TIMES, ssrc, begin_sequence_number, end_sequence_number, thinning, times,
              "receipt_times", b"".join(words))

    @property
    def receipt_times(self):
        """The times as they stand, in units of the RTP timestamp, a tuple; that each has its packet is not checked."""
        cdef const uint8_t* data = rtcp_value_data(self)
        cdef uint32_t offset
        return tuple([load_u32(data + offset) for offset in range(OFFSET_REPORTS, self.size, 4)])

    def __repr__(self):
        return (f"PacketReceiptTimesBlock(ssrc={self.ssrc:#010x}, begin_sequence_number={self.begin_sequence_number}, "
                f"end_sequence_number={self.end_sequence_number}, thinning={self.thinning}, "
                f"receipt_times={self.receipt_times})")
