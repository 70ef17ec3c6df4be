# The kernel lock of a leg: what track/latch/kernel_lock decides, applied to its sockets. It is never alone in charge.

from libc.stdint cimport uint64_t

from rtpcore.forward.leg cimport leg
from rtpcore.net.udp cimport udp_errors


# For a leg with `locks`, wherever its latches may have changed: takes the filters off at once when they would hold
# back what has to be seen now.
cdef void lock_follow(leg* l, uint64_t now_ns) noexcept nogil
# The same, and attaches what is wanted. How many filters were attached: each costs as much as some ten packets.
cdef int lock_renew(leg* l, uint64_t now_ns, udp_errors* errors) noexcept nogil
