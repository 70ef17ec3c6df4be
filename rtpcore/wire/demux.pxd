# Stage 1 of the path: what a datagram is, by its first and second octet (RFC 7983, RFC 5761 section 4).

from libc.stdint cimport uint8_t


cdef enum packet_kind:
    KIND_UNKNOWN = 0
    KIND_RTP = 1
    KIND_RTCP = 2           # second octet 192..223, as where rtcp-mux is negotiated
    KIND_STUN = 3           # cookie and length agree too
    KIND_DTLS = 4
    KIND_ZRTP = 5
    KIND_CHANNEL_DATA = 6


# What demux_classify leaves over: everything but RTP and RTCP.
cdef packet_kind demux_classify_other(const uint8_t* data, size_t size) noexcept nogil


cdef inline packet_kind demux_classify(const uint8_t* data, size_t size) noexcept nogil:
    # The rest of the packet is rtp_parse's and rtcp_validate's to judge, so one octet of 128..191 is RTP already.
    if size > 0 and data[0] & 0xC0 == 0x80:
        return KIND_RTCP if size > 1 and data[1] & 0xE0 == 0xC0 else KIND_RTP
    return demux_classify_other(data, size)
