# Rows 10 and 11: the accepted stream goes on from another port (a NAT rebound) or another host (the phone has moved).

from rtpcore.track.datagram cimport datagram
from rtpcore.track.latch.observation cimport latch_view
from rtpcore.track.latch.state cimport latch, latch_verdict


cdef bint row_rebound(const latch* l, const datagram* d, const latch_view* view) noexcept nogil
cdef void commit_rebound(latch* l, const datagram* d, const latch_view* view, latch_verdict* verdict) noexcept nogil
cdef bint row_moved(const latch* l, const datagram* d, const latch_view* view) noexcept nogil
cdef void commit_moved(latch* l, const datagram* d, const latch_view* view, latch_verdict* verdict) noexcept nogil
# A packet of the accepted source was forwarded: after a second without contest media follows it.
cdef void roaming_heard(latch* l, const datagram* d) noexcept nogil
# Somebody else speaks with the pinned SSRC: the second begins anew.
cdef void roaming_contest(latch* l, const datagram* d) noexcept nogil
# Media follows now. `detail`: why.
cdef void roaming_end(latch* l, const datagram* d, unsigned char detail) noexcept nogil
