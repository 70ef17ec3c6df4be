# Where RTCP of a leg goes, and whether it may go there now.

from libc.stdint cimport uint8_t, uint32_t, uint64_t

from rtpcore.track.latch.state cimport latch
from rtpcore.track.rtcp.latch cimport rtcp_latch
from rtpcore.wire.address cimport transport_address


# False when nowhere.
cdef bint rtcp_latch_destination(const rtcp_latch* r, const latch* l, transport_address* out) noexcept nogil
# DROP_NONE when a compound of that size may go to *out now, else why not. Ask once for each.
cdef uint8_t rtcp_latch_may_send(const rtcp_latch* r, latch* l, uint64_t now_ns, uint32_t octets,
                                 transport_address* out) noexcept nogil
