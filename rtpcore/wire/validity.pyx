# Why a packet is not valid: the Python face of parse_reason, and the one place where a reason becomes a ParseError.
# Makes no judgement of its own: it words what rtp_parse and rtcp_validate have found.

from __future__ import annotations

from enum import IntEnum

from rtpcore.errors import ParseError
from rtpcore.wire.octets cimport load_u16


class ParseReason(IntEnum):
    """Which rule a packet breaks; the same numbers count drops. From 64 on: what cannot be read of a valid packet."""

    OK = PARSE_OK
    RTP_TOO_SHORT = PARSE_RTP_TOO_SHORT
    RTP_BAD_VERSION = PARSE_RTP_BAD_VERSION
    RTP_CSRC_OVERRUN = PARSE_RTP_CSRC_OVERRUN
    RTP_EXTENSION_OVERRUN = PARSE_RTP_EXTENSION_OVERRUN
    RTP_BAD_PADDING = PARSE_RTP_BAD_PADDING
    RTCP_TOO_SHORT = PARSE_RTCP_TOO_SHORT
    RTCP_NOT_WORDS = PARSE_RTCP_NOT_WORDS
    RTCP_BAD_VERSION = PARSE_RTCP_BAD_VERSION
    RTCP_BAD_FIRST_TYPE = PARSE_RTCP_BAD_FIRST_TYPE
    RTCP_BAD_PADDING = PARSE_RTCP_BAD_PADDING
    RTCP_LENGTH_MISMATCH = PARSE_RTCP_LENGTH_MISMATCH
    RTCP_PACKET_TOO_SHORT = PARSE_RTCP_PACKET_TOO_SHORT
    RTCP_BAD_ITEM = PART_RTCP_BAD_ITEM
    RTCP_BAD_FEEDBACK = PART_RTCP_BAD_FEEDBACK
    RTCP_BAD_BLOCK = PART_RTCP_BAD_BLOCK
    EXTENSION_BAD_VALUE = PART_EXTENSION_BAD_VALUE
    STUN_MALFORMED = PART_STUN_MALFORMED


cdef str rtp_sentence(parse_reason reason, const uint8_t* data, size_t size, uint32_t offset):
    if reason == PARSE_RTP_TOO_SHORT:
        return f"An RTP packet has at least 12 octets, and this one has {size}."
    if reason == PARSE_RTP_BAD_VERSION:
        return f"The RTP version is {data[0] >> 6}, not 2."
    if reason == PARSE_RTP_CSRC_OVERRUN:
        return (f"A header with {data[0] & 0x0F} CSRCs needs {12 + 4 * (data[0] & 0x0F)} octets, "
                f"and the packet has {size}.")
    if reason == PARSE_RTP_BAD_PADDING:
        return f"The padding count in the last octet is {data[size - 1]}, which is 0 or more than follows the header."
    # The offset is that of the length field, unless the extension header itself is cut off.
    if (offset & 3) == 2:
        return (f"The extension at octet {offset - 2} has {load_u16(data + offset)} words, "
                f"and {size - offset - 2} octets follow its header.")
    return f"The extension header at octet {offset} has 4 octets, and {size - offset} are left."


cdef str rtcp_sentence(parse_reason reason, const uint8_t* data, size_t size, uint32_t offset):
    if reason == PARSE_RTCP_TOO_SHORT:
        return f"An RTCP compound has at least 8 octets, and this one has {size}."
    if reason == PARSE_RTCP_NOT_WORDS:
        return f"An RTCP compound has a multiple of 4 octets, and this one has {size}."
    if reason == PARSE_RTCP_BAD_VERSION:
        return f"The RTCP version at octet {offset} is {data[offset] >> 6}, not 2."
    if reason == PARSE_RTCP_BAD_FIRST_TYPE:
        return f"The first packet of the RTCP compound has type {data[1]}, which is neither SR (200) nor RR (201)."
    if reason == PARSE_RTCP_LENGTH_MISMATCH:
        return (f"The RTCP packet at octet {offset & ~<uint32_t>3} has a length of {load_u16(data + (offset | 2))} "
                f"words after its header, and the datagram ends at octet {size}.")
    if reason == PARSE_RTCP_PACKET_TOO_SHORT:
        return (f"The RTCP packet at octet {offset} has type {data[offset + 1]} and count {data[offset] & 0x1F}, "
                f"which its {4 * (load_u16(data + offset + 2) + 1)} octets cannot hold.")
    if offset + 1 == size:
        return f"The RTCP padding count is {data[offset]}, which is not a multiple of 4 that fits the last packet."
    return f"The RTCP packet at octet {offset} has padding and is not the last."


cdef int validity_raise(parse_reason reason, const uint8_t* data, size_t size, uint32_t offset) except -1:
    cdef str sentence
    if reason <= PARSE_RTP_BAD_PADDING:
        sentence = rtp_sentence(reason, data, size, offset)
    else:
        sentence = rtcp_sentence(reason, data, size, offset)
    raise ParseError(sentence, ParseReason(<int>reason), offset)


cdef int validity_refuse(part_reason reason, str sentence, Py_ssize_t offset) except -1:
    raise ParseError(sentence, ParseReason(<int>reason), offset)
