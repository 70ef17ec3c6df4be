# The statistics summary (RFC 3611 4.6): counts and extremes over a range of sequence numbers.
#
#     |     BT=6      |L|D|J|ToH|rsvd.|       block length = 9        |
#
# The bits say which of the fields hold anything; computing them is the tracker's work.

from __future__ import annotations

cimport cython
from libc.stdint cimport uint8_t, uint16_t

from rtpcore.errors import ConfigurationError
from rtpcore.wire.argument cimport argument_tuple, argument_unsigned
from rtpcore.wire.octets cimport load_u16, load_u32, store_u16, store_u32
from rtpcore.wire.rtcp.value cimport rtcp_value_data
from rtpcore.wire.rtcp.xr_block cimport (XR_BLOCK_HEADER_OCTETS, XR_BLOCK_OFFSET_TYPE_SPECIFIC, XR_STATISTICS_SUMMARY,
                                         xr_block_build, xr_block_refuse, xr_block_show)


cdef enum:
    OFFSET_SSRC = 4
    OFFSET_BEGIN = 8
    OFFSET_END = 10
    OFFSET_LOST_PACKETS = 12
    OFFSET_DUPLICATE_PACKETS = 16
    OFFSET_JITTER = 20
    OFFSET_TTL = 36
    BLOCK_OCTETS = 40
    LOSS_REPORT = 0x80
    DUPLICATE_REPORT = 0x40
    JITTER_REPORT = 0x20
    TTL_OR_HOP_LIMIT = 0x18
    TTL = 0x08
    HOP_LIMIT = 0x10


cdef StatisticsSummaryBlock statistics_read(RtcpPacket packet, uint32_t offset, uint32_t size):
    cdef StatisticsSummaryBlock block = StatisticsSummaryBlock.__new__(StatisticsSummaryBlock)
    if size != BLOCK_OCTETS:
        xr_block_refuse("statistics summary", "40", offset, size)
    xr_block_show(block, packet, offset, size)
    return block


cdef tuple four(object value, str name, uint32_t maximum):
    cdef tuple members = argument_tuple(value, name, 4)
    if len(members) != 4:
        raise ConfigurationError(f"{name} has {len(members)} members instead of minimum, maximum, mean and deviation.")
    return tuple([argument_unsigned(member, f"A member of {name}", maximum) for member in members])


cdef uint8_t store_ttl(uint8_t* out, object ttl, object hop_limit) except 0xFF:
    cdef object value = ttl if hop_limit is None else hop_limit
    cdef tuple members
    cdef int index
    if ttl is not None and hop_limit is not None:
        raise ConfigurationError("ttl and hop_limit are given, and one excludes the other.")
    if value is None:
        return 0
    members = four(value, "ttl" if hop_limit is None else "hop_limit", 0xFF)
    for index in range(4):
        out[index] = members[index]
    return TTL if hop_limit is None else HOP_LIMIT


@cython.final
cdef class StatisticsSummaryBlock(ExtendedReportBlock):
    """A summary of what was received over a range of sequence numbers (block type 6); None is what it does not report.

    Args (keywords only): ssrc, 32 bits; begin_sequence_number and end_sequence_number, 16 bits; lost_packets and
    duplicate_packets, 32 bits; jitter, a tuple of minimum, maximum, mean and standard deviation of the relative transit
    time, 32 bits, in units of the timestamp; ttl (IPv4) or hop_limit (IPv6), the same four, 8 bits.
    Raises: TypeError or ConfigurationError, naming the value at fault. Thread-safe. RFC 3611 4.6.
    """

    def __init__(self, *, ssrc, begin_sequence_number, end_sequence_number, lost_packets=None, duplicate_packets=None,
                 jitter=None, ttl=None, hop_limit=None):
        cdef uint8_t out[BLOCK_OCTETS]
        cdef tuple members
        cdef int index
        for index in range(BLOCK_OCTETS):
            out[index] = 0
        store_u32(out + OFFSET_SSRC, <uint32_t>argument_unsigned(ssrc, "ssrc", 0xFFFFFFFF))
        store_u16(out + OFFSET_BEGIN,
                  <uint16_t>argument_unsigned(begin_sequence_number, "begin_sequence_number", 0xFFFF))
        store_u16(out + OFFSET_END, <uint16_t>argument_unsigned(end_sequence_number, "end_sequence_number", 0xFFFF))
        cdef uint8_t reported = store_ttl(out + OFFSET_TTL, ttl, hop_limit)
        if lost_packets is not None:
            reported |= LOSS_REPORT
            store_u32(out + OFFSET_LOST_PACKETS, <uint32_t>argument_unsigned(lost_packets, "lost_packets", 0xFFFFFFFF))
        if duplicate_packets is not None:
            reported |= DUPLICATE_REPORT
            store_u32(out + OFFSET_DUPLICATE_PACKETS,
                      <uint32_t>argument_unsigned(duplicate_packets, "duplicate_packets", 0xFFFFFFFF))
        if jitter is not None:
            reported |= JITTER_REPORT
            members = four(jitter, "jitter", 0xFFFFFFFF)
            for index in range(4):
                store_u32(out + OFFSET_JITTER + 4 * index, members[index])
        xr_block_build(self, XR_STATISTICS_SUMMARY, reported, (<char*>out)[XR_BLOCK_HEADER_OCTETS:BLOCK_OCTETS])

    @property
    def ssrc(self):
        """The source that is reported on."""
        return load_u32(rtcp_value_data(self) + OFFSET_SSRC)

    @property
    def begin_sequence_number(self):
        """The first sequence number of the range."""
        return load_u16(rtcp_value_data(self) + OFFSET_BEGIN)

    @property
    def end_sequence_number(self):
        """The sequence number after the last one of the range."""
        return load_u16(rtcp_value_data(self) + OFFSET_END)

    @property
    def lost_packets(self):
        """The packets that were lost; None when not reported."""
        cdef const uint8_t* data = rtcp_value_data(self)
        if not data[XR_BLOCK_OFFSET_TYPE_SPECIFIC] & LOSS_REPORT:
            return None
        return load_u32(data + OFFSET_LOST_PACKETS)

    @property
    def duplicate_packets(self):
        """The packets that came again; None when not reported."""
        cdef const uint8_t* data = rtcp_value_data(self)
        if not data[XR_BLOCK_OFFSET_TYPE_SPECIFIC] & DUPLICATE_REPORT:
            return None
        return load_u32(data + OFFSET_DUPLICATE_PACKETS)

    @property
    def jitter(self):
        """Minimum, maximum, mean and deviation of the relative transit time, a tuple; None when not reported."""
        cdef const uint8_t* data = rtcp_value_data(self)
        cdef int index
        if not data[XR_BLOCK_OFFSET_TYPE_SPECIFIC] & JITTER_REPORT:
            return None
        return tuple([load_u32(data + OFFSET_JITTER + 4 * index) for index in range(4)])

    @property
    def ttl(self):
        """Minimum, maximum, mean and deviation of the IPv4 time to live, a tuple; None when not reported."""
        return ttl_of(self, TTL)

    @property
    def hop_limit(self):
        """Minimum, maximum, mean and deviation of the IPv6 hop limit, a tuple; None when not reported."""
        return ttl_of(self, HOP_LIMIT)

    def __repr__(self):
        return (f"StatisticsSummaryBlock(ssrc={self.ssrc:#010x}, begin_sequence_number={self.begin_sequence_number}, "
                f"end_sequence_number={self.end_sequence_number}, lost_packets={self.lost_packets}, "
                f"duplicate_packets={self.duplicate_packets}, jitter={self.jitter}, ttl={self.ttl}, "
                f"hop_limit={self.hop_limit})")


cdef tuple ttl_of(StatisticsSummaryBlock block, uint8_t wanted):
    cdef const uint8_t* data = rtcp_value_data(block)
    if data[XR_BLOCK_OFFSET_TYPE_SPECIFIC] & TTL_OR_HOP_LIMIT != wanted:
        return None
    return data[OFFSET_TTL], data[OFFSET_TTL + 1], data[OFFSET_TTL + 2], data[OFFSET_TTL + 3]
