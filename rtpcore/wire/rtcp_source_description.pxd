# Source descriptions (RFC 3550 6.5) as Python values; rtcp_compound makes them from a datagram.

from rtpcore.wire.rtcp_packet cimport RtcpPacket
from rtpcore.wire.rtcp_value cimport RtcpValue


cdef class SourceDescriptionChunk(RtcpValue):
    pass


cdef class SourceDescription(RtcpPacket):
    pass
