# Making, freeing and copying out a leg. Never on the packet path.

from libc.stdint cimport uint32_t, uint64_t
from libc.stdlib cimport calloc, free

from rtpcore.net.udp cimport udp_close, udp_kernel_dropped
from rtpcore.track.authentication.state cimport authentication_free
from rtpcore.track.latch.scope cimport signalling
from rtpcore.track.rtcp.latch cimport rtcp_latch_init
from rtpcore.track.rtcp.receipt cimport receipt_note_sent
from rtpcore.track.ssrc cimport ssrc_table_free, ssrc_table_init
from rtpcore.track.stats cimport leg_snapshot, stats_take
from rtpcore.track.strangers.own_ports cimport (
    own_ports,
    own_ports_bind,
    own_ports_declare,
    own_ports_link,
    own_ports_number,
    own_ports_release,
)


cdef leg* leg_new(uint64_t number) noexcept nogil:
    cdef leg* made = <leg*>calloc(1, sizeof(leg))
    if made == NULL:
        return NULL
    if ssrc_table_init(&made.sources, LEG_SOURCES) < 0:
        free(made)
        return NULL
    made.number = number
    made.rtp.socket.fd = -1
    made.rtcp.socket.fd = -1
    made.rtp.owner = made
    made.rtcp.owner = made
    made.rtcp.is_rtcp = True
    rtcp_latch_init(&made.rtcp_latch)
    return made


cdef void leg_enter_ports(leg* l, own_ports* ports, const transport_address* rtp,
                          const transport_address* rtcp) noexcept nogil:
    l.latch.ports = ports
    l.rtp.number = l.latch.port = own_ports_number(ports, rtp)
    l.rtcp.number = l.latch.rtcp_port = own_ports_number(ports, rtcp)
    own_ports_bind(ports, l.rtp.number)
    own_ports_bind(ports, l.rtcp.number)


cdef void leg_declare_ports(leg* l, const signalling* said) noexcept nogil:
    if l.latch.ports != NULL:
        own_ports_declare(l.latch.ports, l.rtp.number, &said.declared)
        own_ports_declare(l.latch.ports, l.rtcp.number, &said.declared_rtcp)


cdef void leg_link_ports(leg* l, leg* other) noexcept nogil:
    if l.latch.ports != NULL:
        own_ports_link(l.latch.ports, l.rtp.number, other.rtp.number)
        own_ports_link(l.latch.ports, l.rtcp.number, other.rtcp.number)


cdef void leg_free(leg* l) noexcept nogil:
    if l.latch.ports != NULL:
        own_ports_release(l.latch.ports, l.rtp.number)
        own_ports_release(l.latch.ports, l.rtcp.number)
    authentication_free(l.latch.authentication)
    udp_close(&l.rtp.socket)
    udp_close(&l.rtcp.socket)
    ssrc_table_free(&l.sources)
    free(l)


cdef void leg_note_sent(leg* l, uint64_t now_ns) noexcept nogil:
    cdef uint32_t sent = <uint32_t>l.counters.rtp.sent
    if sent == l.receipt.sent or l.peer == NULL or not l.peer.latch.pinned.valid:
        return
    l.receipt.sent = sent
    receipt_note_sent(&l.receipt, l.peer.latch.pinned.ssrc, l.peer.latch.pinned.sequence_number, now_ns)


cdef void leg_snapshot_take(leg* l, leg_snapshot* out) noexcept nogil:
    stats_take(out, l.number, &l.counters, &l.latch, &l.rtcp_latch, &l.reports, &l.sources)
    out.kernel_locked = l.locks & LOCK_RTP != 0
    out.kernel_dropped = udp_kernel_dropped(&l.rtp.socket) + udp_kernel_dropped(&l.rtcp.socket)
