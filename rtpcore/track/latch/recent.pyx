# The memory behind injection_suspected: same SSRC and sequence number, another payload. A few bits a packet are enough:
# somebody who speaks beside the phone does so more than once.

from libc.stdint cimport uint16_t
from libc.string cimport memset

from rtpcore.track.datagram cimport datagram
from rtpcore.track.latch.state cimport RECENT, latch


cdef bint recent_contradicts(latch* l, const datagram* d) noexcept nogil:
    cdef uint16_t* place = &l.recent[d.header.sequence_number & (RECENT - 1)]
    cdef uint16_t mark = recent_mark(d)
    if place[0] != RECENT_UNKNOWN and (place[0] ^ mark) & RECENT_ROUND_MASK == 0:
        return place[0] != mark
    place[0] = mark
    return False


cdef void recent_forget(latch* l) noexcept nogil:
    memset(l.recent, 0xFF, sizeof(l.recent))
