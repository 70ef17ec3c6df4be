# T0: a packet that a key vouches for, or that comes from a validated pair, moves the accepted source by itself.

from rtpcore.track.datagram cimport datagram
from rtpcore.track.latch.state cimport latch, latch_verdict


# For a packet whose datagram is `authenticated` and that row 8 did not take. False: the table judges it.
cdef bint latch_switch_authentic(latch* l, const datagram* d, latch_verdict* verdict) noexcept nogil
