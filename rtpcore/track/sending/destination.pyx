# Destination (RFC 4961), and what stands between a packet and it, folded into one flag for the steady path.

from libc.stdint cimport uint8_t, uint32_t, uint64_t

from rtpcore.track.authentication.ice cimport ice_pair, ice_selected
from rtpcore.track.datagram cimport datagram
from rtpcore.track.latch.observation cimport latch_owns
from rtpcore.track.latch.policy cimport SEND_TO_ACCEPTED, SEND_TO_DECLARED, TIER_DECLARED, TIER_SIGNALLING
from rtpcore.track.latch.prepublish cimport prepublish_knows
from rtpcore.track.latch.scope cimport scope_routable
from rtpcore.track.latch.state cimport LATCH_EXPIRED, LATCH_LEARNING, latch
from rtpcore.track.reason cimport (
    DROP_CONSENT_LOST,
    DROP_NO_DESTINATION,
    DROP_NONE,
    DROP_OTHER_MEDIA,
    DROP_UNREACHABLE,
)
from rtpcore.track.sending.budget cimport budget_spend, meter_runs, meter_spend
from rtpcore.track.sending.liveness cimport latch_alive_ns, latch_has_consent, latch_vouches, way_permits
from rtpcore.track.sending.state cimport way
from rtpcore.track.strangers.own_ports cimport OWN_NONE, own_ports_number
from rtpcore.wire.address cimport address_equal, address_same_host, transport_address


cdef void latch_set_destination(latch* l, const transport_address* destination, bint proven) noexcept nogil:
    # A host that has answered once has, whatever signalling says later.
    cdef bint same_host = l.has_destination and address_same_host(&l.destination, destination)
    if not same_host:
        l.sending.alive_ns = 0
        l.sending.lost_ns = 0
    if not (l.has_destination and address_equal(&l.destination, destination)):
        l.sending.media.paused_ns = 0
    l.destination_proven = proven or (same_host and l.destination_proven)
    l.destination = destination[0]
    l.has_destination = True
    l.clear_to_send = False


cdef bint declared_is_usable(const latch* l) noexcept nogil:
    return (l.signalled.has_declared and scope_routable(&l.signalled.declared, l.interface_class)
            and not latch_owns(l, &l.signalled.declared))


cdef bint latch_follows_accepted(const latch* l) noexcept nogil:
    # Sending is a policy of its own: the declared address, or the accepted source (symmetric RTP, RFC 4961).
    return l.policy.send_to == SEND_TO_ACCEPTED or (l.policy.send_to != SEND_TO_DECLARED and not declared_is_usable(l))


cdef void choose_pair(latch* l) noexcept nogil:
    # Row 19: only where an authenticated check came from.
    cdef const ice_pair* pair = ice_selected(l.authentication.ice, 0)
    if pair != NULL:
        latch_set_destination(l, &pair.source, True)
    else:
        l.has_destination = False
        l.clear_to_send = False


cdef void latch_choose_destination(latch* l) noexcept nogil:
    if l.authentication != NULL and l.authentication.ice != NULL:
        choose_pair(l)
    elif l.has_accepted and latch_follows_accepted(l):
        latch_set_destination(l, &l.accepted, True)
    elif declared_is_usable(l):
        latch_set_destination(l, &l.signalled.declared, latch_vouches(l, &l.signalled.declared) or (
            l.has_accepted and address_same_host(&l.accepted, &l.signalled.declared)))
    else:
        l.has_destination = False
        l.clear_to_send = False


cdef void latch_follow_keepalive(latch* l, const datagram* d, uint8_t tier) noexcept nogil:
    cdef bint barred = l.policy.prepublish_bar and tier > TIER_DECLARED and prepublish_knows(&l.talkers, &d.source)
    if (l.policy.latch_on_keepalive and l.state == LATCH_LEARNING and tier <= TIER_SIGNALLING and not barred
            and latch_follows_accepted(l)):
        latch_set_destination(l, &d.source, True)


cdef void latch_retry_destination(latch* l) noexcept nogil:
    if l.has_destination or l.ports == NULL or not l.signalled.has_declared or l.state < LATCH_LEARNING:
        return
    if l.state != LATCH_EXPIRED and own_ports_number(l.ports, &l.signalled.declared) != OWN_NONE:
        latch_choose_destination(l)


cdef uint8_t obstacle(latch* l, way* w, const transport_address* to, bint proven, uint64_t now_ns,
                      uint32_t octets) noexcept nogil:
    cdef bint is_party = l.has_destination and address_same_host(to, &l.destination)
    cdef uint8_t reason
    if is_party and not latch_has_consent(l):
        return DROP_CONSENT_LOST
    if not way_permits(w, now_ns, latch_alive_ns(l) if is_party else 0):
        return DROP_UNREACHABLE
    if is_party and meter_runs(l) and address_same_host(to, &l.accepted):
        reason = meter_spend(l, octets)
        if reason != DROP_NONE:
            return reason
    return <uint8_t>DROP_NONE if proven else budget_spend(l, to, now_ns, octets)


cdef uint8_t latch_may_try(latch* l, uint64_t now_ns, uint32_t octets) noexcept nogil:
    cdef uint8_t reason
    if l.how.udptl:
        return DROP_OTHER_MEDIA
    if not l.has_destination:
        if l.authentication != NULL and l.authentication.ice != NULL and l.authentication.ice.lost:
            return DROP_CONSENT_LOST
        return DROP_NO_DESTINATION
    reason = obstacle(l, &l.sending.media, &l.destination, l.destination_proven, now_ns, octets)
    # Whatever may stand in the way again lowers the flag.
    l.clear_to_send = (reason == DROP_NONE and (l.destination_proven or l.policy.early_budget_ns == 0)
                       and not meter_runs(l) and l.sending.media.paused_ns == 0)
    return reason


cdef uint8_t latch_may_send_udptl(latch* l, uint64_t now_ns, uint32_t octets) noexcept nogil:
    if not l.how.udptl:
        return DROP_OTHER_MEDIA
    if not l.has_destination:
        return DROP_NO_DESTINATION
    return obstacle(l, &l.sending.media, &l.destination, l.destination_proven, now_ns, octets)


cdef uint8_t latch_may_report(latch* l, const transport_address* to, bint proven, uint64_t now_ns,
                              uint32_t octets) noexcept nogil:
    cdef bint at_host = l.has_destination and address_same_host(to, &l.destination)
    return obstacle(l, &l.sending.reports, to, proven or (at_host and l.destination_proven) or latch_vouches(l, to),
                    now_ns, octets)


cdef void latch_share_budget(latch* a, latch* b) noexcept nogil:
    if a != NULL:
        a.other = b
    if b != NULL:
        b.other = a
