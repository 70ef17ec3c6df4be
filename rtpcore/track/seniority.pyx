# Seniority of SSRCs (row 9): who was displaced and goes on where it stopped takes the pin back.

from libc.stdint cimport uint64_t
from libc.string cimport memmove

from rtpcore.track.continuity cimport stream, stream_continues
from rtpcore.track.datagram cimport datagram
from rtpcore.track.latch_state cimport SENIORS, latch


cdef int shortest_but_oldest(const latch* l) noexcept nogil:
    cdef int index, shortest = 1
    for index in range(2, SENIORS):
        if l.senior_held_ns[index] < l.senior_held_ns[shortest]:
            shortest = index
    return shortest


cdef void remove(latch* l, int index) noexcept nogil:
    cdef int after = l.senior_count - index - 1
    memmove(&l.seniors[index], &l.seniors[index + 1], after * sizeof(stream))
    memmove(&l.senior_held_ns[index], &l.senior_held_ns[index + 1], after * sizeof(uint64_t))
    l.senior_count -= 1


cdef void seniority_remember(latch* l, uint64_t now_ns) noexcept nogil:
    if l.senior_count == SENIORS:
        remove(l, shortest_but_oldest(l))
    l.seniors[l.senior_count] = l.pinned
    l.senior_held_ns[l.senior_count] = now_ns - l.pinned_since_ns
    l.senior_count += 1


cdef int seniority_find(const latch* l, const datagram* d) noexcept nogil:
    cdef int index
    for index in range(l.senior_count):
        if stream_continues(&l.seniors[index], &d.header, d.now_ns):
            return index
    return SENIOR_NONE


cdef void seniority_restore(latch* l, int index, uint64_t now_ns) noexcept nogil:
    l.pinned = l.seniors[index]
    l.pinned_since_ns = now_ns - l.senior_held_ns[index]
    l.bye_ns = 0
    l.senior_count = index


cdef void seniority_forget(latch* l) noexcept nogil:
    l.senior_count = 0
