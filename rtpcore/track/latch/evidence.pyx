# The record of an event: from the latch and the packet, into the ring of its owner.

from libc.stdint cimport uint8_t, uint64_t
from libc.string cimport memset

from rtpcore.track.datagram cimport datagram
from rtpcore.track.event cimport event_emit, event_flush, event_flush_due_ns, event_record
from rtpcore.track.latch.state cimport latch, latch_wake_at
from rtpcore.wire.address cimport transport_address


cdef void fill(event_record* record, const latch* l, uint64_t now_ns, uint8_t kind, uint8_t detail) noexcept nogil:
    memset(record, 0, sizeof(event_record))
    record.time_ns = now_ns
    record.leg = l.leg
    record.kind = kind
    record.detail = detail
    if l.has_accepted:
        record.previous_source = l.accepted
        record.previous_ssrc = l.pinned.ssrc


cdef void emit(latch* l, event_record* record) noexcept nogil:
    # What was left out and due before is told before, whenever timers ran.
    if l.limit.withheld:
        event_flush(l.events, &l.limit, l.leg, record.time_ns, False)
    event_emit(l.events, &l.limit, record)
    if l.limit.withheld:
        latch_wake_at(l, event_flush_due_ns(&l.limit))


cdef void latch_event(latch* l, uint64_t now_ns, uint8_t kind, uint8_t detail, const datagram* d) noexcept nogil:
    cdef event_record record
    if l.events == NULL:
        return
    fill(&record, l, now_ns, kind, detail)
    if d != NULL:
        record.source = d.source
        record.ssrc = d.ssrc
        record.sequence_number = d.header.sequence_number
    emit(l, &record)


cdef void latch_event_about(latch* l, uint64_t now_ns, uint8_t kind, uint8_t detail, const transport_address* source,
                            uint64_t silent_ns) noexcept nogil:
    cdef event_record record
    if l.events == NULL:
        return
    fill(&record, l, now_ns, kind, detail)
    record.source = source[0]
    record.silent_ns = silent_ns
    emit(l, &record)


cdef void latch_flush_events(latch* l, uint64_t now_ns, bint all) noexcept nogil:
    if l.limit.withheld and l.events != NULL:
        event_flush(l.events, &l.limit, l.leg, now_ns, all)
        latch_wake_at(l, event_flush_due_ns(&l.limit))
