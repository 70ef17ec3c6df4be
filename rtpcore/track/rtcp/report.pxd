# What RTCP says about the media sent to one party (RFC 3550 6.4.1), kept apart from what the relay counted itself.

from libc.stdint cimport int32_t, uint8_t, uint32_t, uint64_t


cdef enum:
    SENT_REPORTS = 3                # sender reports remembered, to recognise answers to them
    BLOCK_OFFSET_HIGHEST = 8        # in a report block


cdef struct sent_report:
    uint64_t sent_ns
    uint32_t middle                 # the middle 32 bits of its NTP timestamp, as LSR carries them
    uint8_t valid


cdef struct report_state:
    sent_report sent[SENT_REPORTS]
    uint64_t reported_ns            # when the last report about our stream came; meaningless without has_reported
    uint64_t round_trip_ns          # between us and the party
    uint32_t highest                # extended highest sequence number received there
    uint32_t jitter                 # RTP units
    int32_t cumulative_lost
    uint8_t fraction_lost           # of 256
    uint8_t has_reported
    uint8_t has_round_trip
    uint8_t next


# A valid compound is sent to the party: remember its sender reports.
cdef void report_note_sent(report_state* r, const uint8_t* octets, uint32_t size, uint64_t now_ns) noexcept nogil
# A valid compound came from the party: take the block about `ssrc`, which we send it.
cdef void report_note_received(report_state* r, const uint8_t* octets, uint32_t size, uint32_t ssrc,
                               uint64_t now_ns) noexcept nogil
# Round trip by the sender report whose middle was `last_sr`, less the `delay` (1/65536 s) at the party; 0: unknown.
cdef uint64_t report_round_trip(const report_state* r, uint32_t last_sr, uint32_t delay,
                                uint64_t now_ns) noexcept nogil
# The first report block of a valid compound about `ssrc`, or NULL.
cdef const uint8_t* report_block_find(const uint8_t* octets, uint32_t size, uint32_t ssrc) noexcept nogil
# A sender or receiver report is in a valid compound.
cdef bint report_is_in(const uint8_t* octets, uint32_t size) noexcept nogil
# A block answers one of the last sender reports that were sent to the party.
cdef bint report_answers(const report_state* r, const uint8_t* block) noexcept nogil
