# CRC-32 with the reflected polynomial 0xEDB88320, four bits a step: a table of 64 octets, and STUN is short and rare.

from libc.stdint cimport uint8_t, uint32_t

from cpython.buffer cimport PyBuffer_Release

from rtpcore.wire.argument cimport argument_buffer

cdef uint32_t[16] NIBBLES = [
    0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4, 0x4DB26158, 0x5005713C,
    0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C, 0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C,
]


cdef uint32_t crc32_update(uint32_t crc, const uint8_t* data, size_t size) noexcept nogil:
    cdef size_t index
    crc = ~crc
    for index in range(size):
        crc ^= data[index]
        crc = crc >> 4 ^ NIBBLES[crc & 15]
        crc = crc >> 4 ^ NIBBLES[crc & 15]
    return ~crc


def crc32(data, /, start=0):
    """The CRC-32 of some octets, as zlib.crc32.

    Args: data, bytes or any other contiguous buffer; start, the CRC of what came before. Returns: an int of 32 bits.
    Raises: TypeError when data is not a buffer. Thread-safe. RFC 8489 14.7.
    """
    cdef Py_buffer view
    cdef uint32_t before = start
    argument_buffer(data, "data", &view)
    cdef uint32_t crc = crc32_update(before, <const uint8_t*>view.buf, <size_t>view.len)
    PyBuffer_Release(&view)
    return crc
