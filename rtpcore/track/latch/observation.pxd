# What a packet is to a latch: the evidence on which the rows judge.

from libc.stdint cimport uint8_t, uint64_t

from rtpcore.track.datagram cimport datagram
from rtpcore.track.latch.state cimport latch
from rtpcore.wire.address cimport transport_address


cdef struct latch_view:
    uint64_t silent_ns          # since the last accepted packet; 0 while the socket is not drained
    int candidate               # slot, or CANDIDATE_NONE
    int needed                  # packets in sequence that its source needs by its tier
    int senior                  # who comes back from another address (row 12), or SENIOR_NONE
    uint8_t same_source
    uint8_t same_ssrc
    uint8_t tier
    uint8_t rival               # it goes on with the accepted stream from elsewhere (rows 10 and 11)
    uint8_t relatch             # the accepted source is dead, and this one is in scope (row 13)
    uint8_t refused             # a drop_reason that bars it in every state but CLOSED; DROP_NONE


cdef void latch_observe(const latch* l, const datagram* d, latch_view* view) noexcept nogil
# An address that this session has bound, or another one of this relay whose party does not declare this very leg while
# this leg's party declares it: nothing may come from it or go to it.
cdef bint latch_owns(const latch* l, const transport_address* address) noexcept nogil
