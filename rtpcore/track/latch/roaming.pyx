# A rival has the pinned SSRC, and its sequence and timestamp fit (observation). What it needs besides: packets in
# sequence, silence of the accepted source, and for media to follow to another host, proof.

from libc.stdint cimport uint8_t, uint64_t

from rtpcore.track.datagram cimport datagram
from rtpcore.track.event cimport (
    DETAIL_NONE,
    DETAIL_REBINDING,
    DETAIL_ROAMING,
    DETAIL_UNCONTESTED,
    EVENT_CONTEST,
    EVENT_RELATCHED,
)
from rtpcore.track.latch.acceptance cimport (
    accept_address,
    accept_held,
    accept_settled,
    accept_stream,
    accept_stream_onward,
)
from rtpcore.track.latch.candidate cimport candidate_qualifies
from rtpcore.track.latch.continuity cimport stream_within_reach
from rtpcore.track.latch.evidence cimport latch_event
from rtpcore.track.latch.observation cimport latch_view
from rtpcore.track.latch.policy cimport TIER_AUTHENTICATED, TIER_SIGNALLING
from rtpcore.track.latch.scope cimport scope_tier
from rtpcore.track.latch.seniority cimport seniority_forget, seniority_remember
from rtpcore.track.latch.silence cimport silence_needed_after_noise
from rtpcore.track.latch.state cimport latch, latch_verdict
from rtpcore.track.sending.destination cimport latch_choose_destination, latch_follows_accepted
from rtpcore.wire.address cimport address_equal, address_same_host

cdef enum:
    REBOUND_NEEDED = 3                  # packets in sequence
    MOVED_NEEDED = 5


cdef bint goes_on(const latch* l, const datagram* d, const latch_view* view, int needed,
                  uint64_t floor_ns) noexcept nogil:
    if view.tier == TIER_AUTHENTICATED:
        return True
    return (candidate_qualifies(&l.candidates, view.candidate, d, needed, l.pinned.ptime_ns)
            and view.silent_ns >= silence_needed_after_noise(l, floor_ns))


cdef bint row_rebound(const latch* l, const datagram* d, const latch_view* view) noexcept nogil:
    return (view.rival and address_same_host(&d.source, &l.accepted)
            and goes_on(l, d, view, REBOUND_NEEDED, 0))


cdef bint row_moved(const latch* l, const datagram* d, const latch_view* view) noexcept nogil:
    return (view.rival and not address_same_host(&d.source, &l.accepted)
            and goes_on(l, d, view, MOVED_NEEDED, l.policy.roam_silence_ns))


cdef uint8_t move(latch* l, const datagram* d, const latch_view* view, uint8_t row,
                  latch_verdict* verdict) noexcept nogil:
    # Returns the tier that signalling gives the new address; the accepted one keeps that of the stream it goes on with.
    cdef uint8_t tier = scope_tier(&l.signalled, &l.policy, l.interface_class, &d.source)
    if view.tier == TIER_AUTHENTICATED:
        tier = TIER_AUTHENTICATED
    seniority_remember(l, d.now_ns)
    accept_address(l, d, view, min(tier, l.accepted_tier), row)
    l.pinned_since_ns = d.now_ns
    if view.same_ssrc:
        accept_stream_onward(l, d)
    else:
        accept_stream(l, d)
    accept_held(l, d, view, 0, verdict)
    if tier == TIER_AUTHENTICATED:
        seniority_forget(l)
    return tier


cdef void commit_rebound(latch* l, const datagram* d, const latch_view* view, latch_verdict* verdict) noexcept nogil:
    cdef uint8_t tier
    latch_event(l, d.now_ns, EVENT_RELATCHED, DETAIL_REBINDING, d)
    tier = move(l, d, view, 10, verdict)
    if l.roaming and tier != TIER_AUTHENTICATED:
        l.roam_since_ns = d.now_ns
    else:
        l.roaming = False
        latch_choose_destination(l)
    accept_settled(l, d.now_ns)


cdef void commit_moved(latch* l, const datagram* d, const latch_view* view, latch_verdict* verdict) noexcept nogil:
    cdef uint8_t tier
    latch_event(l, d.now_ns, EVENT_RELATCHED, DETAIL_ROAMING, d)
    tier = move(l, d, view, 11, verdict)
    l.roaming = tier > TIER_SIGNALLING and l.policy.roam_confirm_ns != 0 and latch_follows_accepted(l)
    if l.roaming:
        l.roam_since_ns = d.now_ns
    else:
        latch_choose_destination(l)
    accept_settled(l, d.now_ns)


cdef void roaming_heard(latch* l, const datagram* d) noexcept nogil:
    if l.roaming and d.now_ns - l.roam_since_ns >= l.policy.roam_confirm_ns:
        roaming_end(l, d, DETAIL_UNCONTESTED)


cdef void roaming_contest(latch* l, const datagram* d) noexcept nogil:
    cdef int index
    if not l.roaming or not stream_within_reach(&l.pinned, d.header.sequence_number, d.now_ns):
        return
    for index in range(l.senior_count):
        if address_equal(&l.seniors[index].source, &d.source):      # what was on its way when it moved
            return
    l.roam_since_ns = d.now_ns
    latch_event(l, d.now_ns, EVENT_CONTEST, DETAIL_NONE, d)


cdef void roaming_end(latch* l, const datagram* d, unsigned char detail) noexcept nogil:
    l.roaming = False
    latch_choose_destination(l)
    latch_event(l, d.now_ns, EVENT_RELATCHED, detail, d)
    accept_settled(l, d.now_ns)
