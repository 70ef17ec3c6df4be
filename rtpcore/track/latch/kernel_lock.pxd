# What the kernel may sort out for a latch (docs/latching.md, "The kernel lock"): decided here, applied by forward/lock.
# A pure function of the latches: no system call, and nothing is accepted because of it.

from libc.stdint cimport uint8_t, uint32_t, uint64_t

from rtpcore.track.latch.state cimport latch
from rtpcore.track.rtcp.latch cimport rtcp_latch
from rtpcore.wire.address cimport transport_address


cdef enum:
    LOCK_HOSTS = 3
    LOCK_SSRCS = 16


cdef struct lock_terms:
    # Whose datagrams still have to be seen. Two that decide the same are equal octet by octet.
    transport_address source                # the accepted one
    transport_address hosts[LOCK_HOSTS]     # others with a right to be heard, whatever the port, which is 0
    uint32_t ssrcs[LOCK_SSRCS]
    uint8_t host_count
    uint8_t ssrc_count


# False: every datagram has to be seen.
cdef bint lock_decide(const latch* l, const rtcp_latch* r, uint64_t now_ns, lock_terms* out) noexcept nogil
