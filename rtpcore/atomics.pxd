# Loads and stores with an order, for the rings between one worker and the threads that control it.

from libc.stdint cimport uint32_t, uint64_t


cdef extern from *:
    """
    #define rtpcore_load_acquire(p) __atomic_load_n((p), __ATOMIC_ACQUIRE)
    #define rtpcore_store_release(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)
    """
    uint32_t load_acquire "rtpcore_load_acquire"(const uint32_t* value) noexcept nogil
    void store_release "rtpcore_store_release"(uint32_t* value, uint32_t new_value) noexcept nogil
