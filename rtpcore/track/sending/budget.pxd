# How much may go to a host that has not answered, or of which nothing is known but what it sent: not a weapon.

from libc.stdint cimport uint8_t, uint32_t, uint64_t

from rtpcore.track.datagram cimport datagram
from rtpcore.track.latch.hold cimport hold_chain
from rtpcore.track.latch.state cimport latch
from rtpcore.wire.address cimport transport_address


# Charges a packet to the early budget of a host; DROP_NONE, or DROP_EARLY_BUDGET when it has had its share. `other`:
# the latch of the session's other leg, or NULL: a session has one budget for a host.
cdef uint8_t budget_spend(latch* l, const transport_address* to, uint64_t now_ns, uint32_t octets) noexcept nogil

# The accepted source is a stranger (T4, T5) in its window, which may have forged its address.
cdef bint meter_runs(const latch* l) noexcept nogil
# From its acceptance on, with the packets that were held for it.
cdef void meter_begin(latch* l, const datagram* d, const hold_chain* released) noexcept nogil
cdef void meter_receive(latch* l, const datagram* d) noexcept nogil
# DROP_NONE, or DROP_AMPLIFICATION.
cdef uint8_t meter_spend(latch* l, uint32_t octets) noexcept nogil
