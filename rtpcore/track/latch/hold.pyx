# Hold and release: packets of a candidate are kept until it qualifies, so that nothing unqualified is forwarded and no
# legitimate audio is lost. The pool is made once; running out of it is a counted drop.

from libc.errno cimport ENOMEM
from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcpy


cdef int hold_pool_init(hold_pool* pool, uint32_t capacity, uint32_t datagram_octets) noexcept nogil:
    # The kernel gives pages only when a slot is first used: calloc of a large pool costs address space, not memory.
    pool.slot_octets = (<uint32_t>sizeof(held_packet) + datagram_octets + 63) & ~<uint32_t>63
    pool.capacity = capacity
    pool.first_free = HOLD_NONE
    pool.used = 0
    pool.taken = 0
    pool.slots = <uint8_t*>calloc(capacity, pool.slot_octets)
    if pool.slots == NULL:
        pool.capacity = 0
        return -ENOMEM
    return 0


cdef void hold_pool_free(hold_pool* pool) noexcept nogil:
    free(pool.slots)
    pool.slots = NULL
    pool.capacity = 0
    pool.first_free = HOLD_NONE
    pool.used = 0
    pool.taken = 0


cdef uint32_t take_slot(hold_pool* pool) noexcept nogil:
    cdef uint32_t index = pool.first_free
    if index != HOLD_NONE:
        pool.first_free = hold_packet(pool, index).next
    elif pool.used < pool.capacity:
        index = pool.used
        pool.used += 1
    if index != HOLD_NONE:
        pool.taken += 1
    return index


cdef void give_slot(hold_pool* pool, uint32_t index) noexcept nogil:
    hold_packet(pool, index).next = pool.first_free
    pool.first_free = index
    pool.taken -= 1


cdef bint hold_append(hold_pool* pool, hold_chain* chain, const uint8_t* octets, uint32_t size,
                      uint64_t now_ns) noexcept nogil:
    cdef uint32_t index
    cdef held_packet* packet
    if size > pool.slot_octets - sizeof(held_packet):
        return False
    index = take_slot(pool)
    if index == HOLD_NONE:
        return False
    packet = hold_packet(pool, index)
    packet.arrival_ns = now_ns
    packet.next = HOLD_NONE
    packet.size = size
    memcpy(hold_octets(pool, index), octets, size)
    if chain.count:
        hold_packet(pool, chain.last).next = index
    else:
        chain.first = index
    chain.last = index
    chain.count += 1
    return True


cdef void hold_drop_first(hold_pool* pool, hold_chain* chain) noexcept nogil:
    cdef uint32_t index = chain.first
    chain.first = hold_packet(pool, index).next
    chain.count -= 1
    if chain.count == 0:
        chain.last = HOLD_NONE
    give_slot(pool, index)


cdef uint32_t hold_clear(hold_pool* pool, hold_chain* chain) noexcept nogil:
    cdef uint32_t count = chain.count
    while chain.count:
        hold_drop_first(pool, chain)
    return count
