# Memory of who was displaced (rows 6, 9, 10, 11 and 13). Nothing here decides who is accepted.

from libc.stdint cimport int64_t, uint64_t
from libc.string cimport memmove

from rtpcore.track.datagram cimport datagram
from rtpcore.track.latch.continuity cimport stream_continues, stream_lag_ns
from rtpcore.track.latch.state cimport SENIORS, latch, senior
from rtpcore.wire.address cimport address_equal, address_same_host

cdef enum:
    LAG_NS = 100_000_000
    IN_FLIGHT_NS = 2_000_000_000        # no network keeps a packet for longer


cdef int shortest_but_oldest(const latch* l) noexcept nogil:
    cdef int index, shortest = 1
    for index in range(2, SENIORS):
        if l.seniors[index].held_ns < l.seniors[shortest].held_ns:
            shortest = index
    return shortest


cdef void remove(latch* l, int index) noexcept nogil:
    cdef int after = l.senior_count - index - 1
    memmove(&l.seniors[index], &l.seniors[index + 1], after * sizeof(senior))
    l.senior_count -= 1


cdef void seniority_remember(latch* l, uint64_t now_ns) noexcept nogil:
    cdef senior* s
    if l.senior_count == SENIORS:
        remove(l, shortest_but_oldest(l))
    s = &l.seniors[l.senior_count]
    s.source = l.accepted
    s.stream = l.pinned
    s.held_ns = now_ns - l.pinned_since_ns
    s.until_ns = now_ns
    s.tier = l.accepted_tier
    l.senior_count += 1


cdef int seniority_find(const latch* l, const datagram* d) noexcept nogil:
    cdef int index
    for index in range(l.senior_count):
        if address_equal(&l.seniors[index].source, &l.accepted) and stream_continues(
                &l.seniors[index].stream, &d.header, d.now_ns):
            return index
    return SENIOR_NONE


cdef bint is_no_straggler(const senior* s, const datagram* d) noexcept nogil:
    # A handover leaves packets behind that arrive after it. What is on schedule, was sent after the takeover, or came
    # after longer than any network keeps a packet (a muted sender may have stopped its clock) was not left behind.
    cdef uint64_t elapsed_ns = d.now_ns - s.stream.arrival_ns
    cdef int64_t lag_ns = stream_lag_ns(&s.stream, &d.header, d.now_ns)
    if s.stream.clock_rate == 0 or elapsed_ns > IN_FLIGHT_NS or lag_ns <= LAG_NS:
        return True
    return d.now_ns - <uint64_t>lag_ns >= s.until_ns


cdef int seniority_find_elsewhere(const latch* l, const datagram* d) noexcept nogil:
    cdef int index
    cdef const senior* s
    for index in range(l.senior_count):
        s = &l.seniors[index]
        if d.ssrc == s.stream.ssrc and address_equal(&s.source, &d.source) and stream_continues(
                &s.stream, &d.header, d.now_ns) and is_no_straggler(s, d):
            return index
    return SENIOR_NONE


cdef void seniority_restore(latch* l, int index, uint64_t now_ns) noexcept nogil:
    l.accepted = l.seniors[index].source
    l.accepted_tier = l.seniors[index].tier
    l.pinned = l.seniors[index].stream
    l.pinned_since_ns = now_ns - l.seniors[index].held_ns
    l.bye_ns = 0
    l.senior_count = index


cdef void seniority_forget(latch* l) noexcept nogil:
    l.senior_count = 0


cdef void seniority_forget_elsewhere(latch* l, bint host) noexcept nogil:
    cdef int index
    for index in range(l.senior_count - 1, -1, -1):
        if not (address_same_host(&l.seniors[index].source, &l.accepted) if host
                else address_equal(&l.seniors[index].source, &l.accepted)):
            remove(l, index)


cdef bint seniority_is_elsewhere(const latch* l, bint other_ssrc) noexcept nogil:
    cdef int index
    for index in range(l.senior_count):
        if not address_equal(&l.seniors[index].source, &l.accepted) and (
                not other_ssrc or l.seniors[index].stream.ssrc != l.pinned.ssrc):
            return True
    return False
