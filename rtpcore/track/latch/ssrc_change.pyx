# The SSRC pin (RFC 3550 8.2): who may have it after the pinned one, and who may be heard beside it.

from libc.stdint cimport int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t

from rtpcore.track.datagram cimport datagram
from rtpcore.track.event cimport (
    DETAIL_GOODBYE,
    DETAIL_NONE,
    DETAIL_POLICY,
    DETAIL_SIGNALLED,
    DETAIL_SILENCE,
    DETAIL_TAKEN_BACK,
    EVENT_SSRC_CHANGED,
    EVENT_SSRC_CONTEST,
)
from rtpcore.track.latch.acceptance cimport accept_held, accept_later, accept_stream, verdict_drop
from rtpcore.track.latch.candidate cimport CANDIDATE_NONE, candidate_count_with
from rtpcore.track.latch.continuity cimport FREE_STEPS, LATE_STEPS, stream_advance
from rtpcore.track.latch.evidence cimport latch_event
from rtpcore.track.latch.observation cimport latch_view
from rtpcore.track.latch.policy cimport MAX_SSRC, SSRC_CHANGE_ANY, SSRC_CHANGE_SIGNAL
from rtpcore.track.latch.scope cimport signalling_clock, signalling_names_ssrc
from rtpcore.track.latch.seniority cimport SENIOR_NONE, seniority_find, seniority_remember, seniority_restore
from rtpcore.track.latch.state cimport (
    LATCH_HELD,
    LATCH_RELEARNING,
    SSRC_CHANGES,
    SSRC_CHANGES_NS,
    companion,
    latch,
    latch_verdict,
)
from rtpcore.track.reason cimport DROP_SEQUENCE_JUMP, DROP_SSRC_NOT_ACCEPTED

cdef enum:
    SILENT_NS = 60_000_000
    OVERLAP_SILENT_NS = 280_000_000     # less than the time for which packets are held
    CONFIRM = 2                         # packets in sequence
    CONTEST = 5                         # packets in sequence beside the pinned SSRC
    SWAP_SILENT_NS = 1_000_000_000
    COMPANION_PTIME_NS = 1_000_000      # the least: each SSRC has its own, which nobody measures
    COMPANION_NONE = -1


cdef bint row_other_ssrc(const latch* l, const datagram* d, const latch_view* view) noexcept nogil:
    return view.same_source and not view.same_ssrc


# Several at once ---------------------------------------------------------------------------------------------------

cdef int companion_find(const latch* l, uint32_t ssrc) noexcept nogil:
    cdef int index
    for index in range(l.companion_count):
        if l.companions[index].ssrc == ssrc:
            return index
    return COMPANION_NONE


cdef bint ssrc_is_heard(const latch* l, uint32_t ssrc) noexcept nogil:
    return l.pinned.valid and (ssrc == l.pinned.ssrc or companion_find(l, ssrc) != COMPANION_NONE)


cdef bint may_join(const latch* l, const datagram* d, const latch_view* view) noexcept nogil:
    cdef int heard = l.companion_count + 1
    if heard >= MAX_SSRC:
        return False
    if signalling_names_ssrc(&l.signalled, d.ssrc):
        return heard < l.policy.max_ssrc or signalling_names_ssrc(&l.signalled, l.pinned.ssrc)
    return (heard < l.policy.max_ssrc and l.signalled.ssrc_count == 0
            and candidate_count_with(&l.candidates, view.candidate, d) >= CONFIRM)


cdef void join(latch* l, const datagram* d, const latch_view* view, latch_verdict* verdict) noexcept nogil:
    cdef companion* c = &l.companions[l.companion_count]
    c.ssrc = d.ssrc
    c.sequence_number = d.header.sequence_number
    c.arrival_ns = d.now_ns
    l.companion_count += 1
    accept_held(l, d, view, 0, verdict)


cdef void lead(latch* l, const datagram* d, companion* c) noexcept nogil:
    # The pinned SSRC has fallen silent beside another one: what the latch goes by is the one that talks.
    cdef uint64_t arrival_ns = l.pinned.arrival_ns
    c.ssrc = l.pinned.ssrc
    c.sequence_number = l.pinned.sequence_number
    l.pinned.valid = False
    accept_stream(l, d)
    l.pinned_since_ns = d.now_ns
    c.arrival_ns = arrival_ns


cdef void follow_companion(latch* l, const datagram* d, const latch_view* view, companion* c,
                           latch_verdict* verdict) noexcept nogil:
    cdef int32_t step = <int16_t><uint16_t>(d.header.sequence_number - c.sequence_number)
    cdef uint64_t reach = (d.now_ns - c.arrival_ns) // COMPANION_PTIME_NS + FREE_STEPS
    if not -LATE_STEPS <= step <= <int64_t>reach and candidate_count_with(&l.candidates, view.candidate, d) < CONFIRM:
        accept_later(l, d, view, DROP_SEQUENCE_JUMP, verdict)
        return
    if not -LATE_STEPS <= step <= 0:
        c.sequence_number = d.header.sequence_number
    c.arrival_ns = d.now_ns
    if d.now_ns - l.pinned.arrival_ns > SWAP_SILENT_NS:
        lead(l, d, c)
    accept_held(l, d, view, 0, verdict)


# One after the other -----------------------------------------------------------------------------------------------

cdef bint quota_left(const latch* l, uint64_t now_ns) noexcept nogil:
    cdef uint64_t oldest_ns = l.ssrc_changes_ns[l.change_index]
    return oldest_ns == 0 or now_ns - oldest_ns > SSRC_CHANGES_NS


cdef bint began_beside(const latch* l, const latch_view* view) noexcept nogil:
    # A sender goes on from one SSRC to the next. What was there before the pinned one fell silent is somebody who
    # guesses, or a transfer that overlaps: for that there is time while nothing is lost.
    return view.candidate != CANDIDATE_NONE and l.candidates.slots[view.candidate].first_ns <= l.last_accepted_ns


cdef uint8_t permit(const latch* l, const datagram* d, const latch_view* view) noexcept nogil:
    # By which rule the new SSRC may have the pin: an event_detail, DETAIL_NONE for not at all.
    cdef uint64_t patience_ns = max(3 * <uint64_t>l.pinned.ptime_ns, <uint64_t>SILENT_NS)
    if signalling_names_ssrc(&l.signalled, d.ssrc):
        return DETAIL_SIGNALLED
    if l.policy.ssrc_change == SSRC_CHANGE_SIGNAL and l.state != LATCH_RELEARNING:
        return DETAIL_NONE
    if l.bye_ns and l.bye_ns >= l.last_accepted_ns:         # an SSRC that goes on talking has not gone
        return DETAIL_GOODBYE
    if candidate_count_with(&l.candidates, view.candidate, d) < CONFIRM:
        return DETAIL_NONE
    if l.policy.ssrc_change == SSRC_CHANGE_ANY:
        return DETAIL_POLICY
    if began_beside(l, view):
        patience_ns = max(patience_ns, <uint64_t>OVERLAP_SILENT_NS)
    if l.state != LATCH_HELD and view.silent_ns >= patience_ns:
        return DETAIL_SILENCE
    return DETAIL_NONE


cdef void take_back(latch* l, const datagram* d, const latch_view* view, int senior,
                    latch_verdict* verdict) noexcept nogil:
    latch_event(l, d.now_ns, EVENT_SSRC_CHANGED, DETAIL_TAKEN_BACK, d)
    seniority_restore(l, senior, d.now_ns)
    stream_advance(&l.pinned, &d.header, d.now_ns, signalling_clock(&l.signalled, d.header.payload_type))
    accept_held(l, d, view, 0, verdict)


cdef void change(latch* l, const datagram* d, const latch_view* view, uint8_t why,
                 latch_verdict* verdict) noexcept nogil:
    cdef uint64_t since_ns
    latch_event(l, d.now_ns, EVENT_SSRC_CHANGED, why, d)
    l.ssrc_changes_ns[l.change_index] = d.now_ns
    l.change_index = (l.change_index + 1) % SSRC_CHANGES
    seniority_remember(l, d.now_ns)
    l.pinned_since_ns = d.now_ns
    accept_stream(l, d)
    # What a guesser sent while the displaced SSRC was talking is not what came after it.
    since_ns = 0 if why == DETAIL_SIGNALLED or why == DETAIL_POLICY else l.last_accepted_ns
    accept_held(l, d, view, since_ns, verdict)


cdef void commit_other_ssrc(latch* l, const datagram* d, const latch_view* view,
                            latch_verdict* verdict) noexcept nogil:
    cdef uint8_t why
    cdef int found = companion_find(l, d.ssrc)
    if found != COMPANION_NONE:
        follow_companion(l, d, view, &l.companions[found], verdict)
        return
    found = seniority_find(l, d)
    if found != SENIOR_NONE:
        take_back(l, d, view, found, verdict)
        return
    if may_join(l, d, view):
        join(l, d, view, verdict)
        return
    why = permit(l, d, view)
    if why == DETAIL_NONE:
        if began_beside(l, view) and candidate_count_with(&l.candidates, view.candidate, d) >= CONTEST:
            latch_event(l, d.now_ns, EVENT_SSRC_CONTEST, DETAIL_NONE, d)
        accept_later(l, d, view, DROP_SSRC_NOT_ACCEPTED, verdict)
    elif not quota_left(l, d.now_ns):
        latch_event(l, d.now_ns, EVENT_SSRC_CONTEST, DETAIL_NONE, d)
        verdict_drop(verdict, DROP_SSRC_NOT_ACCEPTED)
    else:
        change(l, d, view, why, verdict)
