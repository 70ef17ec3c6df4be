# RTCP compounds: validity (RFC 3550 6.1 and A.2, RFC 5506) and iteration, on octets alone.
# Whether the compound comes from the right source, and what its reports say, is for others.

from __future__ import annotations

from cpython.buffer cimport PyBuffer_Release

from rtpcore.wire.argument cimport argument_buffer, argument_flag
from rtpcore.wire.octets cimport load_u16, load_u32
from rtpcore.wire.validity cimport (PARSE_OK, PARSE_RTCP_BAD_FIRST_TYPE, PARSE_RTCP_BAD_PADDING, PARSE_RTCP_BAD_VERSION,
                                    PARSE_RTCP_LENGTH_MISMATCH, PARSE_RTCP_NOT_WORDS, PARSE_RTCP_PACKET_TOO_SHORT,
                                    PARSE_RTCP_TOO_SHORT)
from rtpcore.wire.validity import ParseReason


cdef inline parse_reason refuse(uint32_t* error_offset, parse_reason reason, size_t offset) noexcept nogil:
    if error_offset != NULL:
        error_offset[0] = <uint32_t>offset
    return reason


cdef inline bint is_report(uint8_t packet_type) noexcept nogil:
    return packet_type == RTCP_SR or packet_type == RTCP_RR


cdef bint chunks_fit(const uint8_t* data, size_t size, uint8_t count) noexcept nogil:
    # RFC 3550 6.5: an SSRC, items, and a null item that pads to the next word.
    cdef size_t offset = RTCP_HEADER_OCTETS
    while count > 0:
        offset += 4
        while offset < size and data[offset] != 0:
            if size - offset < 2:
                return False
            offset += 2 + <size_t>data[offset + 1]
        if offset >= size:
            return False
        offset = (offset | 3) + 1
        count -= 1
    return True


cdef bint goodbye_fits(const uint8_t* data, size_t size, uint8_t count) noexcept nogil:
    # RFC 3550 6.6: the SSRCs, and perhaps a length octet and as many octets of reason.
    cdef size_t offset = RTCP_HEADER_OCTETS + 4 * <size_t>count
    if offset >= size:
        return offset == size
    return size - offset > data[offset]


cdef inline bint may_pad(const uint8_t* data) noexcept nogil:
    # libwebrtc, and so every browser, pads transport-wide feedback to a word with 1 to 3 octets and the P bit.
    return data[RTCP_OFFSET_TYPE] == RTCP_RTPFB and data[0] & 0x1F == RTPFB_TRANSPORT_WIDE


cdef bint rtcp_body_fits(const uint8_t* data, size_t size) noexcept nogil:
    cdef uint8_t count = data[0] & 0x1F
    cdef uint8_t packet_type = data[RTCP_OFFSET_TYPE]
    if packet_type == RTCP_SR:
        return size >= REPORT_BLOCKS_OFFSET_SR + REPORT_BLOCK_OCTETS * <size_t>count
    if packet_type == RTCP_RR:
        return size >= REPORT_BLOCKS_OFFSET_RR + REPORT_BLOCK_OCTETS * <size_t>count
    if packet_type == RTCP_SDES:
        return chunks_fit(data, size, count)
    if packet_type == RTCP_BYE:
        return goodbye_fits(data, size, count)
    if packet_type == RTCP_APP or packet_type == RTCP_RTPFB or packet_type == RTCP_PSFB:
        return size >= 12
    if packet_type == RTCP_XR:
        return size >= 8
    return True


cdef parse_reason rtcp_validate(const uint8_t* data, size_t size, bint reduced_size,
                                uint32_t* error_offset) noexcept nogil:
    if size < RTCP_MINIMUM_OCTETS:
        return refuse(error_offset, PARSE_RTCP_TOO_SHORT, size)
    if size & 3:
        return refuse(error_offset, PARSE_RTCP_NOT_WORDS, size & ~<size_t>3)
    if size >> 32 != 0:
        return refuse(error_offset, PARSE_RTCP_LENGTH_MISMATCH, 0)
    cdef size_t offset = 0
    cdef size_t packet_size
    cdef uint8_t padding
    while offset < size:
        if data[offset] >> 6 != RTCP_VERSION:
            return refuse(error_offset, PARSE_RTCP_BAD_VERSION, offset)
        if offset == 0 and not reduced_size and not is_report(data[RTCP_OFFSET_TYPE]):
            return refuse(error_offset, PARSE_RTCP_BAD_FIRST_TYPE, RTCP_OFFSET_TYPE)
        packet_size = 4 * (<size_t>load_u16(data + offset + RTCP_OFFSET_LENGTH) + 1)
        if packet_size > size - offset:
            return refuse(error_offset, PARSE_RTCP_LENGTH_MISMATCH, offset + RTCP_OFFSET_LENGTH)
        padding = 0
        if data[offset] & 0x20:
            if packet_size != size - offset:
                return refuse(error_offset, PARSE_RTCP_BAD_PADDING, offset)
            padding = data[size - 1]
            if padding == 0 or padding > packet_size - RTCP_HEADER_OCTETS or padding & 3 and not may_pad(data + offset):
                return refuse(error_offset, PARSE_RTCP_BAD_PADDING, size - 1)
        if not rtcp_body_fits(data + offset, packet_size - padding):
            return refuse(error_offset, PARSE_RTCP_PACKET_TOO_SHORT, offset)
        offset += packet_size
    return PARSE_OK


cdef parse_reason rtcp_validate_encrypted(const uint8_t* data, size_t size, bint reduced_size) noexcept nogil:
    if size < RTCP_MINIMUM_OCTETS:
        return PARSE_RTCP_TOO_SHORT
    if data[0] >> 6 != RTCP_VERSION:
        return PARSE_RTCP_BAD_VERSION
    if not reduced_size and not is_report(data[RTCP_OFFSET_TYPE]):
        return PARSE_RTCP_BAD_FIRST_TYPE
    # The header of the first packet is in clear (RFC 3711 3.4), so its length must be true.
    if 4 * (<size_t>load_u16(data + RTCP_OFFSET_LENGTH) + 1) > size:
        return PARSE_RTCP_LENGTH_MISMATCH
    return PARSE_OK


cdef bint rtcp_next(const uint8_t* data, size_t size, uint32_t* offset, rtcp_element* element) noexcept nogil:
    cdef size_t start = offset[0]
    if size < RTCP_HEADER_OCTETS or start > size - RTCP_HEADER_OCTETS:
        return False
    element.data = data + start
    element.size = 4 * (<uint32_t>load_u16(data + start + RTCP_OFFSET_LENGTH) + 1)
    if element.size > size - start:
        return False
    element.packet_type = data[start + RTCP_OFFSET_TYPE]
    element.count = data[start] & 0x1F
    element.padding_size = data[start + element.size - 1] if data[start] & 0x20 else 0
    offset[0] = <uint32_t>(start + element.size)
    return True


cdef uint32_t rtcp_sender_ssrc(const uint8_t* data) noexcept nogil:
    return load_u32(data + RTCP_OFFSET_SSRC)


cdef bint rtcp_has_bye(const uint8_t* data, size_t size, uint32_t ssrc) noexcept nogil:
    cdef uint32_t offset = 0
    cdef rtcp_element element
    cdef uint8_t index
    while rtcp_next(data, size, &offset, &element):
        if element.packet_type != RTCP_BYE:
            continue
        for index in range(element.count):
            if load_u32(element.data + RTCP_HEADER_OCTETS + 4 * <size_t>index) == ssrc:
                return True
    return False


def validate_rtcp(datagram, /, reduced_size=False, encrypted=False):
    """Tell whether a datagram is a valid RTCP compound, without raising and without building packets.

    Args: datagram, any contiguous buffer; reduced_size, whether other packets than SR and RR may come first; encrypted,
    whether it is SRTCP, of which only the first 8 octets are in clear.
    Returns: ParseReason.OK, or the first rule that is broken. Raises: TypeError when datagram is not a buffer.
    Thread-safe. RFC 3550 A.2, RFC 5506, RFC 3711 3.4.
    """
    cdef bint reduced = argument_flag(reduced_size, "reduced_size")
    cdef bint header_only = argument_flag(encrypted, "encrypted")
    cdef Py_buffer view
    argument_buffer(datagram, "datagram", &view)
    cdef const uint8_t* data = <const uint8_t*>view.buf
    cdef size_t size = <size_t>view.len
    cdef parse_reason reason
    if header_only:
        reason = rtcp_validate_encrypted(data, size, reduced)
    else:
        reason = rtcp_validate(data, size, reduced, NULL)
    PyBuffer_Release(&view)
    return ParseReason(<int>reason)
