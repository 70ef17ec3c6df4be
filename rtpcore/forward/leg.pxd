# One party of a session as a worker sees it: two ports, a latch for RTP and one for RTCP, sources, counters.
# Plain data with one owner at a time: the control thread until it is attached, then the worker, until it is detached.

from libc.stdint cimport uint8_t, uint32_t, uint64_t

from rtpcore.net.udp cimport udp_name, udp_socket
from rtpcore.track.latch.kernel_lock cimport lock_terms
from rtpcore.track.latch.scope cimport signalling
from rtpcore.track.latch.state cimport latch
from rtpcore.track.rtcp.latch cimport rtcp_latch
from rtpcore.track.rtcp.receipt cimport receipt_state
from rtpcore.track.rtcp.report cimport report_state
from rtpcore.track.ssrc cimport ssrc_table
from rtpcore.track.stats cimport leg_counters, leg_snapshot
from rtpcore.track.strangers.own_ports cimport own_ports

from rtpcore.wire.address cimport transport_address

cdef enum:
    LEG_SOURCES = 4             # SSRCs tracked of one accepted stream

cdef enum leg_lock:             # bits of `locks`
    LOCK_RTP = 1                # a filter is attached to that port
    LOCK_RTCP = 2
    LOCK_REFUSED = 4            # the kernel would not; not asked again for the same terms


cdef struct port_timer:
    uint64_t quiet_ns           # since when nothing was sent; 0: not looked at yet
    uint32_t sent               # the counter at that time


cdef struct port:
    udp_socket socket
    udp_name to                 # where packets last left to
    leg* owner                  # NULL: nobody was given this port; a canary
    uint32_t slot               # in the worker's table
    uint32_t number             # among the ports of the relay
    uint8_t is_rtcp
    uint8_t attached


cdef struct leg:
    latch latch
    rtcp_latch rtcp_latch
    report_state reports        # what this party says of the media sent to it
    receipt_state receipt       # and what that proves
    port rtp
    port rtcp
    leg* peer                   # where its media goes; NULL: nowhere yet
    uint64_t number             # for events and snapshots
    leg_counters counters
    ssrc_table sources
    uint32_t sent_ssrc          # last told to the peer's latch, which watches for loops
    uint8_t sent_ssrc_known
    uint8_t locks               # of leg_lock, by forward/lock
    int attach_error            # -errno of the poller, reported at publish
    leg* next                   # of the worker's list
    leg* previous
    lock_terms lock             # by which, or by which it was last
    port_timer rtp_timer        # of keepalives
    port_timer rtcp_timer
    uint64_t media_since_ns     # from when on this party's silence counts; 0: not yet
    uint32_t ssrc               # of keepalives that are RTP; random
    uint32_t keepalives
    uint8_t timed_out           # told of, and silent since
    uint8_t closing             # told to whoever closes sessions


cdef leg* leg_new(uint64_t number) noexcept nogil       # NULL: no memory; sockets are closed, nothing is attached
# Its ports are the relay's until leg_free, and it is asked about others of the relay. What follows is control's.
cdef void leg_enter_ports(leg* l, own_ports* ports, const transport_address* rtp,
                          const transport_address* rtcp) noexcept nogil
cdef void leg_declare_ports(leg* l, const signalling* said) noexcept nogil
cdef void leg_link_ports(leg* l, leg* other) noexcept nogil
cdef void leg_free(leg* l) noexcept nogil               # closes what is open; not attached
# Notes how far the stream is that is sent to this leg: now and then, and before its reports are judged.
cdef void leg_note_sent(leg* l, uint64_t now_ns) noexcept nogil
cdef void leg_snapshot_take(leg* l, leg_snapshot* out) noexcept nogil
