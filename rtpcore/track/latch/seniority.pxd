# Who was displaced and keeps a right to come back: SSRCs of the accepted address (row 9) and other addresses (row 12).
# The oldest is never forgotten, whoever comes after it.

from libc.stdint cimport uint64_t

from rtpcore.track.datagram cimport datagram
from rtpcore.track.latch.state cimport latch

cdef enum:
    SENIOR_NONE = -1


# The accepted source with its stream is about to be displaced. Full: of all but the oldest the one that held the pin
# shortest goes.
cdef void seniority_remember(latch* l, uint64_t now_ns) noexcept nogil
# Read-only: the senior of the accepted address that this packet continues, or SENIOR_NONE.
cdef int seniority_find(const latch* l, const datagram* d) noexcept nogil
# Read-only: the senior of another address that speaks again, and not with what was late on its way; or SENIOR_NONE.
cdef int seniority_find_elsewhere(const latch* l, const datagram* d) noexcept nogil
# Accepts that senior again, address and stream. Those displaced after it came at its cost: they lose their right.
cdef void seniority_restore(latch* l, int index, uint64_t now_ns) noexcept nogil
cdef void seniority_forget(latch* l) noexcept nogil
# The accepted address is who it says: those of other addresses have no right any more. `host`: those of other hosts.
cdef void seniority_forget_elsewhere(latch* l, bint host) noexcept nogil
# One of another address is remembered, with another SSRC than the pinned one if `other_ssrc`.
cdef bint seniority_is_elsewhere(const latch* l, bint other_ssrc) noexcept nogil
