# Stage "probe": what a packet is to a latch, looked up without changing either.

from libc.stdint cimport uint8_t, uint32_t, uint64_t

from rtpcore.track.datagram cimport datagram
from rtpcore.track.latch.candidate cimport CANDIDATE_NONE, candidate_count_with, candidate_find
from rtpcore.track.latch.continuity cimport stream_continues, stream_step
from rtpcore.track.latch.policy cimport TIER_ANY, TIER_AUTHENTICATED, TIER_DECLARED, TIER_SIGNALLING
from rtpcore.track.latch.prepublish cimport PREPUBLISH_SATURATED, prepublish_knows, prepublish_knows_ssrc
from rtpcore.track.latch.scope cimport scope_tier, signalling_negotiates
from rtpcore.track.latch.seniority cimport SENIOR_NONE, seniority_find_elsewhere
from rtpcore.track.latch.silence cimport silence_dead_ns
from rtpcore.track.latch.state cimport (
    LATCH_ARMED,
    LATCH_CLOSED,
    LATCH_EXPIRED,
    LATCH_HELD,
    LATCH_LEARNING,
    LATCH_LOCKED,
    LATCH_ROAMING,
    latch,
)
from rtpcore.track.reason cimport (
    DROP_INELIGIBLE,
    DROP_KEEPALIVE,
    DROP_LOOP,
    DROP_NONE,
    DROP_OUT_OF_SCOPE,
    DROP_PAYLOAD_TYPE,
    DROP_PREPUBLISH_TALKER,
    DROP_SPRAYER,
)
from rtpcore.track.strangers.own_ports cimport own_ports_bound, own_ports_mutual, own_ports_number
from rtpcore.track.strangers.spray cimport spray_marked
from rtpcore.wire.address cimport (
    ADDRESS_FORBIDDEN,
    address_classify,
    address_equal,
    address_same_host,
    transport_address,
)

cdef enum:
    BARRED_WAIT_NS = 1_000_000_000      # of LEARNING, after which a pre-publish talker may try
    BARRED_NEEDED = 5


cdef bint latch_owns(const latch* l, const transport_address* address) noexcept nogil:
    cdef int index
    cdef uint32_t number
    for index in range(l.own_count):
        if address_equal(&l.own[index], address):
            return True
    if l.ports == NULL:
        return False
    number = own_ports_number(l.ports, address)
    return own_ports_bound(l.ports, number) and not (
        own_ports_mutual(l.ports, l.port, number) or own_ports_mutual(l.ports, l.rtcp_port, number))


cdef bint is_sent_ssrc(const latch* l, uint32_t ssrc) noexcept nogil:
    cdef int index
    for index in range(l.sent_count):
        if l.sent_ssrcs[index] == ssrc:
            return True
    return False


cdef bint is_barred(const latch* l, const datagram* d, latch_view* view) noexcept nogil:
    # A NAT may give a phone the mapping of its previous call, so a talker may try again, later and harder.
    if not l.policy.prepublish_bar or view.tier <= TIER_DECLARED or not prepublish_knows(&l.talkers, &d.source):
        return False
    view.needed = BARRED_NEEDED
    if l.state != LATCH_LEARNING or d.now_ns - l.learning_since_ns < BARRED_WAIT_NS:
        return True
    return l.talkers.notes < PREPUBLISH_SATURATED and prepublish_knows_ssrc(&l.talkers, d.ssrc)


cdef bint is_locked(const latch* l) noexcept nogil:
    return l.state == LATCH_LOCKED or l.state == LATCH_HELD or l.state == LATCH_ROAMING


cdef bint goes_on_with_rival(const latch* l, const datagram* d, const latch_view* view) noexcept nogil:
    # The key frame of a video is a burst that reaches further than its time.
    return (view.candidate != CANDIDATE_NONE and l.candidates.slots[view.candidate].rival
            and candidate_count_with(&l.candidates, view.candidate, d) > 1)


cdef bint is_rival(const latch* l, const datagram* d, const latch_view* view) noexcept nogil:
    # T0 needs no continuity, but what was on its way when another address took over does not lead back.
    cdef uint64_t since_ns = d.now_ns
    if not l.has_accepted or view.same_source:
        return False
    if view.tier == TIER_AUTHENTICATED:
        return not view.same_ssrc or stream_step(&l.pinned, d.header.sequence_number) > 0
    if not view.same_ssrc or l.policy.worst_tier <= TIER_DECLARED or l.accepted_tier > l.policy.worst_tier:
        return False
    if not address_same_host(&d.source, &l.accepted):
        if view.candidate != CANDIDATE_NONE:
            since_ns = l.candidates.slots[view.candidate].first_ns
        if l.state == LATCH_HELD or l.last_accepted_ns + l.policy.roam_max_gap_ns <= since_ns:
            return False
    return stream_continues(&l.pinned, &d.header, d.now_ns) or goes_on_with_rival(l, d, view)


cdef bint may_relatch(const latch* l, const datagram* d, const latch_view* view) noexcept nogil:
    if view.same_source or (l.state != LATCH_LOCKED and l.state != LATCH_ROAMING) or l.policy.dead_relatch_ns == 0:
        return False
    if silence_dead_ns(l, d.now_ns) <= l.policy.dead_relatch_ns:
        return False
    return view.tier <= l.policy.worst_tier and (view.tier <= TIER_SIGNALLING or l.policy.worst_tier == TIER_ANY)


cdef bint is_sprayer(const latch* l, const datagram* d, const latch_view* view) noexcept nogil:
    # A mark can be forged, so it bars nobody for whom signalling vouches; in ARMED it is not known for whom that does.
    return (view.tier > TIER_SIGNALLING and l.sprayers != NULL and l.state != LATCH_ARMED
            and spray_marked(l.sprayers, &d.source, d.now_ns))


cdef uint8_t refusal(const latch* l, const datagram* d, latch_view* view) noexcept nogil:
    if not view.same_source:
        # Both parties may use one SSRC (0, or the same recording played by two testers), so an address that signalling
        # vouches for is not a loop, nor is one that goes on where the accepted stream stopped.
        if view.tier > TIER_SIGNALLING and not view.rival and view.senior == SENIOR_NONE and is_sent_ssrc(l, d.ssrc):
            return DROP_LOOP
        if is_locked(l) and not view.rival and not view.relatch and view.senior == SENIOR_NONE:
            return DROP_NONE                # row 14 drops it whatever it is
        if d.source.port == 0 or address_classify(&d.source) == ADDRESS_FORBIDDEN or latch_owns(l, &d.source):
            return DROP_INELIGIBLE
    if d.header.payload_size == 0:
        return DROP_KEEPALIVE
    if not signalling_negotiates(&l.signalled, d.header.payload_type):
        return DROP_PAYLOAD_TYPE
    if view.same_source or view.senior != SENIOR_NONE:
        return DROP_NONE
    if view.tier > l.policy.worst_tier and l.state != LATCH_ARMED and not view.rival:
        return DROP_OUT_OF_SCOPE
    if is_sprayer(l, d, view):
        return DROP_SPRAYER
    return DROP_PREPUBLISH_TALKER if is_barred(l, d, view) else DROP_NONE


cdef uint8_t tier_of(const latch* l, const datagram* d, const latch_view* view) noexcept nogil:
    if d.authenticated or (l.has_authenticated and address_equal(&d.source, &l.authenticated)):
        return TIER_AUTHENTICATED
    if view.same_source:
        return l.accepted_tier
    # Who is locked out anyway need not be looked up, so that a flood costs little.
    if is_locked(l) and not view.same_ssrc and silence_dead_ns(l, d.now_ns) <= l.policy.dead_relatch_ns:
        return TIER_ANY
    return scope_tier(&l.signalled, &l.policy, l.interface_class, &d.source)


cdef void latch_observe(const latch* l, const datagram* d, latch_view* view) noexcept nogil:
    view.same_source = l.has_accepted and address_equal(&d.source, &l.accepted)
    view.same_ssrc = l.pinned.valid and d.ssrc == l.pinned.ssrc
    view.silent_ns = d.now_ns - l.last_accepted_ns if d.drained and l.has_accepted else 0
    view.tier = TIER_ANY
    view.candidate = CANDIDATE_NONE
    view.senior = SENIOR_NONE
    view.rival = view.relatch = False
    view.refused = DROP_NONE
    if l.state == LATCH_CLOSED or l.state == LATCH_EXPIRED:
        return
    view.tier = tier_of(l, d, view)
    view.needed = l.policy.probation[view.tier]
    view.candidate = candidate_find(&l.candidates, &d.source, d.ssrc)
    if l.has_accepted and not view.same_source:
        view.rival = is_rival(l, d, view)
        view.relatch = may_relatch(l, d, view)
        view.senior = seniority_find_elsewhere(l, d)
    if not (view.same_source and view.same_ssrc):
        view.refused = refusal(l, d, view)
