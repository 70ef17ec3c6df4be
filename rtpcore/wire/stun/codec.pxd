# STUN messages (RFC 8489 sections 5 and 14) with ICE's attributes (RFC 8445 section 16), in place and bounds-checked.

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t

from rtpcore.wire.address cimport transport_address
from rtpcore.wire.stun.hmac_sha1 cimport hmac_sha1_key


cdef enum:
    STUN_COOKIE = 0x2112A442
    STUN_HEADER_OCTETS = 20
    STUN_TRANSACTION_OCTETS = 12
    STUN_OFFSET_TRANSACTION = 8
    STUN_BINDING = 1                    # the method
    STUN_INTEGRITY_OCTETS = 24          # the whole attribute
    STUN_FINGERPRINT_OCTETS = 8
    STUN_UNKNOWN_LISTED = 4

cdef enum stun_class:
    STUN_REQUEST = 0
    STUN_INDICATION = 1
    STUN_SUCCESS = 2
    STUN_ERROR = 3

cdef enum stun_attribute:
    STUN_MAPPED_ADDRESS = 0x0001
    STUN_USERNAME = 0x0006
    STUN_MESSAGE_INTEGRITY = 0x0008
    STUN_ERROR_CODE = 0x0009
    STUN_UNKNOWN_ATTRIBUTES = 0x000A
    STUN_REALM = 0x0014
    STUN_NONCE = 0x0015
    STUN_INTEGRITY_SHA256 = 0x001C
    STUN_PASSWORD_ALGORITHM = 0x001D
    STUN_USERHASH = 0x001E
    STUN_XOR_MAPPED_ADDRESS = 0x0020
    STUN_PRIORITY = 0x0024
    STUN_USE_CANDIDATE = 0x0025
    STUN_FINGERPRINT = 0x8028
    STUN_ICE_CONTROLLED = 0x8029
    STUN_ICE_CONTROLLING = 0x802A
    STUN_OPTIONAL = 0x8000              # from here on a receiver may ignore what it does not know

cdef enum stun_status:
    STUN_OK = 0
    STUN_TOO_SHORT = 1                  # no whole header
    STUN_BAD_HEADER = 2                 # first two bits, cookie, or a length that is not the datagram's
    STUN_BAD_ATTRIBUTE = 3              # overruns the message, has a wrong length, or follows the fingerprint
    STUN_BAD_FINGERPRINT = 4


cdef struct stun_message:
    # Offsets are those of the attribute's value; 0: it is not there. Of attributes that come twice the first counts,
    # and behind MESSAGE-INTEGRITY only FINGERPRINT does (RFC 8489 14.5).
    const uint8_t* octets
    uint32_t size
    uint32_t fault                      # unless STUN_OK: the offset of the octet at fault
    uint16_t method
    uint8_t message_class
    uint8_t unknown_count               # attributes that must be understood and are not, the first STUN_UNKNOWN_LISTED
    uint16_t unknown[STUN_UNKNOWN_LISTED]
    uint16_t username_size
    uint16_t error_code                 # 300 to 699; 0: none
    uint32_t username
    uint32_t integrity
    uint32_t fingerprint
    uint32_t mapped                     # XOR-MAPPED-ADDRESS
    uint32_t priority                   # its value; 0: none
    uint8_t use_candidate
    uint8_t controlling
    uint8_t controlled
    uint64_t tie_breaker                # of whichever of the two is there


cdef struct stun_writer:
    uint8_t* octets
    uint32_t size
    uint32_t capacity


# Reads one message that fills the datagram. Of a status other than STUN_OK only `fault` is to be read.
cdef stun_status stun_parse(const uint8_t* data, size_t size, stun_message* m) noexcept nogil
# The attribute at *offset (STUN_HEADER_OCTETS at first), which moves on; False at the end. `m` is of STUN_OK.
cdef bint stun_next(const stun_message* m, uint32_t* offset, uint16_t* kind, uint16_t* size) noexcept nogil
# MESSAGE-INTEGRITY is there and made with this key.
cdef bint stun_is_authentic(const stun_message* m, const hmac_sha1_key* key) noexcept nogil
cdef bint stun_mapped_address(const stun_message* m, transport_address* out) noexcept nogil

# Writing: begin, attributes, integrity, fingerprint. False: it does not fit, and nothing was written.
cdef bint stun_begin(stun_writer* w, uint8_t* octets, uint32_t capacity, stun_class message_class, uint16_t method,
                     const uint8_t* transaction_id) noexcept nogil
cdef bint stun_put(stun_writer* w, uint16_t kind, const uint8_t* value, uint16_t size) noexcept nogil
cdef bint stun_put_mapped(stun_writer* w, const transport_address* address) noexcept nogil
cdef bint stun_put_error(stun_writer* w, uint16_t code) noexcept nogil
cdef bint stun_put_integrity(stun_writer* w, const hmac_sha1_key* key) noexcept nogil
cdef bint stun_put_fingerprint(stun_writer* w) noexcept nogil
