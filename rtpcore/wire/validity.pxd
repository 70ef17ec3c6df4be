# Why a packet is not valid RTP or RTCP: one list for parsers, counters and ParseError.

from libc.stdint cimport uint8_t, uint32_t


cdef enum parse_reason:
    PARSE_OK = 0
    # RTP
    PARSE_RTP_TOO_SHORT = 1             # R1: fewer than 12 octets
    PARSE_RTP_BAD_VERSION = 2           # R2
    PARSE_RTP_CSRC_OVERRUN = 3          # R3: 12 + 4 * CC does not fit
    PARSE_RTP_EXTENSION_OVERRUN = 4     # R4: the extension header or its length does not fit
    PARSE_RTP_BAD_PADDING = 5           # R5: the last octet is 0 or more than what is left
    # RTCP
    PARSE_RTCP_TOO_SHORT = 6            # C1: fewer than 8 octets
    PARSE_RTCP_NOT_WORDS = 7            # C2: not a multiple of 4
    PARSE_RTCP_BAD_VERSION = 8          # C3: in any packet of the compound
    PARSE_RTCP_BAD_FIRST_TYPE = 9       # C4: neither SR nor RR first, and reduced size not negotiated
    PARSE_RTCP_BAD_PADDING = 10         # C5: on another packet than the last, or a bad count
    PARSE_RTCP_LENGTH_MISMATCH = 11     # C6: lengths do not sum to the datagram
    PARSE_RTCP_PACKET_TOO_SHORT = 12    # C7: shorter than its type needs
    PARSE_REASON_COUNT = 13


# Why a part of a valid packet cannot be read. Nothing is dropped for it, so the numbers stand apart from those above,
# where drop_reason goes on.
cdef enum part_reason:
    PART_RTCP_BAD_ITEM = 64             # an SDES item is not of its type's form
    PART_RTCP_BAD_FEEDBACK = 65         # feedback control information is not of its message type's form
    PART_RTCP_BAD_BLOCK = 66            # an XR block overruns its packet or is not of its type's form
    PART_EXTENSION_BAD_VALUE = 67       # a header extension element is not of its meaning's form
    PART_STUN_MALFORMED = 68            # no STUN message, or one with an attribute that is not of its type's form


# Raises the ParseError of a reason, always. data, size: the datagram; offset: of the octet at fault.
cdef int validity_raise(parse_reason reason, const uint8_t* data, size_t size, uint32_t offset) except -1

# The same for a part, with the sentence of the one who knows its form. offset: from the start of what is read.
cdef int validity_refuse(part_reason reason, str sentence, Py_ssize_t offset) except -1
