# Where an RTP stream last was, and whether a packet goes on from there (u16 and u32 arithmetic, RFC 3550 A.1).

from libc.stdint cimport int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t

from rtpcore.wire.rtp cimport rtp_header


cdef enum:
    LATE_STEPS = 100            # how far back a late packet of an accepted stream may lie
    FREE_STEPS = 50             # how far ahead it may lie whatever the time (loss bursts)
    LONGEST_GAP_NS = 2_000_000_000
    MEASURABLE_GAP_NS = 200_000_000     # longer ones are pauses, not packet times
    MINIMUM_PTIME_NS = 1_000_000


cdef struct stream:
    uint64_t arrival_ns         # of the newest packet
    uint32_t ssrc
    uint32_t timestamp
    uint32_t clock_rate         # Hz; 0: not known
    uint32_t ptime_ns           # packet time as measured from arrivals, the signalled one at first
    uint32_t other_timestamp    # of the last packet of another payload type
    uint32_t longest_gap_ns     # between accepted packets, since silence.pyx looked last
    uint16_t sequence_number    # the highest
    uint16_t other_sequence_number
    uint8_t valid
    uint8_t payload_type        # whose timestamps are the reference: telephone-event packets do not move it
    uint8_t other_payload_type


cdef void stream_start(stream* s, const rtp_header* header, uint64_t now_ns, uint32_t clock_rate,
                       uint32_t ptime_ns) noexcept nogil
cdef inline int32_t stream_step(const stream* s, uint16_t sequence_number) noexcept nogil:
    return <int16_t><uint16_t>(sequence_number - s.sequence_number)


# The sequence step that fits the time since the newest packet: 1.25 * elapsed / ptime + 50.
cdef int64_t stream_reach(const stream* s, uint64_t now_ns) noexcept nogil


# A packet of the accepted source and SSRC that needs no second opinion.
cdef inline bint stream_within_reach(const stream* s, uint16_t sequence_number, uint64_t now_ns) noexcept nogil:
    cdef int32_t step = stream_step(s, sequence_number)
    return -LATE_STEPS <= step <= FREE_STEPS or (step > 0 and step <= stream_reach(s, now_ns))


# A newer packet of another payload type: two of them with different timestamps make it the reference.
cdef void stream_note_other(stream* s, const rtp_header* header, uint32_t clock_rate) noexcept nogil


cdef inline void stream_measure_ptime(stream* s, uint64_t gap_ns) noexcept nogil:
    # A sixteenth of the difference, by a shift that rounds down.
    if gap_ns < MEASURABLE_GAP_NS:
        s.ptime_ns = <uint32_t>max(<int32_t>MINIMUM_PTIME_NS,
                                   <int32_t>s.ptime_ns + ((<int32_t>gap_ns - <int32_t>s.ptime_ns) >> 4))


# Moves on to a newer packet; a late one changes nothing. `clock_rate` is that of the packet's payload type.
cdef inline void stream_advance(stream* s, const rtp_header* header, uint64_t now_ns,
                                uint32_t clock_rate) noexcept nogil:
    cdef int32_t step = stream_step(s, header.sequence_number)
    cdef uint64_t gap_ns = now_ns - s.arrival_ns
    if step <= 0:
        return
    if gap_ns > s.longest_gap_ns:
        s.longest_gap_ns = <uint32_t>min(gap_ns, <uint64_t>LONGEST_GAP_NS)
    if step == 1:
        stream_measure_ptime(s, gap_ns)
    s.sequence_number = header.sequence_number
    s.arrival_ns = now_ns
    if header.payload_type == s.payload_type:
        s.timestamp = header.timestamp
    else:
        stream_note_other(s, header, clock_rate)


# The newest packet had another payload type than the reference: its payload type, else that of the reference.
cdef uint8_t stream_last_payload_type(const stream* s) noexcept nogil
# How much later than its own clock the packet comes, against the newest packet of its stream.
cdef int64_t stream_lag_ns(const stream* s, const rtp_header* header, uint64_t now_ns) noexcept nogil
# The full test for a stream that comes from elsewhere or comes back: sequence and timestamp both fit the time.
cdef bint stream_continues(const stream* s, const rtp_header* header, uint64_t now_ns) noexcept nogil
