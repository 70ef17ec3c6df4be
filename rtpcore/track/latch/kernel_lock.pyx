# When may the kernel drop strangers unseen? When no row of the table could want them: LOCKED, and the accepted source
# talks. Who carries a known SSRC is let through from anywhere, for he may be the phone that moved.

from libc.stdint cimport uint32_t, uint64_t
from libc.string cimport memset

from rtpcore.track.latch.state cimport LATCH_LOCKED, latch
from rtpcore.track.rtcp.latch cimport rtcp_latch, rtcp_latch_accepted, rtcp_latch_is_declared
from rtpcore.wire.address cimport address_equal, address_same_host, transport_address

cdef enum:
    SILENT_NS = 2_500_000_000


cdef bint is_silent(const latch* l, uint64_t now_ns) noexcept nogil:
    # Row 13 has to see strangers before the accepted source is dead. And who only sends keepalives may do so from
    # another port after a while, which nobody else can tell from a stranger.
    cdef uint64_t limit_ns = SILENT_NS
    if l.policy.dead_relatch_ns:
        limit_ns = min(limit_ns, l.policy.dead_relatch_ns // 2)
    return now_ns - l.last_accepted_ns > limit_ns


cdef bint lock_wanted(const latch* l, uint64_t now_ns) noexcept nogil:
    # Who has been authenticated may send from anywhere with any SSRC (T0).
    return (l.policy.kernel_lock and l.state == LATCH_LOCKED and (l.pinned.valid or l.how.udptl)
            and not l.has_authenticated and l.authentication == NULL and not is_silent(l, now_ns))


cdef void add_host(lock_terms* out, const transport_address* host) noexcept nogil:
    cdef int index
    if address_same_host(host, &out.source):
        return
    for index in range(out.host_count):
        if address_same_host(host, &out.hosts[index]):
            return
    out.hosts[out.host_count] = host[0]
    out.hosts[out.host_count].port = 0
    out.host_count += 1


cdef bint add_ssrc(lock_terms* out, uint32_t ssrc) noexcept nogil:
    cdef int index
    for index in range(out.ssrc_count):
        if out.ssrcs[index] == ssrc:
            return True
    if out.ssrc_count == LOCK_SSRCS:
        return False
    out.ssrcs[out.ssrc_count] = ssrc
    out.ssrc_count += 1
    return True


cdef void add_hosts(lock_terms* out, const latch* l, const rtcp_latch* r) noexcept nogil:
    cdef const transport_address* reports = rtcp_latch_accepted(r, l)
    # Keepalives of a destination that is not the accepted source count for consent, and RTCP may come from elsewhere.
    if l.has_destination:
        add_host(out, &l.destination)
    if reports != NULL:
        add_host(out, reports)
    if rtcp_latch_is_declared(l, &l.signalled.declared_rtcp):
        add_host(out, &l.signalled.declared_rtcp)


cdef bint lock_decide(const latch* l, const rtcp_latch* r, uint64_t now_ns, lock_terms* out) noexcept nogil:
    cdef int index
    if not lock_wanted(l, now_ns):
        return False
    memset(out, 0, sizeof(lock_terms))
    out.source = l.accepted
    if l.how.udptl:
        # By address only. Who may come back (row 12) would not get through.
        if l.has_destination:
            add_host(out, &l.destination)
        return l.senior_count == 0
    add_hosts(out, l, r)
    if not add_ssrc(out, l.pinned.ssrc):
        return False
    for index in range(l.signalled.ssrc_count):
        if not add_ssrc(out, l.signalled.ssrcs[index]):
            return False
    for index in range(l.senior_count):                     # row 12
        if not address_equal(&l.seniors[index].source, &l.accepted) and not add_ssrc(out, l.seniors[index].stream.ssrc):
            return False
    return True
