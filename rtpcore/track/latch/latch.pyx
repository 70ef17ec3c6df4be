# The operations of a latch. The rules stand in transition.pyx; this file moves what signalling and time move.

from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.string cimport memmove, memset

from rtpcore.track.authentication.judge cimport latch_end_pairs, latch_follow_pair, latch_has_ice, latch_pairs_expiry
from rtpcore.track.authentication.state cimport authentication, authentication_inherit
from rtpcore.track.authentication.switch cimport latch_switch_authentic
from rtpcore.track.datagram cimport datagram
from rtpcore.track.event cimport (
    DETAIL_NONE,
    DETAIL_REASON,
    DETAIL_RECEIPT,
    EVENT_EXPIRED,
    EVENT_RTCP_INVALID,
    EVENT_SCOPE_EMPTY,
    event_ring,
)
from rtpcore.track.latch.acceptance cimport accept_settled
from rtpcore.track.latch.candidate cimport (
    CANDIDATE_SLOTS,
    candidate_discard_all,
    candidate_discard_others,
    candidate_expire,
    candidate_next_expiry,
)
from rtpcore.track.latch.evidence cimport latch_event, latch_flush_events
from rtpcore.track.latch.hold cimport hold_chain_init, hold_pool
from rtpcore.track.latch.observation cimport latch_owns
from rtpcore.track.latch.pinned cimport pinned_follow, pinned_is_steady, pinned_settle
from rtpcore.track.latch.policy cimport TIER_AUTHENTICATED, latch_policy
from rtpcore.track.latch.prepublish cimport prepublish_reset
from rtpcore.track.latch.roaming cimport roaming_end
from rtpcore.track.latch.scope cimport (
    DIRECTION_INACTIVE,
    SIGNAL_CLOSE,
    SIGNAL_HOLD,
    SIGNAL_REFRESH,
    scope_is_empty,
    scope_routable,
    scope_tier,
    signal_event,
    signalling,
    signalling_scope_differs,
)
from rtpcore.track.latch.seniority cimport seniority_forget, seniority_forget_elsewhere, seniority_is_elsewhere
from rtpcore.track.latch.silence cimport silence_advance
from rtpcore.track.latch.state cimport (
    ACTION_FORWARD,
    LATCH_ARMED,
    LATCH_CLOSED,
    LATCH_EXPIRED,
    LATCH_HELD,
    LATCH_LEARNING,
    LATCH_LOCKED,
    LATCH_PROVISIONAL,
    LATCH_RELEARNING,
    LATCH_ROAMING,
    NO_TIMER,
    OWN_ADDRESSES,
    SENT_SSRCS,
    latch,
    latch_verdict,
    latch_wake_at,
)
from rtpcore.track.latch.transition cimport latch_note_talker, transition_receive
from rtpcore.track.latch.udptl cimport udptl_receive
from rtpcore.track.reason cimport DROP_CLOSED, DROP_NONE
from rtpcore.track.sending.budget cimport meter_receive, meter_runs
from rtpcore.track.sending.destination cimport latch_choose_destination, latch_set_destination
from rtpcore.track.sending.liveness cimport latch_hear
from rtpcore.wire.address cimport address_equal, address_same_host, transport_address
from rtpcore.wire.validity cimport PARSE_RTCP_PACKET_TOO_SHORT, PARSE_RTCP_TOO_SHORT

cdef enum:
    DEFAULT_PTIME_MS = 20


cdef void latch_init(latch* l, const latch_policy* policy, int interface_class, uint64_t key, hold_pool* pool,
                     event_ring* events, uint64_t* drops, uint64_t leg) noexcept nogil:
    memset(l, 0, sizeof(latch))
    l.state = LATCH_CLOSED
    l.timer_ns = NO_TIMER
    l.policy = policy[0]
    l.interface_class = interface_class
    l.signalled.any_payload_type = True
    l.signalled.ptime_ms = DEFAULT_PTIME_MS
    l.candidates.pool = pool
    l.candidates.drops = drops
    l.events = events
    l.leg = leg
    prepublish_reset(&l.talkers, key)


cdef void latch_close(latch* l, uint64_t now_ns) noexcept nogil:
    cdef int index
    if l.state == LATCH_EXPIRED:
        return
    for index in range(CANDIDATE_SLOTS):
        l.candidates.slots[index].why = DROP_CLOSED
    candidate_discard_all(&l.candidates)
    latch_flush_events(l, now_ns, True)
    latch_event(l, now_ns, EVENT_EXPIRED, DETAIL_NONE, NULL)
    l.state = LATCH_EXPIRED
    l.has_accepted = False
    l.has_destination = False
    l.roaming = False
    l.timer_ns = NO_TIMER
    pinned_settle(l)


# Signalling --------------------------------------------------------------------------------------------------------

cdef uint8_t accepted_scope_tier(const latch* l) noexcept nogil:
    if latch_has_ice(l) or (l.has_authenticated and address_equal(&l.accepted, &l.authenticated)):
        return TIER_AUTHENTICATED
    return scope_tier(&l.signalled, &l.policy, l.interface_class, &l.accepted)


cdef void tell_empty_scope(latch* l, uint64_t now_ns) noexcept nogil:
    if not latch_has_ice(l) and scope_is_empty(&l.signalled, &l.policy, l.interface_class):
        latch_event(l, now_ns, EVENT_SCOPE_EMPTY, DETAIL_NONE, NULL)


cdef void begin_learning(latch* l, uint64_t now_ns) noexcept nogil:
    # Row 4.
    l.state = LATCH_LEARNING
    l.learning_since_ns = now_ns
    latch_choose_destination(l)
    tell_empty_scope(l, now_ns)


cdef void move_to_declared(latch* l) noexcept nogil:
    # As if nobody were accepted: the accepted source stays, but media goes to whom signalling names now.
    if l.signalled.has_declared and scope_routable(&l.signalled.declared, l.interface_class):
        l.has_accepted = False
        latch_choose_destination(l)
        l.has_accepted = True


cdef void judge_scope(latch* l, uint8_t tier_before) noexcept nogil:
    # Signalling that puts the accepted source in scope vouches for it: media follows, and nobody has an older right.
    l.accepted_tier = accepted_scope_tier(l)
    if l.accepted_tier > l.policy.worst_tier:
        return
    if tier_before > l.policy.worst_tier:
        seniority_forget_elsewhere(l, False)
    if l.roaming:
        l.roaming = False
        latch_choose_destination(l)


cdef void begin_relearning(latch* l, uint64_t now_ns) noexcept nogil:
    # Row 17: make before break. The accepted source stays until a better one is there; where it is out of the new
    # scope, media already goes to the new declared address.
    l.state = LATCH_RELEARNING
    l.window_since_ns = now_ns
    latch_wake_at(l, now_ns + l.policy.learn_window_ns)
    tell_empty_scope(l, now_ns)
    if not l.roaming:
        latch_choose_destination(l)     # a declared address of before is nobody's any more
    if l.accepted_tier > l.policy.worst_tier:
        move_to_declared(l)


cdef void latch_publish(latch* l, uint64_t now_ns) noexcept nogil:
    # Row 2; with a signal given before, row 4 at once.
    if l.state != LATCH_CLOSED:
        return
    l.state = LATCH_ARMED
    if l.signalled.known:
        begin_learning(l, now_ns)


cdef void resignal(latch* l, uint64_t now_ns, signal_event kind, bint differs) noexcept nogil:
    # Rows 15 to 17: a source is accepted already.
    if kind == SIGNAL_HOLD or l.signalled.direction == DIRECTION_INACTIVE:
        l.state = LATCH_HELD
    elif (differs and not latch_has_ice(l)) or (l.state == LATCH_HELD and kind != SIGNAL_REFRESH
                                                and l.accepted_tier > l.policy.worst_tier):
        begin_relearning(l, now_ns)
    elif l.state == LATCH_HELD and kind != SIGNAL_REFRESH:
        # Row 16: a refresh reopens nothing. The window may not have been over when the call was held.
        l.state = LATCH_ROAMING if l.roaming else LATCH_LOCKED


cdef void forget_accepted(latch* l, uint64_t now_ns) noexcept nogil:
    l.has_accepted = False
    l.pinned.valid = False
    l.roaming = False
    seniority_forget(l)
    begin_learning(l, now_ns)


cdef void turn_media(latch* l, uint64_t now_ns) noexcept nogil:
    # From RTP to T.38 or back: who was accepted was so by other rules, and qualifies anew. Until somebody does, media
    # stays where the party was, unless signalling says where it goes.
    cdef transport_address before = l.destination
    cdef bint known = l.has_destination
    cdef bint proven = l.destination_proven
    forget_accepted(l, now_ns)
    if known and not l.has_destination:
        latch_set_destination(l, &before, proven)


cdef void latch_signal(latch* l, uint64_t now_ns, signal_event kind, const signalling* said) noexcept nogil:
    cdef bint scope_differs = signalling_scope_differs(&l.signalled, said)
    cdef bint differs = scope_differs or l.signalled.direction != said.direction
    cdef bint media_differs = l.signalled.udptl != said.udptl
    cdef uint8_t tier_before
    latch_advance(l, now_ns)
    tier_before = accepted_scope_tier(l)
    if kind == SIGNAL_CLOSE:
        latch_close(l, now_ns)
        return
    l.signalled = said[0]
    l.how.rtcp_mux = said.rtcp_mux
    l.how.reduced_size = said.reduced_size
    l.how.encrypted = said.encrypted
    l.how.udptl = said.udptl
    if l.state == LATCH_CLOSED or l.state == LATCH_EXPIRED:
        return
    if media_differs:
        candidate_discard_all(&l.candidates)
        l.clear_to_send = False
    if l.state == LATCH_ARMED:
        if kind != SIGNAL_HOLD:
            begin_learning(l, now_ns)
    elif l.state == LATCH_LEARNING:
        latch_choose_destination(l)
        if differs:
            tell_empty_scope(l, now_ns)
    elif media_differs:
        turn_media(l, now_ns)
    else:
        if scope_differs:                   # a direction alone puts nobody out of scope
            judge_scope(l, tier_before)
        resignal(l, now_ns, kind, differs)
    pinned_settle(l)


cdef authentication* latch_set_authentication(latch* l, authentication* a, uint64_t now_ns) noexcept nogil:
    cdef authentication* before = l.authentication
    cdef bint had_ice = latch_has_ice(l)
    if a != NULL and before != NULL:
        authentication_inherit(a, before)
    l.authentication = a
    if l.state == LATCH_CLOSED or l.state == LATCH_ARMED or l.state == LATCH_EXPIRED:
        return before
    if l.has_accepted and had_ice != latch_has_ice(l):
        # Accepted by rules that hold no more.
        if had_ice:
            l.accepted_tier = accepted_scope_tier(l)
            begin_relearning(l, now_ns)
        else:
            forget_accepted(l, now_ns)
    else:
        latch_choose_destination(l)
    latch_wake_at(l, latch_pairs_expiry(l))
    pinned_settle(l)
    return before


# Time --------------------------------------------------------------------------------------------------------------

cdef void close_window(latch* l, uint64_t now_ns) noexcept nogil:
    # Rows 7 and 17. What the accepted source has begun (another SSRC, a jump) goes on.
    if l.state == LATCH_RELEARNING and l.accepted_tier > l.policy.worst_tier:
        forget_accepted(l, now_ns)
    else:
        l.state = LATCH_ROAMING if l.roaming else LATCH_LOCKED
        candidate_discard_others(&l.candidates, &l.accepted)


cdef void latch_advance(latch* l, uint64_t now_ns) noexcept nogil:
    cdef bint in_window
    if now_ns < l.timer_ns:
        return
    candidate_expire(&l.candidates, now_ns)
    l.timer_ns = candidate_next_expiry(&l.candidates)
    if l.authentication != NULL:
        if latch_end_pairs(l, now_ns):
            forget_accepted(l, now_ns)
        latch_wake_at(l, latch_pairs_expiry(l))
    in_window = l.state == LATCH_PROVISIONAL or l.state == LATCH_RELEARNING
    if in_window and now_ns - l.window_since_ns >= l.policy.learn_window_ns:
        close_window(l, l.window_since_ns + l.policy.learn_window_ns)
    elif in_window:
        latch_wake_at(l, l.window_since_ns + l.policy.learn_window_ns)
    silence_advance(l, now_ns)
    latch_flush_events(l, now_ns, False)
    if meter_runs(l):
        l.timer_ns = 0
    pinned_settle(l)


# Packets -----------------------------------------------------------------------------------------------------------

cdef inline void latch_follow(latch* l, const datagram* d, latch_verdict* verdict) noexcept nogil:
    pinned_follow(l, d)
    verdict.action = ACTION_FORWARD
    verdict.reason = DROP_NONE
    verdict.row = 8
    hold_chain_init(&verdict.released)


cdef void latch_receive(latch* l, const datagram* d, latch_verdict* verdict) noexcept nogil:
    if d.now_ns >= l.timer_ns:
        latch_advance(l, d.now_ns)
        if meter_runs(l):
            meter_receive(l, d)
    if pinned_is_steady(l, d):
        latch_follow(l, d, verdict)
    else:
        latch_hear(l, &d.source, d.now_ns)
        if l.how.udptl:
            udptl_receive(l, d, verdict)
        elif not (d.authenticated and l.authentication != NULL and latch_switch_authentic(l, d, verdict)):
            transition_receive(l, d, verdict)
        if l.authentication != NULL:
            latch_follow_pair(l)


cdef void latch_note_invalid(latch* l, const datagram* d, uint8_t reason) noexcept nogil:
    cdef datagram talker
    memset(&talker, 0, sizeof(talker))      # there is no header to show
    talker.source = d.source
    talker.now_ns = d.now_ns
    # Also a keepalive: it keeps a latch alive and makes none (RFC 6263). That of a neighbour says nothing of a source.
    latch_hear(l, &d.source, d.now_ns)
    if l.has_accepted and address_equal(&l.accepted, &d.source):
        l.heard_ns = d.now_ns
    if l.state == LATCH_CLOSED:
        latch_note_talker(l, &talker)
    elif PARSE_RTCP_TOO_SHORT <= reason <= PARSE_RTCP_PACKET_TOO_SHORT:
        latch_event(l, d.now_ns, EVENT_RTCP_INVALID, DETAIL_REASON + reason, &talker)


# Other evidence ----------------------------------------------------------------------------------------------------

cdef void latch_receipt_proof(latch* l, const transport_address* source, uint64_t now_ns) noexcept nogil:
    cdef datagram proof
    latch_heard(l, source, now_ns)
    if l.has_destination and address_same_host(&l.destination, source):
        l.destination_proven = True
    if not l.has_accepted or not address_same_host(&l.accepted, source):
        return
    # Hosts behind one NAT cannot be told apart by a report from another port.
    seniority_forget_elsewhere(l, not address_equal(&l.accepted, source))
    if l.roaming:
        memset(&proof, 0, sizeof(proof))
        proof.source = source[0]
        proof.now_ns = now_ns
        roaming_end(l, &proof, DETAIL_RECEIPT)
    pinned_settle(l)


cdef void latch_authenticated(latch* l, const transport_address* source, uint64_t now_ns) noexcept nogil:
    if l.state == LATCH_CLOSED or l.state == LATCH_EXPIRED or latch_owns(l, source):
        return
    l.authenticated = source[0]
    l.has_authenticated = True
    latch_heard(l, source, now_ns)
    if l.has_accepted and address_equal(&l.accepted, source):
        l.accepted_tier = TIER_AUTHENTICATED
        seniority_forget_elsewhere(l, False)
        l.roaming = False
        accept_settled(l, now_ns)
    latch_set_destination(l, source, True)
    pinned_settle(l)


cdef void latch_heard(latch* l, const transport_address* source, uint64_t now_ns) noexcept nogil:
    if l.has_accepted and address_same_host(&l.accepted, source):
        l.heard_ns = now_ns
    latch_hear(l, source, now_ns)


cdef bint latch_is_settled(const latch* l) noexcept nogil:
    return l.authentication == NULL and l.state == LATCH_LOCKED and l.steady and not seniority_is_elsewhere(l, True)


cdef void latch_add_own_address(latch* l, const transport_address* own) noexcept nogil:
    if l.own_count < OWN_ADDRESSES:
        l.own[l.own_count] = own[0]
        l.own_count += 1


cdef void latch_add_sent_ssrc(latch* l, uint32_t ssrc) noexcept nogil:
    cdef int index
    for index in range(min(<int>l.sent_count, <int>SENT_SSRCS)):
        if l.sent_ssrcs[index] == ssrc:
            return
    if l.sent_count < SENT_SSRCS:
        l.sent_ssrcs[l.sent_count] = ssrc
        l.sent_count += 1
    else:
        memmove(&l.sent_ssrcs[0], &l.sent_ssrcs[1], (SENT_SSRCS - 1) * sizeof(uint32_t))
        l.sent_ssrcs[SENT_SSRCS - 1] = ssrc
