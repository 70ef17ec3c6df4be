# The rules of latching as one table: {row, states, guard, action}. Guards are pure; each row number stands once.

from rtpcore.track.datagram cimport datagram
from rtpcore.track.latch.state cimport latch, latch_verdict


# Probes, judges and commits: what latch_receive does with a packet that is not steady.
cdef void transition_receive(latch* l, const datagram* d, latch_verdict* verdict) noexcept nogil
# Row 1 for what is no RTP packet.
cdef void latch_note_talker(latch* l, const datagram* d) noexcept nogil
