# Row 8: the accepted source goes on with the pinned SSRC. The only row that most packets ever see.

from libc.stdint cimport int32_t, uint64_t

from rtpcore.track.datagram cimport datagram
from rtpcore.track.latch.continuity cimport stream_advance, stream_step, stream_within_reach
from rtpcore.track.latch.observation cimport latch_view
from rtpcore.track.latch.recent cimport recent_note
from rtpcore.track.latch.scope cimport signalling_clock
from rtpcore.track.latch.state cimport latch, latch_verdict
from rtpcore.wire.address cimport address_equal


# A late or repeated packet: is it the one that was there before?
cdef void pinned_note_late(latch* l, const datagram* d) noexcept nogil


cdef inline bint pinned_is_steady(const latch* l, const datagram* d) noexcept nogil:
    return (l.steady and d.ssrc == l.pinned.ssrc and address_equal(&d.source, &l.accepted)
            and stream_within_reach(&l.pinned, d.header.sequence_number, d.now_ns))


cdef inline void pinned_follow(latch* l, const datagram* d) noexcept nogil:
    if stream_step(&l.pinned, d.header.sequence_number) > 0:
        stream_advance(&l.pinned, &d.header, d.now_ns, signalling_clock(&l.signalled, d.header.payload_type))
        recent_note(l, d)
    else:
        pinned_note_late(l, d)
    l.last_accepted_ns = d.now_ns


cdef bint row_pinned(const latch* l, const datagram* d, const latch_view* view) noexcept nogil
cdef void commit_pinned(latch* l, const datagram* d, const latch_view* view, latch_verdict* verdict) noexcept nogil
# The state allows that an accepted packet changes nothing but its stream.
cdef void pinned_settle(latch* l) noexcept nogil
