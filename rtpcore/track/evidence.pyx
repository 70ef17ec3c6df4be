# The record of an event: from the latch and the packet, into the ring of its owner.

from libc.stdint cimport uint8_t, uint64_t
from libc.string cimport memset

from rtpcore.track.datagram cimport datagram
from rtpcore.track.event cimport event_emit, event_record
from rtpcore.track.latch_state cimport latch


cdef void latch_event(latch* l, uint64_t now_ns, uint8_t kind, uint8_t detail, const datagram* d) noexcept nogil:
    cdef event_record record
    if l.events == NULL:
        return
    memset(&record, 0, sizeof(record))
    record.time_ns = now_ns
    record.leg = l.leg
    record.kind = kind
    record.detail = detail
    if l.has_accepted:
        record.previous_source = l.accepted
        record.previous_ssrc = l.pinned.ssrc
    if d != NULL:
        record.source = d.source
        record.ssrc = d.ssrc
        record.sequence_number = d.header.sequence_number
    event_emit(l.events, &l.limit, &record)
