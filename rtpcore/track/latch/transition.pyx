# Stage "judge" and stage "commit" of latching: the table, and the rows that need no module of their own.
# Row numbers are those of docs/latching.md.

from libc.stdint cimport uint8_t, uint32_t

from rtpcore.track.datagram cimport datagram
from rtpcore.track.event cimport (
    DETAIL_NONE,
    EVENT_CONTEST,
    EVENT_LOOP,
    EVENT_PREPUBLISH_TALKER,
    EVENT_SCOPE_MISS,
)
from rtpcore.track.latch.acceptance cimport accept_later, verdict_drop
from rtpcore.track.latch.evidence cimport latch_event
from rtpcore.track.latch.hold cimport hold_chain_init
from rtpcore.track.latch.learning cimport (
    commit_better,
    commit_dead,
    commit_first,
    row_better,
    row_dead,
    row_qualifies,
)
from rtpcore.track.latch.observation cimport latch_observe, latch_view
from rtpcore.track.latch.pinned cimport commit_pinned, pinned_settle, row_pinned
from rtpcore.track.latch.policy cimport PRE_ANSWER_DROP
from rtpcore.track.latch.prepublish cimport prepublish_note, prepublish_note_ssrc
from rtpcore.track.latch.reversion cimport commit_senior, row_senior
from rtpcore.track.latch.roaming cimport commit_moved, commit_rebound, roaming_contest, row_moved, row_rebound
from rtpcore.track.latch.ssrc_change cimport commit_other_ssrc, row_other_ssrc
from rtpcore.track.latch.state cimport (
    LATCH_ARMED,
    LATCH_CLOSED,
    LATCH_EXPIRED,
    LATCH_HELD,
    LATCH_LEARNING,
    LATCH_LOCKED,
    LATCH_PROVISIONAL,
    LATCH_RELEARNING,
    LATCH_ROAMING,
    latch,
    latch_verdict,
)
from rtpcore.track.reason cimport (
    DROP_CLOSED,
    DROP_KEEPALIVE,
    DROP_LOOP,
    DROP_NONE,
    DROP_NOT_ACCEPTED_SOURCE,
    DROP_NOT_PUBLISHED,
    DROP_OUT_OF_SCOPE,
    DROP_PRE_ANSWER,
    DROP_UNQUALIFIED,
)
from rtpcore.track.sending.destination cimport latch_follow_keepalive

ctypedef bint (*guard_function)(const latch* l, const datagram* d, const latch_view* view) noexcept nogil
ctypedef void (*action_function)(latch* l, const datagram* d, const latch_view* view,
                                 latch_verdict* verdict) noexcept nogil


cdef struct transition:
    uint8_t row
    uint32_t states             # one bit a state
    guard_function guard
    action_function action


cdef bint always(const latch* l, const datagram* d, const latch_view* view) noexcept nogil:
    return True


# Row 1: nobody has been told of the port yet -----------------------------------------------------------------------

cdef void latch_note_talker(latch* l, const datagram* d) noexcept nogil:
    prepublish_note(&l.talkers, &d.source)
    latch_event(l, d.now_ns, EVENT_PREPUBLISH_TALKER, DETAIL_NONE, d)


cdef void note_talker(latch* l, const datagram* d, const latch_view* view, latch_verdict* verdict) noexcept nogil:
    latch_note_talker(l, d)
    prepublish_note_ssrc(&l.talkers, d.ssrc)
    verdict_drop(verdict, DROP_NOT_PUBLISHED)


cdef void drop_expired(latch* l, const datagram* d, const latch_view* view, latch_verdict* verdict) noexcept nogil:
    verdict_drop(verdict, DROP_CLOSED)


# What is refused whatever the state --------------------------------------------------------------------------------

cdef bint is_refused(const latch* l, const datagram* d, const latch_view* view) noexcept nogil:
    return view.refused != DROP_NONE


cdef void refuse(latch* l, const datagram* d, const latch_view* view, latch_verdict* verdict) noexcept nogil:
    if view.refused == DROP_LOOP:
        latch_event(l, d.now_ns, EVENT_LOOP, DETAIL_NONE, d)
    elif view.refused == DROP_OUT_OF_SCOPE:
        latch_event(l, d.now_ns, EVENT_SCOPE_MISS, DETAIL_NONE, d)
    elif view.refused == DROP_KEEPALIVE:
        latch_follow_keepalive(l, d, view.tier)
    verdict_drop(verdict, view.refused)


# Row 3: media before the answer ------------------------------------------------------------------------------------

cdef void hold_before_answer(latch* l, const datagram* d, const latch_view* view,
                             latch_verdict* verdict) noexcept nogil:
    if l.policy.pre_answer == PRE_ANSWER_DROP:
        verdict_drop(verdict, DROP_PRE_ANSWER)
    else:
        accept_later(l, d, view, DROP_PRE_ANSWER, verdict)


# Row 14: somebody else, while the latch is locked ------------------------------------------------------------------

cdef bint is_stranger(const latch* l, const datagram* d, const latch_view* view) noexcept nogil:
    return not view.rival and not view.relatch


cdef void drop_stranger(latch* l, const datagram* d, const latch_view* view, latch_verdict* verdict) noexcept nogil:
    if view.same_ssrc:
        roaming_contest(l, d)
    verdict_drop(verdict, DROP_NOT_ACCEPTED_SOURCE)


# No row of its own: a candidate goes on being examined -------------------------------------------------------------

cdef void examine(latch* l, const datagram* d, const latch_view* view, latch_verdict* verdict) noexcept nogil:
    if view.rival:
        roaming_contest(l, d)
    # Who goes on with the accepted stream contests it only where that stream goes on too: row 8 tells.
    elif l.has_accepted and not view.relatch and row_qualifies(l, d, view):
        latch_event(l, d.now_ns, EVENT_CONTEST, DETAIL_NONE, d)
    accept_later(l, d, view, DROP_NOT_ACCEPTED_SOURCE if view.rival else DROP_UNQUALIFIED, verdict)


# The table -----------------------------------------------------------------------------------------------------------

cdef enum:
    IN_CLOSED = 1 << LATCH_CLOSED
    IN_ARMED = 1 << LATCH_ARMED
    IN_LEARNING = 1 << LATCH_LEARNING
    IN_LOCKED = 1 << LATCH_LOCKED | 1 << LATCH_ROAMING
    IN_HELD = 1 << LATCH_HELD
    IN_WINDOW = 1 << LATCH_PROVISIONAL | 1 << LATCH_RELEARNING
    IN_ACCEPTED = IN_LOCKED | IN_HELD | IN_WINDOW
    IN_EXPIRED = 1 << LATCH_EXPIRED
    IN_ANY = 0x1FF
    ROWS = 14

cdef transition TABLE[ROWS]
TABLE[0] = transition(8, IN_ACCEPTED, row_pinned, commit_pinned)
TABLE[1] = transition(1, IN_CLOSED, always, note_talker)
TABLE[2] = transition(0, IN_EXPIRED, always, drop_expired)
TABLE[3] = transition(0, IN_ANY, is_refused, refuse)
TABLE[4] = transition(3, IN_ARMED, always, hold_before_answer)
TABLE[5] = transition(9, IN_ACCEPTED, row_other_ssrc, commit_other_ssrc)
TABLE[6] = transition(12, IN_ACCEPTED, row_senior, commit_senior)
TABLE[7] = transition(10, IN_ACCEPTED, row_rebound, commit_rebound)
TABLE[8] = transition(11, IN_ACCEPTED, row_moved, commit_moved)
TABLE[9] = transition(13, IN_LOCKED, row_dead, commit_dead)
TABLE[10] = transition(14, IN_LOCKED | IN_HELD, is_stranger, drop_stranger)
TABLE[11] = transition(5, IN_LEARNING, row_qualifies, commit_first)
TABLE[12] = transition(6, IN_WINDOW, row_better, commit_better)
TABLE[13] = transition(0, IN_ANY, always, examine)


cdef int judge(const latch* l, const datagram* d, const latch_view* view) noexcept nogil:
    cdef int index
    cdef uint32_t state = <uint32_t>1 << l.state
    for index in range(ROWS - 1):
        if TABLE[index].states & state and TABLE[index].guard(l, d, view):
            return index
    return ROWS - 1


cdef void transition_receive(latch* l, const datagram* d, latch_verdict* verdict) noexcept nogil:
    cdef latch_view view
    cdef int index
    latch_observe(l, d, &view)
    index = judge(l, d, &view)
    verdict.row = TABLE[index].row
    verdict.reason = DROP_NONE
    hold_chain_init(&verdict.released)
    TABLE[index].action(l, d, &view, verdict)
    if view.same_source:
        l.heard_ns = d.now_ns
    pinned_settle(l)
