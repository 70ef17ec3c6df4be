# What keeps a NAT's mapping open when nothing else is sent (RFC 6263 section 4). Pure.

from libc.stdint cimport uint8_t, uint32_t


cdef enum:
    KEEPALIVE_OCTETS = 32               # none is longer

cdef enum keepalive_method:
    KEEPALIVE_EMPTY = 0                 # 4.1: a UDP datagram without payload
    KEEPALIVE_RTCP = 1                  # 4.3: a receiver report without blocks
    KEEPALIVE_STUN = 2                  # 4.4: a Binding indication
    KEEPALIVE_RTP = 3                   # 4.6: RTP with a payload type that was not negotiated, without payload


# Writes one, and returns its size. `number`: how many were made before. `ssrc`: of an RTP packet or a report;
# `payload_type` of an RTP packet.
cdef uint32_t keepalive_write(uint8_t* out, keepalive_method method, uint32_t ssrc, uint32_t number,
                              uint8_t payload_type) noexcept nogil
