# Row 9: the accepted source sends another SSRC.

from libc.stdint cimport uint32_t

from rtpcore.track.datagram cimport datagram
from rtpcore.track.latch.observation cimport latch_view
from rtpcore.track.latch.state cimport latch, latch_verdict


cdef bint row_other_ssrc(const latch* l, const datagram* d, const latch_view* view) noexcept nogil
cdef void commit_other_ssrc(latch* l, const datagram* d, const latch_view* view, latch_verdict* verdict) noexcept nogil
# One of the SSRCs that are heard now.
cdef bint ssrc_is_heard(const latch* l, uint32_t ssrc) noexcept nogil
