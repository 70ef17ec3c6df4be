# Loads and stores in network order: the only place where octets of a packet become integers.
# The caller has checked that the octets are there. No casts to wider pointers, so no alignment rules.

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t


cdef inline uint16_t load_u16(const uint8_t* octets) noexcept nogil:
    return <uint16_t>((<uint32_t>octets[0] << 8) | octets[1])


cdef inline uint32_t load_u24(const uint8_t* octets) noexcept nogil:
    return (<uint32_t>octets[0] << 16) | (<uint32_t>octets[1] << 8) | octets[2]


cdef inline uint32_t load_u32(const uint8_t* octets) noexcept nogil:
    return ((<uint32_t>octets[0] << 24) | (<uint32_t>octets[1] << 16)
            | (<uint32_t>octets[2] << 8) | octets[3])


cdef inline uint64_t load_u64(const uint8_t* octets) noexcept nogil:
    return (<uint64_t>load_u32(octets) << 32) | load_u32(octets + 4)


cdef inline void store_u16(uint8_t* octets, uint16_t value) noexcept nogil:
    octets[0] = <uint8_t>(value >> 8)
    octets[1] = <uint8_t>value


cdef inline void store_u24(uint8_t* octets, uint32_t value) noexcept nogil:
    octets[0] = <uint8_t>(value >> 16)
    octets[1] = <uint8_t>(value >> 8)
    octets[2] = <uint8_t>value


cdef inline void store_u32(uint8_t* octets, uint32_t value) noexcept nogil:
    store_u16(octets, <uint16_t>(value >> 16))
    store_u16(octets + 2, <uint16_t>value)


cdef inline void store_u64(uint8_t* octets, uint64_t value) noexcept nogil:
    store_u32(octets, <uint32_t>(value >> 32))
    store_u32(octets + 4, <uint32_t>value)
