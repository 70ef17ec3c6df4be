# The event ring, and the one place where a record becomes a Python object.

from libc.errno cimport ENOMEM
from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memset

from rtpcore import events
from rtpcore.atomics cimport load_acquire, store_release
from rtpcore.track.reason import Reason
from rtpcore.wire.address cimport address_is_unset, address_to_python, transport_address

cdef enum:
    EVENT_INTERVAL_NS = 1_000_000_000
    NEVER = 0x7FFFFFFFFFFFFFFF

cdef tuple KINDS = (
    events.Latched, events.Relatched, events.Contest, events.SsrcChanged, events.SsrcContest, events.ScopeMiss,
    events.ScopeEmpty, events.PrepublishTalker, events.Loop, events.RtcpInvalid, events.Expired,
    events.Reverted, events.HijackSuspected, events.Sprayer, events.InjectionSuspected, events.DownlinkNotReceived,
    events.ConsentLost, events.MediaTimeout,
)
cdef dict DETAILS = {
    DETAIL_NONE: "", DETAIL_BETTER_TIER: "better_tier", DETAIL_SILENCE: "silence", DETAIL_GOODBYE: "goodbye",
    DETAIL_SIGNALLED: "signalled", DETAIL_POLICY: "policy", DETAIL_TAKEN_BACK: "taken_back",
    DETAIL_STOPPED: "stopped", DETAIL_LEG: "leg", DETAIL_SESSION: "session",
    DETAIL_DEAD: "dead", DETAIL_REBINDING: "rebinding", DETAIL_ROAMING: "roaming",
    DETAIL_UNCONTESTED: "uncontested", DETAIL_RECEIPT: "receipt",
    DETAIL_AUTHENTICATED: "authenticated",
    **{DETAIL_TIER + tier: f"T{tier}" for tier in range(6)},
    **{DETAIL_REASON + int(reason): reason.name.lower() for reason in Reason},
}


cdef int event_ring_init(event_ring* ring, uint32_t capacity) noexcept nogil:
    ring.head = 0
    ring.tail = 0
    ring.lost = 0
    ring.capacity = capacity
    ring.records = <event_record*>calloc(capacity, sizeof(event_record))
    return 0 if ring.records != NULL else -ENOMEM


cdef void event_ring_free(event_ring* ring) noexcept nogil:
    free(ring.records)
    ring.records = NULL


cdef bint event_emit(event_ring* ring, event_limit* limit, event_record* record) noexcept nogil:
    cdef uint64_t* last_ns = &limit.last_ns[record.kind]
    cdef uint32_t head = ring.head
    if last_ns[0] != 0 and record.time_ns - last_ns[0] < EVENT_INTERVAL_NS:
        limit.left_out[record.kind] += 1
        limit.withheld |= <uint32_t>1 << record.kind
        limit.newest = record[0]
        return False
    if head - load_acquire(&ring.tail) >= ring.capacity:
        ring.lost += 1
        return False
    record.count = limit.left_out[record.kind] + 1
    limit.left_out[record.kind] = 0
    limit.withheld &= ~(<uint32_t>1 << record.kind)
    last_ns[0] = record.time_ns if record.time_ns else 1
    ring.records[head & (ring.capacity - 1)] = record[0]
    store_release(&ring.head, head + 1)
    return True


cdef int earliest_withheld(const event_limit* limit) noexcept nogil:
    # The kind that is due first; EVENT_KIND_COUNT: none is left out.
    cdef int kind, first = EVENT_KIND_COUNT
    for kind in range(<int>EVENT_KIND_COUNT):
        if limit.withheld >> kind & 1 and (first == EVENT_KIND_COUNT or limit.last_ns[kind] < limit.last_ns[first]):
            first = kind
    return first


cdef void event_flush(event_ring* ring, event_limit* limit, uint64_t leg, uint64_t now_ns, bint all) noexcept nogil:
    # Of what was left out only the newest is kept, whatever its kind; of other kinds the number is told alone.
    cdef event_record record
    cdef uint64_t due_ns
    cdef int kind = earliest_withheld(limit)
    while kind != EVENT_KIND_COUNT and ring.head - load_acquire(&ring.tail) < ring.capacity:    # else it can wait
        due_ns = limit.last_ns[kind] + EVENT_INTERVAL_NS
        if not all and now_ns <= due_ns:
            return
        if limit.newest.kind == kind:
            record = limit.newest
        else:
            memset(&record, 0, sizeof(record))
            record.leg = leg
            record.kind = <uint8_t>kind
        record.time_ns = min(due_ns, now_ns)
        limit.left_out[kind] -= 1               # event_emit counts this one
        limit.last_ns[kind] = 0
        event_emit(ring, limit, &record)
        kind = earliest_withheld(limit)


cdef uint64_t event_flush_due_ns(const event_limit* limit) noexcept nogil:
    cdef int kind = earliest_withheld(limit)
    return NEVER if kind == EVENT_KIND_COUNT else limit.last_ns[kind] + EVENT_INTERVAL_NS + 1


cdef bint event_take(event_ring* ring, event_record* out) noexcept nogil:
    cdef uint32_t tail = ring.tail
    if tail == load_acquire(&ring.head):
        return False
    out[0] = ring.records[tail & (ring.capacity - 1)]
    store_release(&ring.tail, tail + 1)
    return True


cdef object optional_address(const transport_address* address):
    return None if address_is_unset(address) else address_to_python(address)


cdef object event_to_python(const event_record* record, object session, object leg):
    return KINDS[record.kind](
        record.time_ns, session, leg, record.count, optional_address(&record.source),
        optional_address(&record.previous_source), record.ssrc, record.previous_ssrc, record.sequence_number,
        DETAILS[record.detail], record.silent_ns,
    )
