# What all RTCP values share: a value is its octets, so what was parsed serializes byte for byte.
# Fields are read when asked for, by the subclasses; a value keeps the datagram that it was read from.

from __future__ import annotations

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.string cimport memcmp

from rtpcore.errors import ConfigurationError


cdef enum:
    MAX_OCTETS = 262144     # 65535 words after the first


cdef const uint8_t* rtcp_value_refuse(RtcpValue value) except NULL:
    raise TypeError(f"The {type(value).__name__} has not been initialised.")


cdef int rtcp_value_build(RtcpValue value, bytes octets) except -1:
    if value.start != NULL:
        raise TypeError(f"A {type(value).__name__} cannot be initialised twice.")
    if PyBytes_GET_SIZE(octets) > MAX_OCTETS:
        raise ConfigurationError(f"The {type(value).__name__} has {PyBytes_GET_SIZE(octets)} octets, and at most "
                                 "262144 fit into a packet.")
    return rtcp_value_show(value, octets, <const uint8_t*>PyBytes_AS_STRING(octets), <uint32_t>PyBytes_GET_SIZE(octets))


cdef bytes rtcp_value_octets(RtcpValue value):
    cdef const uint8_t* data = rtcp_value_data(value)
    if <Py_ssize_t>value.size == PyBytes_GET_SIZE(value.octets):
        return value.octets
    return PyBytes_FromStringAndSize(<const char*>data, value.size)


@cython.freelist(64)
cdef class RtcpValue:
    """A packet of an RTCP compound, or a part of one; immutable, and the base of every typed one.

    Values are equal when their class and octets are. Thread-safe.
    """

    def __init__(self):
        raise TypeError(f"An {type(self).__name__} is one of its subclasses.")

    def serialize(self):
        """Return the octets as they stand on the wire."""
        return rtcp_value_octets(self)

    def __eq__(self, other):
        if type(self) is not type(other):
            return NotImplemented
        cdef RtcpValue value = <RtcpValue>other
        cdef const uint8_t* data = rtcp_value_data(self)
        cdef const uint8_t* others = rtcp_value_data(value)
        return self.size == value.size and memcmp(data, others, self.size) == 0

    def __hash__(self):
        return hash(rtcp_value_octets(self))
