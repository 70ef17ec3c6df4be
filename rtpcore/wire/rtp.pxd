# Stage 2 of the path: the RTP fixed header (RFC 3550 5.1), CSRCs, extension bounds (5.3.1), padding.

from libc.stdint cimport uint8_t, uint16_t, uint32_t

from rtpcore.wire.octets cimport load_u16, load_u32
from rtpcore.wire.validity cimport PARSE_OK, parse_reason


cdef enum:
    RTP_VERSION = 2
    RTP_HEADER_OCTETS = 12
    RTP_OFFSET_SEQUENCE_NUMBER = 2
    RTP_OFFSET_TIMESTAMP = 4
    RTP_OFFSET_SSRC = 8
    RTP_EXTENSION_HEADER_OCTETS = 4
    RTP_EXTENSION_MAX_WORDS = 0x3FFF    # what fits into a datagram


cdef struct rtp_header:
    uint32_t ssrc
    uint32_t timestamp
    uint16_t sequence_number
    uint8_t payload_type
    uint8_t marker
    uint8_t csrc_count
    uint8_t extension           # the X bit
    uint8_t padding_size        # octets of padding, the count octet included; 0 without P
    uint8_t status              # a parse_reason; when it is not 0, all but status and payload_offset are 0
    uint16_t extension_profile
    uint16_t extension_size     # octets of extension data, without its 4-octet header
    uint32_t extension_offset   # of the extension data; 0 without X
    uint32_t payload_offset     # when status is not 0: the offset of the octet at fault
    uint32_t payload_size       # without padding


# What rtp_parse leaves over: CSRCs, an extension, padding, and whatever is not valid.
cdef parse_reason rtp_parse_rest(const uint8_t* data, size_t size, bint encrypted, rtp_header* header) noexcept nogil


# The caller has checked that there are RTP_HEADER_OCTETS.
cdef inline void rtp_load_fixed(const uint8_t* data, size_t size, rtp_header* header) noexcept nogil:
    header.ssrc = load_u32(data + RTP_OFFSET_SSRC)
    header.timestamp = load_u32(data + RTP_OFFSET_TIMESTAMP)
    header.sequence_number = load_u16(data + RTP_OFFSET_SEQUENCE_NUMBER)
    header.payload_type = data[1] & 0x7F
    header.marker = data[1] >> 7
    header.csrc_count = 0
    header.extension = 0
    header.padding_size = 0
    header.status = 0
    header.extension_profile = 0
    header.extension_size = 0
    header.extension_offset = 0
    header.payload_offset = RTP_HEADER_OCTETS
    header.payload_size = <uint32_t>size - RTP_HEADER_OCTETS


# R1..R5. `encrypted`: SRTP, whose padding cannot be judged (R5 is left out and padding_size is 0).
cdef inline parse_reason rtp_parse(const uint8_t* data, size_t size, bint encrypted,
                                   rtp_header* header) noexcept nogil:
    if size >= RTP_HEADER_OCTETS and data[0] == RTP_VERSION << 6:
        rtp_load_fixed(data, size, header)
        return PARSE_OK
    return rtp_parse_rest(data, size, encrypted, header)
