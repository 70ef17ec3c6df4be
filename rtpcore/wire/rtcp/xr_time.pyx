# Report blocks on round-trip time: receiver reference time (RFC 3611 4.4) and its answer, DLRR (4.5).
# Computing the time is the tracker's work.

from __future__ import annotations

cimport cython
from libc.stdint cimport uint8_t

from rtpcore.wire.argument cimport argument_tuple, argument_unsigned
from rtpcore.wire.octets cimport load_u32, load_u64, store_u32, store_u64
from rtpcore.wire.rtcp.value cimport rtcp_value_data
from rtpcore.wire.rtcp.xr_block cimport (XR_BLOCK_HEADER_OCTETS, XR_DLRR, XR_RECEIVER_REFERENCE_TIME, xr_block_build,
                                         xr_block_refuse, xr_block_show)


cdef enum:
    REFERENCE_TIME_OCTETS = 12
    SUB_BLOCK_OCTETS = 12
    MAX_SUB_BLOCKS = 21845      # of 3 words each, in the 65535 of a block


cdef ReceiverReferenceTimeBlock reference_time_read(RtcpPacket packet, uint32_t offset, uint32_t size):
    cdef ReceiverReferenceTimeBlock block = ReceiverReferenceTimeBlock.__new__(ReceiverReferenceTimeBlock)
    if size != REFERENCE_TIME_OCTETS:
        xr_block_refuse("receiver reference time", "12", offset, size)
    xr_block_show(block, packet, offset, size)
    return block


cdef DlrrBlock dlrr_read(RtcpPacket packet, uint32_t offset, uint32_t size):
    cdef DlrrBlock block = DlrrBlock.__new__(DlrrBlock)
    if (size - XR_BLOCK_HEADER_OCTETS) % SUB_BLOCK_OCTETS:
        xr_block_refuse("DLRR", "4 and 12 a receiver", offset, size)
    xr_block_show(block, packet, offset, size)
    return block


@cython.final
cdef class ReceiverReferenceTimeBlock(ExtendedReportBlock):
    """The wall clock of a receiver, which senders answer with a DlrrBlock (block type 4).

    Args (keywords only): ntp_timestamp, 64 bits, in 1/2**32 s since 1900.
    Raises: TypeError or ConfigurationError, naming the value at fault. Thread-safe. RFC 3611 4.4.
    """

    def __init__(self, *, ntp_timestamp):
        cdef uint8_t out[8]
        store_u64(out, argument_unsigned(ntp_timestamp, "ntp_timestamp", 0xFFFFFFFFFFFFFFFF))
        xr_block_build(self, XR_RECEIVER_REFERENCE_TIME, 0, (<char*>out)[:8])

    @property
    def ntp_timestamp(self):
        """The wall clock when the block was sent, in 1/2**32 s since 1900."""
        return load_u64(rtcp_value_data(self) + XR_BLOCK_HEADER_OCTETS)

    def __repr__(self):
        return f"ReceiverReferenceTimeBlock(ntp_timestamp={self.ntp_timestamp:#018x})"


cdef bytes sub_block_octets(object entry):
    cdef object ssrc, last_rr, delay
    cdef uint8_t out[SUB_BLOCK_OCTETS]
    try:
        ssrc, last_rr, delay = entry
    except (TypeError, ValueError):
        raise TypeError(f"A member of entries is a tuple of SSRC, last RR and delay, not {entry!r}.") from None
    store_u32(out, <uint32_t>argument_unsigned(ssrc, "The SSRC of an entry", 0xFFFFFFFF))
    store_u32(out + 4, <uint32_t>argument_unsigned(last_rr, "The last RR of an entry", 0xFFFFFFFF))
    store_u32(out + 8, <uint32_t>argument_unsigned(delay, "The delay of an entry", 0xFFFFFFFF))
    return (<char*>out)[:SUB_BLOCK_OCTETS]


@cython.final
cdef class DlrrBlock(ExtendedReportBlock):
    """The delay since the last receiver reference time of each receiver (DLRR, block type 5).

    Args (keywords only): entries, tuples of the receiver's SSRC, the middle 32 bits of the NTP timestamp of its last
    ReceiverReferenceTimeBlock (LRR), and the time from then to this block in 1/65536 s (DLRR).
    Raises: TypeError or ConfigurationError, naming the value at fault. Thread-safe. RFC 3611 4.5.
    """

    def __init__(self, *, entries):
        cdef tuple members = argument_tuple(entries, "entries", MAX_SUB_BLOCKS)
        xr_block_build(self, XR_DLRR, 0, b"".join([sub_block_octets(entry) for entry in members]))

    @property
    def entries(self):
        """What each receiver is told, a tuple of (SSRC, last RR, delay since last RR)."""
        cdef const uint8_t* data = rtcp_value_data(self)
        cdef uint32_t offset
        return tuple([(load_u32(data + offset), load_u32(data + offset + 4), load_u32(data + offset + 8))
                      for offset in range(XR_BLOCK_HEADER_OCTETS, self.size, SUB_BLOCK_OCTETS)])

    def __repr__(self):
        return f"DlrrBlock(entries={self.entries})"
