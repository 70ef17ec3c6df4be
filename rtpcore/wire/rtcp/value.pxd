# What all RTCP values are: octets, in the datagram that they were read from or on their own, that never change.

from libc.stdint cimport uint8_t, uint32_t


cdef class RtcpValue:
    cdef bytes octets           # what start points into; None before construction
    cdef const uint8_t* start   # NULL before construction
    cdef uint32_t size


# Raises the TypeError of a value that was made by __new__ alone, always.
cdef const uint8_t* rtcp_value_refuse(RtcpValue value) except NULL

cdef inline const uint8_t* rtcp_value_data(RtcpValue value) except NULL:
    return value.start if value.start != NULL else rtcp_value_refuse(value)

# Makes a value of __new__ show size octets at data, which lies in octets.
cdef inline int rtcp_value_show(RtcpValue value, bytes octets, const uint8_t* data, uint32_t size) except -1:
    value.octets = octets
    value.start = data
    value.size = size
    return 0

# What constructors end with. TypeError when done before.
cdef int rtcp_value_build(RtcpValue value, bytes octets) except -1
cdef bytes rtcp_value_octets(RtcpValue value)
# A part of it; the caller has checked that it is there.
cdef inline bytes rtcp_value_slice(RtcpValue value, uint32_t start, uint32_t end):
    cdef const char* data = <const char*>rtcp_value_data(value)
    return data[start:end]
