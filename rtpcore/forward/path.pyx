# One datagram, stage by stage: read, judge (probe, judge, commit), track, route, send. A rejected packet leaves one
# counter. Nothing here allocates, raises, logs or reads a clock.

from libc.stdint cimport uint8_t, uint16_t, uint32_t
from libc.string cimport memset

from rtpcore.forward.leg cimport leg, leg_note_sent, port
from rtpcore.forward.lock cimport lock_follow
from rtpcore.forward.stranger cimport stage_stranger
from rtpcore.net.udp cimport (
    BATCH_SIZE,
    DATAGRAM_OCTETS,
    batch_append,
    batch_send,
    send_batch_init,
    udp_errors_count,
    udp_name_set,
    udp_send,
)
from rtpcore.track.authentication.ice cimport ice_answer
from rtpcore.track.authentication.judge cimport latch_authenticate, latch_receive_other
from rtpcore.track.datagram cimport datagram, datagram_read
from rtpcore.track.latch.hold cimport (
    HOLD_NONE,
    held_packet,
    hold_chain,
    hold_clear,
    hold_octets,
    hold_packet,
    hold_pool_free,
    hold_pool_init,
)
from rtpcore.track.latch.latch cimport (
    latch_add_sent_ssrc,
    latch_advance,
    latch_note_invalid,
    latch_receipt_proof,
    latch_receive,
)
from rtpcore.track.latch.scope cimport signalling_clock
from rtpcore.track.latch.state cimport ACTION_DROP, ACTION_FORWARD, latch, latch_verdict
from rtpcore.track.reason cimport (
    DROP_NO_ROUTE,
    DROP_NONE,
    DROP_SEND_FAILED,
    DROP_TRUNCATED,
)
from rtpcore.track.rtcp.latch cimport rtcp_latch_receive, rtcp_latch_speaks_for
from rtpcore.track.rtcp.receipt cimport receipt_is_proof, receipt_judge
from rtpcore.track.rtcp.report cimport report_note_received, report_note_sent
from rtpcore.track.rtcp.route cimport rtcp_latch_may_send
from rtpcore.track.sending.destination cimport latch_may_send, latch_may_send_udptl
from rtpcore.track.source cimport source, source_update
from rtpcore.track.ssrc cimport ssrc_find, ssrc_replace
from rtpcore.track.stats cimport flow_counters
from rtpcore.wire.address cimport address_equal, transport_address
from rtpcore.wire.demux cimport KIND_RTCP, KIND_RTP

cdef enum:
    DEFAULT_CLOCK_RATE = 8000
    STEADY_ROW = 8


cdef int path_init(path* p, uint32_t held_packets) noexcept nogil:
    memset(p, 0, sizeof(path))
    send_batch_init(&p.outbox)
    return hold_pool_init(&p.pool, held_packets, DATAGRAM_OCTETS)


cdef void path_free(path* p) noexcept nogil:
    hold_pool_free(&p.pool)


# Stage: track ------------------------------------------------------------------------------------------------------

cdef inline void stage_track(leg* l, const datagram* d) noexcept nogil:
    # Only accepted packets come here, so strangers cannot fill the table.
    cdef uint32_t clock_rate = signalling_clock(&l.latch.signalled, d.header.payload_type)
    cdef source* s = ssrc_find(&l.sources, d.ssrc)
    if s == NULL:
        s = ssrc_replace(&l.sources, d.ssrc, d.header.sequence_number, d.now_ns)
    source_update(s, &d.header, clock_rate if clock_rate else DEFAULT_CLOCK_RATE, d.now_ns)
    if l.peer != NULL and not (l.sent_ssrc_known and l.sent_ssrc == d.ssrc):
        latch_add_sent_ssrc(&l.peer.latch, d.ssrc)
        l.sent_ssrc = d.ssrc
        l.sent_ssrc_known = True


# Stage: send -------------------------------------------------------------------------------------------------------

cdef void path_flush(path* p) noexcept nogil:
    cdef int index, sent, count = p.outbox.count
    if count == 0:
        return
    sent = batch_send(&p.outbox, &p.exit.socket)
    p.flow.forwarded += sent
    p.exit_flow.sent += sent
    for index in range(count):
        if p.outbox.error[index] == 0:
            p.exit_flow.sent_octets += p.outbox.vectors[index].iov_len
        else:
            p.sender.counters.drops[<int>DROP_SEND_FAILED] += 1
            udp_errors_count(&p.errors, p.outbox.error[index])
    p.outbox.count = 0


cdef void turn_exit(path* p, leg* sender, port* exit, flow_counters* flow, flow_counters* exit_flow) noexcept nogil:
    path_flush(p)
    p.sender = sender
    p.flow = flow
    p.exit = exit
    p.exit_flow = exit_flow


cdef bint turn_destination(path* p, port* exit, const transport_address* destination) noexcept nogil:
    cdef int error
    path_flush(p)                           # what waits still points at the old name
    error = udp_name_set(&exit.to, &exit.socket, destination)
    if error < 0:
        udp_errors_count(&p.errors, -error)
    return error == 0


cdef inline void stage_send(path* p, leg* sender, port* exit, const datagram* d, flow_counters* flow,
                            flow_counters* exit_flow, const transport_address* destination) noexcept nogil:
    if p.flow != flow or p.exit != exit or p.outbox.count == BATCH_SIZE:
        turn_exit(p, sender, exit, flow, exit_flow)
    if not (exit.to.size and address_equal(&exit.to.address, destination)):
        if not turn_destination(p, exit, destination):
            sender.counters.drops[<int>DROP_SEND_FAILED] += 1
            return
    batch_append(&p.outbox, d.octets, d.size, &exit.to)


cdef void stage_report(leg* l, leg* peer, const datagram* d, bint goes_on) noexcept nogil:
    # What l says of the stream of its peer; and the sender reports that its peer will answer.
    if peer.latch.pinned.valid:
        report_note_received(&l.reports, d.octets, d.size, peer.latch.pinned.ssrc, d.now_ns)
    leg_note_sent(l, d.now_ns)
    receipt_judge(&l.receipt, &l.latch, d)
    if goes_on:
        report_note_sent(&peer.reports, d.octets, d.size, d.now_ns)


cdef void stage_prove(leg* l, const datagram* d) noexcept nogil:
    # A report proves what it proves whether its source is accepted or still examined.
    if l.latch.how.encrypted or not rtcp_latch_speaks_for(&l.rtcp_latch, &l.latch, &d.source):
        return
    leg_note_sent(l, d.now_ns)
    if receipt_is_proof(&l.receipt, &l.reports, d.octets, d.size, d.now_ns):
        latch_receipt_proof(&l.latch, &d.source, d.now_ns)


cdef inline void forward_rtp(path* p, leg* l, const datagram* d) noexcept nogil:
    cdef leg* peer = l.peer
    cdef uint8_t reason = DROP_NO_ROUTE
    stage_track(l, d)
    if peer != NULL:
        reason = latch_may_send(&peer.latch, d.now_ns, d.size)
    if reason == DROP_NONE:
        stage_send(p, l, &peer.rtp, d, &l.counters.rtp, &peer.counters.rtp, &peer.latch.destination)
    else:
        l.counters.drops[reason] += 1


cdef void forward_rtcp(path* p, leg* l, const datagram* d) noexcept nogil:
    cdef transport_address destination
    cdef leg* peer = l.peer
    cdef uint8_t reason = DROP_NO_ROUTE
    if peer != NULL:
        reason = rtcp_latch_may_send(&peer.rtcp_latch, &peer.latch, d.now_ns, d.size, &destination)
        if not l.latch.how.encrypted:
            stage_report(l, peer, d, reason == DROP_NONE)
    if reason == DROP_NONE:
        stage_send(p, l, &peer.rtp if peer.latch.how.rtcp_mux else &peer.rtcp, d, &l.counters.rtcp,
                   &peer.counters.rtcp, &destination)
    else:
        l.counters.drops[reason] += 1


cdef void forward_other(path* p, leg* l, const datagram* d) noexcept nogil:
    # The endpoints' own STUN, DTLS or ZRTP. It leaves by the port that goes with the one it came to.
    cdef transport_address destination
    cdef leg* peer = l.peer
    cdef bint by_rtcp = d.rtcp_port and peer != NULL and not peer.latch.how.rtcp_mux
    cdef uint8_t reason = DROP_NO_ROUTE
    if peer != NULL and by_rtcp:
        reason = rtcp_latch_may_send(&peer.rtcp_latch, &peer.latch, d.now_ns, d.size, &destination)
    elif peer != NULL:
        reason = latch_may_send(&peer.latch, d.now_ns, d.size)
        destination = peer.latch.destination
    if reason == DROP_NONE:
        stage_send(p, l, &peer.rtcp if by_rtcp else &peer.rtp, d,
                   &l.counters.rtcp if d.rtcp_port else &l.counters.rtp,
                   &peer.counters.rtcp if by_rtcp else &peer.counters.rtp, &destination)
    else:
        l.counters.drops[reason] += 1


cdef void forward_udptl(path* p, leg* l, const datagram* d) noexcept nogil:
    cdef leg* peer = l.peer
    cdef uint8_t reason = DROP_NO_ROUTE
    if peer != NULL:
        reason = latch_may_send_udptl(&peer.latch, d.now_ns, d.size)
    if reason == DROP_NONE:
        stage_send(p, l, &peer.rtp, d, &l.counters.rtp, &peer.counters.rtp, &peer.latch.destination)
    else:
        l.counters.drops[reason] += 1


cdef inline void forward_accepted(path* p, leg* l, const datagram* d) noexcept nogil:
    if d.kind == KIND_RTP:
        forward_rtp(p, l, d)
    elif d.kind == KIND_RTCP:
        forward_rtcp(p, l, d)
    else:
        forward_udptl(p, l, d)


cdef void forward_released(path* p, leg* l, const datagram* accepted, hold_chain* released) noexcept nogil:
    # Packets held before this one, in order of arrival. Their octets live in the pool until they are sent.
    cdef datagram d = accepted[0]
    cdef held_packet* held
    cdef uint32_t index = released.first
    while index != HOLD_NONE:
        held = hold_packet(&p.pool, index)
        d.octets = hold_octets(&p.pool, index)
        d.size = held.size
        d.now_ns = held.arrival_ns
        datagram_read(&d, &l.latch.how)
        forward_accepted(p, l, &d)
        index = held.next
    path_flush(p)
    hold_clear(&p.pool, released)


# The path ----------------------------------------------------------------------------------------------------------

cdef inline uint8_t stage_read(leg* l, datagram* d, bint truncated) noexcept nogil:
    return DROP_TRUNCATED if truncated else datagram_read(d, &l.latch.how)


cdef uint8_t stage_authenticate(port* entry, datagram* d, uint8_t reason) noexcept nogil:
    # Before anything is judged, so that what nobody vouches for never counts towards latching.
    cdef latch* judge = &entry.owner.latch
    cdef ice_answer answer
    if d.now_ns >= judge.timer_ns:
        latch_advance(judge, d.now_ns)
    if reason == DROP_NONE:
        return latch_authenticate(judge, d)
    reason = latch_receive_other(judge, d, reason, &answer)
    if answer.size:
        udp_send(&entry.socket, &d.source, answer.octets, answer.size)
    return reason


cdef inline void ask_for_all(port* entry) noexcept nogil:
    # Silence is judged only on a drained socket, and a full batch cannot tell whether it is. Whatever is not steady
    # asks: else strangers' packets around those of a phone that has moved would undo what they ask.
    entry.socket.batch = <uint16_t>BATCH_SIZE


cdef void path_packet(path* p, port* entry, datagram* d, bint truncated) noexcept nogil:
    cdef leg* sender = entry.owner
    cdef latch_verdict verdict
    cdef flow_counters* flow
    cdef uint8_t reason = stage_read(sender, d, truncated)
    flow = &sender.counters.rtcp if d.rtcp_port or d.kind == KIND_RTCP else &sender.counters.rtp
    flow.received += 1
    flow.received_octets += d.size
    if sender.latch.authentication != NULL:
        reason = stage_authenticate(entry, d, reason)
        if reason == DROP_NONE and d.kind != KIND_RTP and d.kind != KIND_RTCP:
            ask_for_all(entry)
            forward_other(p, sender, d)
            return
    if reason != DROP_NONE:
        sender.counters.drops[reason] += 1
        ask_for_all(entry)
        latch_note_invalid(&sender.latch, d, reason)
        stage_stranger(&p.watch, entry, d)
        return
    if d.kind == KIND_RTCP:
        ask_for_all(entry)
        rtcp_latch_receive(&sender.rtcp_latch, &sender.latch, d, &verdict)
        if verdict.action != ACTION_DROP:
            stage_prove(sender, d)
        if sender.locks:
            lock_follow(sender, d.now_ns)
    else:
        latch_receive(&sender.latch, d, &verdict)
        if verdict.row != STEADY_ROW:
            ask_for_all(entry)
            if sender.locks:
                lock_follow(sender, d.now_ns)
    if verdict.action == ACTION_FORWARD:
        if verdict.released.count:
            forward_released(p, sender, d, &verdict.released)
        forward_accepted(p, sender, d)
        return
    if verdict.action == ACTION_DROP:
        sender.counters.drops[verdict.reason] += 1
    stage_stranger(&p.watch, entry, d)
