# SHA-1 (FIPS 180-4 section 6.1), for the MESSAGE-INTEGRITY of STUN: it is computed where no Python can run.

from libc.stdint cimport uint8_t, uint32_t, uint64_t


cdef enum:
    SHA1_OCTETS = 20
    SHA1_BLOCK_OCTETS = 64


cdef struct sha1:
    uint32_t state[5]
    uint64_t octets                     # taken in so far; after a whole number of blocks `block` holds nothing
    uint8_t block[SHA1_BLOCK_OCTETS]


cdef void sha1_init(sha1* s) noexcept nogil
cdef void sha1_update(sha1* s, const uint8_t* data, size_t size) noexcept nogil
# The digest; s must be made anew before it is used again.
cdef void sha1_finish(sha1* s, uint8_t* digest) noexcept nogil
