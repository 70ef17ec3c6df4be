# Whether anybody is at the destination: what came from its host, consent, and what ICMP says.

from libc.stdint cimport uint64_t

from rtpcore.track.latch.state cimport latch
from rtpcore.track.sending.state cimport way
from rtpcore.wire.address cimport transport_address


# A datagram of any kind came from there. Row 8 does not call it.
cdef void latch_hear(latch* l, const transport_address* source, uint64_t now_ns) noexcept nogil
# When something came last from the destination's host; 0: never.
cdef uint64_t latch_alive_ns(const latch* l) noexcept nogil
# Signalling vouches for the host, or for its prefix.
cdef bint latch_vouches(const latch* l, const transport_address* host) noexcept nogil
# When consent ends; the end of time where it does not.
cdef uint64_t latch_consent_due_ns(const latch* l) noexcept nogil
# latch_judge_consent has something to say.
cdef bint latch_consent_is_due(const latch* l, uint64_t now_ns) noexcept nogil
# Raises consent_lost. Only at a moment when everything that had arrived has been read.
cdef void latch_judge_consent(latch* l, uint64_t now_ns) noexcept nogil
# Whether the destination has consented of late, or needs not.
cdef bint latch_has_consent(latch* l) noexcept nogil
# ICMP: nobody at `to`, where packets of this leg went. A hint: it can be forged.
cdef void latch_unreachable(latch* l, const transport_address* to, uint64_t now_ns) noexcept nogil
cdef bint way_permits(way* w, uint64_t now_ns, uint64_t alive_ns) noexcept nogil
