# From a port to the path: what is ready, what is left, and what ICMP said of what was sent by it.

from libc.stdint cimport uint16_t, uint64_t

from rtpcore.forward.path cimport path_flush, path_packet
from rtpcore.forward.stranger cimport stage_canary
from rtpcore.net.error_queue cimport error_queue_take, udp_failure
from rtpcore.net.udp cimport DATAGRAM_OCTETS, batch_receive, udp_errors_count
from rtpcore.track.datagram cimport datagram
from rtpcore.track.latch.state cimport latch
from rtpcore.track.sending.liveness cimport latch_unreachable
from rtpcore.wire.address cimport address_equal
from rtpcore.wire.octets cimport load_u32

cdef enum:
    DRAIN_BATCHES = 4096            # a flooded port is not drained for ever
    ERRORS_A_TURN = 16
    FIXED_HEADER_OCTETS = 12        # RFC 3550 5.1
    SSRC_OFFSET = 8


cdef inline bint is_pinned(const latch* l, const receive_batch* inbox, int index) noexcept nogil:
    if not address_equal(&inbox.source[index], &l.accepted):
        return False
    return l.how.udptl or (inbox.size[index] >= FIXED_HEADER_OCTETS and load_u32(
        inbox.octets + index * DATAGRAM_OCTETS + SSRC_OFFSET) == l.pinned.ssrc)


cdef int calm_from(const port* entry, const receive_batch* inbox, int count) noexcept nogil:
    # The first of the batch with nothing of the accepted stream behind it, which would end its silence. A crowd that
    # sends behind whoever waits for that silence must not hide it.
    cdef int index = count - 1
    if not inbox.drained or entry.owner == NULL:
        return count
    while index > 0 and not is_pinned(&entry.owner.latch, inbox, index):
        index -= 1
    return index


cdef int port_receive(path* p, receive_batch* inbox, port* entry, uint64_t now_ns) noexcept nogil:
    cdef datagram d
    cdef int index, calm
    cdef uint16_t asked = entry.socket.batch
    cdef int count = batch_receive(&entry.socket, inbox)
    if count == 0:
        entry.socket.batch = asked      # ICMP woke it, which says nothing of the load: a phone that moved has asked
    if count < 0:
        udp_errors_count(&p.errors, -count)        # a pending error, which is ICMP's, is in the error queue too
    calm = calm_from(entry, inbox, count)
    for index in range(count):
        d.octets = inbox.octets + index * DATAGRAM_OCTETS
        d.size = inbox.size[index]
        d.kind = 0
        d.rtcp_port = entry.is_rtcp
        d.drained = index >= calm
        d.authenticated = 0
        d.now_ns = now_ns
        d.source = inbox.source[index]
        if entry.owner != NULL:
            path_packet(p, entry, &d, inbox.truncated[index])
        else:
            stage_canary(&p.watch, entry, &d)
    path_flush(p)
    return count


cdef void port_drain(path* p, receive_batch* inbox, port* entry, uint64_t now_ns) noexcept nogil:
    cdef int _turn
    for _turn in range(DRAIN_BATCHES):
        if port_receive(p, inbox, entry, now_ns) <= 0:
            return


cdef void port_take_errors(path* p, port* entry, uint64_t now_ns) noexcept nogil:
    # The rest is reported again in the next turn.
    cdef udp_failure failure
    cdef int _turn
    for _turn in range(ERRORS_A_TURN):
        if not error_queue_take(&entry.socket, &failure):
            return
        if failure.error == 0:
            continue
        udp_errors_count(&p.errors, failure.error)
        if entry.owner != NULL and address_equal(
                &failure.to, &entry.to.address if entry.is_rtcp else &entry.owner.latch.destination):
            latch_unreachable(&entry.owner.latch, &failure.to, now_ns)
