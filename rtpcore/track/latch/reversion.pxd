# Row 12: a displaced source speaks again. It was not gone, so who took its place was not it.

from rtpcore.track.datagram cimport datagram
from rtpcore.track.latch.observation cimport latch_view
from rtpcore.track.latch.state cimport latch, latch_verdict


cdef bint row_senior(const latch* l, const datagram* d, const latch_view* view) noexcept nogil
cdef void commit_senior(latch* l, const datagram* d, const latch_view* view, latch_verdict* verdict) noexcept nogil
