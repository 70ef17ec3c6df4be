# Demultiplexing and parsing of one datagram (RFC 7983, RFC 5761, RFC 3550), composed for the relay and for Latch alike.

from libc.stdint cimport uint8_t, uint32_t
from libc.string cimport memset

from rtpcore.track.reason cimport (
    DROP_CHANNEL_DATA,
    DROP_DTLS,
    DROP_KEEPALIVE,
    DROP_NONE,
    DROP_OTHER_MEDIA,
    DROP_STRAY_RTCP,
    DROP_STRAY_RTP,
    DROP_STUN,
    DROP_ZRTP,
    drop_reason,
)
from rtpcore.wire.demux cimport (
    KIND_CHANNEL_DATA,
    KIND_DTLS,
    KIND_RTCP,
    KIND_RTP,
    KIND_STUN,
    KIND_UNKNOWN,
    KIND_ZRTP,
    demux_classify,
    packet_kind,
)
from rtpcore.wire.octets cimport load_u16
from rtpcore.wire.rtcp.compound cimport RTCP_SR, RTCP_XR, rtcp_sender_ssrc, rtcp_validate, rtcp_validate_encrypted
from rtpcore.wire.rtp cimport RTP_HEADER_OCTETS, rtp_parse
from rtpcore.wire.validity cimport PARSE_OK, PARSE_RTCP_BAD_VERSION, PARSE_RTP_BAD_VERSION, parse_reason


cdef drop_reason read_rtcp(datagram* d, const reading* how) noexcept nogil:
    cdef parse_reason status
    memset(&d.header, 0, sizeof(d.header))      # events show it
    if how.encrypted:
        status = rtcp_validate_encrypted(d.octets, d.size, how.reduced_size)
    else:
        status = rtcp_validate(d.octets, d.size, how.reduced_size, NULL)
    if status == PARSE_OK:
        d.ssrc = rtcp_sender_ssrc(d.octets)
    return <drop_reason>status


cdef inline drop_reason read_rtp(datagram* d, const reading* how) noexcept nogil:
    cdef parse_reason status
    cdef drop_reason reason
    if d.rtcp_port:
        # Too short to be RTP it fails as RTCP would; with reduced size it might pass, and is no RTCP type all the same.
        reason = DROP_STRAY_RTP if d.size >= RTP_HEADER_OCTETS else read_rtcp(d, how)
        return DROP_STRAY_RTP if reason == DROP_NONE else reason
    d.kind = KIND_RTP
    status = rtp_parse(d.octets, d.size, how.encrypted, &d.header)
    d.ssrc = d.header.ssrc
    return <drop_reason>status


cdef drop_reason refuse_other(const datagram* d) noexcept nogil:
    # What is neither RTP nor RTCP nor another protocol of RFC 7983 fails at the version (R2, C3).
    if d.size == 0:
        return DROP_KEEPALIVE
    if d.kind == KIND_STUN:
        return DROP_STUN
    if d.kind == KIND_DTLS:
        return DROP_DTLS
    if d.kind == KIND_ZRTP:
        return DROP_ZRTP
    if d.kind == KIND_CHANNEL_DATA and d.size >= 4 and d.size >= <uint32_t>load_u16(d.octets + 2) + 4:
        return DROP_CHANNEL_DATA
    return <drop_reason>(PARSE_RTCP_BAD_VERSION if d.rtcp_port else PARSE_RTP_BAD_VERSION)


cdef drop_reason read_udptl(datagram* d) noexcept nogil:
    # Its first octet is half of a sequence number, which says nothing; there is no RTCP.
    memset(&d.header, 0, sizeof(d.header))
    d.ssrc = 0
    d.kind = KIND_UNKNOWN
    if d.size == 0:
        return DROP_KEEPALIVE
    return DROP_OTHER_MEDIA if d.rtcp_port else DROP_NONE


cdef drop_reason datagram_read(datagram* d, const reading* how) noexcept nogil:
    cdef packet_kind kind
    cdef uint8_t second
    if how.udptl:
        return read_udptl(d)
    kind = demux_classify(d.octets, d.size)
    d.kind = kind
    if kind == KIND_RTP:
        return read_rtp(d, how)
    if kind == KIND_RTCP:
        if d.rtcp_port or how.rtcp_mux:
            return read_rtcp(d, how)
        second = d.octets[1]
        if RTCP_SR <= second <= RTCP_XR:
            return DROP_STRAY_RTCP
        return read_rtp(d, how)     # payload types 64..71 and 80..95 with the marker set, legal without mux
    return refuse_other(d)
