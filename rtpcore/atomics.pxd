# Loads and stores with an order, for what threads share without a lock.

from libc.stdint cimport uint32_t, uint64_t


cdef extern from *:
    """
    #define rtpcore_load_acquire(p) __atomic_load_n((p), __ATOMIC_ACQUIRE)
    #define rtpcore_store_release(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)
    #define rtpcore_exchange_acquire(p, v) __atomic_exchange_n((p), (v), __ATOMIC_ACQUIRE)
    """
    uint32_t load_acquire "rtpcore_load_acquire"(const uint32_t* value) noexcept nogil
    void store_release "rtpcore_store_release"(uint32_t* value, uint32_t new_value) noexcept nogil
    uint32_t exchange_acquire "rtpcore_exchange_acquire"(uint32_t* value, uint32_t new_value) noexcept nogil
