# Consent without ICE (as RFC 7675 has it with), and ICMP as a hint (RFC 5927: anybody can forge it).

from libc.stdint cimport uint64_t

from rtpcore.track.event cimport DETAIL_NONE, DETAIL_STOPPED, EVENT_CONSENT_LOST
from rtpcore.track.latch.evidence cimport latch_event_about
from rtpcore.track.latch.scope cimport signalling_is_source
from rtpcore.track.latch.state cimport LATCH_HELD, latch
from rtpcore.track.sending.state cimport way
from rtpcore.wire.address cimport address_equal, address_same_host, address_same_prefix, transport_address

cdef enum:
    TALKING_NS = 1_000_000_000          # who sent something within that time is there, whatever ICMP says
    PAUSE_NS = 1_000_000_000
    NEVER = 0x7FFFFFFFFFFFFFFF


cdef void latch_hear(latch* l, const transport_address* source, uint64_t now_ns) noexcept nogil:
    if l.has_destination and address_same_host(source, &l.destination):
        l.sending.alive_ns = now_ns


cdef uint64_t latch_alive_ns(const latch* l) noexcept nogil:
    if l.last_accepted_ns > l.sending.alive_ns and address_same_host(&l.accepted, &l.destination):
        return l.last_accepted_ns
    return l.sending.alive_ns


cdef bint latch_vouches(const latch* l, const transport_address* host) noexcept nogil:
    cdef int index
    if signalling_is_source(&l.signalled, host):
        return True
    for index in range(l.signalled.source_count):
        if address_same_prefix(host, &l.signalled.sources[index], l.policy.prefix4, l.policy.prefix6):
            return True
    return False


# Consent -------------------------------------------------------------------------------------------------------------

cdef bint stops_without_consent(const latch* l) noexcept nogil:
    if latch_vouches(l, &l.destination):
        return False
    # Without an early budget the declared address is the owner's own word.
    return not (l.policy.early_budget_ns == 0 and l.signalled.has_declared
                and address_same_host(&l.signalled.declared, &l.destination))


cdef uint64_t latch_consent_due_ns(const latch* l) noexcept nogil:
    # Who has never been heard has the early budget.
    cdef uint64_t alive_ns = latch_alive_ns(l)
    if (alive_ns == 0 or not l.has_destination or l.policy.consent_ns == 0 or l.state == LATCH_HELD
            or l.sending.lost_ns):
        return NEVER
    return alive_ns + l.policy.consent_ns


cdef bint latch_consent_is_due(const latch* l, uint64_t now_ns) noexcept nogil:
    return now_ns >= latch_consent_due_ns(l)


cdef void latch_judge_consent(latch* l, uint64_t now_ns) noexcept nogil:
    cdef uint64_t alive_ns = latch_alive_ns(l)
    if l.state == LATCH_HELD and alive_ns:
        # A party on hold may be silent, and begins anew afterwards.
        l.sending.alive_ns = max(now_ns, alive_ns)
    if not latch_consent_is_due(l, now_ns):
        return
    l.sending.lost_ns = alive_ns + l.policy.consent_ns
    l.clear_to_send = False
    latch_event_about(l, l.sending.lost_ns, EVENT_CONSENT_LOST,
                      DETAIL_STOPPED if stops_without_consent(l) else DETAIL_NONE, &l.destination, l.policy.consent_ns)


cdef bint latch_has_consent(latch* l) noexcept nogil:
    if l.sending.lost_ns and latch_alive_ns(l) >= l.sending.lost_ns:
        l.sending.lost_ns = 0
    return l.sending.lost_ns == 0 or not stops_without_consent(l)


# ICMP ----------------------------------------------------------------------------------------------------------------

cdef void latch_unreachable(latch* l, const transport_address* to, uint64_t now_ns) noexcept nogil:
    cdef uint64_t alive_ns = latch_alive_ns(l)
    cdef bint is_media = l.has_destination and address_equal(to, &l.destination)
    cdef way* w = &l.sending.media if is_media else &l.sending.reports
    if alive_ns and now_ns < alive_ns + TALKING_NS:
        return
    w.paused_ns = now_ns
    w.retried_ns = 0
    l.clear_to_send = False


cdef bint way_permits(way* w, uint64_t now_ns, uint64_t alive_ns) noexcept nogil:
    # A second of silence, one packet, and another second in which ICMP may come once more.
    if w.paused_ns == 0:
        return True
    if alive_ns <= w.paused_ns:
        if now_ns < w.paused_ns + PAUSE_NS:
            return False
        if w.retried_ns == 0:
            w.retried_ns = now_ns
            return True
        if now_ns < w.retried_ns + PAUSE_NS:
            return False
    w.paused_ns = 0
    return True
