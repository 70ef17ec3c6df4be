# Events as fixed-size records in a ring: one writer (the latch's thread), one reader. What does not fit is counted.

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t

from rtpcore.wire.address cimport transport_address


cdef enum event_kind:
    EVENT_LATCHED = 0
    EVENT_RELATCHED = 1
    EVENT_CONTEST = 2
    EVENT_SSRC_CHANGED = 3
    EVENT_SSRC_CONTEST = 4
    EVENT_SCOPE_MISS = 5
    EVENT_SCOPE_EMPTY = 6
    EVENT_PREPUBLISH_TALKER = 7
    EVENT_LOOP = 8
    EVENT_RTCP_INVALID = 9
    EVENT_EXPIRED = 10
    EVENT_REVERTED = 11
    EVENT_HIJACK_SUSPECTED = 12
    EVENT_SPRAYER = 13
    EVENT_INJECTION_SUSPECTED = 14
    EVENT_DOWNLINK_NOT_RECEIVED = 15
    EVENT_CONSENT_LOST = 16
    EVENT_MEDIA_TIMEOUT = 17
    EVENT_KIND_COUNT = 18

cdef enum event_detail:
    DETAIL_NONE = 0
    DETAIL_TIER = 1                 # + tier 0..5
    DETAIL_DEAD = 7
    DETAIL_BETTER_TIER = 8
    DETAIL_SILENCE = 9
    DETAIL_GOODBYE = 10
    DETAIL_SIGNALLED = 11
    DETAIL_TAKEN_BACK = 12
    DETAIL_POLICY = 13              # the policy permits it at any time
    DETAIL_REBINDING = 14
    DETAIL_ROAMING = 15
    DETAIL_REASON = 16              # + drop_reason
    DETAIL_STOPPED = 100            # nothing is sent there any more
    DETAIL_LEG = 101                # this party is silent, another one talks
    DETAIL_SESSION = 102            # nobody talks
    DETAIL_UNCONTESTED = 240        # media follows a source that has moved, because: it talked for long enough
    DETAIL_RECEIPT = 241            # it receives what was sent to the party
    DETAIL_AUTHENTICATED = 242      # a key or a check vouches for it


cdef struct event_record:
    uint64_t time_ns
    uint64_t leg                    # as given to the latch by its owner
    uint64_t silent_ns              # for how long nothing came, where the event is about that
    transport_address source
    transport_address previous_source
    uint32_t ssrc
    uint32_t previous_ssrc
    uint32_t count
    uint16_t sequence_number
    uint8_t kind
    uint8_t detail


cdef struct event_ring:
    event_record* records
    uint32_t capacity               # a power of two
    uint32_t head                   # written by the writer only
    uint32_t tail                   # written by the reader only
    uint64_t lost


cdef struct event_limit:
    # At most one event a second of each kind; what was left out is told when the second is over.
    uint64_t last_ns[EVENT_KIND_COUNT]
    uint32_t left_out[EVENT_KIND_COUNT]
    uint32_t withheld               # one bit a kind: something was left out
    event_record newest             # of those left out


cdef int event_ring_init(event_ring* ring, uint32_t capacity) noexcept nogil        # 0 or -ENOMEM
cdef void event_ring_free(event_ring* ring) noexcept nogil
# Fills in count and writes the record unless the limit of its kind holds it back. True: the reader has something new.
cdef bint event_emit(event_ring* ring, event_limit* limit, event_record* record) noexcept nogil
# Tells what was left out of kinds whose second is over; `all`: of every kind, at the end.
cdef void event_flush(event_ring* ring, event_limit* limit, uint64_t leg, uint64_t now_ns, bint all) noexcept nogil
# When the first of what was left out is due; the end of time where nothing was.
cdef uint64_t event_flush_due_ns(const event_limit* limit) noexcept nogil
cdef bint event_take(event_ring* ring, event_record* out) noexcept nogil
cdef object event_to_python(const event_record* record, object session, object leg)
