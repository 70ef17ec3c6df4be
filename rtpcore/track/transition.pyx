# Stage "judge" and stage "commit" of latching (RFC 7362; RFC 3550 8.2 and A.1 for the probation of a source).
# Row numbers are those of docs/latching.md.

from libc.stdint cimport uint8_t, uint32_t, uint64_t

from rtpcore.track.budget cimport meter_begin
from rtpcore.track.candidate cimport (
    CANDIDATE_EXPIRY_NS,
    CANDIDATE_NONE,
    candidate_count_with,
    candidate_hold,
    candidate_qualifies,
    candidate_release,
)
from rtpcore.track.continuity cimport stream_advance, stream_start
from rtpcore.track.datagram cimport datagram
from rtpcore.track.event cimport (
    DETAIL_BETTER_TIER,
    DETAIL_GOODBYE,
    DETAIL_NONE,
    DETAIL_POLICY,
    DETAIL_SIGNALLED,
    DETAIL_SILENCE,
    DETAIL_TAKEN_BACK,
    DETAIL_TIER,
    EVENT_CONTEST,
    EVENT_LATCHED,
    EVENT_LOOP,
    EVENT_PREPUBLISH_TALKER,
    EVENT_RELATCHED,
    EVENT_SCOPE_MISS,
    EVENT_SSRC_CHANGED,
    EVENT_SSRC_CONTEST,
)
from rtpcore.track.evidence cimport latch_event
from rtpcore.track.hold cimport hold_chain_init
from rtpcore.track.latch_state cimport (
    ACTION_DROP,
    ACTION_FORWARD,
    ACTION_HOLD,
    LATCH_ARMED,
    LATCH_CLOSED,
    LATCH_EXPIRED,
    LATCH_HELD,
    LATCH_LEARNING,
    LATCH_LOCKED,
    LATCH_PROVISIONAL,
    LATCH_RELEARNING,
    SSRC_CHANGES,
    SSRC_CHANGES_NS,
    latch,
    latch_verdict,
    latch_wake_at,
)
from rtpcore.track.observation cimport latch_view
from rtpcore.track.policy cimport (
    PRE_ANSWER_DROP,
    SSRC_CHANGE_ANY,
    SSRC_CHANGE_SIGNAL,
    TIER_SIGNALLING,
)
from rtpcore.track.prepublish cimport prepublish_note, prepublish_note_ssrc
from rtpcore.track.reason cimport (
    DROP_CLOSED,
    DROP_LOOP,
    DROP_NONE,
    DROP_NOT_ACCEPTED_SOURCE,
    DROP_NOT_PUBLISHED,
    DROP_OUT_OF_SCOPE,
    DROP_PRE_ANSWER,
    DROP_SEQUENCE_JUMP,
    DROP_SSRC_NOT_ACCEPTED,
    DROP_UNQUALIFIED,
)
from rtpcore.track.scope cimport signalling_clock, signalling_names_ssrc
from rtpcore.track.sending cimport latch_choose_destination
from rtpcore.track.seniority cimport (
    SENIOR_NONE,
    seniority_find,
    seniority_forget,
    seniority_remember,
    seniority_restore,
)

cdef enum:
    MS = 1_000_000
    SWITCH_BETTER_NS = 60_000_000       # row 6
    SWITCH_SILENT_NS = 100_000_000      # row 6
    SSRC_SILENT_NS = 60_000_000         # row 9
    CONFIRM = 2                         # rows 8 and 9: packets in sequence


ctypedef bint (*guard_function)(const latch* l, const datagram* d, const latch_view* view) noexcept nogil
ctypedef void (*action_function)(latch* l, const datagram* d, const latch_view* view,
                                 latch_verdict* verdict) noexcept nogil


cdef struct transition:
    uint8_t row
    uint32_t states             # one bit a state
    guard_function guard
    action_function action


# What is shared by actions -----------------------------------------------------------------------------------------

cdef void verdict_drop(latch_verdict* verdict, uint8_t reason) noexcept nogil:
    verdict.action = ACTION_DROP
    verdict.reason = reason


cdef void hold_as(latch* l, const datagram* d, const latch_view* view, uint8_t why,
                  latch_verdict* verdict) noexcept nogil:
    cdef uint8_t reason = candidate_hold(&l.candidates, view.candidate, d, view.tier, why)
    latch_wake_at(l, d.now_ns + CANDIDATE_EXPIRY_NS + 1)
    if reason == DROP_NONE:
        verdict.action = ACTION_HOLD
    else:
        verdict_drop(verdict, reason)


cdef void release_and_forward(latch* l, const datagram* d, const latch_view* view, uint64_t since_ns,
                              latch_verdict* verdict) noexcept nogil:
    if view.candidate != CANDIDATE_NONE:
        candidate_release(&l.candidates, view.candidate, d.now_ns, since_ns, &verdict.released)
    l.last_accepted_ns = d.now_ns
    verdict.action = ACTION_FORWARD


cdef void pin(latch* l, const datagram* d) noexcept nogil:
    stream_start(&l.pinned, &d.header, d.now_ns, signalling_clock(&l.signalled, d.header.payload_type),
                 l.pinned.ptime_ns if l.pinned.valid else <uint32_t>l.signalled.ptime_ms * MS)
    l.bye_ns = 0


cdef void accept_source(latch* l, const datagram* d, const latch_view* view, latch_verdict* verdict) noexcept nogil:
    l.accepted = d.source
    l.has_accepted = True
    l.accepted_tier = view.tier
    seniority_forget(l)
    l.pinned.valid = False
    l.pinned_since_ns = d.now_ns
    pin(l, d)
    latch_choose_destination(l)
    release_and_forward(l, d, view, 0, verdict)
    meter_begin(l, d, &verdict.released)


# Row 1: nobody has been told of the port yet -----------------------------------------------------------------------

cdef bint always(const latch* l, const datagram* d, const latch_view* view) noexcept nogil:
    return True


cdef void latch_note_talker(latch* l, const datagram* d) noexcept nogil:
    prepublish_note(&l.talkers, &d.source)
    latch_event(l, d.now_ns, EVENT_PREPUBLISH_TALKER, DETAIL_NONE, d)


cdef void note_talker(latch* l, const datagram* d, const latch_view* view, latch_verdict* verdict) noexcept nogil:
    latch_note_talker(l, d)
    prepublish_note_ssrc(&l.talkers, d.ssrc)
    verdict_drop(verdict, DROP_NOT_PUBLISHED)


cdef void drop_expired(latch* l, const datagram* d, const latch_view* view, latch_verdict* verdict) noexcept nogil:
    verdict_drop(verdict, DROP_CLOSED)


# Row 8: the accepted source and SSRC -------------------------------------------------------------------------------

cdef bint is_pinned_stream(const latch* l, const datagram* d, const latch_view* view) noexcept nogil:
    return view.same_source and view.same_ssrc


cdef void confirm_jump(latch* l, const datagram* d, const latch_view* view, latch_verdict* verdict) noexcept nogil:
    # What goes on within reach was forwarded by latch_receive already; this is a jump.
    if candidate_count_with(&l.candidates, view.candidate, d) >= CONFIRM:
        pin(l, d)
        release_and_forward(l, d, view, 0, verdict)
    else:
        hold_as(l, d, view, DROP_SEQUENCE_JUMP, verdict)


# What is refused whatever the state --------------------------------------------------------------------------------

cdef bint is_refused(const latch* l, const datagram* d, const latch_view* view) noexcept nogil:
    return view.refused != DROP_NONE


cdef void refuse(latch* l, const datagram* d, const latch_view* view, latch_verdict* verdict) noexcept nogil:
    if view.refused == DROP_LOOP:
        latch_event(l, d.now_ns, EVENT_LOOP, DETAIL_NONE, d)
    elif view.refused == DROP_OUT_OF_SCOPE:
        latch_event(l, d.now_ns, EVENT_SCOPE_MISS, DETAIL_NONE, d)
    verdict_drop(verdict, view.refused)


# Row 3: media before the answer ------------------------------------------------------------------------------------

cdef void hold_before_answer(latch* l, const datagram* d, const latch_view* view,
                             latch_verdict* verdict) noexcept nogil:
    if l.policy.pre_answer == PRE_ANSWER_DROP:
        verdict_drop(verdict, DROP_PRE_ANSWER)
    else:
        hold_as(l, d, view, DROP_PRE_ANSWER, verdict)


# Row 9: the accepted source sends another SSRC ---------------------------------------------------------------------

cdef bint is_other_ssrc(const latch* l, const datagram* d, const latch_view* view) noexcept nogil:
    return view.same_source and not view.same_ssrc


cdef bint ssrc_quota_left(const latch* l, uint64_t now_ns) noexcept nogil:
    cdef uint64_t oldest_ns = l.ssrc_changes_ns[l.change_index]
    return oldest_ns == 0 or now_ns - oldest_ns > SSRC_CHANGES_NS


cdef uint8_t ssrc_permit(const latch* l, const datagram* d, const latch_view* view) noexcept nogil:
    # By which rule the new SSRC may have the pin: an event_detail, DETAIL_NONE for not at all.
    cdef uint64_t patience_ns = 3 * <uint64_t>l.pinned.ptime_ns
    cdef bint confirmed = candidate_count_with(&l.candidates, view.candidate, d) >= CONFIRM
    if signalling_names_ssrc(&l.signalled, d.ssrc):
        return DETAIL_SIGNALLED
    if l.policy.ssrc_change == SSRC_CHANGE_SIGNAL and l.state != LATCH_RELEARNING:
        return DETAIL_NONE
    if l.bye_ns and l.bye_ns >= l.last_accepted_ns:         # an SSRC that goes on talking has not gone
        return DETAIL_GOODBYE
    if not confirmed:
        return DETAIL_NONE
    if l.policy.ssrc_change == SSRC_CHANGE_ANY:
        return DETAIL_POLICY
    if l.state != LATCH_HELD and view.silent_ns >= max(patience_ns, <uint64_t>SSRC_SILENT_NS):
        return DETAIL_SILENCE
    return DETAIL_NONE


cdef void change_ssrc(latch* l, const datagram* d, const latch_view* view, latch_verdict* verdict) noexcept nogil:
    cdef uint8_t permit
    cdef uint64_t since_ns
    cdef int senior = seniority_find(l, d)
    if senior != SENIOR_NONE:
        latch_event(l, d.now_ns, EVENT_SSRC_CHANGED, DETAIL_TAKEN_BACK, d)
        seniority_restore(l, senior, d.now_ns)
        stream_advance(&l.pinned, &d.header, d.now_ns, signalling_clock(&l.signalled, d.header.payload_type))
        release_and_forward(l, d, view, 0, verdict)
        return
    permit = ssrc_permit(l, d, view)
    if permit == DETAIL_NONE:
        hold_as(l, d, view, DROP_SSRC_NOT_ACCEPTED, verdict)
    elif not ssrc_quota_left(l, d.now_ns):
        latch_event(l, d.now_ns, EVENT_SSRC_CONTEST, DETAIL_NONE, d)
        verdict_drop(verdict, DROP_SSRC_NOT_ACCEPTED)
    else:
        latch_event(l, d.now_ns, EVENT_SSRC_CHANGED, permit, d)
        l.ssrc_changes_ns[l.change_index] = d.now_ns
        l.change_index = (l.change_index + 1) % SSRC_CHANGES
        seniority_remember(l, d.now_ns)
        l.pinned_since_ns = d.now_ns
        pin(l, d)
        # What a guesser sent while the displaced SSRC was talking is not what came after it.
        since_ns = 0 if permit == DETAIL_SIGNALLED or permit == DETAIL_POLICY else l.last_accepted_ns
        release_and_forward(l, d, view, since_ns, verdict)


# Row 14: somebody else, while the latch is locked ------------------------------------------------------------------

cdef void drop_stranger(latch* l, const datagram* d, const latch_view* view, latch_verdict* verdict) noexcept nogil:
    verdict_drop(verdict, DROP_NOT_ACCEPTED_SOURCE)


# Rows 5 and 6: a candidate qualifies -------------------------------------------------------------------------------

cdef bint qualifies(const latch* l, const datagram* d, const latch_view* view) noexcept nogil:
    return candidate_qualifies(&l.candidates, view.candidate, d, view.needed, <uint64_t>l.signalled.ptime_ms * MS)


cdef void latch_first(latch* l, const datagram* d, const latch_view* view, latch_verdict* verdict) noexcept nogil:
    latch_event(l, d.now_ns, EVENT_LATCHED, DETAIL_TIER + view.tier, d)
    l.state = LATCH_PROVISIONAL
    l.window_since_ns = d.now_ns
    latch_wake_at(l, d.now_ns + l.policy.learn_window_ns)
    accept_source(l, d, view, verdict)


cdef bint may_switch(const latch* l, const datagram* d, const latch_view* view) noexcept nogil:
    if not qualifies(l, d, view):
        return False
    if view.silent_ns >= SWITCH_SILENT_NS:
        return True
    if view.tier >= l.accepted_tier:
        return False
    return l.accepted_tier > TIER_SIGNALLING or view.silent_ns >= SWITCH_BETTER_NS


cdef void switch_source(latch* l, const datagram* d, const latch_view* view, latch_verdict* verdict) noexcept nogil:
    latch_event(l, d.now_ns, EVENT_RELATCHED,
                DETAIL_BETTER_TIER if view.tier < l.accepted_tier else DETAIL_SILENCE, d)
    accept_source(l, d, view, verdict)


# No row of its own: a candidate goes on being examined -------------------------------------------------------------

cdef void examine(latch* l, const datagram* d, const latch_view* view, latch_verdict* verdict) noexcept nogil:
    if l.has_accepted and qualifies(l, d, view):
        latch_event(l, d.now_ns, EVENT_CONTEST, DETAIL_NONE, d)
    hold_as(l, d, view, DROP_UNQUALIFIED, verdict)


# The table -----------------------------------------------------------------------------------------------------------

cdef enum:
    IN_CLOSED = 1 << LATCH_CLOSED
    IN_ARMED = 1 << LATCH_ARMED
    IN_LEARNING = 1 << LATCH_LEARNING
    IN_LOCKED = 1 << LATCH_LOCKED | 1 << LATCH_HELD
    IN_WINDOW = 1 << LATCH_PROVISIONAL | 1 << LATCH_RELEARNING
    IN_ACCEPTED = IN_LOCKED | IN_WINDOW
    IN_EXPIRED = 1 << LATCH_EXPIRED
    IN_ANY = 0xFF
    ROWS = 10

cdef transition TABLE[ROWS]
TABLE[0] = transition(8, IN_ACCEPTED, is_pinned_stream, confirm_jump)
TABLE[1] = transition(1, IN_CLOSED, always, note_talker)
TABLE[2] = transition(0, IN_EXPIRED, always, drop_expired)
TABLE[3] = transition(0, IN_ANY, is_refused, refuse)
TABLE[4] = transition(3, IN_ARMED, always, hold_before_answer)
TABLE[5] = transition(9, IN_ACCEPTED, is_other_ssrc, change_ssrc)
TABLE[6] = transition(14, IN_LOCKED, always, drop_stranger)
TABLE[7] = transition(5, IN_LEARNING, qualifies, latch_first)
TABLE[8] = transition(6, IN_WINDOW, may_switch, switch_source)
TABLE[9] = transition(0, IN_ANY, always, examine)


cdef int transition_judge(const latch* l, const datagram* d, const latch_view* view) noexcept nogil:
    cdef int index
    cdef uint32_t state = <uint32_t>1 << l.state
    for index in range(ROWS - 1):
        if TABLE[index].states & state and TABLE[index].guard(l, d, view):
            return index
    return ROWS - 1


cdef void transition_commit(int index, latch* l, const datagram* d, const latch_view* view,
                            latch_verdict* verdict) noexcept nogil:
    verdict.row = TABLE[index].row
    verdict.reason = DROP_NONE
    hold_chain_init(&verdict.released)
    TABLE[index].action(l, d, view, verdict)
