# One datagram as the tracking stages see it: what it is, its header, or the reason why it is neither.

from libc.stdint cimport uint8_t, uint32_t, uint64_t

from rtpcore.track.reason cimport drop_reason
from rtpcore.wire.address cimport transport_address
from rtpcore.wire.rtp cimport rtp_header


cdef struct datagram:
    const uint8_t* octets
    uint32_t size
    uint8_t kind                # a packet_kind: KIND_RTP, KIND_RTCP, KIND_UNKNOWN of UDPTL, or what was refused
    uint8_t rtcp_port           # 1: came in on the RTCP port
    uint8_t drained             # 1: nothing was left in the socket when this was read, so silence can be judged
    uint8_t authenticated       # 1: a key vouches for it (SRTP tag): its source is T0. Set by the caller
    uint64_t now_ns             # receive time, monotonic
    transport_address source
    rtp_header header           # valid for KIND_RTP
    uint32_t ssrc               # of the RTP packet, or of the RTCP compound's sender


cdef struct reading:
    # What was negotiated that decides how octets are read.
    uint8_t rtcp_mux
    uint8_t reduced_size
    uint8_t encrypted
    uint8_t udptl               # T.38: no RTP at all


# Demultiplexes and parses in place: octets, size and rtcp_port are set by the caller. DROP_NONE, or why not.
cdef drop_reason datagram_read(datagram* d, const reading* how) noexcept nogil
