# Application-defined packets (RFC 3550 6.7) as Python values; rtcp_compound makes them from a datagram.

from rtpcore.wire.rtcp.packet cimport RtcpPacket


cdef class ApplicationDefined(RtcpPacket):
    pass
