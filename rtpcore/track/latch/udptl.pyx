# T.38 over UDPTL has neither SSRC nor sequence that RFC 3550 knows: sources are told apart by address alone, so what
# rests on continuity (rows 9 to 11) is off, and only silence lets another one in. Fax is half duplex and pauses for
# long, so silence is judged in seconds. Row numbers are those of docs/latching.md.

from libc.stdint cimport uint8_t, uint16_t, uint64_t

from rtpcore.track.datagram cimport datagram
from rtpcore.track.event cimport (
    DETAIL_BETTER_TIER,
    DETAIL_DEAD,
    DETAIL_NONE,
    DETAIL_SILENCE,
    DETAIL_TIER,
    EVENT_CONTEST,
    EVENT_HIJACK_SUSPECTED,
    EVENT_LATCHED,
    EVENT_RELATCHED,
    EVENT_REVERTED,
    EVENT_SCOPE_MISS,
)
from rtpcore.track.latch.acceptance cimport accept_address, accept_held, accept_later, verdict_drop
from rtpcore.track.latch.candidate cimport CANDIDATE_NONE, candidate_discard_all, candidate_find, candidate_qualifies
from rtpcore.track.latch.evidence cimport latch_event
from rtpcore.track.latch.hold cimport hold_chain_init
from rtpcore.track.latch.observation cimport latch_owns, latch_view
from rtpcore.track.latch.policy cimport TIER_ANY, TIER_DECLARED, TIER_SIGNALLING
from rtpcore.track.latch.prepublish cimport prepublish_knows
from rtpcore.track.latch.scope cimport scope_tier
from rtpcore.track.latch.seniority cimport SENIOR_NONE, seniority_forget, seniority_remember, seniority_restore
from rtpcore.track.latch.silence cimport silence_dead_ns
from rtpcore.track.latch.state cimport (
    ACTION_FORWARD,
    LATCH_CLOSED,
    LATCH_EXPIRED,
    LATCH_HELD,
    LATCH_LOCKED,
    LATCH_PROVISIONAL,
    LATCH_RELEARNING,
    latch,
    latch_verdict,
    latch_wake_at,
)
from rtpcore.track.latch.transition cimport latch_note_talker
from rtpcore.track.reason cimport (
    DROP_CLOSED,
    DROP_INELIGIBLE,
    DROP_NONE,
    DROP_NOT_ACCEPTED_SOURCE,
    DROP_NOT_PUBLISHED,
    DROP_OUT_OF_SCOPE,
    DROP_PREPUBLISH_TALKER,
    DROP_SPRAYER,
    DROP_UNQUALIFIED,
)
from rtpcore.track.sending.budget cimport meter_begin
from rtpcore.track.sending.destination cimport latch_choose_destination
from rtpcore.track.strangers.spray cimport spray_marked
from rtpcore.wire.address cimport ADDRESS_FORBIDDEN, address_classify, address_equal

cdef enum:
    PACE_NS = 20_000_000            # datagrams that are counted come at half that at least
    DEAD_NEEDED = 5                 # row 13
    BETTER_SILENT_NS = 60_000_000   # row 6
    MOVED_SILENT_NS = 100_000_000   # the same after signalling has moved the call


cdef int senior_of(const latch* l, const datagram* d) noexcept nogil:
    cdef int index
    for index in range(l.senior_count):
        if address_equal(&l.seniors[index].source, &d.source):
            return index
    return SENIOR_NONE


cdef uint8_t refusal(const latch* l, const datagram* d, uint8_t tier) noexcept nogil:
    if d.source.port == 0 or address_classify(&d.source) == ADDRESS_FORBIDDEN or latch_owns(l, &d.source):
        return DROP_INELIGIBLE
    if tier > l.policy.worst_tier:
        return DROP_OUT_OF_SCOPE
    if tier > TIER_SIGNALLING and l.sprayers != NULL and spray_marked(l.sprayers, &d.source, d.now_ns):
        return DROP_SPRAYER
    # Nothing but its address tells whether it is still the same one, so it stays barred.
    if l.policy.prepublish_bar and tier > TIER_DECLARED and prepublish_knows(&l.talkers, &d.source):
        return DROP_PREPUBLISH_TALKER
    return DROP_NONE


cdef bint is_dead(const latch* l, const datagram* d, uint8_t tier) noexcept nogil:
    return (l.policy.dead_relatch_ns != 0 and d.drained
            and silence_dead_ns(l, d.now_ns) > l.policy.dead_relatch_ns
            and (tier <= TIER_SIGNALLING or l.policy.worst_tier == TIER_ANY))


cdef bint may_replace(const latch* l, const datagram* d, uint8_t tier) noexcept nogil:
    # Row 6.
    cdef uint64_t silent_ns = d.now_ns - l.last_accepted_ns if d.drained else 0
    if tier < l.accepted_tier:
        return l.accepted_tier > TIER_SIGNALLING or silent_ns >= BETTER_SILENT_NS
    return silent_ns >= <uint64_t>(MOVED_SILENT_NS if l.state == LATCH_RELEARNING else UDPTL_SILENT_NS)


cdef void accept(latch* l, const datagram* d, const latch_view* view, uint8_t row,
                 latch_verdict* verdict) noexcept nogil:
    accept_address(l, d, view, view.tier, row)
    l.pinned.valid = False
    l.pinned_since_ns = d.now_ns
    l.roaming = False
    latch_choose_destination(l)
    accept_held(l, d, view, 0, verdict)
    meter_begin(l, d, &verdict.released)
    verdict.row = row


cdef void follow(latch* l, const datagram* d, latch_verdict* verdict) noexcept nogil:
    l.last_accepted_ns = l.heard_ns = d.now_ns
    verdict.action = ACTION_FORWARD
    verdict.row = 8


cdef void revert(latch* l, const datagram* d, int index, latch_verdict* verdict) noexcept nogil:
    # Row 12. Who was there first has its address back with its first datagram.
    latch_event(l, d.now_ns, EVENT_HIJACK_SUSPECTED, DETAIL_NONE, d)
    latch_event(l, d.now_ns, EVENT_REVERTED, DETAIL_NONE, d)
    candidate_discard_all(&l.candidates)
    seniority_restore(l, index, d.now_ns)
    l.pinned.valid = False
    l.accepted_row = 12
    l.accepted_count = 1
    l.accepted_since_ns = d.now_ns
    latch_choose_destination(l)
    follow(l, d, verdict)
    verdict.row = 12


cdef void learn(latch* l, const datagram* d, latch_view* view, latch_verdict* verdict) noexcept nogil:
    # Row 5; rows 6 and 13 when somebody is accepted.
    cdef bint locked = l.state == LATCH_LOCKED
    cdef uint8_t detail = DETAIL_DEAD
    if locked:
        view.needed = max(view.needed, <int>DEAD_NEEDED)
    if not candidate_qualifies(&l.candidates, view.candidate, d, view.needed, PACE_NS):
        accept_later(l, d, view, DROP_UNQUALIFIED, verdict)
        return
    if not l.has_accepted:
        latch_event(l, d.now_ns, EVENT_LATCHED, DETAIL_TIER + view.tier, d)
        l.state = LATCH_PROVISIONAL
        l.window_since_ns = d.now_ns
        latch_wake_at(l, d.now_ns + l.policy.learn_window_ns)
        seniority_forget(l)
        accept(l, d, view, 5, verdict)
        return
    if not locked and not may_replace(l, d, view.tier):
        latch_event(l, d.now_ns, EVENT_CONTEST, DETAIL_NONE, d)
        accept_later(l, d, view, DROP_UNQUALIFIED, verdict)
        return
    if not locked:
        detail = DETAIL_BETTER_TIER if view.tier < l.accepted_tier else DETAIL_SILENCE
    latch_event(l, d.now_ns, EVENT_RELATCHED, detail, d)
    # Whom signalling prefers is not sent back by whom it does not.
    if detail == DETAIL_BETTER_TIER or l.state == LATCH_RELEARNING:
        seniority_forget(l)
    else:
        seniority_remember(l, d.now_ns)
    accept(l, d, view, 13 if locked else 6, verdict)


cdef void judge_other(latch* l, const datagram* d, latch_view* view, latch_verdict* verdict) noexcept nogil:
    cdef uint8_t reason = refusal(l, d, view.tier)
    cdef int index = senior_of(l, d) if l.has_accepted else SENIOR_NONE
    if index != SENIOR_NONE and reason != DROP_INELIGIBLE:
        revert(l, d, index, verdict)
    elif l.state == LATCH_HELD or (l.state == LATCH_LOCKED and not is_dead(l, d, view.tier)):
        verdict.row = 14
        verdict_drop(verdict, DROP_NOT_ACCEPTED_SOURCE)
    elif reason != DROP_NONE:
        if reason == DROP_OUT_OF_SCOPE:
            latch_event(l, d.now_ns, EVENT_SCOPE_MISS, DETAIL_NONE, d)
        verdict_drop(verdict, reason)
    else:
        learn(l, d, view, verdict)


cdef void udptl_receive(latch* l, const datagram* d, latch_verdict* verdict) noexcept nogil:
    cdef datagram counted = d[0]
    cdef latch_view view
    verdict.row = 0
    verdict.reason = DROP_NONE
    hold_chain_init(&verdict.released)
    if l.state == LATCH_CLOSED:
        latch_note_talker(l, d)
        verdict.row = 1
        verdict_drop(verdict, DROP_NOT_PUBLISHED)
        return
    if l.state == LATCH_EXPIRED:
        verdict_drop(verdict, DROP_CLOSED)
        return
    if l.has_accepted and address_equal(&l.accepted, &d.source):
        follow(l, d, verdict)
        return
    view.silent_ns = 0
    view.senior = SENIOR_NONE
    view.same_source = view.same_ssrc = view.rival = view.relatch = False
    view.refused = DROP_NONE
    view.tier = scope_tier(&l.signalled, &l.policy, l.interface_class, &d.source)
    view.needed = l.policy.probation[view.tier]
    view.candidate = candidate_find(&l.candidates, &d.source, 0)
    # Datagrams of one address are a sequence in the order of their arrival.
    if view.candidate != CANDIDATE_NONE:
        counted.header.sequence_number = <uint16_t>(l.candidates.slots[view.candidate].sequence_number + 1)
    judge_other(l, &counted, &view, verdict)
