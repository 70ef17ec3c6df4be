# CRC-32 (ISO 3309, as in RFC 8489 14.7), for the FINGERPRINT of STUN.

from libc.stdint cimport uint8_t, uint32_t


# Goes on from the CRC of what came before; 0 at the start.
cdef uint32_t crc32_update(uint32_t crc, const uint8_t* data, size_t size) noexcept nogil
