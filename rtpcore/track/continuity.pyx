# Continuity of an RTP stream: is this packet what the stream would send next? Changes nothing but the given stream.

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t

from rtpcore.wire.rtp cimport rtp_header

cdef enum:
    NS_PER_SECOND = 1_000_000_000
    MEASURABLE_GAP_NS = 200_000_000     # longer ones are pauses, not packet times
    MINIMUM_PTIME_NS = 1_000_000
    NO_PAYLOAD_TYPE = 128


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
    s.valid = 1


cdef void stream_measure_ptime(stream* s, uint64_t gap_ns) noexcept nogil:
    if gap_ns < MEASURABLE_GAP_NS:
        s.ptime_ns = <uint32_t>max(<int64_t>MINIMUM_PTIME_NS,
                                   s.ptime_ns + (<int64_t>gap_ns - <int64_t>s.ptime_ns) // 16)


cdef void stream_note_other(stream* s, const rtp_header* header, uint32_t clock_rate) noexcept nogil:
    if header.payload_type == s.other_payload_type and header.timestamp != s.other_timestamp:
        s.payload_type = header.payload_type
        s.timestamp = header.timestamp
        s.clock_rate = clock_rate
        s.other_payload_type = NO_PAYLOAD_TYPE
        return
    s.other_payload_type = header.payload_type
    s.other_timestamp = header.timestamp


cdef int64_t stream_reach(const stream* s, uint64_t now_ns) noexcept nogil:
    cdef uint64_t elapsed_ns = now_ns - s.arrival_ns
    return <int64_t>((elapsed_ns + elapsed_ns // 4) // s.ptime_ns) + FREE_STEPS


cdef bint near(int64_t value, int64_t expected, int64_t tolerance) noexcept nogil:
    return expected - tolerance <= value <= expected + tolerance


cdef bint stream_continues(const stream* s, const rtp_header* header, uint64_t now_ns) noexcept nogil:
    # The timestamp agrees with the time that passed, or, where a muted sender stops its clock, with the packets sent:
    # within 0.5 s or 20 %. An unknown clock rate cannot be judged.
    cdef int32_t step = stream_step(s, header.sequence_number)
    cdef int64_t units, by_time, by_step, tolerance, elapsed_ms
    if not s.valid or header.ssrc != s.ssrc or step < 1 or step > stream_reach(s, now_ns):
        return False
    if s.clock_rate == 0:
        return True
    units = <int32_t>(header.timestamp - s.timestamp)
    elapsed_ms = <int64_t>((now_ns - s.arrival_ns) // 1_000_000)
    by_time = elapsed_ms * s.clock_rate // 1000
    by_step = <int64_t>step * s.ptime_ns // 1000 * s.clock_rate // 1_000_000
    tolerance = s.clock_rate // 2
    return near(units, by_time, max(tolerance, by_time // 5)) or near(units, by_step, max(tolerance, by_step // 5))
