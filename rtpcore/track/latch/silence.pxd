# When an accepted source counts as silent, and when as dead. Jitter, loss and silence suppression are neither.

from libc.stdint cimport uint8_t, uint64_t

from rtpcore.track.latch.state cimport latch


# How long nothing must have come before silence means anything: two packet times, or half as much again as the longest
# gap of the last 10 s, at most 1 s; `floor_ns` at least.
cdef uint64_t silence_needed(const latch* l, uint64_t floor_ns) noexcept nogil
# The same where a pause that comfort noise announced must not be mistaken for absence.
cdef uint64_t silence_needed_after_noise(const latch* l, uint64_t floor_ns) noexcept nogil
# No RTP, RTCP, STUN or keepalive of the accepted party since then.
cdef uint64_t silence_dead_ns(const latch* l, uint64_t now_ns) noexcept nogil
# Another source was accepted: its gaps are its own.
cdef void silence_restart(latch* l, uint64_t now_ns) noexcept nogil
# Closes the periods that are over.
cdef void silence_advance(latch* l, uint64_t now_ns) noexcept nogil
