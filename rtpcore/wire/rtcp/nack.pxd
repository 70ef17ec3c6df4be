# Generic NACKs (RFC 4585 6.2.1) as Python values; rtcp_feedback makes them from a packet.

from libc.stdint cimport uint32_t

from rtpcore.wire.rtcp.packet cimport RtcpPacket
from rtpcore.wire.rtcp.value cimport RtcpValue


cdef class GenericNack(RtcpValue):
    pass


# The FCI of size octets at offset of packet, without padding; ParseError when it is none.
cdef GenericNack nack_read(RtcpPacket packet, uint32_t offset, uint32_t size)
