# Spray detection at the ports (the table is track/strangers/spray): who talks to a port where nothing vouches for it.
# Locked ports are left out: the kernel drops their strangers, and no tier is looked up for the rest.

from libc.string cimport memset

from rtpcore.forward.leg cimport port
from rtpcore.track.datagram cimport datagram
from rtpcore.track.event cimport EVENT_SPRAYER, event_emit, event_record
from rtpcore.track.latch.policy cimport TIER_SIGNALLING
from rtpcore.track.latch.scope cimport scope_tier
from rtpcore.track.latch.state cimport LATCH_EXPIRED, LATCH_HELD, LATCH_LOCKED, LATCH_ROAMING, latch
from rtpcore.track.strangers.spray cimport spray_touch
from rtpcore.wire.address cimport address_equal


cdef void tell(stranger_watch* w, const datagram* d) noexcept nogil:
    cdef event_record record
    memset(&record, 0, sizeof(record))
    record.time_ns = d.now_ns
    record.kind = EVENT_SPRAYER
    record.source = d.source
    event_emit(w.events, &w.limit, &record)


cdef bint is_stranger(const latch* l, const datagram* d) noexcept nogil:
    if l.state == LATCH_LOCKED or l.state == LATCH_ROAMING or l.state == LATCH_HELD or l.state == LATCH_EXPIRED:
        return False
    if l.has_accepted and address_equal(&l.accepted, &d.source):
        return False
    return scope_tier(&l.signalled, &l.policy, l.interface_class, &d.source) > TIER_SIGNALLING


cdef void stage_stranger(stranger_watch* w, const port* entry, const datagram* d) noexcept nogil:
    if w.sprayers != NULL and is_stranger(&entry.owner.latch, d):
        if spray_touch(w.sprayers, &d.source, entry.number, False, d.now_ns):
            tell(w, d)


cdef void stage_canary(stranger_watch* w, const port* entry, const datagram* d) noexcept nogil:
    if w.sprayers != NULL and spray_touch(w.sprayers, &d.source, entry.number, True, d.now_ns):
        tell(w, d)
