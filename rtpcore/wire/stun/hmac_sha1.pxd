# HMAC-SHA1 (RFC 2104) for the MESSAGE-INTEGRITY of STUN (RFC 8489 14.5).

from libc.stdint cimport uint8_t, uint32_t

from rtpcore.wire.stun.sha1 cimport SHA1_OCTETS, sha1


cdef struct hmac_sha1_key:
    # What a key comes to: the states behind the inner and the outer pad. The key itself is not kept.
    uint32_t inner[5]
    uint32_t outer[5]


cdef void hmac_sha1_prepare(hmac_sha1_key* key, const uint8_t* secret, size_t size) noexcept nogil
cdef void hmac_sha1_init(sha1* s, const hmac_sha1_key* key) noexcept nogil
# What the code covers goes in with sha1_update.
cdef void hmac_sha1_finish(sha1* s, const hmac_sha1_key* key, uint8_t* digest) noexcept nogil
# Takes the same time wherever the two differ.
cdef bint hmac_sha1_equal(const uint8_t* a, const uint8_t* b) noexcept nogil
