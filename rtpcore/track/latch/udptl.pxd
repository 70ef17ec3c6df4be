# A leg that was declared media="udptl" (T.38): who is heard there. Called by latch_receive in the place of the table.

from rtpcore.track.datagram cimport datagram
from rtpcore.track.latch.state cimport latch, latch_verdict

cdef enum:
    UDPTL_SILENT_NS = 1_000_000_000         # row 6, of the same tier or a worse one


# `d` is no RTP packet: SSRC and header are 0.
cdef void udptl_receive(latch* l, const datagram* d, latch_verdict* verdict) noexcept nogil
