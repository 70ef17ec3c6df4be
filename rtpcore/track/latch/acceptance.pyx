# The common part of the actions of all rows (stage "commit").

from libc.stdint cimport uint8_t, uint32_t, uint64_t

from rtpcore.track.datagram cimport datagram
from rtpcore.track.latch.candidate cimport (
    CANDIDATE_EXPIRY_NS,
    CANDIDATE_NONE,
    candidate_count_with,
    candidate_hold,
    candidate_release,
)
from rtpcore.track.latch.continuity cimport stream_advance, stream_start
from rtpcore.track.latch.observation cimport latch_view
from rtpcore.track.latch.recent cimport recent_forget
from rtpcore.track.latch.scope cimport signalling_clock, signalling_is_noise
from rtpcore.track.latch.state cimport (
    ACTION_DROP,
    ACTION_FORWARD,
    ACTION_HOLD,
    LATCH_HELD,
    LATCH_LOCKED,
    LATCH_PROVISIONAL,
    LATCH_RELEARNING,
    LATCH_ROAMING,
    latch,
    latch_verdict,
    latch_wake_at,
)
from rtpcore.track.reason cimport DROP_NONE

cdef enum:
    MS = 1_000_000


cdef void verdict_drop(latch_verdict* verdict, uint8_t reason) noexcept nogil:
    verdict.action = ACTION_DROP
    verdict.reason = reason


cdef void accept_later(latch* l, const datagram* d, const latch_view* view, uint8_t why,
                       latch_verdict* verdict) noexcept nogil:
    # Who goes on with the accepted stream knows it: nobody who guesses displaces it.
    cdef uint8_t tier = min(view.tier, l.accepted_tier) if view.rival else view.tier
    cdef uint8_t reason = candidate_hold(&l.candidates, view.candidate, d, tier, why, view.rival,
                                         signalling_is_noise(&l.signalled, d.header.payload_type))
    latch_wake_at(l, d.now_ns + CANDIDATE_EXPIRY_NS + 1)
    if reason == DROP_NONE:
        verdict.action = ACTION_HOLD
    else:
        verdict_drop(verdict, reason)


cdef void accept_held(latch* l, const datagram* d, const latch_view* view, uint64_t since_ns,
                      latch_verdict* verdict) noexcept nogil:
    if view.candidate != CANDIDATE_NONE:
        candidate_release(&l.candidates, view.candidate, d.now_ns, since_ns, &verdict.released)
    l.last_accepted_ns = d.now_ns
    verdict.action = ACTION_FORWARD


cdef void accept_stream(latch* l, const datagram* d) noexcept nogil:
    stream_start(&l.pinned, &d.header, d.now_ns, signalling_clock(&l.signalled, d.header.payload_type),
                 l.pinned.ptime_ns if l.pinned.valid else <uint32_t>l.signalled.ptime_ms * MS)
    l.bye_ns = 0
    recent_forget(l)


cdef void accept_stream_onward(latch* l, const datagram* d) noexcept nogil:
    cdef uint32_t gap_ns = l.pinned.longest_gap_ns
    stream_advance(&l.pinned, &d.header, d.now_ns, signalling_clock(&l.signalled, d.header.payload_type))
    l.pinned.longest_gap_ns = gap_ns
    l.bye_ns = 0
    recent_forget(l)


cdef void accept_address(latch* l, const datagram* d, const latch_view* view, uint8_t tier,
                         uint8_t row) noexcept nogil:
    l.accepted = d.source
    l.has_accepted = True
    l.accepted_tier = tier
    l.accepted_row = row
    l.accepted_count = candidate_count_with(&l.candidates, view.candidate, d)
    l.accepted_since_ns = d.now_ns
    l.heard_ns = d.now_ns
    l.companion_count = 0


cdef void accept_settled(latch* l, uint64_t now_ns) noexcept nogil:
    if l.state == LATCH_HELD or l.state == LATCH_RELEARNING:
        return
    if l.roaming:
        l.state = LATCH_ROAMING
    elif l.state == LATCH_ROAMING:
        l.state = (LATCH_PROVISIONAL if now_ns - l.window_since_ns < l.policy.learn_window_ns else LATCH_LOCKED)
