# Silence of the accepted source, measured by what it did in the last 10 s (rows 6, 10, 11 and 13).

from libc.stdint cimport uint64_t
from libc.string cimport memset

from rtpcore.track.latch.continuity cimport stream_last_payload_type
from rtpcore.track.latch.scope cimport signalling_is_noise
from rtpcore.track.latch.state cimport GAP_PERIOD_NS, GAP_PERIODS, latch, latch_wake_at

cdef enum:
    NOISE_SILENT_NS = 600_000_000
    SILENCE_LIMIT_NS = 1_000_000_000


cdef uint64_t silence_needed(const latch* l, uint64_t floor_ns) noexcept nogil:
    cdef uint64_t longest_ns = l.pinned.longest_gap_ns
    cdef int index
    for index in range(GAP_PERIODS):
        longest_ns = max(longest_ns, <uint64_t>l.gaps_ns[index])
    longest_ns = min(longest_ns + longest_ns // 2, <uint64_t>SILENCE_LIMIT_NS)
    return max(floor_ns, max(2 * <uint64_t>l.pinned.ptime_ns, longest_ns))


cdef uint64_t silence_needed_after_noise(const latch* l, uint64_t floor_ns) noexcept nogil:
    if signalling_is_noise(&l.signalled, stream_last_payload_type(&l.pinned)):
        floor_ns = max(floor_ns, <uint64_t>NOISE_SILENT_NS)
    return silence_needed(l, floor_ns)


cdef uint64_t silence_dead_ns(const latch* l, uint64_t now_ns) noexcept nogil:
    return now_ns - max(l.last_accepted_ns, l.heard_ns)


cdef void silence_restart(latch* l, uint64_t now_ns) noexcept nogil:
    memset(l.gaps_ns, 0, sizeof(l.gaps_ns))
    l.gaps_since_ns = now_ns
    latch_wake_at(l, now_ns + GAP_PERIOD_NS)


cdef void silence_advance(latch* l, uint64_t now_ns) noexcept nogil:
    cdef int index, _period
    if not l.has_accepted:
        return
    for _period in range(GAP_PERIODS + 1):
        if now_ns - l.gaps_since_ns < GAP_PERIOD_NS:
            break
        for index in range(GAP_PERIODS - 1):
            l.gaps_ns[index] = l.gaps_ns[index + 1]
        l.gaps_ns[GAP_PERIODS - 1] = l.pinned.longest_gap_ns
        l.pinned.longest_gap_ns = 0
        l.gaps_since_ns += GAP_PERIOD_NS
    if now_ns - l.gaps_since_ns >= GAP_PERIOD_NS:           # all of them were quiet
        l.gaps_since_ns = now_ns - (now_ns - l.gaps_since_ns) % GAP_PERIOD_NS
    latch_wake_at(l, l.gaps_since_ns + GAP_PERIOD_NS)
