# The bounded table of the sources heard at one place (RFC 3550 8, 6.2.1): fixed size, explicit occupancy.

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t

from rtpcore.track.source cimport source


cdef enum:
    SSRC_IDLE_S = 25                # five report intervals of 5 s (RFC 3550 6.2, 6.2.1)
    SSRC_TABLE_LIMIT = 4096


cdef struct ssrc_table:
    source* sources         # capacity entries, owned by whoever initialised the table
    uint16_t capacity
    uint16_t recent         # the index last found: one comparison for a steady stream
    uint32_t evicted
    uint32_t refused        # packets of a new source while every entry was active and valid


# capacity is at least 1. Between init and free only, the rest may be called.
cdef int ssrc_table_init(ssrc_table* table, uint16_t capacity) noexcept nogil      # 0, or -ENOMEM
cdef void ssrc_table_free(ssrc_table* table) noexcept nogil
cdef source* ssrc_search(ssrc_table* table, uint32_t ssrc) noexcept nogil


# Read-only but for `recent`; NULL when unknown.
cdef inline source* ssrc_find(ssrc_table* table, uint32_t ssrc) noexcept nogil:
    cdef source* s = &table.sources[table.recent]
    return s if s.ssrc == ssrc and s.occupied else ssrc_search(table, ssrc)


# The entry of ssrc, made when unknown; NULL when the table is full of active valid sources. To make room the oldest
# goes of those that said BYE, else of those in probation, else of those idle for SSRC_IDLE_S.
cdef source* ssrc_admit(ssrc_table* table, uint32_t ssrc, uint16_t sequence_number, uint64_t now_ns) noexcept nogil
# The same where strangers never come this far: when none may be evicted, the source heard least recently goes.
cdef source* ssrc_replace(ssrc_table* table, uint32_t ssrc, uint16_t sequence_number, uint64_t now_ns) noexcept nogil
