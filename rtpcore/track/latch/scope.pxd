# What signalling said about a leg, and how near a source is to it: its tier. Pure: nothing here changes a latch.

from libc.stdint cimport uint8_t, uint32_t, uint64_t

from rtpcore.track.latch.policy cimport latch_policy
from rtpcore.wire.address cimport transport_address


cdef enum:
    SIGNALLING_SOURCES = 4
    SIGNALLED_SSRCS = 8
    FORKS = 3
    CLOCKS = 8
    PAYLOAD_TYPES = 128

cdef enum signal_event:
    SIGNAL_ANSWER = 0
    SIGNAL_EARLY = 1
    SIGNAL_REFRESH = 2
    SIGNAL_REINVITE = 3
    SIGNAL_HOLD = 4
    SIGNAL_RESUME = 5
    SIGNAL_CLOSE = 6

cdef enum media_direction:
    DIRECTION_SENDRECV = 0
    DIRECTION_SENDONLY = 1
    DIRECTION_RECVONLY = 2
    DIRECTION_INACTIVE = 3


cdef struct signalling:
    transport_address declared
    transport_address declared_rtcp
    transport_address sources[SIGNALLING_SOURCES]
    uint32_t ssrcs[SIGNALLED_SSRCS]
    uint32_t clocks[CLOCKS]                     # Hz
    uint64_t negotiated[2]                      # one bit a payload type
    uint64_t comfort_noise[2]
    uint64_t branch                             # of a fork; 0: none
    transport_address forks[FORKS]              # what other branches declared, until one of them answers
    uint8_t clock_index[PAYLOAD_TYPES]
    uint8_t source_count
    uint8_t ssrc_count
    uint8_t has_declared
    uint8_t has_declared_rtcp
    uint8_t any_payload_type
    uint8_t rtcp_mux
    uint8_t reduced_size
    uint8_t encrypted                           # SRTP: RTP/SAVP or RTP/SAVPF
    uint8_t udptl                               # T.38
    uint8_t ptime_ms
    uint8_t direction
    uint8_t fork_count
    uint8_t early                               # the last signal was early media
    uint8_t known                               # some signal has been given


cdef inline bint signalling_negotiates(const signalling* s, uint8_t payload_type) noexcept nogil:
    return s.any_payload_type or (s.negotiated[payload_type >> 6] >> (payload_type & 63)) & 1


cdef inline bint signalling_is_noise(const signalling* s, uint8_t payload_type) noexcept nogil:
    return (s.comfort_noise[payload_type >> 6] >> (payload_type & 63)) & 1


cdef inline uint32_t signalling_clock(const signalling* s, uint8_t payload_type) noexcept nogil:
    # Hz; 0 where nothing was said.
    return s.clocks[s.clock_index[payload_type]]


cdef bint signalling_is_source(const signalling* s, const transport_address* a) noexcept nogil
cdef bint signalling_names_ssrc(const signalling* s, uint32_t ssrc) noexcept nogil
# Declared or signalling addresses or the branch differ: others may be in scope (row 17).
cdef bint signalling_scope_differs(const signalling* a, const signalling* b) noexcept nogil
# Whether the leg may send to an address of that class; `interface_class` is that of the leg's own advertised address.
cdef bint scope_routable(const transport_address* a, int interface_class) noexcept nogil
# A declared address that earns T1 and T2: routable, or a signalling address too.
cdef bint scope_declared_counts(const signalling* s, int interface_class) noexcept nogil
cdef int scope_tier(const signalling* s, const latch_policy* policy, int interface_class,
                    const transport_address* source) noexcept nogil
# No source at all could be in scope.
cdef bint scope_is_empty(const signalling* s, const latch_policy* policy, int interface_class) noexcept nogil

# Arguments of Latch.signal and Leg.signal. `out` holds what was signalled before; what is not said is kept.
# Raises ConfigurationError or TypeError and leaves `out` as it was.
cdef signal_event signalling_from_python(signalling* out, str event, declared, signalled_from, payload_types,
                                         comfort_noise, rtcp, rtcp_mux, reduced_size, ptime_ms, str direction, ssrcs,
                                         branch, encrypted, media=*) except? SIGNAL_CLOSE
