# Report blocks on round-trip time (RFC 3611 4.4, 4.5) as Python values; rtcp_extended_report makes them.

from libc.stdint cimport uint32_t

from rtpcore.wire.rtcp.packet cimport RtcpPacket
from rtpcore.wire.rtcp.xr_block cimport ExtendedReportBlock


cdef class ReceiverReferenceTimeBlock(ExtendedReportBlock):
    pass


cdef class DlrrBlock(ExtendedReportBlock):
    pass


# The block of size octets, header included, at offset of packet; ParseError when it is none.
cdef ReceiverReferenceTimeBlock reference_time_read(RtcpPacket packet, uint32_t offset, uint32_t size)
cdef DlrrBlock dlrr_read(RtcpPacket packet, uint32_t offset, uint32_t size)
