# Rows 18 and 19 (RFC 3711 3.3; RFC 8445 section 7.3; RFC 7675): authentication stands before latching. A packet that
# fails leaves a counter, and never counts for or against a source.

from libc.stdint cimport uint8_t, uint64_t
from libc.string cimport memset

from rtpcore.track.authentication.ice cimport (
    ICE_NEVER,
    ICE_NO_PAIR,
    ice_agent,
    ice_answer,
    ice_check,
    ice_expire,
    ice_find,
    ice_next_expiry,
    ice_pair,
    ice_select,
    ice_selected,
)
from rtpcore.track.authentication.state cimport authentication, passthrough_permits
from rtpcore.track.datagram cimport datagram
from rtpcore.track.event cimport DETAIL_NONE, EVENT_CONSENT_LOST
from rtpcore.track.latch.evidence cimport latch_event
from rtpcore.track.latch.observation cimport latch_owns
from rtpcore.track.latch.policy cimport TIER_SIGNALLING
from rtpcore.track.latch.scope cimport scope_tier
from rtpcore.track.latch.state cimport LATCH_CLOSED, LATCH_EXPIRED, latch, latch_wake_at
from rtpcore.track.reason cimport DROP_NONE, DROP_NOT_VALIDATED, DROP_NOT_VERIFIED, DROP_RATE_LIMIT, DROP_STUN
from rtpcore.track.sending.destination cimport latch_choose_destination
from rtpcore.wire.address cimport ADDRESS_FORBIDDEN, address_classify, address_equal, transport_address
from rtpcore.wire.demux cimport KIND_DTLS, KIND_ZRTP

cdef enum:
    FOR_EVER_NS = 0x2000000000000000
    TALKING_NS = 100_000_000            # since the last media: row 6's silence


cdef bint is_open(const latch* l) noexcept nogil:
    return l.state != LATCH_CLOSED and l.state != LATCH_EXPIRED


cdef bint is_eligible(const latch* l, const transport_address* source) noexcept nogil:
    return source.port != 0 and address_classify(source) != ADDRESS_FORBIDDEN and not latch_owns(l, source)


cdef uint8_t latch_authenticate(latch* l, datagram* d) noexcept nogil:
    cdef authentication* a = l.authentication
    if a == NULL or not is_open(l):
        return DROP_NONE                # before publish row 1 notes whoever talks
    if a.ice != NULL:
        if ice_find(a.ice, &d.source, d.rtcp_port) == ICE_NO_PAIR:
            return DROP_NOT_VALIDATED
        d.authenticated = True
    if a.verify != NULL:
        if not a.verify(a.context, d.octets, d.size):
            return DROP_NOT_VERIFIED
        d.authenticated = True
    return DROP_NONE


# Checks ------------------------------------------------------------------------------------------------------------

cdef bint selected_talks(const latch* l, uint64_t now_ns) noexcept nogil:
    cdef const ice_pair* used = ice_selected(l.authentication.ice, 0)
    return (used != NULL and l.has_accepted and address_equal(&used.source, &l.accepted)
            and now_ns - l.last_accepted_ns < TALKING_NS)


cdef uint8_t receive_check(latch* l, const datagram* d, ice_answer* answer) noexcept nogil:
    cdef uint8_t reason = ice_check(l.authentication.ice, d, is_eligible(l, &d.source), selected_talks(l, d.now_ns),
                                    answer)
    if answer.validated:
        latch_wake_at(l, latch_pairs_expiry(l))
    if answer.was_selected:
        latch_choose_destination(l)
    return reason


cdef bint may_pass(const latch* l, const datagram* d) noexcept nogil:
    # From T0 to T3. Where ICE is negotiated from validated pairs alone.
    if not (l.authentication.passthrough >> d.kind & 1) or not is_eligible(l, &d.source):
        return False
    if latch_has_ice(l):
        return True
    return scope_tier(&l.signalled, &l.policy, l.interface_class, &d.source) <= TIER_SIGNALLING


cdef uint8_t latch_receive_other(latch* l, const datagram* d, uint8_t reason, ice_answer* answer) noexcept nogil:
    cdef authentication* a = l.authentication
    answer.size = 0
    if a == NULL or not is_open(l):
        return reason
    if a.ice != NULL:
        if reason == DROP_STUN:
            return receive_check(l, d, answer)
        if (d.kind == KIND_DTLS or d.kind == KIND_ZRTP) and ice_find(a.ice, &d.source, d.rtcp_port) == ICE_NO_PAIR:
            return DROP_NOT_VALIDATED
    if not may_pass(l, d):
        return reason
    return DROP_NONE if passthrough_permits(a, &d.source, d.now_ns) else DROP_RATE_LIMIT


# Consent -----------------------------------------------------------------------------------------------------------

cdef uint64_t consent_ns(const latch* l) noexcept nogil:
    return l.policy.consent_ns if l.policy.consent_ns else <uint64_t>FOR_EVER_NS


cdef uint64_t latch_pairs_expiry(const latch* l) noexcept nogil:
    return ice_next_expiry(l.authentication.ice, consent_ns(l)) if latch_has_ice(l) else <uint64_t>ICE_NEVER


cdef bint latch_end_pairs(latch* l, uint64_t now_ns) noexcept nogil:
    cdef ice_agent* agent
    cdef datagram gone
    cdef bint lost
    if not latch_has_ice(l):
        return False
    agent = l.authentication.ice
    memset(&gone, 0, sizeof(gone))
    lost = ice_expire(agent, now_ns, consent_ns(l), &gone.source)
    if lost:
        latch_event(l, now_ns, EVENT_CONSENT_LOST, DETAIL_NONE, &gone)
    latch_choose_destination(l)
    return l.has_accepted and (lost or ice_find(agent, &l.accepted, 0) == ICE_NO_PAIR)


cdef void latch_follow_pair(latch* l) noexcept nogil:
    # The other end chose it without a nomination that arrived here.
    cdef int pair
    cdef const ice_pair* used
    if not latch_has_ice(l) or not l.has_accepted:
        return
    used = ice_selected(l.authentication.ice, 0)
    pair = ice_find(l.authentication.ice, &l.accepted, 0)
    if pair != ICE_NO_PAIR and not (used != NULL and address_equal(&used.source, &l.accepted)):
        ice_select(l.authentication.ice, pair)
        latch_choose_destination(l)
