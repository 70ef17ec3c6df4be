# The loop. A turn: wait for readiness, read the clock, then for each ready port receive a batch, pass each datagram
# along the path, and send. Commands are one more thing that can be ready. Timers of quiet legs are looked at in slices.

from libc.errno cimport ENOMEM, ENOSPC
from libc.stdint cimport uint32_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memset

from rtpcore.forward.command cimport (
    COMMAND_ATTACH,
    COMMAND_DETACH,
    COMMAND_EXAMINE,
    COMMAND_LINK,
    COMMAND_PUBLISH,
    COMMAND_SIGNAL,
    COMMAND_SNAPSHOT,
    COMMAND_STOP,
    COMMAND_UNWATCH,
    COMMAND_WATCH,
    command,
    command_acknowledge,
    command_done,
    command_next,
    command_report,
    command_ring_close,
    command_ring_open,
)
from rtpcore.forward.intake cimport port_drain, port_receive, port_take_errors
from rtpcore.forward.leg cimport leg, leg_snapshot_take, port
from rtpcore.forward.lock cimport lock_follow, lock_renew
from rtpcore.forward.path cimport path_free, path_init
from rtpcore.forward.timers cimport timers_tend
from rtpcore.net.linux cimport CLOCK_MONOTONIC, clock_gettime, eventfd_write, timespec
from rtpcore.net.poller cimport (
    poller_add,
    poller_close,
    poller_has_error,
    poller_open,
    poller_ready,
    poller_remove,
    poller_token,
    poller_wait,
)
from rtpcore.net.udp cimport receive_batch_free, receive_batch_init
from rtpcore.track.authentication.state cimport authentication_free
from rtpcore.track.event cimport event_ring_free, event_ring_init
from rtpcore.track.latch.latch cimport (
    latch_add_own_address,
    latch_close,
    latch_publish,
    latch_set_authentication,
    latch_signal,
)
from rtpcore.track.latch.scope cimport SIGNAL_CLOSE
from rtpcore.track.latch.state cimport latch
from rtpcore.track.rtcp.latch cimport rtcp_latch_close
from rtpcore.track.sending.destination cimport latch_share_budget
from rtpcore.track.stats cimport leg_snapshot
from rtpcore.track.strangers.spray cimport spray_table

cdef enum:
    NO_SLOT = 0xFFFFFFFF
    COMMAND_TOKEN = 0xFFFFFFFF      # the slot number that means the command ring
    IDLE_WAIT_MS = 20
    SWEEP_LEGS = 64
    SWEEP_NS = 5_000_000
    SWEEP_LOCKS = 4                 # filters attached in one slice
    STALL_NS = 500_000_000          # between two sweeps, which are IDLE_WAIT_MS apart
    CALM_NS = 1_000_000_000         # after a stall: no time-out is judged


cdef uint64_t monotonic_ns() noexcept nogil:
    cdef timespec now
    clock_gettime(CLOCK_MONOTONIC, &now)
    return <uint64_t>now.tv_sec * 1_000_000_000 + <uint64_t>now.tv_nsec


# Opening and closing -----------------------------------------------------------------------------------------------

cdef int open_slots(worker* w, uint32_t slot_count) noexcept nogil:
    cdef uint32_t index
    w.slots = <slot*>calloc(slot_count, sizeof(slot))
    if w.slots == NULL:
        return -ENOMEM
    w.slot_count = slot_count
    for index in range(slot_count):
        w.slots[index].next_free = index + 1 if index + 1 < slot_count else NO_SLOT
    w.free_slot = 0
    return 0


cdef int worker_open(worker* w, uint32_t slot_count, int event_fd, spray_table* sprayers) noexcept nogil:
    cdef int error
    memset(w, 0, sizeof(worker))
    w.poller.fd = -1
    w.event_fd = event_fd
    error = open_slots(w, slot_count)
    if error == 0:
        error = receive_batch_init(&w.inbox)
    if error == 0:
        error = path_init(&w.path, HELD_PACKETS)
    if error == 0:
        error = event_ring_init(&w.events, WORKER_EVENTS)
    if error == 0:
        error = event_ring_init(&w.timeouts, WORKER_TIMEOUTS)
    if error == 0:
        error = command_ring_open(&w.commands)
    if error == 0:
        error = poller_open(&w.poller)
    if error == 0:
        error = poller_add(&w.poller, w.commands.wake_fd, poller_token(COMMAND_TOKEN, 0))
    w.path.watch.events = &w.events
    w.path.watch.sprayers = sprayers
    if error < 0:
        worker_close(w)
    return error


cdef void worker_close(worker* w) noexcept nogil:
    poller_close(&w.poller)
    command_ring_close(&w.commands)
    event_ring_free(&w.events)
    event_ring_free(&w.timeouts)
    path_free(&w.path)
    receive_batch_free(&w.inbox)
    free(w.slots)
    w.slots = NULL


# Commands ----------------------------------------------------------------------------------------------------------

cdef int attach_port(worker* w, port* p) noexcept nogil:
    cdef uint32_t index = w.free_slot
    cdef int error
    if index == NO_SLOT:
        return -ENOSPC
    error = poller_add(&w.poller, p.socket.fd, poller_token(index, w.slots[index].generation))
    if error < 0:
        return error
    w.free_slot = w.slots[index].next_free
    w.slots[index].port = p
    p.slot = index
    p.attached = True
    return 0


cdef void detach_port(worker* w, port* p) noexcept nogil:
    if not p.attached:
        return
    poller_remove(&w.poller, p.socket.fd)
    w.slots[p.slot].port = NULL
    w.slots[p.slot].generation += 1
    w.slots[p.slot].next_free = w.free_slot
    w.free_slot = p.slot
    p.attached = False


cdef void attach_leg(worker* w, leg* l, uint64_t now_ns) noexcept nogil:
    l.latch.candidates.pool = &w.path.pool
    l.latch.events = &w.events
    l.latch.sprayers = w.path.watch.sprayers
    l.attach_error = attach_port(w, &l.rtp)
    if l.attach_error == 0:
        l.attach_error = attach_port(w, &l.rtcp)
    l.next = w.legs
    l.previous = NULL
    if w.legs != NULL:
        w.legs.previous = l
    else:
        w.sweep_ns = now_ns                 # it has slept: that is no stall
    w.legs = l


cdef void unlink_leg(leg* l) noexcept nogil:
    if l.peer != NULL and l.peer.peer == l:
        latch_share_budget(&l.peer.latch, NULL)
        l.peer.peer = NULL          # which may be l itself
    l.peer = NULL
    latch_share_budget(&l.latch, NULL)


cdef void close_leg(worker* w, leg* l, uint64_t now_ns) noexcept nogil:
    detach_port(w, &l.rtp)
    detach_port(w, &l.rtcp)
    latch_close(&l.latch, now_ns)
    rtcp_latch_close(&l.rtcp_latch, &l.latch)
    unlink_leg(l)
    if w.sweep == l:
        w.sweep = l.next
    if l.next != NULL:
        l.next.previous = l.previous
    if l.previous != NULL:
        l.previous.next = l.next
    else:
        w.legs = l.next


cdef void detach_leg(worker* w, leg* l, leg_snapshot* last, uint64_t now_ns) noexcept nogil:
    # `last` shows the leg as it was, with what closing it dropped already counted.
    leg_snapshot_take(l, last)
    close_leg(w, l, now_ns)
    last.counters = l.counters
    last.holding = 0


cdef void own_addresses_of(leg* a, const latch* other) noexcept nogil:
    cdef int index
    for index in range(other.own_count):
        latch_add_own_address(&a.latch, &other.own[index])


cdef void link_legs(leg* a, leg* b) noexcept nogil:
    cdef latch before = a.latch
    unlink_leg(a)
    unlink_leg(b)
    own_addresses_of(a, &b.latch)
    own_addresses_of(b, &before)
    latch_share_budget(&a.latch, &b.latch)
    a.peer = b
    b.peer = a
    a.sent_ssrc_known = False
    b.sent_ssrc_known = False


cdef int publish_leg(worker* w, leg* l, uint64_t now_ns) noexcept nogil:
    # What arrived before counts as coming from somebody who cannot have been told of the port.
    if l.attach_error == 0:
        port_drain(&w.path, &w.inbox, &l.rtp, now_ns)
        port_drain(&w.path, &w.inbox, &l.rtcp, now_ns)
        latch_publish(&l.latch, now_ns)
    return l.attach_error


cdef void signal_leg(leg* l, uint64_t now_ns, const command* order) noexcept nogil:
    if order.changes_authentication:
        authentication_free(latch_set_authentication(&l.latch, order.authentication, now_ns))
    latch_signal(&l.latch, now_ns, order.event, &order.said)
    if order.event == SIGNAL_CLOSE:
        rtcp_latch_close(&l.rtcp_latch, &l.latch)
    if l.locks:
        lock_follow(l, now_ns)


cdef void carry_out(worker* w, const command* order, uint64_t now_ns) noexcept nogil:
    cdef uint32_t index
    if order.kind == COMMAND_ATTACH:
        attach_leg(w, order.subject, now_ns)
    elif order.kind == COMMAND_WATCH:
        attach_port(w, order.canary)
    elif order.kind == COMMAND_UNWATCH:
        detach_port(w, order.canary)
    elif order.kind == COMMAND_LINK:
        link_legs(order.subject, order.other)
    elif order.kind == COMMAND_PUBLISH:
        order.result[0] = publish_leg(w, order.subject, now_ns)
    elif order.kind == COMMAND_SIGNAL:
        signal_leg(order.subject, now_ns, order)
    elif order.kind == COMMAND_SNAPSHOT:
        for index in range(order.count):
            leg_snapshot_take(order.legs[index], &order.snapshots[index])
    elif order.kind == COMMAND_EXAMINE:
        order.copy[0] = order.subject.latch
    elif order.kind == COMMAND_DETACH:
        detach_leg(w, order.subject, order.snapshots, now_ns)
    elif order.kind == COMMAND_STOP:
        w.running = False


cdef void worker_obey(worker* w, uint64_t now_ns) noexcept nogil:
    cdef const command* order
    command_acknowledge(&w.commands)
    order = command_next(&w.commands)
    while order != NULL:
        carry_out(w, order, now_ns)
        command_done(&w.commands)
        order = command_next(&w.commands)
    command_report(&w.commands)


# Packets -----------------------------------------------------------------------------------------------------------

cdef void worker_poll(worker* w, uint64_t now_ns) noexcept nogil:
    cdef int index
    cdef uint64_t token
    cdef slot* s
    for index in range(w.poller.count):
        token = poller_ready(&w.poller, index)
        if <uint32_t>token == COMMAND_TOKEN:
            worker_obey(w, now_ns)
            continue
        s = &w.slots[<uint32_t>token]
        if s.port != NULL and s.generation == <uint32_t>(token >> 32):
            if poller_has_error(&w.poller, index):
                port_take_errors(&w.path, s.port, now_ns)
            port_receive(&w.path, &w.inbox, s.port, now_ns)


# Timers ------------------------------------------------------------------------------------------------------------

cdef void worker_sweep(worker* w, uint64_t now_ns) noexcept nogil:
    cdef int _index, attached = 0
    cdef bint calm
    if now_ns - w.sweep_ns < SWEEP_NS:
        return
    if now_ns - w.sweep_ns > STALL_NS:
        w.stalled_ns = now_ns
    w.sweep_ns = now_ns
    # Silence is no silence while packets wait in a socket: after a stall of the process they do.
    calm = now_ns - w.stalled_ns >= CALM_NS
    for _index in range(SWEEP_LEGS):
        if w.sweep == NULL:
            w.sweep = w.legs
            return
        timers_tend(&w.path, &w.inbox, &w.timeouts, w.sweep, now_ns, calm)
        if attached < SWEEP_LOCKS:
            attached += lock_renew(w.sweep, now_ns, &w.path.errors)
        elif w.sweep.locks:
            lock_follow(w.sweep, now_ns)
        w.sweep = w.sweep.next


cdef void worker_tell(worker* w) noexcept nogil:
    if w.events.head != w.events_told:
        w.events_told = w.events.head
        eventfd_write(w.event_fd, 1)


cdef void worker_run(worker* w) noexcept nogil:
    cdef uint64_t now_ns
    w.running = True
    while w.running:
        poller_wait(&w.poller, IDLE_WAIT_MS if w.legs != NULL else -1)
        now_ns = monotonic_ns()
        worker_poll(w, now_ns)
        worker_sweep(w, now_ns)
        worker_tell(w)
