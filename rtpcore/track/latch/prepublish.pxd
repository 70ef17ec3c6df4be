# Who talked to a port before the port was given to the peer: a keyed bit filter that no flood can overflow.

from libc.stdint cimport uint32_t, uint64_t

from rtpcore.wire.address cimport transport_address


cdef enum:
    PREPUBLISH_WORDS = 64           # 512 octets
    PREPUBLISH_SATURATED = 256      # notes after which the filter is wrong about one stranger in seventy


cdef struct prepublish_filter:
    uint64_t key                # random, so that nobody can choose colliding addresses
    uint64_t bits[PREPUBLISH_WORDS]
    uint32_t notes


cdef void prepublish_reset(prepublish_filter* f, uint64_t key) noexcept nogil
cdef void prepublish_note(prepublish_filter* f, const transport_address* source) noexcept nogil
cdef void prepublish_note_ssrc(prepublish_filter* f, uint32_t ssrc) noexcept nogil
# False positives are possible when thousands talked; false negatives are not.
cdef bint prepublish_knows(const prepublish_filter* f, const transport_address* source) noexcept nogil
cdef bint prepublish_knows_ssrc(const prepublish_filter* f, uint32_t ssrc) noexcept nogil
