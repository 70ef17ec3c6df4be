# The rules of latching as one table: {row, states, guard, action}. Guards are pure; each row number stands once.

from libc.stdint cimport uint8_t

from rtpcore.track.datagram cimport datagram
from rtpcore.track.latch_state cimport latch, latch_verdict
from rtpcore.track.observation cimport latch_view


# The index of the row that applies.
cdef int transition_judge(const latch* l, const datagram* d, const latch_view* view) noexcept nogil
cdef void transition_commit(int index, latch* l, const datagram* d, const latch_view* view,
                            latch_verdict* verdict) noexcept nogil

# Shared with latch.pyx.
cdef void latch_note_talker(latch* l, const datagram* d) noexcept nogil
