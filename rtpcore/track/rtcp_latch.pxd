# RTCP without rtcp-mux has its own accepted source and destination. RTCP never moves RTP.

from libc.stdint cimport uint8_t, uint32_t, uint64_t

from rtpcore.track.datagram cimport datagram
from rtpcore.track.hold cimport hold_chain
from rtpcore.track.latch_state cimport latch, latch_verdict
from rtpcore.wire.address cimport transport_address


cdef enum:
    RTCP_SILENT_NS = 10_000_000_000         # two minimum report intervals (RFC 3550 6.2)
    RTCP_NEEDED = 2


cdef struct rtcp_latch:
    transport_address accepted
    transport_address candidate
    uint64_t last_accepted_ns
    uint64_t candidate_ns
    uint32_t ssrc                           # a sender SSRC that consistent compounds made known
    uint32_t candidate_ssrc
    hold_chain held                         # of the candidate
    uint8_t has_accepted
    uint8_t knows_ssrc
    uint8_t candidate_count


cdef void rtcp_latch_init(rtcp_latch* r) noexcept nogil
# `d` is a valid compound. With mux its source must be the RTP's accepted one.
cdef void rtcp_latch_receive(rtcp_latch* r, latch* l, const datagram* d, latch_verdict* verdict) noexcept nogil
cdef void rtcp_latch_close(rtcp_latch* r, latch* l) noexcept nogil
# Discards a candidate whose second compound did not come.
cdef void rtcp_latch_advance(rtcp_latch* r, latch* l, uint64_t now_ns) noexcept nogil
# Where RTCP of this leg goes: False when nowhere.
cdef bint rtcp_latch_destination(const rtcp_latch* r, const latch* l, transport_address* out) noexcept nogil
