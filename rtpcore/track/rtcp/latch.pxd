# RTCP without rtcp-mux has its own accepted source and destination. RTCP never moves RTP.

from libc.stdint cimport uint8_t, uint32_t, uint64_t

from rtpcore.track.datagram cimport datagram
from rtpcore.track.latch.hold cimport hold_chain
from rtpcore.track.latch.state cimport latch, latch_verdict
from rtpcore.wire.address cimport transport_address


cdef enum:
    RTCP_SILENT_NS = 10_000_000_000         # two minimum report intervals (RFC 3550 6.2)
    RTCP_NEEDED = 2
    RTCP_DISPLACED = 2


cdef struct rtcp_pair:
    transport_address media                 # an RTP source
    transport_address reports               # where the RTCP came from while that was the accepted one


cdef struct rtcp_latch:
    transport_address accepted
    transport_address media                 # the accepted RTP source when `accepted` was heard last
    rtcp_pair displaced[RTCP_DISPLACED]     # of RTP sources that were accepted before: the oldest and the newest
    transport_address candidate
    uint64_t last_accepted_ns
    uint64_t candidate_ns
    uint32_t ssrc                           # a sender SSRC that consistent compounds made known
    uint32_t candidate_ssrc
    hold_chain held                         # of the candidate
    uint8_t has_accepted
    uint8_t has_media
    uint8_t displaced_count
    uint8_t knows_ssrc
    uint8_t candidate_count


cdef void rtcp_latch_init(rtcp_latch* r) noexcept nogil
# `d` is a valid compound. With mux its source must be the RTP's accepted one.
cdef void rtcp_latch_receive(rtcp_latch* r, latch* l, const datagram* d, latch_verdict* verdict) noexcept nogil
cdef void rtcp_latch_close(rtcp_latch* r, latch* l) noexcept nogil
# Discards a candidate whose second compound did not come.
cdef void rtcp_latch_advance(rtcp_latch* r, latch* l, uint64_t now_ns) noexcept nogil
# The accepted RTCP source: that of the accepted RTP source, also after that has come back. NULL: none.
cdef const transport_address* rtcp_latch_accepted(const rtcp_latch* r, const latch* l) noexcept nogil
# Reports from `source` speak for the accepted RTP source, so that they can prove what it received.
cdef bint rtcp_latch_speaks_for(const rtcp_latch* r, const latch* l, const transport_address* source) noexcept nogil

# For rtcp_route.
cdef bint rtcp_latch_is_declared(const latch* l, const transport_address* source) noexcept nogil
cdef const transport_address* rtcp_latch_displaced(const rtcp_latch* r, const transport_address* media) noexcept nogil
