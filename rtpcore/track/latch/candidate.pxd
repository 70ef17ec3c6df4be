# Sources under examination, keyed by (address, SSRC), in slots made at construction. A candidate's packets are held
# until it qualifies: enough packets in sequence, of one SSRC, at the pace of real media.

from libc.stdint cimport int32_t, uint8_t, uint16_t, uint32_t, uint64_t

from rtpcore.track.datagram cimport datagram
from rtpcore.track.latch.hold cimport hold_chain, hold_pool
from rtpcore.wire.address cimport transport_address


cdef enum:
    CANDIDATE_SLOTS = 8
    CANDIDATE_NONE = -1
    CANDIDATE_NEVER = 0x7FFFFFFFFFFFFFFF
    CANDIDATE_EXPIRY_NS = 400_000_000       # without progress
    CANDIDATE_NOISE_NS = 1_500_000_000      # the same after comfort noise, of which one packet a second may come
    CANDIDATE_IDLE_NS = 250_000_000         # may be evicted
    CANDIDATE_SINGLE_NS = 45_000_000        # a single packet that nothing followed may be evicted
    CANDIDATE_BURST_NS = 10_000_000         # what comes within that time is no more than a single packet
    CANDIDATE_GAP = 5                       # lost packets that still count as sequential
    CANDIDATE_LATE = 16                     # a late packet neither counts nor resets


cdef struct candidate:
    transport_address source
    uint64_t first_ns                       # of this run of sequential packets
    uint64_t last_ns                        # of the last progress
    uint32_t ssrc
    hold_chain held
    uint16_t sequence_number                # the highest of the run
    uint16_t first_sequence_number
    uint8_t occupied
    uint8_t count                           # sequential packets of the run
    uint8_t tier
    uint8_t rival                           # it goes on with the accepted stream from elsewhere
    uint8_t restarted                       # its first run broke off: media seldom does that, noise always
    uint8_t noise                           # its newest packet was comfort noise
    uint8_t why                             # the drop_reason its packets get if it never qualifies


cdef struct candidate_set:
    candidate slots[CANDIDATE_SLOTS]
    hold_pool* pool                         # shared by all legs of a worker
    uint64_t* drops                         # counters by drop_reason, where discarded packets are counted


# Read-only: the slot of this source and SSRC, or CANDIDATE_NONE.
cdef int candidate_find(const candidate_set* set, const transport_address* source, uint32_t ssrc) noexcept nogil
# Read-only: how many sequential packets there would be with this one; 0 for a late or repeated packet.
cdef int candidate_count_with(const candidate_set* set, int index, const datagram* d) noexcept nogil
# Read-only: with this packet the candidate has `needed` packets in sequence at no more than twice the pace of media.
cdef bint candidate_qualifies(const candidate_set* set, int index, const datagram* d, int needed,
                              uint64_t ptime_ns) noexcept nogil
# Takes the packet into the candidate's run and holds it; makes the candidate if there is room. DROP_NONE when held.
# `rival`: it goes on with the accepted stream from elsewhere. `noise`: the packet is comfort noise.
cdef uint8_t candidate_hold(candidate_set* set, int index, const datagram* d, uint8_t tier, uint8_t why,
                            bint rival, bint noise) noexcept nogil
# Read-only: the first rival that the accepted stream has caught up with, or any if `sequence_number` is negative.
cdef int candidate_overtaken(const candidate_set* set, int32_t sequence_number) noexcept nogil
# Moves what is held to `released` (empty before), but for what is too old or came before `since_ns`; frees the slot.
cdef void candidate_release(candidate_set* set, int index, uint64_t now_ns, uint64_t since_ns,
                            hold_chain* released) noexcept nogil
# Discards what is held, counted by reason, and frees the slot.
cdef void candidate_discard(candidate_set* set, int index) noexcept nogil
cdef void candidate_discard_all(candidate_set* set) noexcept nogil
# All but those of that source and the rivals.
cdef void candidate_discard_others(candidate_set* set, const transport_address* keep) noexcept nogil
cdef void candidate_expire(candidate_set* set, uint64_t now_ns) noexcept nogil
# When candidate_expire next has something to do; CANDIDATE_NEVER: not of itself.
cdef uint64_t candidate_next_expiry(const candidate_set* set) noexcept nogil
cdef uint32_t candidate_holding(const candidate_set* set) noexcept nogil
