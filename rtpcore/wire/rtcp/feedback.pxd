# Feedback packets (RFC 4585 6.1) as Python values; rtcp_compound makes them from a datagram.

from rtpcore.wire.rtcp.packet cimport RtcpPacket


cdef enum:
    RTPFB_NACK = 1
    RTPFB_TMMBR = 3
    RTPFB_TMMBN = 4
    PSFB_PLI = 1
    PSFB_SLI = 2
    PSFB_RPSI = 3
    PSFB_FIR = 4
    PSFB_AFB = 15


cdef class FeedbackPacket(RtcpPacket):
    pass


cdef class TransportFeedback(FeedbackPacket):
    pass


cdef class PayloadFeedback(FeedbackPacket):
    pass
