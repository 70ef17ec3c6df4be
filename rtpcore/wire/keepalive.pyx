# Keepalives by method (RFC 6263). All are short, and none means anything to who receives it.

from libc.stdint cimport uint8_t, uint16_t, uint32_t
from libc.string cimport memset

from rtpcore.wire.octets cimport store_u16, store_u32
from rtpcore.wire.rtp cimport RTP_HEADER_OCTETS
from rtpcore.wire.stun.codec cimport (
    STUN_BINDING,
    STUN_INDICATION,
    STUN_TRANSACTION_OCTETS,
    stun_begin,
    stun_put_fingerprint,
    stun_writer,
)

cdef enum:
    VERSION = 0x80                      # 2, and nothing else set
    RECEIVER_REPORT = 201
    EMPTY_REPORT_OCTETS = 8


cdef uint32_t write_stun(uint8_t* out, uint32_t ssrc, uint32_t number) noexcept nogil:
    # Nobody answers an indication, so its transaction need only differ from others.
    cdef uint8_t transaction[STUN_TRANSACTION_OCTETS]
    cdef stun_writer writer
    memset(transaction, 0, sizeof(transaction))
    store_u32(transaction, ssrc)
    store_u32(transaction + 8, number)
    stun_begin(&writer, out, KEEPALIVE_OCTETS, STUN_INDICATION, STUN_BINDING, transaction)
    stun_put_fingerprint(&writer)
    return writer.size


cdef uint32_t keepalive_write(uint8_t* out, keepalive_method method, uint32_t ssrc, uint32_t number,
                              uint8_t payload_type) noexcept nogil:
    if method == KEEPALIVE_STUN:
        return write_stun(out, ssrc, number)
    if method == KEEPALIVE_RTCP:
        out[0] = VERSION
        out[1] = RECEIVER_REPORT
        store_u16(out + 2, EMPTY_REPORT_OCTETS / 4 - 1)
        store_u32(out + 4, ssrc)
        return EMPTY_REPORT_OCTETS
    if method == KEEPALIVE_RTP:
        out[0] = VERSION
        out[1] = payload_type
        store_u16(out + 2, <uint16_t>number)
        store_u32(out + 4, 0)
        store_u32(out + 8, ssrc)
        return RTP_HEADER_OCTETS
    return 0
