# Rows 18 and 19: whether a key or an ICE pair vouches for a packet, before anything else is asked; checks of pairs; and
# the endpoints' own STUN, DTLS and ZRTP. For a latch that has an `authentication`.

from libc.stdint cimport uint8_t, uint64_t

from rtpcore.track.authentication.ice cimport ice_answer
from rtpcore.track.datagram cimport datagram
from rtpcore.track.latch.state cimport latch


cdef inline bint latch_has_ice(const latch* l) noexcept nogil:
    return l.authentication != NULL and l.authentication.ice != NULL


# For a packet that datagram_read has accepted, before latch_receive or rtcp_latch_receive, and after latch_advance
# where that is due: sets its `authenticated`. DROP_NONE, also for a latch without; DROP_NOT_VALIDATED or
# DROP_NOT_VERIFIED.
cdef uint8_t latch_authenticate(latch* l, datagram* d) noexcept nogil
# For a datagram that datagram_read has refused with this reason: DROP_NONE when it is to be relayed to the other leg,
# else why not. What `answer` holds is to be sent to where it came from.
cdef uint8_t latch_receive_other(latch* l, const datagram* d, uint8_t reason, ice_answer* answer) noexcept nogil
# Ends pairs without consent. True: the accepted source's pair has gone, or the last one.
cdef bint latch_end_pairs(latch* l, uint64_t now_ns) noexcept nogil
cdef uint64_t latch_pairs_expiry(const latch* l) noexcept nogil
# Media is accepted from another pair than the one that is sent to: it is followed.
cdef void latch_follow_pair(latch* l) noexcept nogil
