# Row 8 in full: repeats, jumps, rivals that the stream catches up with, a destination that is to follow.

from rtpcore.track.datagram cimport datagram
from rtpcore.track.event cimport DETAIL_NONE, EVENT_CONTEST, EVENT_INJECTION_SUSPECTED
from rtpcore.track.latch.acceptance cimport accept_held, accept_later, accept_stream
from rtpcore.track.latch.candidate cimport CANDIDATE_NONE, candidate_count_with, candidate_discard, candidate_overtaken
from rtpcore.track.latch.evidence cimport latch_event
from rtpcore.track.latch.observation cimport latch_view
from rtpcore.track.latch.recent cimport recent_contradicts
from rtpcore.track.latch.roaming cimport roaming_heard
from rtpcore.track.latch.state cimport ACTION_FORWARD, latch, latch_verdict
from rtpcore.track.reason cimport DROP_SEQUENCE_JUMP

cdef enum:
    CONFIRM = 2                         # packets in sequence after a jump


cdef void pinned_note_late(latch* l, const datagram* d) noexcept nogil:
    if recent_contradicts(l, d):
        latch_event(l, d.now_ns, EVENT_INJECTION_SUSPECTED, DETAIL_NONE, d)


cdef bint row_pinned(const latch* l, const datagram* d, const latch_view* view) noexcept nogil:
    return view.same_source and view.same_ssrc


cdef void overtake(latch* l, const datagram* d) noexcept nogil:
    # Who ran ahead of a stream that goes on was not its sender.
    cdef datagram rival
    cdef int index = candidate_overtaken(&l.candidates, l.pinned.sequence_number)
    while index != CANDIDATE_NONE:
        rival = d[0]
        rival.source = l.candidates.slots[index].source
        rival.header.sequence_number = l.candidates.slots[index].first_sequence_number
        latch_event(l, d.now_ns, EVENT_CONTEST, DETAIL_NONE, &rival)
        candidate_discard(&l.candidates, index)
        index = candidate_overtaken(&l.candidates, l.pinned.sequence_number)


cdef void commit_pinned(latch* l, const datagram* d, const latch_view* view, latch_verdict* verdict) noexcept nogil:
    if stream_within_reach(&l.pinned, d.header.sequence_number, d.now_ns):
        pinned_follow(l, d)
        verdict.action = ACTION_FORWARD
    elif candidate_count_with(&l.candidates, view.candidate, d) >= CONFIRM:
        if l.candidates.slots[view.candidate].first_ns < l.last_accepted_ns:       # two run side by side
            latch_event(l, d.now_ns, EVENT_INJECTION_SUSPECTED, DETAIL_NONE, d)
        accept_stream(l, d)
        accept_held(l, d, view, 0, verdict)
    else:
        accept_later(l, d, view, DROP_SEQUENCE_JUMP, verdict)
        return
    overtake(l, d)
    roaming_heard(l, d)


cdef void pinned_settle(latch* l) noexcept nogil:
    l.steady = (l.has_accepted and not l.roaming and not l.how.udptl
                and candidate_overtaken(&l.candidates, -1) == CANDIDATE_NONE)
