# Source descriptions (RFC 3550 6.5) as Python values; rtcp_compound makes them from a datagram.

from rtpcore.wire.rtcp.packet cimport RtcpPacket
from rtpcore.wire.rtcp.value cimport RtcpValue


cdef class SourceDescriptionChunk(RtcpValue):
    pass


cdef class SourceDescription(RtcpPacket):
    pass
