# RTP header extension elements (RFC 8285): the one-byte form (4.2) and the two-byte form (4.3).

from libc.stdint cimport uint8_t, uint16_t, uint32_t


cdef enum:
    EXTENSION_ONE_BYTE = 0xBEDE
    EXTENSION_TWO_BYTE = 0x1000         # 0x1000..0x100F: the low four bits are the application's
    EXTENSION_TWO_BYTE_MASK = 0xFFF0


cdef struct extension_element:
    const uint8_t* data
    uint8_t id
    uint8_t size


# Walks the extension data of a packet that rtp_parse has accepted. *offset starts at 0; returns False at the end,
# which is also where an element is bad (R8) and at once for a profile that has no elements.
cdef bint extension_next(uint16_t profile, const uint8_t* data, uint32_t size, uint32_t* offset,
                         extension_element* element) noexcept nogil

# ((id, octets), ...) of what extension_next finds.
cdef tuple extension_to_python(uint16_t profile, const uint8_t* data, uint32_t size)
# (profile, data) of elements. profile None takes the shortest form that holds them; no elements make (None, b"").
cdef tuple extension_from_python(object elements, object profile)
