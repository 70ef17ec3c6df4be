# Goodbyes (RFC 3550 6.6) as Python values; rtcp_compound makes them from a datagram.

from rtpcore.wire.rtcp.packet cimport RtcpPacket


cdef class Goodbye(RtcpPacket):
    pass
