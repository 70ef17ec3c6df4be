# Stage 1 of the path: what a datagram is (RFC 7983 section 7, RFC 5761 section 4).
# Judges no more than is needed to tell protocols apart; validity is for the parser of each.

from __future__ import annotations

from enum import IntEnum

from cpython.buffer cimport PyBuffer_Release

from rtpcore.wire.argument cimport argument_buffer
from rtpcore.wire.octets cimport load_u16, load_u32


cdef enum:
    STUN_MAGIC_COOKIE = 0x2112A442
    STUN_HEADER_OCTETS = 20
    STUN_OFFSET_LENGTH = 2
    STUN_OFFSET_COOKIE = 4


class PacketKind(IntEnum):
    """What a datagram is, by RFC 7983 and RFC 5761."""

    UNKNOWN = KIND_UNKNOWN
    RTP = KIND_RTP
    RTCP = KIND_RTCP
    STUN = KIND_STUN
    DTLS = KIND_DTLS
    ZRTP = KIND_ZRTP
    CHANNEL_DATA = KIND_CHANNEL_DATA


cdef tuple KINDS = tuple(PacketKind)


cdef bint is_stun(const uint8_t* data, size_t size) noexcept nogil:
    if size < STUN_HEADER_OCTETS or size & 3:
        return False
    return (load_u16(data + STUN_OFFSET_LENGTH) == size - STUN_HEADER_OCTETS
            and load_u32(data + STUN_OFFSET_COOKIE) == STUN_MAGIC_COOKIE)


cdef packet_kind demux_classify_other(const uint8_t* data, size_t size) noexcept nogil:
    if size == 0:
        return KIND_UNKNOWN
    cdef uint8_t first = data[0]
    if first <= 3:
        return KIND_STUN if is_stun(data, size) else KIND_UNKNOWN
    if 16 <= first <= 19:
        return KIND_ZRTP
    if 20 <= first <= 63:
        return KIND_DTLS
    if 64 <= first <= 79:
        return KIND_CHANNEL_DATA
    return KIND_UNKNOWN


def classify(datagram, /):
    """Tell what a datagram is, as where rtcp-mux is negotiated.

    Args: datagram, bytes or any other contiguous buffer.
    Returns: a PacketKind. RTP and RTCP are told by their first two octets and may still be invalid;
    STUN is so called only when its cookie and length agree too.
    Raises: TypeError when datagram is not a buffer.
    Thread-safe. RFC 7983 section 7, RFC 5761 section 4.
    """
    cdef Py_buffer view
    argument_buffer(datagram, "datagram", &view)
    cdef packet_kind kind = demux_classify(<const uint8_t*>view.buf, <size_t>view.len)
    PyBuffer_Release(&view)
    return KINDS[<Py_ssize_t>kind]
