# What vouches for the packets of a leg beside its address: SRTP keys (verify), ICE; and the protocols of the endpoints
# that are relayed. Made where something of it is signalled: a leg without pays a pointer.

from libc.stdint cimport uint8_t, uint32_t, uint64_t

from rtpcore.track.authentication.ice cimport ice_agent
from rtpcore.wire.address cimport transport_address


cdef enum:
    PASSTHROUGH_SOURCES = 8
    PASSTHROUGH_RATE = 50               # packets a second of one source
    PASSTHROUGH_NS = 1_000_000_000


# Whether a key vouches for this RTP or RTCP packet (SRTP: tag, and not a replay). Called once for each packet that
# could be heard, in order of arrival, by the thread of the latch.
ctypedef bint (*verify_function)(void* context, const uint8_t* octets, uint32_t size) noexcept nogil


cdef struct passthrough_source:
    transport_address source
    uint64_t since_ns                   # of this second
    uint32_t count                      # in it; 0: the place is free


cdef struct authentication:
    # All zero but what its owner sets. It must outlive the latch, or be taken from it first.
    verify_function verify              # NULL: none
    void* context
    ice_agent* ice                      # NULL: not negotiated
    uint8_t passthrough                 # 1 << packet_kind
    passthrough_source sources[PASSTHROUGH_SOURCES]


cdef authentication* authentication_new(bint with_ice) noexcept nogil       # NULL: no memory
cdef void authentication_free(authentication* a) noexcept nogil             # NULL is nothing
# What stands in `before` and holds under `a` too.
cdef void authentication_inherit(authentication* a, const authentication* before) noexcept nogil
# One more packet of that source may be relayed.
cdef bint passthrough_permits(authentication* a, const transport_address* source, uint64_t now_ns) noexcept nogil
