# SSRCs that lost the pin and keep a right to it: row 9. The oldest is never forgotten, whoever comes after it.

from libc.stdint cimport uint64_t

from rtpcore.track.datagram cimport datagram
from rtpcore.track.latch_state cimport latch

cdef enum:
    SENIOR_NONE = -1


# The pinned SSRC is about to be displaced. Full: of all but the oldest the one that held the pin shortest goes.
cdef void seniority_remember(latch* l, uint64_t now_ns) noexcept nogil
# Read-only: the senior that this packet continues, or SENIOR_NONE.
cdef int seniority_find(const latch* l, const datagram* d) noexcept nogil
# Pins that senior again. Those displaced after it came to the pin at its cost: they lose their right.
cdef void seniority_restore(latch* l, int index, uint64_t now_ns) noexcept nogil
cdef void seniority_forget(latch* l) noexcept nogil
