# The send side of a latch: where media of a leg goes, and whether a packet may go there now. Who is heard is another
# matter (transition). Not a weapon: nobody is sent much who has not answered.

from libc.stdint cimport uint8_t, uint32_t, uint64_t

from rtpcore.track.datagram cimport datagram
from rtpcore.track.latch.state cimport latch
from rtpcore.track.reason cimport DROP_NONE
from rtpcore.wire.address cimport transport_address


# Chooses the destination anew: when a source is accepted, and when signalling says something.
cdef void latch_choose_destination(latch* l) noexcept nogil
# The declared address is a port of another session of this relay, which may have declared this leg meanwhile.
cdef void latch_retry_destination(latch* l) noexcept nogil
cdef void latch_set_destination(latch* l, const transport_address* destination, bint proven) noexcept nogil
# Media goes to the accepted source, whichever that is.
cdef bint latch_follows_accepted(const latch* l) noexcept nogil
# An empty RTP packet (RFC 6263 4.6): where the policy says so, and nobody is accepted, media goes where it came from.
cdef void latch_follow_keepalive(latch* l, const datagram* d, uint8_t tier) noexcept nogil
# What latch_may_send says where something may stand in the way.
cdef uint8_t latch_may_try(latch* l, uint64_t now_ns, uint32_t octets) noexcept nogil
# The same of RTCP without rtcp-mux. `proven`: valid RTCP has come from there.
cdef uint8_t latch_may_report(latch* l, const transport_address* to, bint proven, uint64_t now_ns,
                              uint32_t octets) noexcept nogil
# DROP_NONE when a packet of that size may go to the destination now, else why not. Ask once for each packet.
cdef inline uint8_t latch_may_send(latch* l, uint64_t now_ns, uint32_t octets) noexcept nogil:
    return DROP_NONE if l.has_destination and l.clear_to_send else latch_may_try(l, now_ns, octets)
# The same of a UDPTL datagram, to a UDPTL leg; of RTP latch_may_send refuses it.
cdef uint8_t latch_may_send_udptl(latch* l, uint64_t now_ns, uint32_t octets) noexcept nogil
# Both are legs of one session, which has one early budget for a host. Either may be NULL: then the other is alone.
cdef void latch_share_budget(latch* a, latch* b) noexcept nogil
