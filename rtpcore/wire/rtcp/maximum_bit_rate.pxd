# Temporary maximum bit rates (RFC 5104 4.2) as Python values; rtcp_feedback makes them from a packet.

from libc.stdint cimport uint8_t, uint32_t

from rtpcore.wire.rtcp.packet cimport RtcpPacket
from rtpcore.wire.rtcp.value cimport RtcpValue


cdef class TemporaryMaximumBitRateRequest(RtcpValue):
    pass


cdef class TemporaryMaximumBitRateNotification(RtcpValue):
    pass


# The FCI of size octets at offset of packet, without padding; ParseError when it is none.
cdef TemporaryMaximumBitRateRequest bit_rate_request_read(RtcpPacket packet, uint32_t offset, uint32_t size)
cdef TemporaryMaximumBitRateNotification bit_rate_notification_read(RtcpPacket packet, uint32_t offset, uint32_t size)

# mantissa * 2**exponent, the highest that is not above value, bits/s. The exponent has 6 bits, as REMB's has.
cdef int bit_rate_split(object value, int mantissa_bits, uint32_t* mantissa, uint8_t* exponent) except -1
