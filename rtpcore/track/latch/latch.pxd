# The latch of one leg: what its owner does with it. Time is an argument; no call reads a clock or a socket.

from libc.stdint cimport uint8_t, uint32_t, uint64_t

from rtpcore.track.authentication.state cimport authentication
from rtpcore.track.datagram cimport datagram
from rtpcore.track.event cimport event_ring
from rtpcore.track.latch.hold cimport hold_pool
from rtpcore.track.latch.policy cimport latch_policy
from rtpcore.track.latch.scope cimport signal_event, signalling
from rtpcore.track.latch.state cimport latch, latch_verdict
from rtpcore.wire.address cimport transport_address


# `interface_class`: address_class of the address the leg advertises. `key`: random. `drops`: DROP_REASON_COUNT counters
# for packets that were held and never released. pool, events and drops must outlive the latch.
cdef void latch_init(latch* l, const latch_policy* policy, int interface_class, uint64_t key, hold_pool* pool,
                     event_ring* events, uint64_t* drops, uint64_t leg) noexcept nogil
# Gives held packets back to the pool, counted as DROP_CLOSED.
cdef void latch_close(latch* l, uint64_t now_ns) noexcept nogil
cdef void latch_publish(latch* l, uint64_t now_ns) noexcept nogil
# What vouches for packets from now on; NULL: addresses alone. Under the same ICE credentials what was validated stays,
# under others until its consent ends. Returns what it takes the place of, which is the caller's again.
cdef authentication* latch_set_authentication(latch* l, authentication* a, uint64_t now_ns) noexcept nogil
cdef void latch_signal(latch* l, uint64_t now_ns, signal_event kind, const signalling* said) noexcept nogil
# Timers. latch_receive calls it when something is due.
cdef void latch_advance(latch* l, uint64_t now_ns) noexcept nogil
# Judges one valid RTP packet, then commits: probe, judge, commit (observation, transition).
cdef void latch_receive(latch* l, const datagram* d, latch_verdict* verdict) noexcept nogil
# Row 1 for a datagram that is no valid packet, which is dropped in any case: before publish its source is noted.
# Malformed RTCP raises an event.
cdef void latch_note_invalid(latch* l, const datagram* d, uint8_t reason) noexcept nogil
# What else tells who the party is. `source`: of the RTP port, or of the RTCP port where only its host counts.
# A report from there proves that what is sent to this leg is received there (the caller has checked SSRC, number, LSR).
cdef void latch_receipt_proof(latch* l, const transport_address* source, uint64_t now_ns) noexcept nogil
# An authenticated check came from there and its consent is alive (ICE): its packets are T0, and media goes there at
# once. For a packet that a key vouches for set `authenticated` of its datagram instead.
cdef void latch_authenticated(latch* l, const transport_address* source, uint64_t now_ns) noexcept nogil
# RTCP, STUN or a keepalive came from the accepted party: it is not dead.
cdef void latch_heard(latch* l, const transport_address* source, uint64_t now_ns) noexcept nogil
# Only the accepted source and the pinned SSRC can change anything: a kernel filter may leave out the rest.
cdef bint latch_is_settled(const latch* l) noexcept nogil
cdef void latch_add_own_address(latch* l, const transport_address* own) noexcept nogil
# What is sent to this leg and comes back is a loop. The newest SENT_SSRCS are remembered.
cdef void latch_add_sent_ssrc(latch* l, uint32_t ssrc) noexcept nogil
