# Attaching is left to the sweep, which does few at a time; detaching cannot wait. The RTP port is locked as soon as
# that is wanted, so that even a flood that finds the worker asleep costs no packet; the RTCP port, where nothing is
# urgent, when it has shown that somebody who is not wanted sends there.

from libc.stdint cimport uint64_t
from libc.string cimport memcmp

from rtpcore.forward.leg cimport LOCK_REFUSED, LOCK_RTCP, LOCK_RTP, leg, port
from rtpcore.net.filter cimport (
    filter_accept_host,
    filter_accept_source,
    filter_accept_ssrcs,
    filter_attach,
    filter_begin,
    filter_detach,
    filter_end,
    filter_program,
)
from rtpcore.net.udp cimport udp_errors, udp_errors_count
from rtpcore.track.latch.kernel_lock cimport lock_decide, lock_terms

cdef enum:
    RTCP_NOT_FORWARDED = 64     # a call's own RTCP that finds no destination takes minutes to get there


cdef void release(leg* l) noexcept nogil:
    if l.locks & LOCK_RTP:
        filter_detach(&l.rtp.socket)
    if l.locks & LOCK_RTCP:
        filter_detach(&l.rtcp.socket)
    l.locks = 0


cdef void lock_follow(leg* l, uint64_t now_ns) noexcept nogil:
    cdef lock_terms wanted
    if not lock_decide(&l.latch, &l.rtcp_latch, now_ns, &wanted) or memcmp(&wanted, &l.lock, sizeof(lock_terms)) != 0:
        release(l)


cdef int attach(leg* l, port* p, int which, udp_errors* errors) noexcept nogil:
    cdef filter_program program
    cdef int index, error
    filter_begin(&program)
    if p.is_rtcp:
        filter_accept_host(&program, &l.lock.source)    # the port of RTCP may be any (RFC 3605)
    else:
        filter_accept_source(&program, &l.lock.source)
    for index in range(l.lock.host_count):
        filter_accept_host(&program, &l.lock.hosts[index])
    filter_accept_ssrcs(&program, l.lock.ssrcs, l.lock.ssrc_count)
    filter_end(&program)
    error = filter_attach(&program, &p.socket)
    if error < 0:
        udp_errors_count(errors, -error)
        l.locks |= LOCK_REFUSED
        return 0
    l.locks |= which
    return 1


cdef bint has_strangers(const leg* l) noexcept nogil:
    return l.counters.rtcp.received - l.counters.rtcp.forwarded >= RTCP_NOT_FORWARDED


cdef int lock_renew(leg* l, uint64_t now_ns, udp_errors* errors) noexcept nogil:
    cdef lock_terms wanted
    cdef int attached = 0
    if not lock_decide(&l.latch, &l.rtcp_latch, now_ns, &wanted):
        release(l)
        return 0
    if memcmp(&wanted, &l.lock, sizeof(lock_terms)) != 0:
        release(l)
        l.lock = wanted
    if not l.locks & (LOCK_RTP | LOCK_REFUSED):
        attached += attach(l, &l.rtp, LOCK_RTP, errors)
    if not l.locks & (LOCK_RTCP | LOCK_REFUSED) and has_strangers(l):
        attached += attach(l, &l.rtcp, LOCK_RTCP, errors)
    return attached
