# Application layer feedback (RFC 4585 6.4) as Python values, REMB among it; rtcp_feedback makes them from a packet.

from libc.stdint cimport uint32_t

from rtpcore.wire.rtcp.packet cimport RtcpPacket
from rtpcore.wire.rtcp.value cimport RtcpValue


cdef class ReceiverEstimatedMaximumBitrate(RtcpValue):
    pass


cdef class ApplicationLayerFeedback(RtcpValue):
    pass


# The FCI of size octets at offset of packet, without padding: REMB when it begins so; ParseError when it is none then.
cdef RtcpValue application_layer_read(RtcpPacket packet, uint32_t offset, uint32_t size)
