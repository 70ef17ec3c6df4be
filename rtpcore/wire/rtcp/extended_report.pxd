# Extended reports (RFC 3611 2) as Python values; rtcp_compound makes them from a datagram.

from rtpcore.wire.rtcp.packet cimport RtcpPacket


cdef class ExtendedReport(RtcpPacket):
    pass
