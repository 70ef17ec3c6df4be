# The statistics summary (RFC 3611 4.6) as a Python value; rtcp_extended_report makes it.

from libc.stdint cimport uint32_t

from rtpcore.wire.rtcp.packet cimport RtcpPacket
from rtpcore.wire.rtcp.xr_block cimport ExtendedReportBlock


cdef class StatisticsSummaryBlock(ExtendedReportBlock):
    pass


# The block of size octets, header included, at offset of packet; ParseError when it is none.
cdef StatisticsSummaryBlock statistics_read(RtcpPacket packet, uint32_t offset, uint32_t size)
