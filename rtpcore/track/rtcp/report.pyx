# Report blocks about what we send, and the round-trip time they allow (RFC 3550 6.4.1: A - LSR - DLSR).

from libc.stdint cimport int32_t, uint8_t, uint32_t, uint64_t

from rtpcore.wire.octets cimport load_u24, load_u32
from rtpcore.wire.rtcp.compound cimport (
    REPORT_BLOCK_OCTETS,
    REPORT_BLOCKS_OFFSET_RR,
    REPORT_BLOCKS_OFFSET_SR,
    RTCP_RR,
    RTCP_SR,
    rtcp_element,
    rtcp_next,
)

cdef enum:
    SR_OFFSET_NTP_MIDDLE = 10
    BLOCK_OFFSET_FRACTION = 4
    BLOCK_OFFSET_LOST = 5
    BLOCK_OFFSET_JITTER = 12
    BLOCK_OFFSET_LAST_SR = 16
    BLOCK_OFFSET_DELAY = 20


cdef void report_note_sent(report_state* r, const uint8_t* octets, uint32_t size, uint64_t now_ns) noexcept nogil:
    cdef rtcp_element element
    cdef uint32_t offset = 0
    while rtcp_next(octets, size, &offset, &element):
        if element.packet_type == RTCP_SR:
            r.sent[r.next].sent_ns = now_ns
            r.sent[r.next].middle = load_u32(element.data + SR_OFFSET_NTP_MIDDLE)
            r.sent[r.next].valid = True
            r.next = (r.next + 1) % SENT_REPORTS


cdef uint64_t report_round_trip(const report_state* r, uint32_t last_sr, uint32_t delay,
                                uint64_t now_ns) noexcept nogil:
    cdef uint64_t delay_ns = (<uint64_t>delay * 1_000_000_000) >> 16
    cdef uint64_t elapsed_ns
    cdef int index
    for index in range(SENT_REPORTS):
        if r.sent[index].valid and r.sent[index].middle == last_sr:
            elapsed_ns = now_ns - r.sent[index].sent_ns
            return elapsed_ns - delay_ns if elapsed_ns > delay_ns else 0
    return 0


cdef void take_block(report_state* r, const uint8_t* block, uint64_t now_ns) noexcept nogil:
    cdef uint32_t lost = load_u24(block + BLOCK_OFFSET_LOST)
    cdef uint32_t last_sr = load_u32(block + BLOCK_OFFSET_LAST_SR)
    cdef uint64_t round_trip_ns = 0
    r.reported_ns = now_ns
    r.has_reported = True
    r.fraction_lost = block[BLOCK_OFFSET_FRACTION]
    r.cumulative_lost = <int32_t>(lost << 8) >> 8
    r.highest = load_u32(block + BLOCK_OFFSET_HIGHEST)
    r.jitter = load_u32(block + BLOCK_OFFSET_JITTER)
    if last_sr:
        round_trip_ns = report_round_trip(r, last_sr, load_u32(block + BLOCK_OFFSET_DELAY), now_ns)
    if round_trip_ns:
        r.round_trip_ns = round_trip_ns
        r.has_round_trip = True


cdef int blocks_offset(const rtcp_element* element) noexcept nogil:
    # Of the report blocks; 0: it is no report.
    if element.packet_type == RTCP_SR:
        return REPORT_BLOCKS_OFFSET_SR
    return REPORT_BLOCKS_OFFSET_RR if element.packet_type == RTCP_RR else 0


cdef const uint8_t* report_block_find(const uint8_t* octets, uint32_t size, uint32_t ssrc) noexcept nogil:
    cdef rtcp_element element
    cdef uint32_t offset = 0
    cdef const uint8_t* block
    cdef int index, first
    while rtcp_next(octets, size, &offset, &element):
        first = blocks_offset(&element)
        for index in range(element.count if first else 0):
            block = element.data + first + index * REPORT_BLOCK_OCTETS
            if load_u32(block) == ssrc:
                return block
    return NULL


cdef bint report_is_in(const uint8_t* octets, uint32_t size) noexcept nogil:
    cdef rtcp_element element
    cdef uint32_t offset = 0
    while rtcp_next(octets, size, &offset, &element):
        if blocks_offset(&element):
            return True
    return False


cdef bint report_answers(const report_state* r, const uint8_t* block) noexcept nogil:
    cdef uint32_t last_sr = load_u32(block + BLOCK_OFFSET_LAST_SR)
    cdef int index
    for index in range(SENT_REPORTS):
        if last_sr and r.sent[index].valid and r.sent[index].middle == last_sr:
            return True
    return False


cdef void report_note_received(report_state* r, const uint8_t* octets, uint32_t size, uint32_t ssrc,
                               uint64_t now_ns) noexcept nogil:
    cdef const uint8_t* block = report_block_find(octets, size, ssrc)
    if block != NULL:
        take_block(r, block, now_ns)
