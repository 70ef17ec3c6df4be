# The send side of a latch: where media of a leg goes, and whether a packet may go there now. Who is heard is another
# matter (transition). Not a weapon: nobody is sent much who has not answered.

from libc.stdint cimport uint8_t, uint64_t

from rtpcore.track.latch_state cimport latch
from rtpcore.track.reason cimport DROP_NONE
from rtpcore.wire.address cimport transport_address


# Chooses the destination anew: when a source is accepted, and when signalling says something.
cdef void latch_choose_destination(latch* l) noexcept nogil
cdef void latch_set_destination(latch* l, const transport_address* destination, bint proven) noexcept nogil
# What latch_may_send says of a destination that has not been proven.
cdef uint8_t latch_may_try(latch* l, uint64_t now_ns) noexcept nogil
# The same of another host than the destination's.
cdef uint8_t latch_may_try_host(latch* l, const transport_address* to, uint64_t now_ns) noexcept nogil
# DROP_NONE when a packet may go to the destination now, else why not.
cdef inline uint8_t latch_may_send(latch* l, uint64_t now_ns) noexcept nogil:
    return DROP_NONE if l.has_destination and l.destination_proven else latch_may_try(l, now_ns)
