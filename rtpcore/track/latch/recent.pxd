# What the last packets of the accepted stream looked like, so that another with the same number tells.

from libc.stdint cimport uint8_t, uint16_t, uint32_t
from libc.string cimport memcpy

from rtpcore.track.datagram cimport datagram
from rtpcore.track.latch.state cimport RECENT, latch


cdef enum:
    RECENT_ROUND_BITS = 6           # RECENT is 1 << 6
    RECENT_ROUND_MASK = 0x3F
    RECENT_END_MASK = 0xFFC0
    RECENT_FACTOR = 0x9E3779B1      # 2^32 / the golden ratio: mixes the bits upwards
    RECENT_UNKNOWN = 0xFFFF


# Ten bits of how the packet ends (where SRTP has its tag), and six that say which round of the ring it is.
cdef inline uint16_t recent_mark(const datagram* d) noexcept nogil:
    cdef uint32_t end
    memcpy(&end, d.octets + d.size - sizeof(end), sizeof(end))
    return <uint16_t>(((end * <uint32_t>RECENT_FACTOR) >> 16) & RECENT_END_MASK
                      | (d.header.sequence_number >> RECENT_ROUND_BITS) & RECENT_ROUND_MASK)


cdef inline void recent_note(latch* l, const datagram* d) noexcept nogil:
    l.recent[d.header.sequence_number & (RECENT - 1)] = recent_mark(d)


# A late or repeated packet. True: there was another one with its number.
cdef bint recent_contradicts(latch* l, const datagram* d) noexcept nogil
cdef void recent_forget(latch* l) noexcept nogil
