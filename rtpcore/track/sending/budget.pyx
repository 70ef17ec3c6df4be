# Early budget and amplification (RFC 7362; RFC 9000 8.1 has the factor of three). Only what is not proven comes here.

from libc.stdint cimport uint8_t, uint32_t, uint64_t

from rtpcore.track.datagram cimport datagram
from rtpcore.track.latch.hold cimport HOLD_NONE, held_packet, hold_chain, hold_packet
from rtpcore.track.latch.policy cimport TIER_PREFIX
from rtpcore.track.latch.scope cimport CLOCKS, signalling
from rtpcore.track.latch.state cimport LATCH_PROVISIONAL, LATCH_RELEARNING, latch
from rtpcore.track.reason cimport DROP_AMPLIFICATION, DROP_EARLY_BUDGET, DROP_NONE
from rtpcore.track.sending.state cimport EARLY_HOSTS, early_host
from rtpcore.wire.address cimport address_equal, address_same_host, transport_address

cdef enum:
    AMPLIFICATION = 3
    VIDEO_CLOCK = 90_000
    VIDEO_OCTETS_S = 250_000            # 2 Mbit/s, also where any payload type is allowed


# The early budget ----------------------------------------------------------------------------------------------------

cdef early_host* find_host(latch* l, const transport_address* host) noexcept nogil:
    cdef int index
    for index in range(l.sending.early_count):
        if address_same_host(&l.sending.early[index].host, host):
            return &l.sending.early[index]
    return NULL


cdef early_host* open_host(latch* l, const transport_address* host, uint64_t now_ns) noexcept nogil:
    # NULL when too many hosts have been tried.
    cdef early_host* entry = find_host(l, host)
    if entry != NULL or l.sending.early_count == EARLY_HOSTS:
        return entry
    entry = &l.sending.early[l.sending.early_count]
    entry.host = host[0]
    entry.since_ns = now_ns
    entry.octets = 0
    l.sending.early_count += 1
    return entry


cdef uint64_t negotiated_octets_s(const signalling* s) noexcept nogil:
    # SDP seldom gives a bit rate. Twice 8 bits a clock tick hold every codec of telephony with its headers.
    cdef uint32_t clock = 0
    cdef int index
    for index in range(CLOCKS):
        clock = max(clock, s.clocks[index])
    if s.any_payload_type or clock >= VIDEO_CLOCK:
        return VIDEO_OCTETS_S
    return 2 * <uint64_t>clock


cdef uint8_t budget_spend(latch* l, const transport_address* to, uint64_t now_ns, uint32_t octets) noexcept nogil:
    cdef early_host* entry
    cdef early_host* others = NULL
    cdef uint64_t since_ns, spent
    if l.policy.early_budget_ns == 0:
        return DROP_NONE
    entry = open_host(l, to, now_ns)
    if entry == NULL:
        return DROP_EARLY_BUDGET
    since_ns = entry.since_ns
    spent = entry.octets + octets
    if l.other != NULL:
        others = find_host(l.other, to)
        if others != NULL:
            since_ns = min(since_ns, others.since_ns)
            spent += others.octets
    # A packet that was held is older than the budget.
    if now_ns > since_ns and now_ns - since_ns >= l.policy.early_budget_ns:
        return DROP_EARLY_BUDGET
    if spent > l.policy.early_budget_ns / 1_000_000 * negotiated_octets_s(&l.signalled) / 1000:
        return DROP_EARLY_BUDGET
    entry.octets += octets
    return DROP_NONE


# Three times what came -----------------------------------------------------------------------------------------------

cdef bint meter_runs(const latch* l) noexcept nogil:
    return (l.sending.metered and l.accepted_tier >= TIER_PREFIX and l.has_accepted
            and (l.state == LATCH_PROVISIONAL or l.state == LATCH_RELEARNING))


cdef void meter_begin(latch* l, const datagram* d, const hold_chain* released) noexcept nogil:
    cdef const held_packet* held
    cdef uint32_t index = released.first
    l.sending.metered = l.accepted_tier >= TIER_PREFIX
    if not l.sending.metered:
        return
    l.sending.received_packets = 1
    l.sending.received_octets = d.size
    l.sending.sent_packets = 0
    l.sending.sent_octets = 0
    while index != HOLD_NONE:
        held = hold_packet(l.candidates.pool, index)
        l.sending.received_packets += 1
        l.sending.received_octets += held.size
        index = held.next
    l.clear_to_send = False
    l.timer_ns = 0              # every packet is seen by meter_receive, and the locked path counts nothing


cdef void meter_receive(latch* l, const datagram* d) noexcept nogil:
    if address_equal(&d.source, &l.accepted):
        l.sending.received_packets += 1
        l.sending.received_octets += d.size


cdef uint8_t meter_spend(latch* l, uint32_t octets) noexcept nogil:
    if (l.sending.sent_packets >= AMPLIFICATION * <uint64_t>l.sending.received_packets
            or l.sending.sent_octets + octets > AMPLIFICATION * l.sending.received_octets):
        return DROP_AMPLIFICATION
    l.sending.sent_packets += 1
    l.sending.sent_octets += octets
    return DROP_NONE
