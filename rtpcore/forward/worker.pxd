# One thread's packet loop: many ports, no lock, no Python, one clock read a turn.

from libc.stdint cimport uint8_t, uint32_t, uint64_t

from rtpcore.forward.command cimport command_ring
from rtpcore.forward.leg cimport leg, port
from rtpcore.forward.path cimport path
from rtpcore.net.poller cimport poller
from rtpcore.net.udp cimport receive_batch
from rtpcore.track.event cimport event_ring
from rtpcore.track.strangers.spray cimport spray_table


cdef enum:
    HELD_PACKETS = 4096             # of all legs of a worker
    WORKER_EVENTS = 4096
    WORKER_TIMEOUTS = 256


cdef struct slot:
    port* port                      # NULL: free
    uint32_t generation             # rises when the slot is freed, so that a stale readiness is noticed
    uint32_t next_free


cdef struct worker:
    poller poller
    receive_batch inbox
    path path
    command_ring commands
    event_ring events
    slot* slots
    uint32_t slot_count
    uint32_t free_slot
    leg* legs
    leg* sweep                      # the next leg whose timers are looked at
    uint64_t sweep_ns
    uint64_t stalled_ns             # when a turn came late, so that what has arrived may not have been read yet
    event_ring timeouts             # numbers of legs whose session is to be closed
    uint32_t events_told
    int event_fd                    # written when events wait; belongs to the relay
    uint8_t running


# `slot_count` ports at most. `sprayers`: of the relay, or NULL. 0 or -errno with nothing left open.
cdef int worker_open(worker* w, uint32_t slot_count, int event_fd, spray_table* sprayers) noexcept nogil
cdef void worker_close(worker* w) noexcept nogil            # the loop has ended
cdef void worker_run(worker* w) noexcept nogil              # until COMMAND_STOP
