# The bounded table of the sources heard at one place (RFC 3550 6.2.1, 8). SSRCs are chosen by strangers, so the table
# never grows, and no new one displaces a source that is valid and active. Slots are free by their flag, not by SSRC 0.

from libc.errno cimport ENOMEM
from libc.stdlib cimport calloc, free
from libc.string cimport memset

from rtpcore.track.source cimport source_init


cdef enum:
    NS_PER_S = 1000000000


cdef int ssrc_table_init(ssrc_table* table, uint16_t capacity) noexcept nogil:
    memset(table, 0, sizeof(table[0]))
    table.sources = <source*>calloc(capacity, sizeof(source))
    if table.sources == NULL:
        return -ENOMEM
    table.capacity = capacity
    return 0


cdef void ssrc_table_free(ssrc_table* table) noexcept nogil:
    free(table.sources)
    table.sources = NULL
    table.capacity = 0


cdef source* ssrc_search(ssrc_table* table, uint32_t ssrc) noexcept nogil:
    cdef source* s
    cdef uint32_t i
    for i in range(table.capacity):
        s = &table.sources[i]
        if s.ssrc == ssrc and s.occupied:
            table.recent = <uint16_t>i
            return s
    return NULL


# How willingly an entry is given up; 0: never.
cdef inline int eviction_rank(const source* s, uint64_t now_ns) noexcept nogil:
    if not s.occupied:
        return 4
    if s.bye:
        return 3
    if s.probation:
        return 2
    return now_ns > s.last_ns and now_ns - s.last_ns > <uint64_t>SSRC_IDLE_S * NS_PER_S


cdef source* ssrc_admit(ssrc_table* table, uint32_t ssrc, uint16_t sequence_number, uint64_t now_ns) noexcept nogil:
    cdef source* found = ssrc_find(table, ssrc)
    cdef source* s
    cdef int rank, best = 0
    cdef uint32_t i
    if found != NULL:
        return found
    for i in range(table.capacity):
        s = &table.sources[i]
        rank = eviction_rank(s, now_ns)
        if rank > best or (rank == best and rank and s.last_ns < found.last_ns):
            best = rank
            found = s
    if found == NULL:
        table.refused += 1
        return NULL
    table.evicted += found.occupied
    source_init(found, ssrc, sequence_number, now_ns)
    table.recent = <uint16_t>(found - table.sources)
    return found


cdef source* ssrc_replace(ssrc_table* table, uint32_t ssrc, uint16_t sequence_number, uint64_t now_ns) noexcept nogil:
    cdef source* found = ssrc_admit(table, ssrc, sequence_number, now_ns)
    cdef uint32_t i
    if found != NULL:
        return found
    table.refused -= 1
    found = &table.sources[0]
    for i in range(1, table.capacity):
        if table.sources[i].last_ns < found.last_ns:
            found = &table.sources[i]
    table.evicted += 1
    source_init(found, ssrc, sequence_number, now_ns)
    table.recent = <uint16_t>(found - table.sources)
    return found
