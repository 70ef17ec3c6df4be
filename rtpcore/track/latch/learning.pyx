# Who is accepted by scope (RFC 7362; RFC 3550 A.1 for the probation).

from libc.stdint cimport uint8_t, uint64_t

from rtpcore.track.datagram cimport datagram
from rtpcore.track.event cimport (
    DETAIL_BETTER_TIER,
    DETAIL_DEAD,
    DETAIL_SILENCE,
    DETAIL_TIER,
    EVENT_LATCHED,
    EVENT_RELATCHED,
)
from rtpcore.track.latch.acceptance cimport accept_address, accept_held, accept_settled, accept_stream
from rtpcore.track.latch.candidate cimport candidate_qualifies
from rtpcore.track.latch.evidence cimport latch_event
from rtpcore.track.latch.observation cimport latch_view
from rtpcore.track.latch.policy cimport TIER_AUTHENTICATED, TIER_SIGNALLING
from rtpcore.track.latch.seniority cimport seniority_forget, seniority_remember
from rtpcore.track.latch.silence cimport silence_needed_after_noise, silence_restart
from rtpcore.track.latch.state cimport LATCH_PROVISIONAL, LATCH_RELEARNING, latch, latch_verdict, latch_wake_at
from rtpcore.track.sending.budget cimport meter_begin
from rtpcore.track.sending.destination cimport latch_choose_destination

cdef enum:
    MS = 1_000_000
    BETTER_SILENT_NS = 60_000_000       # row 6
    SILENT_NS = 100_000_000             # row 6
    DEAD_NEEDED = 5                     # row 13


cdef bint row_qualifies(const latch* l, const datagram* d, const latch_view* view) noexcept nogil:
    # A rival may be out of scope: that is rows 10 and 11.
    return view.tier <= l.policy.worst_tier and candidate_qualifies(
        &l.candidates, view.candidate, d, view.needed, <uint64_t>l.signalled.ptime_ms * MS)


cdef void take(latch* l, const datagram* d, const latch_view* view, uint8_t row,
               latch_verdict* verdict) noexcept nogil:
    accept_address(l, d, view, view.tier, row)
    l.pinned.valid = False
    l.pinned_since_ns = d.now_ns
    l.roaming = False
    silence_restart(l, d.now_ns)
    accept_stream(l, d)
    latch_choose_destination(l)
    accept_held(l, d, view, 0, verdict)
    meter_begin(l, d, &verdict.released)
    accept_settled(l, d.now_ns)


cdef void commit_first(latch* l, const datagram* d, const latch_view* view, latch_verdict* verdict) noexcept nogil:
    latch_event(l, d.now_ns, EVENT_LATCHED, DETAIL_TIER + view.tier, d)
    l.state = LATCH_PROVISIONAL
    l.window_since_ns = d.now_ns
    latch_wake_at(l, d.now_ns + l.policy.learn_window_ns)
    seniority_forget(l)
    take(l, d, view, 5, verdict)


cdef bint row_better(const latch* l, const datagram* d, const latch_view* view) noexcept nogil:
    cdef uint64_t needed_ns = 2 * <uint64_t>l.pinned.ptime_ns
    if not row_qualifies(l, d, view):
        return False
    if view.tier < l.accepted_tier:
        if view.tier == TIER_AUTHENTICATED or l.accepted_tier > TIER_SIGNALLING:
            return True
        # Where signalling has just moved the call, what the old source did before says nothing.
        if l.state != LATCH_RELEARNING:
            needed_ns = silence_needed_after_noise(l, 0)
        return view.silent_ns >= max(needed_ns, <uint64_t>BETTER_SILENT_NS)
    return view.silent_ns >= silence_needed_after_noise(l, SILENT_NS)


cdef void commit_better(latch* l, const datagram* d, const latch_view* view, latch_verdict* verdict) noexcept nogil:
    cdef bint better = view.tier < l.accepted_tier
    latch_event(l, d.now_ns, EVENT_RELATCHED, DETAIL_BETTER_TIER if better else DETAIL_SILENCE, d)
    # Whom signalling prefers is not sent back by whom it does not.
    if better:
        seniority_forget(l)
    else:
        seniority_remember(l, d.now_ns)
    take(l, d, view, 6, verdict)


cdef bint row_dead(const latch* l, const datagram* d, const latch_view* view) noexcept nogil:
    # However short a time the policy gives, the time between two packets is no death.
    return (view.relatch and view.silent_ns >= silence_needed_after_noise(l, 0)
            and candidate_qualifies(&l.candidates, view.candidate, d, DEAD_NEEDED,
                                    <uint64_t>l.signalled.ptime_ms * MS))


cdef void commit_dead(latch* l, const datagram* d, const latch_view* view, latch_verdict* verdict) noexcept nogil:
    latch_event(l, d.now_ns, EVENT_RELATCHED, DETAIL_DEAD, d)
    seniority_remember(l, d.now_ns)
    take(l, d, view, 13, verdict)
