# Row 1: a host that talks to a port before anyone was told of it did not learn it from signalling.

from libc.stdint cimport uint32_t, uint64_t
from libc.string cimport memset

from rtpcore.wire.address cimport transport_address

cdef enum:
    FILTER_BITS = PREPUBLISH_WORDS * 64


cdef uint64_t mix(uint64_t value) noexcept nogil:
    # The finaliser of SplitMix64: every input bit reaches every output bit.
    value = (value ^ (value >> 30)) * <uint64_t>0xBF58476D1CE4E5B9
    value = (value ^ (value >> 27)) * <uint64_t>0x94D049BB133111EB
    return value ^ (value >> 31)


cdef uint64_t hash_address(const prepublish_filter* f, const transport_address* a) noexcept nogil:
    cdef uint64_t digest = mix(f.key ^ a.high)
    digest = mix(digest ^ a.low)
    return mix(digest ^ (<uint64_t>a.scope << 16) ^ a.port)


cdef uint64_t hash_ssrc(const prepublish_filter* f, uint32_t ssrc) noexcept nogil:
    return mix(mix(f.key + 1) ^ ssrc)


cdef bint filter_has(const prepublish_filter* f, uint64_t digest) noexcept nogil:
    cdef uint32_t first = digest % FILTER_BITS
    cdef uint32_t second = (digest >> 32) % FILTER_BITS
    return (f.bits[first >> 6] >> (first & 63)) & (f.bits[second >> 6] >> (second & 63)) & 1


cdef void filter_set(prepublish_filter* f, uint64_t digest) noexcept nogil:
    cdef uint32_t first = digest % FILTER_BITS
    cdef uint32_t second = (digest >> 32) % FILTER_BITS
    if filter_has(f, digest):
        return
    f.bits[first >> 6] |= <uint64_t>1 << (first & 63)
    f.bits[second >> 6] |= <uint64_t>1 << (second & 63)
    f.notes += 1


cdef void prepublish_reset(prepublish_filter* f, uint64_t key) noexcept nogil:
    f.key = key
    f.notes = 0
    memset(f.bits, 0, sizeof(f.bits))


cdef void prepublish_note(prepublish_filter* f, const transport_address* source) noexcept nogil:
    filter_set(f, hash_address(f, source))


cdef void prepublish_note_ssrc(prepublish_filter* f, uint32_t ssrc) noexcept nogil:
    filter_set(f, hash_ssrc(f, ssrc))


cdef bint prepublish_knows(const prepublish_filter* f, const transport_address* source) noexcept nogil:
    return filter_has(f, hash_address(f, source))


cdef bint prepublish_knows_ssrc(const prepublish_filter* f, uint32_t ssrc) noexcept nogil:
    return filter_has(f, hash_ssrc(f, ssrc))
