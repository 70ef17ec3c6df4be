# One RTP source: RFC 3550 A.1 (sequence numbers), A.3 (loss), A.8 (jitter), all modulo their field's width.
# Must not judge who may be heard: every packet that comes here has been accepted.

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from libc.string cimport memset


cdef enum:
    NO_BAD_SEQ = RTP_SEQ_MOD + 1
    SEEN_WINDOW = 64
    SEEN_SEQUENTIAL = (1 << MIN_SEQUENTIAL) - 1
    LOST_MAXIMUM = 0x7FFFFF
    LOST_MINIMUM = -0x800000
    NS_PER_S = 1000000000


class SourceVerdict(IntEnum):
    """What one packet was to the source that sent it (RFC 3550 A.1)."""

    PROBATION = SOURCE_PROBATION
    IN_ORDER = SOURCE_IN_ORDER
    REORDERED = SOURCE_REORDERED
    DUPLICATE = SOURCE_DUPLICATE
    BAD_SEQUENCE = SOURCE_BAD_SEQUENCE
    RESTARTED = SOURCE_RESTARTED
    REFUSED = SOURCE_REFUSED
    COLLISION = SOURCE_COLLISION
    LOOP = SOURCE_LOOP


class SourceState(IntEnum):
    """Where a source stands: in probation, valid, gone by its own BYE (RFC 3550 6.2.1), or not heard (6.3.5)."""

    PROBATION = SOURCE_STATE_PROBATION
    VALID = SOURCE_STATE_VALID
    BYE = SOURCE_STATE_BYE
    INACTIVE = SOURCE_STATE_INACTIVE


@dataclass(frozen=True, slots=True)
class SourceStats:
    """What is known of one source: the values of a report block (RFC 3550 6.4.1), and what it does not hold.

    `packets_received` counts late packets and duplicates too, so `cumulative_lost` (24 bits, signed) may be negative;
    both start again when the sender restarts, and are 0 in probation. `fraction_lost` is 0 to 255, in 1/256, over the
    current interval. `interarrival_jitter` is in RTP timestamp units. `duplicates` are found among the last 64 sequence
    numbers. `octets` are those of all payloads. `first_ns` and `last_ns` are the times of the first and last packet.
    """

    ssrc: int
    state: SourceState
    extended_highest_sequence_number: int
    packets_received: int
    cumulative_lost: int
    fraction_lost: int
    interarrival_jitter: int
    duplicates: int
    reordered: int
    octets: int
    first_ns: int
    last_ns: int


# A.1 init_seq. The packets that led here were in sequence, so they have been seen.
cdef inline void start_sequence(source* s, uint16_t sequence_number) noexcept nogil:
    s.base_seq = sequence_number
    s.max_seq = sequence_number
    s.bad_seq = NO_BAD_SEQ
    s.cycles = 0
    s.seen = SEEN_SEQUENTIAL
    s.received = 0
    s.received_prior = 0
    s.expected_prior = 0


cdef void source_init(source* s, uint32_t ssrc, uint16_t sequence_number, uint64_t now_ns) noexcept nogil:
    memset(s, 0, sizeof(s[0]))
    start_sequence(s, sequence_number)
    s.max_seq = <uint16_t>(sequence_number - 1)
    s.probation = MIN_SEQUENTIAL
    s.ssrc = ssrc
    s.occupied = 1
    s.first_ns = now_ns
    s.last_ns = now_ns


cdef source_verdict update_in_probation(source* s, uint16_t sequence_number) noexcept nogil:
    if sequence_number == <uint16_t>(s.max_seq + 1):
        s.probation -= 1
        if s.probation == 0:
            start_sequence(s, sequence_number)
            s.received = 1
            return SOURCE_IN_ORDER
    else:
        s.probation = MIN_SEQUENTIAL - 1
    s.max_seq = sequence_number
    return SOURCE_PROBATION


cdef source_verdict update_after_jump(source* s, uint16_t sequence_number) noexcept nogil:
    if sequence_number != s.bad_seq:
        s.bad_seq = <uint16_t>(sequence_number + 1)
        return SOURCE_BAD_SEQUENCE
    start_sequence(s, sequence_number)
    s.received = 1
    return SOURCE_RESTARTED


cdef source_verdict update_behind(source* s, uint16_t behind) noexcept nogil:
    s.received += 1
    if behind < SEEN_WINDOW:
        if s.seen >> behind & 1:
            s.duplicates += 1
            return SOURCE_DUPLICATE
        s.seen |= <uint64_t>1 << behind
    s.reordered += 1
    return SOURCE_REORDERED


cdef inline source_verdict update_sequence(source* s, uint16_t sequence_number) noexcept nogil:
    cdef uint16_t ahead = <uint16_t>(sequence_number - s.max_seq)
    if s.probation != 0:
        return update_in_probation(s, sequence_number)
    if ahead == 0 or ahead > RTP_SEQ_MOD - MAX_MISORDER:
        return update_behind(s, <uint16_t>(s.max_seq - sequence_number))
    if ahead >= MAX_DROPOUT:
        return update_after_jump(s, sequence_number)
    if sequence_number < s.max_seq:
        s.cycles += 1
    s.max_seq = sequence_number
    s.seen = s.seen << ahead | 1 if ahead < SEEN_WINDOW else 1
    s.received += 1
    return SOURCE_IN_ORDER


cdef source_verdict source_update_sequence(source* s, uint16_t sequence_number) noexcept nogil:
    return update_sequence(s, sequence_number)


# Seconds and their rest apart, so that the products neither overflow nor drift.
cdef inline uint32_t rtp_units(uint64_t now_ns, uint32_t clock_rate) noexcept nogil:
    cdef uint64_t seconds = now_ns / NS_PER_S
    return <uint32_t>(seconds * clock_rate + (now_ns - seconds * NS_PER_S) * clock_rate / NS_PER_S)


cdef inline void update_jitter(source* s, uint32_t timestamp, uint32_t clock_rate, uint64_t now_ns) noexcept nogil:
    cdef uint32_t transit, difference
    cdef uint64_t jitter
    if clock_rate == 0:
        return
    transit = rtp_units(now_ns, clock_rate) - timestamp
    if clock_rate == s.clock_rate:
        difference = transit - s.transit
        if <int32_t>difference < 0:
            difference = 0 - difference
        # Sixteen jumps of half the timestamp's range would not fit: the field saturates.
        jitter = <uint64_t>s.jitter + difference - ((<uint64_t>s.jitter + 8) >> 4)
        s.jitter = <uint32_t>jitter if jitter >> 32 == 0 else ~<uint32_t>0
    s.clock_rate = clock_rate
    s.transit = transit


cdef void source_update_jitter(source* s, uint32_t timestamp, uint32_t clock_rate, uint64_t now_ns) noexcept nogil:
    update_jitter(s, timestamp, clock_rate, now_ns)


cdef source_verdict source_update(source* s, const rtp_header* header, uint32_t clock_rate,
                                  uint64_t now_ns) noexcept nogil:
    cdef source_verdict verdict = update_sequence(s, header.sequence_number)
    s.octets += header.payload_size
    s.last_ns = now_ns
    if verdict == SOURCE_BAD_SEQUENCE:
        return verdict
    if verdict == SOURCE_RESTARTED or header.payload_type != s.payload_type:
        s.clock_rate = 0
        s.payload_type = header.payload_type
    update_jitter(s, header.timestamp, clock_rate, now_ns)
    s.last_timestamp = header.timestamp
    return verdict


cdef source_state source_get_state(const source* s) noexcept nogil:
    if s.bye:
        return SOURCE_STATE_BYE
    return SOURCE_STATE_PROBATION if s.probation else SOURCE_STATE_VALID


cdef uint32_t source_extended_highest(const source* s) noexcept nogil:
    return (s.cycles << 16) + s.max_seq


cdef uint64_t source_expected(const source* s) noexcept nogil:
    if s.probation:
        return 0
    return (<uint64_t>s.cycles << 16) + s.max_seq - s.base_seq + 1


cdef int32_t source_cumulative_lost(const source* s) noexcept nogil:
    cdef int64_t lost = <int64_t>source_expected(s) - <int64_t>s.received
    return <int32_t>max(<int64_t>LOST_MINIMUM, min(<int64_t>LOST_MAXIMUM, lost))


cdef uint8_t source_fraction_lost(const source* s) noexcept nogil:
    cdef uint64_t expected = source_expected(s) - s.expected_prior
    cdef uint64_t received = s.received - s.received_prior
    # Nothing can be expected without a packet received, so the quotient is below 256.
    return <uint8_t>((expected - received << 8) / expected) if expected > received else 0


cdef uint8_t source_take_fraction_lost(source* s) noexcept nogil:
    cdef uint8_t fraction = source_fraction_lost(s)
    s.expected_prior = source_expected(s)
    s.received_prior = s.received
    return fraction


cdef object source_to_python(const source* s, source_state state):
    return SourceStats(
        ssrc=s.ssrc,
        state=SourceState(<int>state),
        extended_highest_sequence_number=source_extended_highest(s),
        packets_received=s.received,
        cumulative_lost=source_cumulative_lost(s),
        fraction_lost=source_fraction_lost(s),
        interarrival_jitter=s.jitter >> 4,
        duplicates=s.duplicates,
        reordered=s.reordered,
        octets=s.octets,
        first_ns=s.first_ns,
        last_ns=s.last_ns,
    )
