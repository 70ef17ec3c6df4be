# One RTCP packet of a compound as a Python value, which every typed packet is.

from libc.stdint cimport uint8_t

from rtpcore.wire.rtcp.value cimport RtcpValue, rtcp_value_data


# Octets: header and padding included; valid by C3 and C5 to C7.
cdef class RtcpPacket(RtcpValue):
    pass


cdef class UnknownRtcp(RtcpPacket):
    pass


cdef inline Py_ssize_t rtcp_packet_padding(RtcpPacket packet) except -1:
    cdef const uint8_t* data = rtcp_value_data(packet)
    return data[packet.size - 1] if data[0] & 0x20 else 0

# Octets, without padding.
cdef inline Py_ssize_t rtcp_packet_size(RtcpPacket packet) except -1:
    return <Py_ssize_t>packet.size - rtcp_packet_padding(packet)

# What constructors end with: header, body and padding, together a multiple of 4 octets. TypeError when done before.
cdef int rtcp_packet_build(RtcpPacket packet, uint8_t packet_type, uint8_t count, bytes body,
                           object padding_size) except -1
