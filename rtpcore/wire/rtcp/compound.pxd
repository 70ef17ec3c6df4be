# RTCP compounds (RFC 3550 6.1, A.2; RFC 5506): validity and iteration. Their Python face is parse.

from libc.stdint cimport uint8_t, uint16_t, uint32_t

from rtpcore.wire.validity cimport parse_reason


cdef enum:
    RTCP_VERSION = 2
    RTCP_HEADER_OCTETS = 4
    RTCP_MINIMUM_OCTETS = 8
    RTCP_OFFSET_TYPE = 1
    RTCP_OFFSET_LENGTH = 2
    RTCP_OFFSET_SSRC = 4        # of all types but SDES with no chunk and BYE with no source
    RTCP_SR = 200
    RTCP_RR = 201
    RTCP_SDES = 202
    RTCP_BYE = 203
    RTCP_APP = 204
    RTCP_RTPFB = 205
    RTCP_PSFB = 206
    RTCP_XR = 207
    RTPFB_TRANSPORT_WIDE = 15   # the feedback message type (FMT) of which validity depends
    REPORT_BLOCK_OCTETS = 24
    REPORT_BLOCKS_OFFSET_SR = 28
    REPORT_BLOCKS_OFFSET_RR = 8


cdef struct rtcp_element:
    const uint8_t* data     # the 4-octet header of this packet
    uint32_t size           # octets, header and padding included
    uint8_t packet_type
    uint8_t count           # RC, SC, FMT or subtype
    uint8_t padding_size


# C1..C7. On failure *error_offset is the offset of the octet at fault. error_offset may be NULL.
cdef parse_reason rtcp_validate(const uint8_t* data, size_t size, bint reduced_size,
                                uint32_t* error_offset) noexcept nogil

# C7 of one packet. size: without padding; the caller has checked that there is a header.
cdef bint rtcp_body_fits(const uint8_t* data, size_t size) noexcept nogil

# SRTCP: the body is encrypted, so C1 and the first 8 octets only.
cdef parse_reason rtcp_validate_encrypted(const uint8_t* data, size_t size, bint reduced_size) noexcept nogil

# Walks a compound that rtcp_validate has accepted. *offset starts at 0; returns False at the end.
cdef bint rtcp_next(const uint8_t* data, size_t size, uint32_t* offset, rtcp_element* element) noexcept nogil

# The SSRC of the compound's sender: the word after the first header. The compound is valid.
cdef uint32_t rtcp_sender_ssrc(const uint8_t* data) noexcept nogil

# True when a BYE of the compound names ssrc.
cdef bint rtcp_has_bye(const uint8_t* data, size_t size, uint32_t ssrc) noexcept nogil
