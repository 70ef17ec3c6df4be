# RTCP sources: eligible only where the RTP comes from (or from the a=rtcp address, RFC 3605), and from a known SSRC.
# When the accepted RTP source changes, the RTCP source loses its right; when that comes back, so does its RTCP source.

from libc.stdint cimport uint32_t, uint64_t, uint8_t
from libc.string cimport memset

from rtpcore.track.datagram cimport datagram
from rtpcore.track.event cimport DETAIL_REASON, EVENT_RTCP_INVALID
from rtpcore.track.latch.evidence cimport latch_event
from rtpcore.track.latch.hold cimport hold_append, hold_chain_init, hold_clear, hold_drop_first
from rtpcore.track.latch.latch cimport latch_heard
from rtpcore.track.latch.observation cimport latch_owns
from rtpcore.track.latch.policy cimport TIER_DECLARED
from rtpcore.track.latch.scope cimport scope_routable, signalling_is_source, signalling_names_ssrc
from rtpcore.track.latch.state cimport (
    ACTION_DROP,
    ACTION_FORWARD,
    ACTION_HOLD,
    LATCH_CLOSED,
    LATCH_EXPIRED,
    latch,
    latch_verdict,
)
from rtpcore.track.latch.transition cimport latch_note_talker
from rtpcore.track.reason cimport (
    DROP_CLOSED,
    DROP_HOLD_POOL_EMPTY,
    DROP_NONE,
    DROP_NOT_PUBLISHED,
    DROP_RTCP_INELIGIBLE,
    DROP_RTCP_UNQUALIFIED,
)
from rtpcore.track.sending.liveness cimport latch_hear
from rtpcore.wire.address cimport (
    ADDRESS_FORBIDDEN,
    address_classify,
    address_equal,
    address_same_host,
    transport_address,
)
from rtpcore.wire.rtcp.compound cimport rtcp_has_bye


cdef void rtcp_latch_init(rtcp_latch* r) noexcept nogil:
    memset(r, 0, sizeof(rtcp_latch))
    hold_chain_init(&r.held)


cdef bint rtcp_latch_is_declared(const latch* l, const transport_address* source) noexcept nogil:
    # As for media, an unroutable address counts only where signalling comes from it.
    return (l.signalled.has_declared_rtcp and address_equal(source, &l.signalled.declared_rtcp)
            and (scope_routable(source, l.interface_class) or signalling_is_source(&l.signalled, source)))


cdef bint is_eligible(const latch* l, const transport_address* source) noexcept nogil:
    if source.port == 0 or address_classify(source) == ADDRESS_FORBIDDEN or latch_owns(l, source):
        return False
    if l.how.rtcp_mux:
        return l.has_accepted and address_equal(source, &l.accepted)
    if rtcp_latch_is_declared(l, source):
        return True
    return l.has_accepted and l.policy.worst_tier > TIER_DECLARED and address_same_host(source, &l.accepted)


# Following the media --------------------------------------------------------------------------------------------------

cdef const transport_address* rtcp_latch_displaced(const rtcp_latch* r, const transport_address* media) noexcept nogil:
    cdef int index
    for index in range(r.displaced_count):
        if address_equal(&r.displaced[index].media, media):
            return &r.displaced[index].reports
    return NULL


cdef bint has_moved(const rtcp_latch* r, const latch* l) noexcept nogil:
    # Another RTP source is accepted than when this RTCP was heard.
    return r.has_media and l.has_accepted and not address_equal(&r.media, &l.accepted)


cdef void remember(rtcp_latch* r) noexcept nogil:
    cdef int index
    for index in range(r.displaced_count):
        if address_equal(&r.displaced[index].media, &r.media):
            r.displaced[index].reports = r.accepted
            return
    index = min(<int>r.displaced_count, <int>RTCP_DISPLACED - 1)
    r.displaced[index].media = r.media
    r.displaced[index].reports = r.accepted
    r.displaced_count = <uint8_t>(index + 1)


cdef void follow_back(rtcp_latch* r, const latch* l, uint64_t now_ns) noexcept nogil:
    # Media came back to a source whose RTCP is known.
    cdef const transport_address* found = rtcp_latch_displaced(r, &l.accepted) if has_moved(r, l) else NULL
    cdef transport_address back
    if found == NULL:
        return
    back = found[0]
    remember(r)
    r.accepted = back
    r.media = l.accepted
    r.last_accepted_ns = now_ns


cdef const transport_address* rtcp_latch_accepted(const rtcp_latch* r, const latch* l) noexcept nogil:
    cdef const transport_address* found = rtcp_latch_displaced(r, &l.accepted) if has_moved(r, l) else NULL
    if found == NULL:
        found = &r.accepted
    return found if r.has_accepted and is_eligible(l, found) else NULL


cdef bint rtcp_latch_speaks_for(const rtcp_latch* r, const latch* l, const transport_address* source) noexcept nogil:
    cdef int index
    if not l.has_accepted or not address_same_host(source, &l.accepted):
        return False
    # Who was displaced from another port of that host received our media too, and speaks for itself.
    for index in range(r.displaced_count):
        if (address_equal(&r.displaced[index].reports, source)
                and not address_equal(&r.displaced[index].media, &l.accepted)):
            return False
    return True


# Who is heard ---------------------------------------------------------------------------------------------------------

cdef bint is_known_ssrc(const rtcp_latch* r, const latch* l, uint32_t ssrc) noexcept nogil:
    if l.pinned.valid or l.signalled.ssrc_count:
        return (l.pinned.valid and ssrc == l.pinned.ssrc) or signalling_names_ssrc(&l.signalled, ssrc)
    return r.knows_ssrc and ssrc == r.ssrc


cdef bint knows_any_ssrc(const rtcp_latch* r, const latch* l) noexcept nogil:
    return l.pinned.valid or l.signalled.ssrc_count or (r.knows_ssrc and is_eligible(l, &r.accepted))


cdef bint is_preferred(const latch* l, const transport_address* source) noexcept nogil:
    # Declared, or next to the RTP port: one compound is enough.
    if rtcp_latch_is_declared(l, source):
        return True
    return l.has_accepted and address_same_host(source, &l.accepted) and source.port == <uint32_t>l.accepted.port + 1


cdef void refuse(latch* l, const datagram* d, uint8_t reason, latch_verdict* verdict) noexcept nogil:
    if reason == DROP_RTCP_INELIGIBLE:
        latch_event(l, d.now_ns, EVENT_RTCP_INVALID, DETAIL_REASON + reason, d)
    verdict.action = ACTION_DROP
    verdict.reason = reason


cdef void discard_held(rtcp_latch* r, latch* l, uint8_t reason) noexcept nogil:
    l.candidates.drops[reason] += hold_clear(l.candidates.pool, &r.held)
    r.candidate_count = 0


cdef bint is_candidate(const rtcp_latch* r, const datagram* d) noexcept nogil:
    return r.candidate_count and r.candidate_ssrc == d.ssrc and address_equal(&r.candidate, &d.source)


cdef void examine(rtcp_latch* r, latch* l, const datagram* d, latch_verdict* verdict) noexcept nogil:
    # One candidate: the same source and SSRC again, within the time in which a report must come.
    if not is_candidate(r, d):
        discard_held(r, l, DROP_RTCP_UNQUALIFIED)
        r.candidate = d.source
        r.candidate_ssrc = d.ssrc
    r.candidate_ns = d.now_ns
    r.candidate_count = min(r.candidate_count + 1, 255)
    if r.held.count == RTCP_NEEDED:
        hold_drop_first(l.candidates.pool, &r.held)
        l.candidates.drops[<int>DROP_RTCP_UNQUALIFIED] += 1
    if hold_append(l.candidates.pool, &r.held, d.octets, d.size, d.now_ns):
        verdict.action = ACTION_HOLD
    else:
        refuse(l, d, DROP_HOLD_POOL_EMPTY, verdict)


cdef bint is_confirmed(const rtcp_latch* r, const datagram* d) noexcept nogil:
    return is_candidate(r, d) and r.candidate_count + 1 >= RTCP_NEEDED


cdef void accept(rtcp_latch* r, latch* l, const datagram* d, latch_verdict* verdict) noexcept nogil:
    if is_candidate(r, d):
        verdict.released = r.held
        hold_chain_init(&r.held)
        r.candidate_count = 0
    if r.has_accepted and has_moved(r, l):
        remember(r)
    if l.has_accepted:
        r.media = l.accepted
        r.has_media = True
    r.accepted = d.source
    r.has_accepted = True
    r.ssrc = d.ssrc
    r.knows_ssrc = True
    r.last_accepted_ns = d.now_ns
    latch_hear(l, &d.source, d.now_ns)
    if l.has_destination and address_same_host(&d.source, &l.destination):
        l.destination_proven = True
    if rtcp_latch_speaks_for(r, l, &d.source):
        latch_heard(l, &d.source, d.now_ns)
    if l.pinned.valid and not l.how.encrypted and rtcp_has_bye(d.octets, d.size, l.pinned.ssrc):
        l.bye_ns = d.now_ns
    verdict.action = ACTION_FORWARD


cdef void rtcp_latch_receive(rtcp_latch* r, latch* l, const datagram* d, latch_verdict* verdict) noexcept nogil:
    cdef bint same, contested, known
    rtcp_latch_advance(r, l, d.now_ns)
    verdict.reason = DROP_NONE
    verdict.row = 0
    hold_chain_init(&verdict.released)
    if l.state == LATCH_CLOSED or l.state == LATCH_EXPIRED:
        if l.state == LATCH_CLOSED:
            latch_note_talker(l, d)
        refuse(l, d, DROP_NOT_PUBLISHED if l.state == LATCH_CLOSED else DROP_CLOSED, verdict)
        return
    follow_back(r, l, d.now_ns)
    if d.authenticated:
        accept(r, l, d, verdict)
        return
    known = is_known_ssrc(r, l, d.ssrc)
    if not is_eligible(l, &d.source) or (not known and knows_any_ssrc(r, l)):
        refuse(l, d, DROP_RTCP_INELIGIBLE, verdict)
        return
    same = r.has_accepted and address_equal(&r.accepted, &d.source)
    # The accepted source keeps its right while it talks from where it may, and its media has not moved.
    contested = (r.has_accepted and not same and not has_moved(r, l) and is_eligible(l, &r.accepted)
                 and d.now_ns - r.last_accepted_ns < RTCP_SILENT_NS)
    if not contested and (is_confirmed(r, d) or (known and (
            same or l.how.rtcp_mux or is_preferred(l, &d.source)))):
        accept(r, l, d, verdict)
    else:
        examine(r, l, d, verdict)


cdef void rtcp_latch_close(rtcp_latch* r, latch* l) noexcept nogil:
    discard_held(r, l, DROP_CLOSED)
    r.has_accepted = False
    r.displaced_count = 0


cdef void rtcp_latch_advance(rtcp_latch* r, latch* l, uint64_t now_ns) noexcept nogil:
    if r.candidate_count and now_ns - r.candidate_ns > RTCP_SILENT_NS:
        discard_held(r, l, DROP_RTCP_UNQUALIFIED)
