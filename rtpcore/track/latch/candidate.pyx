# Qualification and hold-and-release (the probation of RFC 3550 A.1, applied to an address rather than to a sequence).

from libc.stdint cimport int16_t, int32_t, uint8_t, uint16_t, uint32_t, uint64_t

from rtpcore.track.datagram cimport datagram
from rtpcore.track.latch.hold cimport (
    HOLD_BURST,
    HOLD_NS,
    HOLD_PACKETS,
    hold_append,
    hold_chain,
    hold_chain_init,
    hold_drop_first,
    hold_packet,
    hold_pool_half_taken,
)
from rtpcore.track.reason cimport DROP_CANDIDATES_FULL, DROP_HOLD_POOL_EMPTY, DROP_NONE, DROP_PRE_ANSWER
from rtpcore.wire.address cimport address_equal, transport_address

cdef enum:
    CROWDED = 4                             # above every other rank


cdef int candidate_find(const candidate_set* set, const transport_address* source, uint32_t ssrc) noexcept nogil:
    cdef int index
    cdef const candidate* c
    for index in range(CANDIDATE_SLOTS):
        c = &set.slots[index]
        if c.occupied and c.ssrc == ssrc and address_equal(&c.source, source):
            return index
    return CANDIDATE_NONE


cdef int32_t candidate_step(const candidate* c, const datagram* d) noexcept nogil:
    return <int16_t><uint16_t>(d.header.sequence_number - c.sequence_number)


cdef uint64_t expires_ns(const candidate* c) noexcept nogil:
    return c.last_ns + (<uint64_t>CANDIDATE_NOISE_NS if c.noise else <uint64_t>CANDIDATE_EXPIRY_NS)


cdef int candidate_count_with(const candidate_set* set, int index, const datagram* d) noexcept nogil:
    cdef int32_t step
    cdef const candidate* c
    if index == CANDIDATE_NONE:
        return 1
    c = &set.slots[index]
    if d.now_ns > expires_ns(c):
        return 1
    step = candidate_step(c, d)
    if -CANDIDATE_LATE <= step <= 0:
        return 0
    if step <= CANDIDATE_GAP + 1 and step > 0:
        return c.count + 1
    return 1


cdef bint candidate_qualifies(const candidate_set* set, int index, const datagram* d, int needed,
                              uint64_t ptime_ns) noexcept nogil:
    cdef int count = candidate_count_with(set, index, d)
    if count < needed:
        return False
    if needed == 1:
        return True
    return d.now_ns - set.slots[index].first_ns >= <uint64_t>(needed - 1) * ptime_ns // 2


cdef void discard_first(candidate_set* set, candidate* c, uint8_t why) noexcept nogil:
    hold_drop_first(set.pool, &c.held)
    set.drops[why] += 1


cdef void candidate_discard(candidate_set* set, int index) noexcept nogil:
    cdef candidate* c = &set.slots[index]
    while c.held.count:
        discard_first(set, c, c.why)
    c.occupied = 0


cdef void candidate_discard_all(candidate_set* set) noexcept nogil:
    cdef int index
    for index in range(CANDIDATE_SLOTS):
        if set.slots[index].occupied:
            candidate_discard(set, index)


cdef void candidate_discard_others(candidate_set* set, const transport_address* keep) noexcept nogil:
    cdef int index
    for index in range(CANDIDATE_SLOTS):
        if not set.slots[index].occupied or set.slots[index].rival:
            continue
        if not address_equal(&set.slots[index].source, keep):
            candidate_discard(set, index)


cdef int candidate_overtaken(const candidate_set* set, int32_t sequence_number) noexcept nogil:
    cdef int index
    cdef const candidate* c
    for index in range(CANDIDATE_SLOTS):
        c = &set.slots[index]
        if c.occupied and c.rival and (
                sequence_number < 0 or <int16_t><uint16_t>(<uint16_t>sequence_number - c.first_sequence_number) >= 0):
            return index
    return CANDIDATE_NONE


cdef void candidate_expire(candidate_set* set, uint64_t now_ns) noexcept nogil:
    cdef int index
    for index in range(CANDIDATE_SLOTS):
        if set.slots[index].occupied and now_ns > expires_ns(&set.slots[index]):
            candidate_discard(set, index)


cdef uint64_t candidate_next_expiry(const candidate_set* set) noexcept nogil:
    cdef int index
    cdef uint64_t next_ns = CANDIDATE_NEVER
    for index in range(CANDIDATE_SLOTS):
        if set.slots[index].occupied:
            next_ns = min(next_ns, expires_ns(&set.slots[index]) + 1)
    return next_ns


cdef int eviction_rank(const candidate* c, uint8_t tier, uint64_t now_ns) noexcept nogil:
    # Higher goes first; 0 stays. A wall of spoofed packets without sequence must not keep a phone out.
    if c.tier > tier:
        return 3
    if now_ns - c.last_ns > CANDIDATE_IDLE_NS:
        return 2
    if c.restarted or (c.last_ns - c.first_ns < CANDIDATE_BURST_NS and now_ns - c.first_ns > CANDIDATE_SINGLE_NS):
        return 1
    return 0


cdef int candidate_admit(candidate_set* set, uint8_t tier, bint rival, uint64_t now_ns) noexcept nogil:
    # Who knows the accepted stream and who does not have half of the places each: neither keeps the other out.
    cdef int index, rank, best = CANDIDATE_NONE, best_rank = 0, others = 0
    for index in range(CANDIDATE_SLOTS):
        if not set.slots[index].occupied:
            return index
        others += set.slots[index].rival != rival
    for index in range(CANDIDATE_SLOTS):
        rank = eviction_rank(&set.slots[index], tier, now_ns)
        if set.slots[index].rival != rival and others > CANDIDATE_SLOTS // 2:
            rank += CROWDED
        if rank > best_rank:
            best = index
            best_rank = rank
    if best != CANDIDATE_NONE:
        candidate_discard(set, best)
    return best


cdef void candidate_start(candidate* c, const datagram* d, uint8_t tier, uint8_t why) noexcept nogil:
    c.source = d.source
    c.ssrc = d.ssrc
    c.first_ns = d.now_ns
    c.last_ns = d.now_ns
    c.sequence_number = d.header.sequence_number
    c.first_sequence_number = d.header.sequence_number
    c.count = 1
    c.tier = tier
    c.why = why
    c.restarted = 0
    c.occupied = 1
    hold_chain_init(&c.held)


cdef void candidate_follow(candidate_set* set, candidate* c, const datagram* d) noexcept nogil:
    cdef int32_t step = candidate_step(c, d)
    if -CANDIDATE_LATE <= step <= 0:
        return
    if step > CANDIDATE_GAP + 1 or step < 0:
        while c.held.count:
            discard_first(set, c, c.why)
        c.count = 0
        c.restarted = 1
        c.first_ns = d.now_ns
        c.first_sequence_number = d.header.sequence_number
    c.count = min(c.count + 1, 255)
    c.sequence_number = d.header.sequence_number
    c.last_ns = d.now_ns


cdef bint is_too_much(const candidate_set* set, const candidate* c, uint64_t now_ns) noexcept nogil:
    # The key frame of a video comes as a burst: there may be more of it as long as there is room for everybody.
    return (c.held.count >= HOLD_BURST or now_ns - hold_packet(set.pool, c.held.first).arrival_ns > HOLD_NS
            or (c.held.count >= HOLD_PACKETS and hold_pool_half_taken(set.pool)))


cdef uint8_t candidate_hold(candidate_set* set, int index, const datagram* d, uint8_t tier, uint8_t why,
                            bint rival, bint noise) noexcept nogil:
    cdef candidate* c
    # Before the answer anybody may be held: strangers at ringing legs must leave room for calls that are answered.
    if why == DROP_PRE_ANSWER and hold_pool_half_taken(set.pool):
        return DROP_HOLD_POOL_EMPTY
    if index != CANDIDATE_NONE and d.now_ns > expires_ns(&set.slots[index]):
        candidate_discard(set, index)
        index = CANDIDATE_NONE
    if index == CANDIDATE_NONE:
        candidate_expire(set, d.now_ns)         # whose slots are free must not depend on when timers ran
        index = candidate_admit(set, tier, rival, d.now_ns)
        if index == CANDIDATE_NONE:
            return DROP_CANDIDATES_FULL
        c = &set.slots[index]
        candidate_start(c, d, tier, why)
        c.rival = rival
    else:
        c = &set.slots[index]
        c.tier = tier
        c.why = why
        c.rival = rival
        if candidate_step(c, d) == 0:
            return why
        candidate_follow(set, c, d)
    c.noise = noise
    while c.held.count and is_too_much(set, c, d.now_ns):
        discard_first(set, c, why)
    if not hold_append(set.pool, &c.held, d.octets, d.size, d.now_ns):
        return DROP_HOLD_POOL_EMPTY
    return DROP_NONE


cdef void candidate_release(candidate_set* set, int index, uint64_t now_ns, uint64_t since_ns,
                            hold_chain* released) noexcept nogil:
    cdef candidate* c = &set.slots[index]
    if now_ns > HOLD_NS:
        since_ns = max(since_ns, now_ns - HOLD_NS)
    while c.held.count and hold_packet(set.pool, c.held.first).arrival_ns < since_ns:
        discard_first(set, c, c.why)
    released[0] = c.held
    hold_chain_init(&c.held)
    c.occupied = 0


cdef uint32_t candidate_holding(const candidate_set* set) noexcept nogil:
    cdef int index
    cdef uint32_t total = 0
    for index in range(CANDIDATE_SLOTS):
        if set.slots[index].occupied:
            total += set.slots[index].held.count
    return total
