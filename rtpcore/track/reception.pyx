# Reception as RFC 3550 sees it, without sockets: the table of sources, where each comes from, what it reports, and what
# is reported about it. The relay uses ssrc and source directly: there the latch knows the addresses.

from __future__ import annotations

cimport cython
from cpython.buffer cimport PyBuffer_Release
from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memset

from rtpcore.track.source cimport (
    SOURCE_COLLISION,
    SOURCE_LOOP,
    SOURCE_REFUSED,
    SOURCE_STATE_INACTIVE,
    SOURCE_STATE_VALID,
    source as source_entry,
    source_cumulative_lost,
    source_extended_highest,
    source_get_state,
    source_init,
    source_state,
    source_take_fraction_lost,
    source_to_python,
    source_update,
    source_verdict,
)
from rtpcore.track.ssrc cimport (
    SSRC_IDLE_S,
    SSRC_TABLE_LIMIT,
    ssrc_admit,
    ssrc_find,
    ssrc_table,
    ssrc_table_free,
    ssrc_table_init,
)
from rtpcore.wire.address cimport address_equal, address_from_python, address_same_host, transport_address
from rtpcore.wire.argument cimport argument_buffer, argument_signed, argument_unsigned
from rtpcore.wire.octets cimport load_u32
from rtpcore.wire.rtcp.compound cimport RTCP_BYE, RTCP_SR, rtcp_element, rtcp_next, rtcp_validate
from rtpcore.wire.rtp cimport rtp_header, rtp_parse
from rtpcore.wire.validity cimport PARSE_OK, parse_reason, validity_raise

from rtpcore.errors import ConfigurationError
from rtpcore.track.source import SourceVerdict
from rtpcore.wire.rtcp.report import ReportBlock


cdef enum:
    NS_PER_S = 1000000000
    INACTIVE_S = 10             # two report intervals
    BYE_DELAY_S = 5             # one: late packets of a source that left do not make it anew
    OWN_SSRCS = 8
    REPORT_BLOCKS = 31
    SR_OFFSET_NTP_MIDDLE = 10


cdef tuple VERDICTS = tuple(SourceVerdict)


cdef struct origin:
    # Beside the entry of the same index: what RTCP and the network layer say of it.
    transport_address address
    uint64_t last_sr_ns
    uint32_t last_sr
    uint8_t has_address
    uint8_t has_last_sr


@cython.final
cdef class SsrcTable:
    """A bounded table of RTP sources with the receiver statistics of RFC 3550.

    When the table is full a new source takes the place of the one heard least recently among those that said BYE, else
    those in probation, else those idle for 25 s (five report intervals); a source that is valid and active stays.

    Args: max_sources, 1 to 4096; memory for all of them is taken at once.
    Raises: TypeError or ConfigurationError, naming the value at fault; MemoryError.
    To be used from one thread at a time. RFC 3550 6.2.1, 6.3, 6.4, 8.2, A.1, A.3, A.8.
    """

    cdef ssrc_table table
    cdef origin* origins
    cdef uint32_t own[OWN_SSRCS]
    cdef int own_count
    cdef transport_address conflict         # the last address that used our own SSRC (8.2)
    cdef bint has_conflict
    cdef readonly uint64_t collisions

    def __cinit__(self, max_sources=8):
        cdef long long capacity = argument_signed(max_sources, "max_sources", 1, SSRC_TABLE_LIMIT)
        self.origins = <origin*>calloc(capacity, sizeof(origin))
        if self.origins == NULL or ssrc_table_init(&self.table, <uint16_t>capacity) != 0:
            raise MemoryError(f"There is no memory for a table of {capacity} sources.")

    def __dealloc__(self):
        ssrc_table_free(&self.table)
        free(self.origins)

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

    def update(self, datagram, now_ns, clock_rate=8000, source=None):
        """Account for one RTP packet.

        Args: datagram, bytes or another contiguous buffer; now_ns, its arrival on a monotonic clock in nanoseconds,
        0 to 2**63 - 1; clock_rate, that of its payload type in Hz, 1 to 10,000,000, or a dict {payload type: Hz}, where
        a type that is not in it leaves the jitter as it is (G.722 has 8000, RFC 3551 4.5.2); source, its
        `(host, port)`, by which collisions are found.
        Returns: a SourceVerdict. REFUSED: the table is full of valid, active sources. COLLISION: the SSRC is active
        from another address, or is our own. LOOP: our own again from where it collided before. In these three cases
        nothing was changed (RFC 3550 8.2).
        Raises: ParseError when the datagram is not valid RTP; TypeError or ConfigurationError for an argument.
        """
        cdef uint64_t time_ns = argument_unsigned(now_ns, "now_ns", 0x7FFFFFFFFFFFFFFF)
        cdef transport_address address
        cdef transport_address* origin_address = NULL
        cdef rtp_header header
        cdef parse_reason reason
        cdef uint32_t rate
        cdef Py_buffer view
        if source is not None:
            address_from_python(source, &address)
            origin_address = &address
        argument_buffer(datagram, "A datagram", &view)
        try:
            reason = rtp_parse(<const uint8_t*>view.buf, <size_t>view.len, False, &header)
            if reason != PARSE_OK:
                validity_raise(reason, <const uint8_t*>view.buf, <size_t>view.len, header.payload_offset)
        finally:
            PyBuffer_Release(&view)
        rate = rate_of(clock_rate, header.payload_type)
        return VERDICTS[<int>update_table(self, &header, time_ns, rate, origin_address)]

    def update_rtcp(self, datagram, now_ns, source=None, reduced_size=False):
        """Note what a compound RTCP packet says of its sources: sender reports and goodbyes.

        A BYE, or a sender report, of a source whose address is known counts only from the same host (RFC 3550 8.2, 9).
        Args and errors: as for update(). Sources that the table does not know are left out.
        """
        cdef uint64_t time_ns = argument_unsigned(now_ns, "now_ns", 0x7FFFFFFFFFFFFFFF)
        cdef transport_address address
        cdef transport_address* origin_address = NULL
        cdef parse_reason reason
        cdef uint32_t offset = 0
        cdef rtcp_element element
        cdef Py_buffer view
        if source is not None:
            address_from_python(source, &address)
            origin_address = &address
        argument_buffer(datagram, "A datagram", &view)
        try:
            reason = rtcp_validate(<const uint8_t*>view.buf, <size_t>view.len, bool(reduced_size), &offset)
            if reason != PARSE_OK:
                validity_raise(reason, <const uint8_t*>view.buf, <size_t>view.len, offset)
            offset = 0
            while rtcp_next(<const uint8_t*>view.buf, <size_t>view.len, &offset, &element):
                note_element(self, &element, time_ns, origin_address)
        finally:
            PyBuffer_Release(&view)

    def add_own_ssrc(self, ssrc, /):
        """An SSRC that we send with: who else uses it collides with us or loops our packets (RFC 3550 8.2).

        Raises: ConfigurationError when there are 8 already; TypeError or ConfigurationError for the argument.
        """
        cdef uint32_t value = <uint32_t>argument_unsigned(ssrc, "ssrc", 0xFFFFFFFF)
        if self.own_count == OWN_SSRCS:
            raise ConfigurationError(f"there are {OWN_SSRCS} own SSRCs already; {value:#010x} is one too many.")
        self.own[self.own_count] = value
        self.own_count += 1

    def goodbye(self, ssrc, /):
        """Note that a source has said BYE: it is the first to give way to another.

        Args: ssrc, 0 to 2**32 - 1.
        Returns: False when the table does not know it.
        Raises: TypeError or ConfigurationError, naming the value at fault. RFC 3550 6.3.4.
        """
        cdef source_entry* s = ssrc_find(&self.table, <uint32_t>argument_unsigned(ssrc, "ssrc", 0xFFFFFFFF))
        if s == NULL:
            return False
        s.bye = 1
        return True

    def sources(self, now_ns=None):
        """Tell what is known of each source, in the order of their entries, and change nothing.

        Args: now_ns, the time by which a valid source that was not heard for 10 s is INACTIVE; None: none is.
        Returns: a list of SourceStats, whose fraction_lost is over the interval since take_interval() or
        report_blocks() was last called, or since the first packet.
        """
        cdef uint64_t time_ns = 0 if now_ns is None else argument_unsigned(now_ns, "now_ns", 0x7FFFFFFFFFFFFFFF)
        cdef uint32_t i
        return [source_to_python(&self.table.sources[i], state_at(&self.table.sources[i], time_ns))
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

    def report_blocks(self, now_ns):
        """The report blocks for our next SR or RR, which end the interval (RFC 3550 6.4.1).

        Args: now_ns, the time of sending, from which the delay since the last sender report is reckoned.
        Returns: a list of at most 31 ReportBlock: one for each valid source heard since the last call.
        """
        cdef uint64_t time_ns = argument_unsigned(now_ns, "now_ns", 0x7FFFFFFFFFFFFFFF)
        cdef list blocks = []
        cdef uint32_t i
        for i in range(self.table.capacity):
            if len(blocks) < REPORT_BLOCKS and is_reportable(&self.table.sources[i]):
                blocks.append(block_about(&self.table.sources[i], &self.origins[i], time_ns))
        return blocks

    def expire(self, now_ns):
        """Forget who left 5 s ago (6.3.7) or has not been heard for 25 s (6.3.5). Returns their last SourceStats."""
        cdef uint64_t time_ns = argument_unsigned(now_ns, "now_ns", 0x7FFFFFFFFFFFFFFF)
        cdef list expired = []
        cdef uint32_t i
        cdef source_entry* s
        for i in range(self.table.capacity):
            s = &self.table.sources[i]
            if s.occupied and idle_for(s, time_ns, BYE_DELAY_S if s.bye else SSRC_IDLE_S):
                expired.append(source_to_python(s, state_at(s, time_ns)))
                s.occupied = 0
        return expired


cdef uint32_t rate_of(object clock_rate, uint8_t payload_type) except? 0xFFFFFFFF:
    if isinstance(clock_rate, dict):
        clock_rate = clock_rate.get(payload_type)
        if clock_rate is None:
            return 0
    return <uint32_t>argument_signed(clock_rate, "clock_rate", 1, 10_000_000)


cdef bint idle_for(const source_entry* s, uint64_t now_ns, uint32_t seconds) noexcept nogil:
    return now_ns > s.last_ns and now_ns - s.last_ns > <uint64_t>seconds * NS_PER_S


cdef source_state state_at(const source_entry* s, uint64_t now_ns) noexcept nogil:
    cdef source_state state = source_get_state(s)
    return SOURCE_STATE_INACTIVE if state == SOURCE_STATE_VALID and idle_for(s, now_ns, INACTIVE_S) else state


cdef bint is_own(SsrcTable t, uint32_t ssrc) noexcept:
    cdef int i
    for i in range(t.own_count):
        if t.own[i] == ssrc:
            return True
    return False


cdef source_verdict own_ssrc_heard(SsrcTable t, const transport_address* address) noexcept:
    # The first time is a collision, after which we are to change our SSRC; again from there, our packets come back.
    t.collisions += 1
    if address != NULL and t.has_conflict and address_equal(address, &t.conflict):
        return SOURCE_LOOP
    if address != NULL:
        t.conflict = address[0]
        t.has_conflict = True
    return SOURCE_COLLISION


cdef source_verdict update_table(SsrcTable t, const rtp_header* header, uint64_t now_ns, uint32_t rate,
                                 const transport_address* address) noexcept:
    cdef source_entry* s
    cdef origin* from_where
    cdef bint known = ssrc_find(&t.table, header.ssrc) != NULL
    if is_own(t, header.ssrc):
        return own_ssrc_heard(t, address)
    s = ssrc_admit(&t.table, header.ssrc, header.sequence_number, now_ns)
    if s == NULL:
        return SOURCE_REFUSED
    from_where = &t.origins[s - t.table.sources]
    if not known:
        memset(from_where, 0, sizeof(origin))
    if address != NULL and from_where.has_address and not address_equal(address, &from_where.address):
        if not s.bye and not idle_for(s, now_ns, SSRC_IDLE_S):
            t.collisions += 1
            return SOURCE_COLLISION
        source_init(s, header.ssrc, header.sequence_number, now_ns)
        memset(from_where, 0, sizeof(origin))
    if address != NULL and not from_where.has_address:
        from_where.address = address[0]
        from_where.has_address = True
    return source_update(s, header, rate, now_ns)


cdef source_entry* speaker(SsrcTable t, uint32_t ssrc, const transport_address* address) noexcept:
    # The entry of ssrc, if RTCP from this address may speak for it: RTCP comes from another port of the same host.
    cdef source_entry* s = ssrc_find(&t.table, ssrc)
    cdef origin* from_where
    if s == NULL or address == NULL:
        return s
    from_where = &t.origins[s - t.table.sources]
    return s if not from_where.has_address or address_same_host(address, &from_where.address) else NULL


cdef void note_element(SsrcTable t, const rtcp_element* element, uint64_t now_ns,
                       const transport_address* address) noexcept:
    cdef source_entry* s
    cdef origin* from_where
    cdef int index
    if element.packet_type == RTCP_SR:
        s = speaker(t, load_u32(element.data + 4), address)
        if s != NULL:
            from_where = &t.origins[s - t.table.sources]
            from_where.last_sr = load_u32(element.data + SR_OFFSET_NTP_MIDDLE)
            from_where.last_sr_ns = now_ns
            from_where.has_last_sr = True
    elif element.packet_type == RTCP_BYE:
        for index in range(element.count):
            s = speaker(t, load_u32(element.data + 4 + 4 * index), address)
            if s != NULL:
                s.bye = 1
                s.last_ns = now_ns


cdef bint is_reportable(const source_entry* s) noexcept nogil:
    return s.occupied and source_get_state(s) == SOURCE_STATE_VALID and s.received != s.received_prior


cdef object block_about(source_entry* s, const origin* from_where, uint64_t now_ns):
    cdef uint64_t delay = 0
    if from_where.has_last_sr:
        delay = min((now_ns - from_where.last_sr_ns) // 1000 * 65536 // 1_000_000, <uint64_t>0xFFFFFFFF)
    return ReportBlock(
        ssrc=s.ssrc,
        cumulative_lost=source_cumulative_lost(s),
        fraction_lost=source_take_fraction_lost(s),
        extended_highest_sequence_number=source_extended_highest(s),
        interarrival_jitter=s.jitter >> 4,
        last_sr=from_where.last_sr if from_where.has_last_sr else 0,
        delay_since_last_sr=delay,
    )
