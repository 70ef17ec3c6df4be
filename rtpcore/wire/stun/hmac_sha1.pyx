# HMAC-SHA1 (RFC 2104). The key is worked in once, so that a message costs two blocks less.

from libc.stdint cimport uint8_t, uint32_t
from libc.string cimport memcpy, memset

from cpython.buffer cimport PyBuffer_Release
from cpython.bytes cimport PyBytes_FromStringAndSize

from rtpcore.wire.argument cimport argument_buffer
from rtpcore.wire.stun.sha1 cimport SHA1_BLOCK_OCTETS, SHA1_OCTETS, sha1, sha1_finish, sha1_init, sha1_update

cdef enum:
    INNER_PAD = 0x36
    OUTER_PAD = 0x5C


cdef void state_behind_pad(uint32_t* state, const uint8_t* block, uint8_t pad) noexcept nogil:
    cdef sha1 s
    cdef uint8_t padded[SHA1_BLOCK_OCTETS]
    cdef int index
    for index in range(SHA1_BLOCK_OCTETS):
        padded[index] = block[index] ^ pad
    sha1_init(&s)
    sha1_update(&s, padded, SHA1_BLOCK_OCTETS)
    memcpy(state, s.state, sizeof(s.state))


cdef void hmac_sha1_prepare(hmac_sha1_key* key, const uint8_t* secret, size_t size) noexcept nogil:
    cdef sha1 s
    cdef uint8_t block[SHA1_BLOCK_OCTETS]
    memset(block, 0, SHA1_BLOCK_OCTETS)
    if size > SHA1_BLOCK_OCTETS:
        sha1_init(&s)
        sha1_update(&s, secret, size)
        sha1_finish(&s, block)
    else:
        memcpy(block, secret, size)
    state_behind_pad(key.inner, block, INNER_PAD)
    state_behind_pad(key.outer, block, OUTER_PAD)


cdef void hmac_sha1_init(sha1* s, const hmac_sha1_key* key) noexcept nogil:
    memcpy(s.state, key.inner, sizeof(key.inner))
    s.octets = SHA1_BLOCK_OCTETS


cdef void hmac_sha1_finish(sha1* s, const hmac_sha1_key* key, uint8_t* digest) noexcept nogil:
    sha1_finish(s, digest)
    memcpy(s.state, key.outer, sizeof(key.outer))
    s.octets = SHA1_BLOCK_OCTETS
    sha1_update(s, digest, SHA1_OCTETS)
    sha1_finish(s, digest)


cdef bint hmac_sha1_equal(const uint8_t* a, const uint8_t* b) noexcept nogil:
    cdef int index
    cdef uint8_t difference = 0
    for index in range(SHA1_OCTETS):
        difference |= a[index] ^ b[index]
    return difference == 0


def hmac_sha1_digest(key, data, /):
    """The HMAC-SHA1 of some octets.

    Args: key and data, bytes or any other contiguous buffer. Returns: 20 octets.
    Raises: TypeError when one is not a buffer. Thread-safe. RFC 2104.
    """
    cdef sha1 s
    cdef hmac_sha1_key prepared
    cdef uint8_t digest[SHA1_OCTETS]
    cdef Py_buffer view
    argument_buffer(key, "key", &view)
    hmac_sha1_prepare(&prepared, <const uint8_t*>view.buf, <size_t>view.len)
    PyBuffer_Release(&view)
    argument_buffer(data, "data", &view)
    hmac_sha1_init(&s, &prepared)
    sha1_update(&s, <const uint8_t*>view.buf, <size_t>view.len)
    PyBuffer_Release(&view)
    hmac_sha1_finish(&s, &prepared, digest)
    return PyBytes_FromStringAndSize(<char*>digest, SHA1_OCTETS)
