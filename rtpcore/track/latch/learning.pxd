# Rows 5, 6 and 13: a candidate in scope qualifies, and nobody is accepted, or who is accepted is silent or dead.

from rtpcore.track.datagram cimport datagram
from rtpcore.track.latch.observation cimport latch_view
from rtpcore.track.latch.state cimport latch, latch_verdict


# Enough packets in sequence for its tier, at the pace of media.
cdef bint row_qualifies(const latch* l, const datagram* d, const latch_view* view) noexcept nogil
cdef void commit_first(latch* l, const datagram* d, const latch_view* view, latch_verdict* verdict) noexcept nogil
cdef bint row_better(const latch* l, const datagram* d, const latch_view* view) noexcept nogil
cdef void commit_better(latch* l, const datagram* d, const latch_view* view, latch_verdict* verdict) noexcept nogil
cdef bint row_dead(const latch* l, const datagram* d, const latch_view* view) noexcept nogil
cdef void commit_dead(latch* l, const datagram* d, const latch_view* view, latch_verdict* verdict) noexcept nogil
