# The timers of one leg, looked at by the worker's sweep. No clock is read, nothing is counted on the packet path: what
# was sent since the last look shows in the counters.

from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.string cimport memset

from rtpcore.forward.intake cimport port_drain
from rtpcore.forward.leg cimport leg, leg_note_sent, port, port_timer
from rtpcore.forward.path cimport path
from rtpcore.net.udp cimport receive_batch, udp_errors, udp_errors_count, udp_send
from rtpcore.track.event cimport (
    DETAIL_LEG,
    DETAIL_SESSION,
    EVENT_MEDIA_TIMEOUT,
    event_emit,
    event_limit,
    event_record,
    event_ring,
)
from rtpcore.track.latch.evidence cimport latch_event_about
from rtpcore.track.latch.latch cimport latch_advance, latch_close
from rtpcore.track.latch.policy cimport KEEPALIVE_AUTO
from rtpcore.track.latch.scope cimport DIRECTION_INACTIVE, DIRECTION_RECVONLY, signalling_negotiates
from rtpcore.track.latch.state cimport (
    LATCH_HELD,
    LATCH_LEARNING,
    LATCH_LOCKED,
    LATCH_PROVISIONAL,
    LATCH_RELEARNING,
    LATCH_ROAMING,
    latch,
)
from rtpcore.track.reason cimport DROP_NONE
from rtpcore.track.rtcp.latch cimport rtcp_latch_advance, rtcp_latch_close
from rtpcore.track.rtcp.route cimport rtcp_latch_destination, rtcp_latch_may_send
from rtpcore.track.sending.destination cimport latch_may_send, latch_may_send_udptl, latch_retry_destination
from rtpcore.track.sending.liveness cimport latch_alive_ns, latch_consent_is_due, latch_judge_consent
from rtpcore.wire.address cimport transport_address
from rtpcore.wire.keepalive cimport (
    KEEPALIVE_EMPTY,
    KEEPALIVE_OCTETS,
    KEEPALIVE_RTCP,
    KEEPALIVE_RTP,
    keepalive_method,
    keepalive_write,
)

cdef enum:
    DYNAMIC_FIRST = 96
    DYNAMIC_LAST = 127


# Keepalives ----------------------------------------------------------------------------------------------------------

cdef keepalive_method method_of(const leg* l, bint is_rtcp) noexcept nogil:
    # RFC 6263 recommends RTCP where it is multiplexed. Without, and where SRTP keeps the relay from making any, an
    # empty datagram is what nobody can take for something else.
    cdef bint rtcp_fits = (is_rtcp or l.latch.how.rtcp_mux) and not l.latch.how.encrypted
    cdef uint8_t wanted = l.latch.policy.keepalive
    if l.latch.how.udptl:
        return KEEPALIVE_EMPTY
    if wanted == KEEPALIVE_AUTO or (is_rtcp and wanted == KEEPALIVE_RTP):
        wanted = KEEPALIVE_RTCP
    if wanted == KEEPALIVE_RTCP and not rtcp_fits:
        wanted = KEEPALIVE_EMPTY
    return <keepalive_method>wanted


cdef uint32_t ssrc_of(const leg* l, keepalive_method method) noexcept nogil:
    # A report in the name of the stream that is sent there adds no stranger to the call. RTP must not: its numbers
    # would be missed in that stream.
    if method == KEEPALIVE_RTCP and l.latch.sent_count:
        return l.latch.sent_ssrcs[l.latch.sent_count - 1]
    return l.ssrc


cdef uint8_t unnegotiated(const latch* l) noexcept nogil:
    cdef uint8_t payload_type = DYNAMIC_LAST
    while payload_type > DYNAMIC_FIRST and signalling_negotiates(&l.signalled, payload_type):
        payload_type -= 1
    return payload_type if not l.signalled.any_payload_type else <uint8_t>DYNAMIC_LAST


cdef bint is_first(const leg* l) noexcept nogil:
    # Both parties may be waiting for the other one's first packet.
    return l.latch.policy.keepalive_first and latch_alive_ns(&l.latch) == 0


cdef bint is_quiet(leg* l, port_timer* timer, uint32_t sent, uint64_t now_ns) noexcept nogil:
    # Whether it is time for one. Then the time begins anew, whatever comes of it.
    cdef bint first = timer.quiet_ns == 0 and is_first(l)
    if timer.quiet_ns == 0 or sent != timer.sent:
        timer.sent = sent
        timer.quiet_ns = now_ns
        return first and sent == 0
    if now_ns - timer.quiet_ns < l.latch.policy.keepalive_ns:
        return False
    timer.quiet_ns = now_ns
    return True


cdef void send_one(leg* l, port* p, const transport_address* to, const uint8_t* octets, uint32_t size,
                   udp_errors* errors) noexcept nogil:
    cdef int error = udp_send(&p.socket, to, octets, size)
    if error < 0:
        udp_errors_count(errors, -error)
    else:
        l.counters.keepalives_sent += 1


cdef void keep_port(leg* l, port* p, udp_errors* errors, uint64_t now_ns) noexcept nogil:
    cdef uint8_t octets[KEEPALIVE_OCTETS]
    cdef transport_address to = l.latch.destination
    cdef keepalive_method method = method_of(l, p.is_rtcp)
    cdef uint32_t size = keepalive_write(octets, method, ssrc_of(l, method), l.keepalives, unnegotiated(&l.latch))
    cdef uint8_t reason
    if l.latch.how.udptl:
        reason = latch_may_send_udptl(&l.latch, now_ns, size)
    elif p.is_rtcp:
        reason = rtcp_latch_may_send(&l.rtcp_latch, &l.latch, now_ns, size, &to)
    else:
        reason = latch_may_send(&l.latch, now_ns, size)
    if reason == DROP_NONE:
        l.keepalives += 1
        send_one(l, p, &to, octets, size, errors)


cdef void keep_alive(leg* l, udp_errors* errors, uint64_t now_ns) noexcept nogil:
    cdef transport_address to
    cdef bint mux = l.latch.how.rtcp_mux
    cdef uint32_t media = <uint32_t>l.counters.rtp.sent
    cdef uint32_t reports = <uint32_t>l.counters.rtcp.sent
    if l.latch.policy.keepalive_ns == 0:
        return
    if l.latch.has_destination and is_quiet(l, &l.rtp_timer, media + reports if mux else media, now_ns):
        keep_port(l, &l.rtp, errors, now_ns)
    if mux or l.latch.how.udptl:
        return
    if rtcp_latch_destination(&l.rtcp_latch, &l.latch, &to) and is_quiet(l, &l.rtcp_timer, reports, now_ns):
        keep_port(l, &l.rtcp, errors, now_ns)


# Media time-outs -----------------------------------------------------------------------------------------------------

cdef bint may_be_silent(const latch* l) noexcept nogil:
    # Nobody has answered, or it was agreed that this party sends nothing.
    return not (l.state == LATCH_LEARNING or l.state == LATCH_PROVISIONAL or l.state == LATCH_LOCKED
                or l.state == LATCH_RELEARNING or l.state == LATCH_ROAMING) or (
        l.signalled.direction == DIRECTION_RECVONLY or l.signalled.direction == DIRECTION_INACTIVE)


cdef bint is_suspended(const leg* l) noexcept nogil:
    # Who talks to a party on hold may stop.
    return may_be_silent(&l.latch) or (l.peer != NULL and l.peer.latch.state == LATCH_HELD)


cdef uint64_t silent_ns(const leg* l, uint64_t now_ns) noexcept nogil:
    cdef uint64_t since_ns = max(l.media_since_ns, l.latch.last_accepted_ns)
    return now_ns - since_ns if now_ns > since_ns else 0


cdef bint is_late(leg* l, uint64_t now_ns) noexcept nogil:
    if l.latch.policy.media_timeout_ns == 0:
        return False
    if l.media_since_ns == 0 or is_suspended(l):
        l.media_since_ns = now_ns
        l.timed_out = False
        return False
    if silent_ns(l, now_ns) >= l.latch.policy.media_timeout_ns:
        return True
    l.timed_out = False
    return False


cdef bint is_quiet_session(const leg* l, uint64_t now_ns) noexcept nogil:
    # Nobody else of the session has sent within that time either, or was meant to.
    cdef const leg* peer = l.peer
    return (peer == NULL or peer.latch.last_accepted_ns == 0
            or now_ns >= peer.latch.last_accepted_ns + l.latch.policy.media_timeout_ns)


cdef bint is_due(leg* l, uint64_t now_ns) noexcept nogil:
    # Something must be judged, and that with empty sockets.
    cdef bint late = is_late(l, now_ns)
    if l.latch.state == LATCH_HELD:
        latch_judge_consent(&l.latch, now_ns)       # nothing is due: its time does not run
        return False
    if late and (not l.timed_out or (l.latch.policy.close_on_timeout and is_quiet_session(l, now_ns))):
        return True
    return latch_consent_is_due(&l.latch, now_ns)


cdef bint judge(leg* l, uint64_t now_ns) noexcept nogil:
    # True: nobody of the session has sent for the time of the policy, which says to close it.
    cdef bint alone
    latch_judge_consent(&l.latch, now_ns)
    if not is_late(l, now_ns):
        return False
    alone = is_quiet_session(l, now_ns)
    if not l.timed_out:
        l.timed_out = True
        latch_event_about(&l.latch, now_ns, EVENT_MEDIA_TIMEOUT, DETAIL_SESSION if alone else DETAIL_LEG,
                          &l.latch.accepted, silent_ns(l, now_ns))
    return alone and l.latch.policy.close_on_timeout


# One look ------------------------------------------------------------------------------------------------------------

cdef void drain_leg(path* p, receive_batch* inbox, leg* l, uint64_t now_ns) noexcept nogil:
    port_drain(p, inbox, &l.rtp, now_ns)
    port_drain(p, inbox, &l.rtcp, now_ns)


cdef void expire_session(event_ring* timeouts, leg* l, uint64_t now_ns) noexcept nogil:
    # Its ports stay bound, and drop what comes, until whoever closes sessions has taken the number.
    cdef event_record record
    cdef event_limit none
    memset(&none, 0, sizeof(none))
    memset(&record, 0, sizeof(record))
    record.leg = l.number
    record.kind = EVENT_MEDIA_TIMEOUT
    if not event_emit(timeouts, &none, &record):
        return                              # full: the next sweep tries again
    l.closing = True
    latch_close(&l.latch, now_ns)
    rtcp_latch_close(&l.rtcp_latch, &l.latch)
    if l.peer != NULL:
        l.peer.closing = True
        latch_close(&l.peer.latch, now_ns)
        rtcp_latch_close(&l.peer.rtcp_latch, &l.peer.latch)


cdef void timers_tend(path* p, receive_batch* inbox, event_ring* timeouts, leg* l, uint64_t now_ns,
                      bint calm) noexcept nogil:
    latch_advance(&l.latch, now_ns)
    rtcp_latch_advance(&l.rtcp_latch, &l.latch, now_ns)
    latch_retry_destination(&l.latch)
    leg_note_sent(l, now_ns)
    keep_alive(l, &p.errors, now_ns)
    if l.closing or not calm or not is_due(l, now_ns):
        return
    drain_leg(p, inbox, l, now_ns)
    if l.peer != NULL:
        drain_leg(p, inbox, l.peer, now_ns)
    if judge(l, now_ns):
        expire_session(timeouts, l, now_ns)
