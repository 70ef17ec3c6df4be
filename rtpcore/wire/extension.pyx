# RTP header extension elements (RFC 8285 4.2 and 4.3): the walk, and how elements are written.
# What an identifier means is negotiated, and not known here. A bad element ends the walk and harms nothing else.

from __future__ import annotations

from cpython.bytes cimport PyBytes_FromStringAndSize

from rtpcore.errors import ConfigurationError
from rtpcore.wire.argument cimport argument_octets, argument_tuple, argument_unsigned


cdef enum:
    ONE_BYTE_MAX_ID = 14        # 15 ends the walk
    ONE_BYTE_MAX_OCTETS = 16
    TWO_BYTE_MAX_ID = 255
    TWO_BYTE_MAX_OCTETS = 255
    MAX_ELEMENTS = 0xFFFF       # more than any packet holds


cdef bint one_byte_next(const uint8_t* data, uint32_t size, uint32_t* offset,
                        extension_element* element) noexcept nogil:
    cdef uint32_t at = offset[0]
    while at < size and data[at] == 0:
        at += 1
    if at >= size:
        return False
    element.id = data[at] >> 4
    element.size = (data[at] & 0x0F) + 1
    if element.id == 0 or element.id > ONE_BYTE_MAX_ID or element.size > size - at - 1:
        return False
    element.data = data + at + 1
    offset[0] = at + 1 + element.size
    return True


cdef bint two_byte_next(const uint8_t* data, uint32_t size, uint32_t* offset,
                        extension_element* element) noexcept nogil:
    cdef uint32_t at = offset[0]
    while at < size and data[at] == 0:
        at += 1
    if at >= size or size - at < 2:
        return False
    element.id = data[at]
    element.size = data[at + 1]
    if element.size > size - at - 2:
        return False
    element.data = data + at + 2
    offset[0] = at + 2 + element.size
    return True


cdef bint extension_next(uint16_t profile, const uint8_t* data, uint32_t size, uint32_t* offset,
                         extension_element* element) noexcept nogil:
    if profile == EXTENSION_ONE_BYTE:
        return one_byte_next(data, size, offset, element)
    if profile & EXTENSION_TWO_BYTE_MASK == EXTENSION_TWO_BYTE:
        return two_byte_next(data, size, offset, element)
    return False


cdef tuple extension_to_python(uint16_t profile, const uint8_t* data, uint32_t size):
    cdef uint32_t offset = 0
    cdef extension_element element
    cdef list elements = []
    while extension_next(profile, data, size, &offset, &element):
        elements.append((element.id, PyBytes_FromStringAndSize(<const char*>element.data, element.size)))
    return tuple(elements)


cdef tuple checked(object element):
    cdef object identifier, value
    cdef bytes octets
    try:
        identifier, value = element
    except (TypeError, ValueError):
        raise TypeError(f"An extension element is a tuple of identifier and octets, not {element!r}.") from None
    if argument_unsigned(identifier, "The identifier of an extension element", TWO_BYTE_MAX_ID) == 0:
        raise ConfigurationError("The identifier of an extension element is 0, which means padding.")
    octets = argument_octets(value, f"The value of extension element {identifier}")
    if len(octets) > TWO_BYTE_MAX_OCTETS:
        raise ConfigurationError(f"Extension element {identifier} has {len(octets)} octets, and at most 255 fit.")
    return identifier, octets


cdef bint fits_one_byte(tuple element):
    return element[0] <= ONE_BYTE_MAX_ID and 1 <= len(element[1]) <= ONE_BYTE_MAX_OCTETS


cdef uint16_t form_of(list elements, object profile) except 0:
    cdef bint one_byte = all([fits_one_byte(element) for element in elements])
    if profile is None:
        return EXTENSION_ONE_BYTE if one_byte else EXTENSION_TWO_BYTE
    cdef uint16_t form = <uint16_t>argument_unsigned(profile, "extension_profile", 0xFFFF)
    if form & EXTENSION_TWO_BYTE_MASK == EXTENSION_TWO_BYTE:
        return form
    if form != EXTENSION_ONE_BYTE:
        raise ConfigurationError(f"extension_profile is {form:#06x}, and only 0xbede and 0x1000 to 0x100f have "
                                 "elements.")
    if not one_byte:
        raise ConfigurationError("The one-byte form (0xbede) holds identifiers 1 to 14 with 1 to 16 octets, "
                                 f"not {[(element[0], len(element[1])) for element in elements]} (identifier, octets).")
    return form


cdef tuple extension_from_python(object elements, object profile):
    cdef list pairs = [checked(element) for element in argument_tuple(elements, "extension_elements", MAX_ELEMENTS)]
    if not pairs and profile is None:
        return None, b""
    cdef uint16_t form = form_of(pairs, profile)
    cdef list parts = []
    for identifier, octets in pairs:
        if form == EXTENSION_ONE_BYTE:
            parts.append(bytes((identifier << 4 | len(octets) - 1,)))
        else:
            parts.append(bytes((identifier, len(octets))))
        parts.append(octets)
    cdef bytes data = b"".join(parts)
    return form, data + bytes(-len(data) & 3)
