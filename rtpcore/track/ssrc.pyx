# The bounded table of the sources heard at one place (RFC 3550 6.2.1, 8). SSRCs are chosen by strangers, so the table
# never grows, and no new one displaces a source that is valid and active. Slots are free by their flag, not by SSRC 0.

from __future__ import annotations

cimport cython
from cpython.buffer cimport PyBuffer_Release
from libc.errno cimport ENOMEM
from libc.stdlib cimport calloc, free
from libc.string cimport memset

from rtpcore.track.source cimport (
    SOURCE_REFUSED, source_init, source_take_fraction_lost, source_to_python, source_update, source_verdict,
)
from rtpcore.wire.argument cimport argument_buffer, argument_signed, argument_unsigned
from rtpcore.wire.rtp cimport rtp_header, rtp_parse
from rtpcore.wire.validity cimport PARSE_OK, parse_reason, validity_raise

from rtpcore.track.source import SourceVerdict


cdef enum:
    NS_PER_S = 1000000000


cdef tuple VERDICTS = tuple(SourceVerdict)


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


@cython.final
cdef class SsrcTable:
    """A bounded table of RTP sources with the receiver statistics of RFC 3550.

    When the table is full a new source takes the place of the one heard least recently among those that said BYE, else
    those in probation, else those idle for 25 s (five report intervals); a source that is valid and active stays.

    Args: max_sources, 1 to 4096; memory for all of them is taken at once.
    Raises: TypeError or ConfigurationError, naming the value at fault; MemoryError.
    To be used from one thread at a time. RFC 3550 6.2.1, 8, A.1, A.3, A.8.
    """

    cdef ssrc_table table

    def __cinit__(self, max_sources=8):
        cdef long long capacity = argument_signed(max_sources, "max_sources", 1, SSRC_TABLE_LIMIT)
        if ssrc_table_init(&self.table, <uint16_t>capacity) != 0:
            raise MemoryError(f"There is no memory for a table of {capacity} sources.")

    def __dealloc__(self):
        ssrc_table_free(&self.table)

    @property
    def max_sources(self):
        """How many sources the table holds at most."""
        return self.table.capacity

    @property
    def evicted(self):
        """How many sources have given way to others."""
        return self.table.evicted

    @property
    def refused(self):
        """How many packets came from a new source while no entry could be given up."""
        return self.table.refused

    def update(self, datagram, now_ns, clock_rate=8000):
        """Account for one RTP packet.

        Args: datagram, bytes or another contiguous buffer; now_ns, its arrival on a monotonic clock in nanoseconds,
        0 to 2**63 - 1; clock_rate, that of its payload type in Hz, 1 to 10,000,000.
        Returns: a SourceVerdict; REFUSED when the table is full of valid, active sources, and nothing was changed.
        Raises: ParseError when the datagram is not valid RTP; TypeError or ConfigurationError for an argument.
        """
        cdef uint64_t time_ns = argument_unsigned(now_ns, "now_ns", 0x7FFFFFFFFFFFFFFF)
        cdef uint32_t rate = <uint32_t>argument_signed(clock_rate, "clock_rate", 1, 10_000_000)
        cdef source_verdict verdict = SOURCE_REFUSED
        cdef rtp_header header
        cdef parse_reason reason
        cdef source* s
        cdef Py_buffer view
        argument_buffer(datagram, "A datagram", &view)
        try:
            reason = rtp_parse(<const uint8_t*>view.buf, <size_t>view.len, False, &header)
            if reason != PARSE_OK:
                validity_raise(reason, <const uint8_t*>view.buf, <size_t>view.len, header.payload_offset)
        finally:
            PyBuffer_Release(&view)
        s = ssrc_admit(&self.table, header.ssrc, header.sequence_number, time_ns)
        if s != NULL:
            verdict = source_update(s, &header, rate, time_ns)
        return VERDICTS[<int>verdict]

    def goodbye(self, ssrc, /):
        """Note that a source has said BYE: it is the first to give way to another.

        Args: ssrc, 0 to 2**32 - 1.
        Returns: False when the table does not know it.
        Raises: TypeError or ConfigurationError, naming the value at fault. RFC 3550 6.3.4.
        """
        cdef source* s = ssrc_find(&self.table, <uint32_t>argument_unsigned(ssrc, "ssrc", 0xFFFFFFFF))
        if s == NULL:
            return False
        s.bye = 1
        return True

    def sources(self):
        """Tell what is known of each source, in the order of their entries, and change nothing.

        Returns: a list of SourceStats, whose fraction_lost is over the interval since take_interval() was last called,
        or since the first packet.
        """
        cdef uint32_t i
        return [source_to_python(&self.table.sources[i])
                for i in range(self.table.capacity) if self.table.sources[i].occupied]

    def take_interval(self):
        """End the report interval: as sources(), and fraction_lost starts anew (RFC 3550 6.4.1, A.3).

        Returns: a list of SourceStats, for the interval that ends.
        """
        cdef list ended = self.sources()
        cdef uint32_t i
        for i in range(self.table.capacity):
            source_take_fraction_lost(&self.table.sources[i])
        return ended
