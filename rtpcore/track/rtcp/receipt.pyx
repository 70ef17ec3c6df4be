# Receipt proof and its inverse. Sequence numbers are compared in 16 bits: a receiver counts wraps from where it began.
# Must not be asked about SRTP: the body of its RTCP is encrypted.

from libc.stdint cimport int16_t, uint8_t, uint16_t, uint32_t, uint64_t

from rtpcore.track.datagram cimport datagram
from rtpcore.track.event cimport DETAIL_NONE, EVENT_DOWNLINK_NOT_RECEIVED
from rtpcore.track.latch.continuity cimport LATE_STEPS
from rtpcore.track.latch.evidence cimport latch_event
from rtpcore.track.latch.state cimport latch
from rtpcore.track.rtcp.report cimport (
    BLOCK_OFFSET_HIGHEST,
    report_answers,
    report_block_find,
    report_is_in,
    report_state,
)
from rtpcore.wire.octets cimport load_u32

cdef enum:
    MARK_NS = 1_000_000_000
    STILL_NS = 10_000_000_000
    STILL_SENDING_S = 9         # of those 10 s, for the first and the last are not whole ones
    RESTART_STEPS = 3000        # MAX_DROPOUT (RFC 3550 A.1): what is further ahead was not all sent


cdef void start(receipt_state* r, uint32_t ssrc, uint16_t sequence_number, uint64_t now_ns) noexcept nogil:
    cdef int index
    r.ssrc = ssrc
    r.newest = sequence_number
    for index in range(RECEIPT_MARKS):
        r.marks[index] = <uint16_t>(sequence_number - 1)
    r.mark_ns = now_ns
    r.sending_s = 0
    r.has_highest = False
    r.told = False
    r.valid = True


cdef void advance(receipt_state* r, uint64_t now_ns) noexcept nogil:
    # Marks the ends of the seconds that have passed.
    cdef uint64_t passed
    cdef int _index
    if now_ns < r.mark_ns + MARK_NS:
        return
    passed = (now_ns - r.mark_ns) // MARK_NS
    r.mark_ns += passed * MARK_NS
    if r.marks[(r.oldest + RECEIPT_MARKS - 1) % RECEIPT_MARKS] != r.newest:
        r.sending_s = min(r.sending_s + 1, 255)
    for _index in range(<int>min(passed, <uint64_t>RECEIPT_MARKS)):
        r.marks[r.oldest] = r.newest
        r.oldest = (r.oldest + 1) % RECEIPT_MARKS


cdef void receipt_note_sent(receipt_state* r, uint32_t ssrc, uint16_t sequence_number, uint64_t now_ns) noexcept nogil:
    cdef int step = <int16_t><uint16_t>(sequence_number - r.newest)
    if not r.valid or r.ssrc != ssrc:
        start(r, ssrc, sequence_number, now_ns)
        return
    advance(r, now_ns)
    if step > RESTART_STEPS or step < -LATE_STEPS:
        start(r, ssrc, sequence_number, now_ns)
    elif step > 0:
        r.newest = sequence_number


cdef bint receipt_is_proof(receipt_state* r, const report_state* reports, const uint8_t* octets, uint32_t size,
                           uint64_t now_ns) noexcept nogil:
    cdef const uint8_t* block
    cdef uint16_t oldest, ahead
    if not r.valid:
        return False
    advance(r, now_ns)
    block = report_block_find(octets, size, r.ssrc)
    if block == NULL or not report_answers(reports, block):
        return False
    oldest = r.marks[r.oldest]
    ahead = <uint16_t>(<uint16_t>load_u32(block + BLOCK_OFFSET_HIGHEST) - oldest)
    return 1 <= ahead <= <uint16_t>(r.newest - oldest)


cdef bint stands_still(receipt_state* r, const uint8_t* octets, uint32_t size, uint64_t now_ns) noexcept nogil:
    # True once, until something moves.
    cdef const uint8_t* block
    cdef uint32_t highest
    if not r.valid or not report_is_in(octets, size):
        return False
    advance(r, now_ns)
    block = report_block_find(octets, size, r.ssrc)
    highest = r.highest if block == NULL else load_u32(block + BLOCK_OFFSET_HIGHEST)
    if not r.has_highest or highest != r.highest:
        r.has_highest = block != NULL
        r.highest = highest
        r.still_ns = now_ns
        r.sending_s = 0
        r.told = False
        return False
    # A report without a block about the stream says that nothing of it came since the last one.
    if r.told or r.sending_s < STILL_SENDING_S or now_ns < r.still_ns + STILL_NS:
        return False
    r.told = True
    return True


cdef void receipt_judge(receipt_state* r, latch* l, const datagram* d) noexcept nogil:
    cdef datagram shown
    if not stands_still(r, d.octets, d.size, d.now_ns):
        return
    shown = d[0]
    shown.ssrc = r.ssrc
    shown.header.sequence_number = <uint16_t>r.highest
    latch_event(l, d.now_ns, EVENT_DOWNLINK_NOT_RECEIVED, DETAIL_NONE, &shown)
