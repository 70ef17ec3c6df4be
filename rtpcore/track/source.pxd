# One RTP source (RFC 3550 6.4.1): sequence numbers (A.1), loss (A.3), interarrival jitter (A.8).
# Time is an argument. Nothing here knows addresses or forwards anything.

from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t

from rtpcore.wire.rtp cimport rtp_header


cdef enum:
    RTP_SEQ_MOD = 1 << 16
    MAX_DROPOUT = 3000
    MAX_MISORDER = 100
    MIN_SEQUENTIAL = 2


cdef enum source_verdict:
    SOURCE_PROBATION = 0     # not valid yet
    SOURCE_IN_ORDER = 1      # new highest sequence number
    SOURCE_REORDERED = 2     # late, seen for the first time
    SOURCE_DUPLICATE = 3     # RFC 7198 or a copying network: counted, not an error
    SOURCE_BAD_SEQUENCE = 4  # a jump; one more in sequence restarts the source
    SOURCE_RESTARTED = 5     # two in sequence after a jump: the sender restarted
    SOURCE_REFUSED = 6       # reception: no entry was free for a new source, so nothing was updated
    SOURCE_COLLISION = 7     # reception: the SSRC belongs to another address, or is our own (8.2); nothing was updated
    SOURCE_LOOP = 8          # reception: our own SSRC again from an address that collided before (8.2)


cdef enum source_state:
    SOURCE_STATE_PROBATION = 0
    SOURCE_STATE_VALID = 1
    SOURCE_STATE_BYE = 2
    SOURCE_STATE_INACTIVE = 3   # reception: not heard for two report intervals (6.3.5)


cdef struct source:
    uint32_t ssrc
    uint32_t cycles             # of the sequence number; A.1 has this shifted by 16, which lasts for 2**32 packets only
    uint32_t base_seq
    uint32_t bad_seq            # RTP_SEQ_MOD + 1: none
    uint16_t max_seq
    uint8_t probation           # sequential packets still missing until valid
    uint8_t payload_type        # of the last packet
    uint8_t occupied            # SSRC 0 is legal, so the slot says itself whether it is in use
    uint8_t bye
    uint16_t unused
    uint32_t clock_rate         # Hz, that of transit; 0: the next packet sets transit only
    uint32_t jitter             # RTP units, scaled by 16 (A.8)
    uint32_t transit            # arrival minus timestamp, RTP units, modulo 2**32
    uint32_t last_timestamp
    uint64_t seen               # bit n: max_seq - n was received
    uint64_t received           # as A.1 and A.3 count: late packets and duplicates too, from 1 again after a restart
    uint64_t octets             # of the payloads of all packets, whatever the verdict; never restarts
    uint64_t duplicates         # within the last 64 sequence numbers; what is older counts as reordered
    uint64_t reordered
    uint64_t received_prior     # at the last interval
    uint64_t expected_prior
    uint64_t first_ns
    uint64_t last_ns


# As A.1 makes a new source: the first packet is then given to source_update like any other.
cdef void source_init(source* s, uint32_t ssrc, uint16_t sequence_number, uint64_t now_ns) noexcept nogil
cdef source_verdict source_update_sequence(source* s, uint16_t sequence_number) noexcept nogil
# A clock_rate of 0 (not known) leaves the jitter as it is.
cdef void source_update_jitter(source* s, uint32_t timestamp, uint32_t clock_rate, uint64_t now_ns) noexcept nogil
# The whole commit of one accepted packet: sequence, jitter, octets, times. A packet out of all sequence (A.1: not
# valid) touches neither jitter nor payload type; a restart or another payload type starts transit anew.
cdef source_verdict source_update(source* s, const rtp_header* header, uint32_t clock_rate,
                                  uint64_t now_ns) noexcept nogil
cdef source_state source_get_state(const source* s) noexcept nogil
cdef uint32_t source_extended_highest(const source* s) noexcept nogil
cdef uint64_t source_expected(const source* s) noexcept nogil           # 0 in probation
cdef int32_t source_cumulative_lost(const source* s) noexcept nogil     # clamped to 24 bits, signed
# A.3, over the interval since the last take; the first looks and the second ends the interval.
cdef uint8_t source_fraction_lost(const source* s) noexcept nogil
cdef uint8_t source_take_fraction_lost(source* s) noexcept nogil
cdef object source_to_python(const source* s, source_state state)       # a SourceStats
