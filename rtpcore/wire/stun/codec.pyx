# STUN messages, read in place and written octet by octet (RFC 8489; RFC 8445 section 16 for ICE's attributes).
#  0                   1                   2                   3
# |0 0|     STUN Message Type     |         Message Length        |
# |          Magic Cookie         |   Transaction ID (96 bits) ...
# Judges no credentials: whose password counts is for track/authentication/ice to say.

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from rtpcore.wire.address cimport address_is_ipv4, transport_address
from rtpcore.wire.octets cimport load_u16, load_u32, load_u64, store_u16, store_u32, store_u64
from rtpcore.wire.stun.crc32 cimport crc32_update
from rtpcore.wire.stun.hmac_sha1 cimport hmac_sha1_equal, hmac_sha1_finish, hmac_sha1_init, hmac_sha1_key
from rtpcore.wire.stun.sha1 cimport SHA1_OCTETS, sha1, sha1_update

cdef enum:
    ATTRIBUTE_HEADER_OCTETS = 4
    OFFSET_LENGTH = 2
    OFFSET_COOKIE = 4
    FINGERPRINT_XOR = 0x5354554E
    IPV4 = 1
    IPV6 = 2
    IPV4_OCTETS = 8                     # of an address attribute
    IPV6_OCTETS = 20
    IPV4_MAPPED = 0xFFFF


cdef inline uint32_t padded(uint32_t size) noexcept nogil:
    return (size + 3) & ~<uint32_t>3


# Reading -----------------------------------------------------------------------------------------------------------

cdef bint stun_next(const stun_message* m, uint32_t* offset, uint16_t* kind, uint16_t* size) noexcept nogil:
    cdef uint32_t at = offset[0]
    if at >= m.size:
        return False
    kind[0] = load_u16(m.octets + at)
    size[0] = load_u16(m.octets + at + 2)
    offset[0] = at + ATTRIBUTE_HEADER_OCTETS + padded(size[0])
    return True


cdef bint has_right_size(uint16_t kind, const uint8_t* value, uint16_t size) noexcept nogil:
    if kind == STUN_MESSAGE_INTEGRITY:
        return size == SHA1_OCTETS
    if kind == STUN_FINGERPRINT or kind == STUN_PRIORITY:
        return size == 4
    if kind == STUN_USE_CANDIDATE:
        return size == 0
    if kind == STUN_ICE_CONTROLLED or kind == STUN_ICE_CONTROLLING:
        return size == 8
    if kind == STUN_ERROR_CODE:
        return size >= 4 and 3 <= (value[2] & 7) <= 6 and value[3] < 100
    if kind == STUN_XOR_MAPPED_ADDRESS:
        return size == (IPV6_OCTETS if size >= 2 and value[1] == IPV6 else IPV4_OCTETS) and value[1] in (IPV4, IPV6)
    return True


cdef bint is_understood(uint16_t kind) noexcept nogil:
    # Comprehension is required below STUN_OPTIONAL (RFC 8489 14).
    return kind >= STUN_OPTIONAL or kind in (
        STUN_MAPPED_ADDRESS, STUN_USERNAME, STUN_MESSAGE_INTEGRITY, STUN_ERROR_CODE, STUN_UNKNOWN_ATTRIBUTES,
        STUN_REALM, STUN_NONCE, STUN_INTEGRITY_SHA256, STUN_PASSWORD_ALGORITHM, STUN_USERHASH,
        STUN_XOR_MAPPED_ADDRESS, STUN_PRIORITY, STUN_USE_CANDIDATE)


cdef void note_attribute(stun_message* m, uint16_t kind, uint32_t value, uint16_t size) noexcept nogil:
    if kind == STUN_USERNAME and not m.username:
        m.username = value
        m.username_size = size
    elif kind == STUN_MESSAGE_INTEGRITY:
        m.integrity = value
    elif kind == STUN_XOR_MAPPED_ADDRESS and not m.mapped:
        m.mapped = value
    elif kind == STUN_PRIORITY and not m.priority:
        m.priority = load_u32(m.octets + value)
    elif kind == STUN_USE_CANDIDATE:
        m.use_candidate = True
    elif kind == STUN_ERROR_CODE and not m.error_code:
        m.error_code = <uint16_t>(100 * (m.octets[value + 2] & 7) + m.octets[value + 3])
    elif (kind == STUN_ICE_CONTROLLED or kind == STUN_ICE_CONTROLLING) and not (m.controlled or m.controlling):
        m.controlled = kind == STUN_ICE_CONTROLLED
        m.controlling = kind == STUN_ICE_CONTROLLING
        m.tie_breaker = load_u64(m.octets + value)
    elif not is_understood(kind) and m.unknown_count < STUN_UNKNOWN_LISTED:
        m.unknown[m.unknown_count] = kind
        m.unknown_count += 1


cdef stun_status read_attributes(stun_message* m) noexcept nogil:
    cdef uint32_t at = STUN_HEADER_OCTETS
    cdef uint32_t value
    cdef uint16_t kind, size
    while at < m.size:
        m.fault = at
        if m.fingerprint or m.size - at < ATTRIBUTE_HEADER_OCTETS:
            return STUN_BAD_ATTRIBUTE
        kind = load_u16(m.octets + at)
        size = load_u16(m.octets + at + 2)
        value = at + ATTRIBUTE_HEADER_OCTETS
        if padded(size) > m.size - value or not has_right_size(kind, m.octets + value, size):
            return STUN_BAD_ATTRIBUTE
        if kind == STUN_FINGERPRINT:
            m.fingerprint = value
        elif not m.integrity:
            note_attribute(m, kind, value, size)
        at = value + padded(size)
    return STUN_OK


cdef uint32_t fingerprint_of(const uint8_t* octets, uint32_t size) noexcept nogil:
    # Over what stands before the attribute, under a length that covers it.
    return crc32_update(0, octets, size) ^ <uint32_t>FINGERPRINT_XOR


cdef stun_status stun_parse(const uint8_t* data, size_t size, stun_message* m) noexcept nogil:
    cdef uint16_t kind
    cdef stun_status status
    memset(m, 0, sizeof(stun_message))
    if size < STUN_HEADER_OCTETS:
        m.fault = <uint32_t>size
        return STUN_TOO_SHORT
    if data[0] & 0xC0:
        return STUN_BAD_HEADER
    m.fault = OFFSET_LENGTH
    if size & 3 or load_u16(data + OFFSET_LENGTH) != size - STUN_HEADER_OCTETS:
        return STUN_BAD_HEADER
    m.fault = OFFSET_COOKIE
    if load_u32(data + OFFSET_COOKIE) != STUN_COOKIE:
        return STUN_BAD_HEADER
    kind = load_u16(data)
    m.octets = data
    m.size = <uint32_t>size
    m.method = <uint16_t>(kind & 0x000F | (kind & 0x00E0) >> 1 | (kind & 0x3E00) >> 2)
    m.message_class = <uint8_t>(kind >> 4 & 1 | kind >> 7 & 2)
    status = read_attributes(m)
    if status == STUN_OK and m.fingerprint and load_u32(data + m.fingerprint) != fingerprint_of(
            data, m.fingerprint - ATTRIBUTE_HEADER_OCTETS):
        m.fault = m.fingerprint
        return STUN_BAD_FINGERPRINT
    return status


cdef void integrity_of(const uint8_t* octets, uint32_t size, const hmac_sha1_key* key, uint8_t* code) noexcept nogil:
    # Over what stands before the attribute, under a length that covers it (RFC 8489 14.5).
    cdef sha1 s
    cdef uint8_t length[2]
    store_u16(length, <uint16_t>(size + STUN_INTEGRITY_OCTETS - STUN_HEADER_OCTETS))
    hmac_sha1_init(&s, key)
    sha1_update(&s, octets, OFFSET_LENGTH)
    sha1_update(&s, length, sizeof(length))
    sha1_update(&s, octets + OFFSET_COOKIE, size - OFFSET_COOKIE)
    hmac_sha1_finish(&s, key, code)


cdef bint stun_is_authentic(const stun_message* m, const hmac_sha1_key* key) noexcept nogil:
    cdef uint8_t code[SHA1_OCTETS]
    if not m.integrity:
        return False
    integrity_of(m.octets, m.integrity - ATTRIBUTE_HEADER_OCTETS, key, code)
    return hmac_sha1_equal(code, m.octets + m.integrity)


cdef void xor_with_transaction(uint64_t* high, uint64_t* low, const uint8_t* octets) noexcept nogil:
    # RFC 8489 14.2: with the cookie and the transaction, which stand side by side.
    high[0] ^= load_u64(octets + OFFSET_COOKIE)
    low[0] ^= load_u64(octets + OFFSET_COOKIE + 8)


cdef bint stun_mapped_address(const stun_message* m, transport_address* out) noexcept nogil:
    cdef const uint8_t* value = m.octets + m.mapped
    if not m.mapped:
        return False
    memset(out, 0, sizeof(transport_address))
    out.port = <uint16_t>(load_u16(value + 2) ^ <uint32_t>STUN_COOKIE >> 16)
    if value[1] == IPV4:
        out.low = <uint64_t>IPV4_MAPPED << 32 | (load_u32(value + 4) ^ <uint32_t>STUN_COOKIE)
    else:
        out.high = load_u64(value + 4)
        out.low = load_u64(value + 12)
        xor_with_transaction(&out.high, &out.low, m.octets)
    return True


# Writing -----------------------------------------------------------------------------------------------------------

cdef bint stun_begin(stun_writer* w, uint8_t* octets, uint32_t capacity, stun_class message_class, uint16_t method,
                     const uint8_t* transaction_id) noexcept nogil:
    w.octets = octets
    w.capacity = capacity
    w.size = 0
    if capacity < STUN_HEADER_OCTETS:
        return False
    store_u16(octets, <uint16_t>(method & 0x000F | (method & 0x0070) << 1 | (method & 0x0F80) << 2
                                 | (message_class & 1) << 4 | (message_class & 2) << 7))
    store_u16(octets + OFFSET_LENGTH, 0)
    store_u32(octets + OFFSET_COOKIE, STUN_COOKIE)
    memcpy(octets + STUN_OFFSET_TRANSACTION, transaction_id, STUN_TRANSACTION_OCTETS)
    w.size = STUN_HEADER_OCTETS
    return True


cdef bint stun_put(stun_writer* w, uint16_t kind, const uint8_t* value, uint16_t size) noexcept nogil:
    cdef uint32_t whole = ATTRIBUTE_HEADER_OCTETS + padded(size)
    cdef uint8_t* out = w.octets + w.size
    if w.capacity - w.size < whole or w.size + whole - STUN_HEADER_OCTETS > 0xFFFF:
        return False
    store_u16(out, kind)
    store_u16(out + 2, size)
    memset(out + ATTRIBUTE_HEADER_OCTETS, 0, whole - ATTRIBUTE_HEADER_OCTETS)
    if size:
        memcpy(out + ATTRIBUTE_HEADER_OCTETS, value, size)
    w.size += whole
    store_u16(w.octets + OFFSET_LENGTH, <uint16_t>(w.size - STUN_HEADER_OCTETS))
    return True


cdef bint stun_put_mapped(stun_writer* w, const transport_address* address) noexcept nogil:
    cdef uint8_t value[IPV6_OCTETS]
    cdef uint64_t high = address.high, low = address.low
    cdef bint is_ipv4 = address_is_ipv4(address)
    value[0] = 0
    value[1] = IPV4 if is_ipv4 else IPV6
    store_u16(value + 2, <uint16_t>(address.port ^ <uint32_t>STUN_COOKIE >> 16))
    if is_ipv4:
        store_u32(value + 4, <uint32_t>low ^ <uint32_t>STUN_COOKIE)
    else:
        xor_with_transaction(&high, &low, w.octets)
        store_u64(value + 4, high)
        store_u64(value + 12, low)
    return stun_put(w, STUN_XOR_MAPPED_ADDRESS, value, IPV4_OCTETS if is_ipv4 else IPV6_OCTETS)


cdef bint stun_put_error(stun_writer* w, uint16_t code) noexcept nogil:
    # Without a reason phrase: an answer to a stranger must not be longer than what it sent.
    cdef uint8_t value[4]
    store_u16(value, 0)
    value[2] = <uint8_t>(code // 100)
    value[3] = <uint8_t>(code % 100)
    return stun_put(w, STUN_ERROR_CODE, value, sizeof(value))


cdef bint stun_put_integrity(stun_writer* w, const hmac_sha1_key* key) noexcept nogil:
    cdef uint8_t code[SHA1_OCTETS]
    integrity_of(w.octets, w.size, key, code)
    return stun_put(w, STUN_MESSAGE_INTEGRITY, code, SHA1_OCTETS)


cdef bint stun_put_fingerprint(stun_writer* w) noexcept nogil:
    cdef uint8_t zero[4]
    store_u32(zero, 0)
    if not stun_put(w, STUN_FINGERPRINT, zero, sizeof(zero)):
        return False
    store_u32(w.octets + w.size - 4, fingerprint_of(w.octets, w.size - STUN_FINGERPRINT_OCTETS))
    return True
