# Packets that wait for a decision: a pool of fixed size, and chains of its slots in order of arrival.

from libc.stdint cimport uint8_t, uint32_t, uint64_t


cdef enum:
    HOLD_NONE = 0xFFFFFFFF
    HOLD_PACKETS = 16                       # the newest of a chain, whatever the load
    HOLD_BURST = 64                         # as long as half of the pool is free
    HOLD_NS = 320_000_000                   # the oldest age worth forwarding


cdef struct held_packet:
    uint64_t arrival_ns
    uint32_t next                           # HOLD_NONE: the last
    uint32_t size


cdef struct hold_pool:
    uint8_t* slots                          # slot_octets each: a held_packet and its octets
    uint32_t slot_octets
    uint32_t capacity
    uint32_t first_free
    uint32_t used                           # slots taken at least once; those above were never touched
    uint32_t taken                          # slots taken now


cdef struct hold_chain:
    uint32_t first
    uint32_t last
    uint32_t count


cdef int hold_pool_init(hold_pool* pool, uint32_t capacity, uint32_t datagram_octets) noexcept nogil   # 0 or -ENOMEM
cdef void hold_pool_free(hold_pool* pool) noexcept nogil


cdef inline held_packet* hold_packet(const hold_pool* pool, uint32_t index) noexcept nogil:
    return <held_packet*>(pool.slots + <size_t>index * pool.slot_octets)


cdef inline uint8_t* hold_octets(const hold_pool* pool, uint32_t index) noexcept nogil:
    return pool.slots + <size_t>index * pool.slot_octets + sizeof(held_packet)


cdef inline bint hold_pool_half_taken(const hold_pool* pool) noexcept nogil:
    return 2 * pool.taken >= pool.capacity


cdef inline void hold_chain_init(hold_chain* chain) noexcept nogil:
    chain.first = HOLD_NONE
    chain.last = HOLD_NONE
    chain.count = 0


# Copies one packet to the end of the chain; False when the pool is empty.
cdef bint hold_append(hold_pool* pool, hold_chain* chain, const uint8_t* octets, uint32_t size,
                      uint64_t now_ns) noexcept nogil
# Gives the oldest packet back to the pool; the chain is not empty.
cdef void hold_drop_first(hold_pool* pool, hold_chain* chain) noexcept nogil
# Gives all back; returns how many there were.
cdef uint32_t hold_clear(hold_pool* pool, hold_chain* chain) noexcept nogil
