# Continuity of an RTP stream: is this packet what the stream would send next? Changes nothing but the given stream.

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t

from rtpcore.wire.rtp cimport rtp_header

cdef enum:
    NS_PER_SECOND = 1_000_000_000
    NO_PAYLOAD_TYPE = 128
    VIDEO_CLOCK = 90_000                # RFC 3551 section 5
    HALF_ROUND = 32_768                 # sequence numbers


cdef void stream_start(stream* s, const rtp_header* header, uint64_t now_ns, uint32_t clock_rate,
                       uint32_t ptime_ns) noexcept nogil:
    s.arrival_ns = now_ns
    s.ssrc = header.ssrc
    s.timestamp = header.timestamp
    s.clock_rate = clock_rate
    s.ptime_ns = ptime_ns
    s.sequence_number = header.sequence_number
    s.payload_type = header.payload_type
    s.other_payload_type = NO_PAYLOAD_TYPE
    s.longest_gap_ns = 0
    s.valid = 1


cdef void stream_note_other(stream* s, const rtp_header* header, uint32_t clock_rate) noexcept nogil:
    if header.payload_type == s.other_payload_type and header.timestamp != s.other_timestamp:
        s.payload_type = header.payload_type
        s.timestamp = header.timestamp
        s.clock_rate = clock_rate
        s.other_payload_type = NO_PAYLOAD_TYPE
        return
    s.other_payload_type = header.payload_type
    s.other_timestamp = header.timestamp
    s.other_sequence_number = header.sequence_number


cdef uint8_t stream_last_payload_type(const stream* s) noexcept nogil:
    if s.other_payload_type != NO_PAYLOAD_TYPE and s.other_sequence_number == s.sequence_number:
        return s.other_payload_type
    return s.payload_type


cdef int64_t stream_reach(const stream* s, uint64_t now_ns) noexcept nogil:
    cdef uint64_t elapsed_ns = now_ns - s.arrival_ns
    return <int64_t>((elapsed_ns + elapsed_ns // 4) // s.ptime_ns) + FREE_STEPS


cdef bint near(int64_t value, int64_t expected, int64_t tolerance) noexcept nogil:
    return expected - tolerance <= value <= expected + tolerance


cdef int64_t forward_step(const stream* s, uint16_t sequence_number, int64_t reach) noexcept nogil:
    # After a time in which the numbers may have gone half round, any number may be the next.
    return <uint16_t>(sequence_number - s.sequence_number) if reach >= HALF_ROUND else stream_step(s, sequence_number)


cdef int64_t clock_ns(const stream* s, const rtp_header* header) noexcept nogil:
    # What the sender's clock says has passed; without a known rate, what its packets say.
    if s.clock_rate == 0:
        return <int64_t>stream_step(s, header.sequence_number) * s.ptime_ns
    return <int64_t><int32_t>(header.timestamp - s.timestamp) * NS_PER_SECOND // s.clock_rate


cdef int64_t stream_lag_ns(const stream* s, const rtp_header* header, uint64_t now_ns) noexcept nogil:
    return <int64_t>(now_ns - s.arrival_ns) - clock_ns(s, header)


cdef bint stream_continues(const stream* s, const rtp_header* header, uint64_t now_ns) noexcept nogil:
    # The timestamp agrees with the time that passed, or, where a muted sender stops its clock, with the packets sent:
    # within 0.5 s or 20 %. Video may have paused, but is not more than 1 s ahead. An unknown rate cannot be judged.
    cdef int64_t reach = stream_reach(s, now_ns)
    cdef int64_t step = forward_step(s, header.sequence_number, reach)
    cdef int64_t units, by_time, by_step, tolerance, elapsed_ms
    if not s.valid or header.ssrc != s.ssrc or step < 1 or step > reach:
        return False
    if s.clock_rate == 0:
        return True
    units = <int32_t>(header.timestamp - s.timestamp)
    elapsed_ms = <int64_t>((now_ns - s.arrival_ns) // 1_000_000)
    by_time = elapsed_ms * s.clock_rate // 1000
    tolerance = s.clock_rate // 2
    if s.clock_rate == VIDEO_CLOCK:
        return -tolerance <= units <= by_time + s.clock_rate
    by_step = step * s.ptime_ns // 1000 * s.clock_rate // 1_000_000
    return near(units, by_time, max(tolerance, by_time // 5)) or near(units, by_step, max(tolerance, by_step // 5))
