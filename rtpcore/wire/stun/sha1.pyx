# SHA-1 (FIPS 180-4 section 6.1). Known answers and hashlib are its tests. Not for anything but RFC 8489's HMAC.

from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from cpython.buffer cimport PyBuffer_Release
from cpython.bytes cimport PyBytes_FromStringAndSize

from rtpcore.wire.argument cimport argument_buffer
from rtpcore.wire.octets cimport load_u32, store_u32, store_u64

cdef enum:
    LENGTH_OFFSET = 56                  # of the last block, where the number of bits stands


cdef inline uint32_t rotate(uint32_t value, int bits) noexcept nogil:
    return value << bits | value >> (32 - bits)


cdef void compress(uint32_t* state, const uint8_t* block) noexcept nogil:
    cdef uint32_t w[80]
    cdef uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f, k, next_a
    cdef int t
    for t in range(16):
        w[t] = load_u32(block + 4 * t)
    for t in range(16, 80):
        w[t] = rotate(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1)
    for t in range(80):
        if t < 20:
            f = (b & c) | (~b & d)
            k = 0x5A827999
        elif t < 40:
            f = b ^ c ^ d
            k = 0x6ED9EBA1
        elif t < 60:
            f = (b & c) | (b & d) | (c & d)
            k = <uint32_t>0x8F1BBCDC
        else:
            f = b ^ c ^ d
            k = <uint32_t>0xCA62C1D6
        next_a = rotate(a, 5) + f + e + k + w[t]
        e = d
        d = c
        c = rotate(b, 30)
        b = a
        a = next_a
    state[0] += a
    state[1] += b
    state[2] += c
    state[3] += d
    state[4] += e


cdef void sha1_init(sha1* s) noexcept nogil:
    s.state[0] = 0x67452301
    s.state[1] = <uint32_t>0xEFCDAB89
    s.state[2] = <uint32_t>0x98BADCFE
    s.state[3] = 0x10325476
    s.state[4] = <uint32_t>0xC3D2E1F0
    s.octets = 0


cdef void sha1_update(sha1* s, const uint8_t* data, size_t size) noexcept nogil:
    cdef size_t used = s.octets % SHA1_BLOCK_OCTETS
    cdef size_t taken
    s.octets += size
    while size:
        taken = min(size, SHA1_BLOCK_OCTETS - used)
        memcpy(s.block + used, data, taken)
        data += taken
        size -= taken
        used = (used + taken) % SHA1_BLOCK_OCTETS
        if used == 0:
            compress(s.state, s.block)


cdef void sha1_finish(sha1* s, uint8_t* digest) noexcept nogil:
    cdef uint64_t bits = 8 * s.octets
    cdef size_t used = s.octets % SHA1_BLOCK_OCTETS
    cdef int index
    s.block[used] = 0x80
    used += 1
    if used > LENGTH_OFFSET:
        memset(s.block + used, 0, SHA1_BLOCK_OCTETS - used)
        compress(s.state, s.block)
        used = 0
    memset(s.block + used, 0, LENGTH_OFFSET - used)
    store_u64(s.block + LENGTH_OFFSET, bits)
    compress(s.state, s.block)
    for index in range(5):
        store_u32(digest + 4 * index, s.state[index])


def sha1_digest(data, /):
    """The SHA-1 of some octets.

    Args: data, bytes or any other contiguous buffer. Returns: 20 octets.
    Raises: TypeError when data is not a buffer. Thread-safe. FIPS 180-4 section 6.1.
    """
    cdef sha1 s
    cdef uint8_t digest[SHA1_OCTETS]
    cdef Py_buffer view
    argument_buffer(data, "data", &view)
    sha1_init(&s)
    sha1_update(&s, <const uint8_t*>view.buf, <size_t>view.len)
    PyBuffer_Release(&view)
    sha1_finish(&s, digest)
    return PyBytes_FromStringAndSize(<char*>digest, SHA1_OCTETS)
