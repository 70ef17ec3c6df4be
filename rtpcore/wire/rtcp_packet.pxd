# One RTCP packet of a compound as a Python value: its octets, which every typed packet reads from.

from libc.stdint cimport uint8_t


cdef class RtcpPacket:
    cdef bytes octets       # header and padding included; valid by C3 and C5 to C7, or None before construction


cdef class UnknownRtcp(RtcpPacket):
    pass


# TypeError for a packet that was made by __new__ alone.
cdef const uint8_t* rtcp_packet_data(RtcpPacket packet) except NULL
# Octets, without padding.
cdef Py_ssize_t rtcp_packet_size(RtcpPacket packet) except -1
# What constructors end with: header, body (a multiple of 4 octets) and padding. TypeError when done before.
cdef int rtcp_packet_build(RtcpPacket packet, uint8_t packet_type, uint8_t count, bytes body,
                           object padding_size) except -1
