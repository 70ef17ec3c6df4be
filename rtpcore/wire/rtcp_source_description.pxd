# Source descriptions (RFC 3550 6.5) as Python values; rtcp_compound makes them from a datagram.

from rtpcore.wire.rtcp_packet cimport RtcpPacket


cdef class SourceDescription(RtcpPacket):
    pass
