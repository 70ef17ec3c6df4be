# Sender and receiver reports (RFC 3550 6.4.1, 6.4.2) as Python values; rtcp_compound makes them from a datagram.

from rtpcore.wire.rtcp.packet cimport RtcpPacket
from rtpcore.wire.rtcp.value cimport RtcpValue


cdef class ReportBlock(RtcpValue):
    pass


cdef class SenderReport(RtcpPacket):
    pass


cdef class ReceiverReport(RtcpPacket):
    pass
