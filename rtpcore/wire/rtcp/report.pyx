# Sender and receiver reports (RFC 3550 6.4.1, 6.4.2) as Python values.
# Carries what the reports say; computing loss and jitter is the tracker's work.

from __future__ import annotations

cimport cython
from cpython.ref cimport Py_INCREF
from cpython.tuple cimport PyTuple_New, PyTuple_SET_ITEM
from libc.stdint cimport int32_t, uint8_t, uint32_t

from rtpcore.errors import ConfigurationError
from rtpcore.wire.argument cimport argument_octets, argument_signed, argument_tuple, argument_unsigned
from rtpcore.wire.octets cimport load_u24, load_u32, load_u64, store_u24, store_u32, store_u64
from rtpcore.wire.rtcp.compound cimport (
    REPORT_BLOCK_OCTETS,
    REPORT_BLOCKS_OFFSET_RR,
    REPORT_BLOCKS_OFFSET_SR,
    RTCP_OFFSET_SSRC,
    RTCP_RR,
    RTCP_SR,
)
from rtpcore.wire.rtcp.packet cimport rtcp_packet_build, rtcp_packet_size
from rtpcore.wire.rtcp.value cimport (rtcp_value_build, rtcp_value_data, rtcp_value_octets, rtcp_value_show,
                                      rtcp_value_slice)


cdef enum:
    BLOCK_OFFSET_SSRC = 0
    BLOCK_OFFSET_FRACTION_LOST = 4
    BLOCK_OFFSET_CUMULATIVE_LOST = 5
    BLOCK_OFFSET_EXTENDED_HIGHEST = 8
    BLOCK_OFFSET_JITTER = 12
    BLOCK_OFFSET_LAST_SR = 16
    BLOCK_OFFSET_DELAY_SINCE_LAST_SR = 20
    SR_OFFSET_NTP_TIMESTAMP = 8
    SR_OFFSET_RTP_TIMESTAMP = 16
    SR_OFFSET_PACKET_COUNT = 20
    SR_OFFSET_OCTET_COUNT = 24
    MAX_REPORT_BLOCKS = 31


cdef inline uint32_t word(object value, str name) except? 0xFFFFFFFF:
    return <uint32_t>argument_unsigned(value, name, 0xFFFFFFFF)


@cython.final
cdef class ReportBlock(RtcpValue):
    """What a report says of one source; immutable.

    Args (keywords only): ssrc, 32 bits; fraction_lost 0 to 255, in 1/256; cumulative_lost, packets, signed 24 bits;
    extended_highest_sequence_number, 32 bits; interarrival_jitter, 32 bits, in units of the timestamp; last_sr, the
    middle 32 bits of an NTP timestamp; delay_since_last_sr, 32 bits, in 1/65536 s.
    Raises: TypeError or ConfigurationError, naming the value at fault. Thread-safe. RFC 3550 6.4.1.
    """

    def __init__(self, *, ssrc, fraction_lost=0, cumulative_lost=0, extended_highest_sequence_number=0,
                 interarrival_jitter=0, last_sr=0, delay_since_last_sr=0):
        cdef uint8_t out[REPORT_BLOCK_OCTETS]
        store_u32(out + BLOCK_OFFSET_SSRC, word(ssrc, "ssrc"))
        out[BLOCK_OFFSET_FRACTION_LOST] = <uint8_t>argument_unsigned(fraction_lost, "fraction_lost", 0xFF)
        store_u24(out + BLOCK_OFFSET_CUMULATIVE_LOST,
                  <uint32_t>argument_signed(cumulative_lost, "cumulative_lost", -0x800000, 0x7FFFFF) & 0xFFFFFF)
        store_u32(out + BLOCK_OFFSET_EXTENDED_HIGHEST,
                  word(extended_highest_sequence_number, "extended_highest_sequence_number"))
        store_u32(out + BLOCK_OFFSET_JITTER, word(interarrival_jitter, "interarrival_jitter"))
        store_u32(out + BLOCK_OFFSET_LAST_SR, word(last_sr, "last_sr"))
        store_u32(out + BLOCK_OFFSET_DELAY_SINCE_LAST_SR, word(delay_since_last_sr, "delay_since_last_sr"))
        rtcp_value_build(self, (<char*>out)[:REPORT_BLOCK_OCTETS])

    @property
    def ssrc(self):
        """The source that the block is about."""
        return load_u32(rtcp_value_data(self) + BLOCK_OFFSET_SSRC)

    @property
    def fraction_lost(self):
        """The fraction lost since the previous report, in 1/256."""
        return rtcp_value_data(self)[BLOCK_OFFSET_FRACTION_LOST]

    @property
    def cumulative_lost(self):
        """The packets lost since the beginning; negative where duplicates outnumber losses."""
        cdef int32_t lost = <int32_t>load_u24(rtcp_value_data(self) + BLOCK_OFFSET_CUMULATIVE_LOST)
        return lost - 0x1000000 if lost >= 0x800000 else lost

    @property
    def extended_highest_sequence_number(self):
        """The highest sequence number received, with the count of cycles in the upper 16 bits."""
        return load_u32(rtcp_value_data(self) + BLOCK_OFFSET_EXTENDED_HIGHEST)

    @property
    def interarrival_jitter(self):
        """The interarrival jitter, in units of the timestamp."""
        return load_u32(rtcp_value_data(self) + BLOCK_OFFSET_JITTER)

    @property
    def last_sr(self):
        """The middle 32 bits of the NTP timestamp of the last sender report received; 0 when there was none."""
        return load_u32(rtcp_value_data(self) + BLOCK_OFFSET_LAST_SR)

    @property
    def delay_since_last_sr(self):
        """The time from that sender report to this block, in 1/65536 s."""
        return load_u32(rtcp_value_data(self) + BLOCK_OFFSET_DELAY_SINCE_LAST_SR)

    def __repr__(self):
        return (f"ReportBlock(ssrc={self.ssrc:#010x}, fraction_lost={self.fraction_lost}, "
                f"cumulative_lost={self.cumulative_lost}, "
                f"extended_highest_sequence_number={self.extended_highest_sequence_number}, "
                f"interarrival_jitter={self.interarrival_jitter}, last_sr={self.last_sr:#010x}, "
                f"delay_since_last_sr={self.delay_since_last_sr})")


cdef tuple blocks_at(RtcpPacket packet, uint32_t offset):
    cdef const uint8_t* data = rtcp_value_data(packet)
    cdef Py_ssize_t count = data[0] & 0x1F
    cdef tuple blocks = PyTuple_New(count)
    cdef ReportBlock block
    cdef Py_ssize_t index
    for index in range(count):
        block = ReportBlock.__new__(ReportBlock)
        rtcp_value_show(block, packet.octets, data + offset + REPORT_BLOCK_OCTETS * index, REPORT_BLOCK_OCTETS)
        Py_INCREF(block)
        PyTuple_SET_ITEM(blocks, index, block)
    return blocks


cdef bytes extensions_from(RtcpPacket packet, uint32_t offset):
    cdef const uint8_t* data = rtcp_value_data(packet)
    return rtcp_value_slice(packet, offset + REPORT_BLOCK_OCTETS * (data[0] & 0x1F), <uint32_t>rtcp_packet_size(packet))


cdef int build(RtcpPacket packet, uint8_t packet_type, bytes fixed, object reports, object extensions,
               object padding_size) except -1:
    cdef tuple blocks = argument_tuple(reports, "reports", MAX_REPORT_BLOCKS)
    cdef bytes tail = argument_octets(extensions, "profile_extensions")
    for block in blocks:
        if not isinstance(block, ReportBlock):
            raise TypeError(f"A member of reports is a ReportBlock, not {block!r}.")
    if len(tail) & 3:
        raise ConfigurationError(f"profile_extensions has {len(tail)} octets, which is not a multiple of 4.")
    cdef bytes body = fixed + b"".join([rtcp_value_octets(<ReportBlock>block) for block in blocks]) + tail
    return rtcp_packet_build(packet, packet_type, <uint8_t>len(blocks), body, padding_size)


@cython.final
cdef class SenderReport(RtcpPacket):
    """A sender report (SR, 200): what a source has sent and, in its blocks, received.

    Args (keywords only): ssrc, 32 bits; ntp_timestamp, 64 bits, in 1/2**32 s since 1900; rtp_timestamp, packet_count
    and octet_count, 32 bits; reports, at most 31 ReportBlock; profile_extensions, any buffer with a multiple of 4
    octets; padding_size 0 to 252, a multiple of 4.
    Raises: TypeError or ConfigurationError, naming the value at fault. Thread-safe. RFC 3550 6.4.1.
    """

    def __init__(self, *, ssrc, ntp_timestamp, rtp_timestamp, packet_count, octet_count, reports=(),
                 profile_extensions=b"", padding_size=0):
        cdef uint8_t fixed[24]
        store_u32(fixed, word(ssrc, "ssrc"))
        store_u64(fixed + 4, argument_unsigned(ntp_timestamp, "ntp_timestamp", 0xFFFFFFFFFFFFFFFF))
        store_u32(fixed + 12, word(rtp_timestamp, "rtp_timestamp"))
        store_u32(fixed + 16, word(packet_count, "packet_count"))
        store_u32(fixed + 20, word(octet_count, "octet_count"))
        build(self, RTCP_SR, (<char*>fixed)[:24], reports, profile_extensions, padding_size)

    @property
    def ssrc(self):
        """The source that sends the report."""
        return load_u32(rtcp_value_data(self) + RTCP_OFFSET_SSRC)

    @property
    def ntp_timestamp(self):
        """The wall clock when the report was sent, in 1/2**32 s since 1900."""
        return load_u64(rtcp_value_data(self) + SR_OFFSET_NTP_TIMESTAMP)

    @property
    def rtp_timestamp(self):
        """The same instant in units of the RTP timestamp."""
        return load_u32(rtcp_value_data(self) + SR_OFFSET_RTP_TIMESTAMP)

    @property
    def packet_count(self):
        """The RTP packets sent since the source began."""
        return load_u32(rtcp_value_data(self) + SR_OFFSET_PACKET_COUNT)

    @property
    def octet_count(self):
        """The payload octets sent since the source began."""
        return load_u32(rtcp_value_data(self) + SR_OFFSET_OCTET_COUNT)

    @property
    def reports(self):
        """The report blocks, a tuple of ReportBlock."""
        return blocks_at(self, REPORT_BLOCKS_OFFSET_SR)

    @property
    def profile_extensions(self):
        """What follows the report blocks, without padding."""
        return extensions_from(self, REPORT_BLOCKS_OFFSET_SR)

    def __repr__(self):
        return (f"SenderReport(ssrc={self.ssrc:#010x}, ntp_timestamp={self.ntp_timestamp:#018x}, "
                f"rtp_timestamp={self.rtp_timestamp}, packet_count={self.packet_count}, "
                f"octet_count={self.octet_count}, reports={self.reports}, "
                f"profile_extensions={self.profile_extensions!r}, padding_size={self.padding_size})")


@cython.final
cdef class ReceiverReport(RtcpPacket):
    """A receiver report (RR, 201): what a participant that does not send has received.

    Args (keywords only): ssrc, 32 bits; reports, at most 31 ReportBlock; profile_extensions, any buffer with a multiple
    of 4 octets; padding_size 0 to 252, a multiple of 4.
    Raises: TypeError or ConfigurationError, naming the value at fault. Thread-safe. RFC 3550 6.4.2.
    """

    def __init__(self, *, ssrc, reports=(), profile_extensions=b"", padding_size=0):
        cdef uint8_t fixed[4]
        store_u32(fixed, word(ssrc, "ssrc"))
        build(self, RTCP_RR, (<char*>fixed)[:4], reports, profile_extensions, padding_size)

    @property
    def ssrc(self):
        """The participant that sends the report."""
        return load_u32(rtcp_value_data(self) + RTCP_OFFSET_SSRC)

    @property
    def reports(self):
        """The report blocks, a tuple of ReportBlock."""
        return blocks_at(self, REPORT_BLOCKS_OFFSET_RR)

    @property
    def profile_extensions(self):
        """What follows the report blocks, without padding."""
        return extensions_from(self, REPORT_BLOCKS_OFFSET_RR)

    def __repr__(self):
        return (f"ReceiverReport(ssrc={self.ssrc:#010x}, reports={self.reports}, "
                f"profile_extensions={self.profile_extensions!r}, padding_size={self.padding_size})")
