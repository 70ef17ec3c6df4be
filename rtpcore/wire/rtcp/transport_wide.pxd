# Transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01) as a Python value of rtcp_feedback.

from libc.stdint cimport uint32_t

from rtpcore.wire.rtcp.packet cimport RtcpPacket
from rtpcore.wire.rtcp.value cimport RtcpValue


cdef enum packet_status:
    PACKET_NOT_RECEIVED = 0
    PACKET_SMALL_DELTA = 1      # one unsigned octet
    PACKET_LARGE_DELTA = 2      # two octets, signed


cdef class TransportWideFeedback(RtcpValue):
    pass


# The FCI of size octets at offset of packet, without padding; ParseError when it is none.
cdef TransportWideFeedback transport_wide_read(RtcpPacket packet, uint32_t offset, uint32_t size)
