# What time alone makes due for a leg: keepalives, and the end of patience with a party that sends nothing.

from libc.stdint cimport uint64_t

from rtpcore.forward.leg cimport leg
from rtpcore.forward.path cimport path
from rtpcore.net.udp cimport receive_batch
from rtpcore.track.event cimport event_ring


# One look at the timers of a leg. Not `calm`: the process has just been stalled, so nobody's silence is judged. Where
# the policy says so, its number goes to `timeouts`: whoever reads them closes the session.
cdef void timers_tend(path* p, receive_batch* inbox, event_ring* timeouts, leg* l, uint64_t now_ns,
                      bint calm) noexcept nogil
