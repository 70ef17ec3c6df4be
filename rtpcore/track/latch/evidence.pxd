# What a latch tells: an event with the packet that led to it, and who was accepted at that moment.

from libc.stdint cimport uint8_t, uint64_t

from rtpcore.track.datagram cimport datagram
from rtpcore.track.latch.state cimport latch
from rtpcore.wire.address cimport transport_address


# `d`: NULL where no packet led to it.
cdef void latch_event(latch* l, uint64_t now_ns, uint8_t kind, uint8_t detail, const datagram* d) noexcept nogil
# Tells what was withheld and is due, and wakes the latch for the rest; `all`: whatever was withheld.
cdef void latch_flush_events(latch* l, uint64_t now_ns, bint all) noexcept nogil
# About an address that is silent.
cdef void latch_event_about(latch* l, uint64_t now_ns, uint8_t kind, uint8_t detail, const transport_address* source,
                            uint64_t silent_ns) noexcept nogil
