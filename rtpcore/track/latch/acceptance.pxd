# What follows once a rule has decided: a packet is held or dropped, a stream pinned, a source accepted, media released.
# The rules themselves stand in the modules of the rows; the table in transition.pyx.

from libc.stdint cimport uint8_t, uint64_t

from rtpcore.track.datagram cimport datagram
from rtpcore.track.latch.observation cimport latch_view
from rtpcore.track.latch.state cimport latch, latch_verdict


cdef void verdict_drop(latch_verdict* verdict, uint8_t reason) noexcept nogil
# Holds the packet for its candidate, which `why` will be counted for if nothing comes of it.
cdef void accept_later(latch* l, const datagram* d, const latch_view* view, uint8_t why,
                       latch_verdict* verdict) noexcept nogil
# Forwards what the candidate has held since `since_ns`, then this packet.
cdef void accept_held(latch* l, const datagram* d, const latch_view* view, uint64_t since_ns,
                      latch_verdict* verdict) noexcept nogil
# The stream begins with this packet.
cdef void accept_stream(latch* l, const datagram* d) noexcept nogil
# The stream goes on with this packet from another address: the step between is no gap of either.
cdef void accept_stream_onward(latch* l, const datagram* d) noexcept nogil
# The address changes hands. The stream and the destination are the caller's matter.
cdef void accept_address(latch* l, const datagram* d, const latch_view* view, uint8_t tier, uint8_t row) noexcept nogil
# Nothing is left to follow: the state in which an accepted source is when all is said.
cdef void accept_settled(latch* l, uint64_t now_ns) noexcept nogil
