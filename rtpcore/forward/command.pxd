# How control reaches a worker: a ring of commands, carried out in order between two turns of the packet loop.

from libc.stdint cimport uint32_t, uint64_t

from rtpcore.forward.leg cimport leg, port
from rtpcore.net.linux cimport pthread_cond_t, pthread_mutex_t
from rtpcore.track.authentication.state cimport authentication
from rtpcore.track.latch.scope cimport signal_event, signalling
from rtpcore.track.latch.state cimport latch
from rtpcore.track.stats cimport leg_snapshot


cdef enum:
    COMMANDS = 64               # a power of two

cdef enum command_kind:
    COMMAND_ATTACH = 0          # a leg joins the worker
    COMMAND_LINK = 1            # leg and other relay to each other
    COMMAND_PUBLISH = 2         # drain, then let media in
    COMMAND_SIGNAL = 3
    COMMAND_SNAPSHOT = 4        # of `count` legs into `snapshots`
    COMMAND_EXAMINE = 5         # its latch is copied to `copy`
    COMMAND_DETACH = 6          # the leg belongs to the control thread again; its last figures go to `snapshots`
    COMMAND_STOP = 7
    COMMAND_WATCH = 8           # a canary is polled from now on
    COMMAND_UNWATCH = 9


cdef struct command:
    command_kind kind
    leg* subject
    leg* other
    port* canary
    leg** legs
    leg_snapshot* snapshots
    latch* copy
    int* result                 # of COMMAND_PUBLISH; the poster waits
    uint32_t count
    signal_event event
    signalling said
    authentication* authentication      # of COMMAND_SIGNAL where it changes; the worker's from then on
    bint changes_authentication


cdef struct command_ring:
    # Many writers, who hold the mutex; one reader, the worker, who takes it only to say what is done.
    command* commands           # COMMANDS of them
    uint32_t head               # written
    uint32_t tail               # read
    uint32_t done               # carried out
    int wake_fd                 # eventfd that the worker polls
    pthread_mutex_t mutex
    pthread_cond_t progress


cdef int command_ring_open(command_ring* ring) noexcept nogil               # 0 or -errno
cdef void command_ring_close(command_ring* ring) noexcept nogil
# Copies the command in, waiting for room; returns its number. Blocks: call it without the GIL.
cdef uint32_t command_post(command_ring* ring, const command* order) noexcept nogil
# Waits until the command of that number has been carried out.
cdef void command_wait(command_ring* ring, uint32_t number) noexcept nogil
# The worker's side, when the wake_fd is ready: acknowledge first, so that no later wake is lost; then the next command
# or NULL, and command_done, until there is none; then command_report.
cdef void command_acknowledge(command_ring* ring) noexcept nogil
cdef command* command_next(command_ring* ring) noexcept nogil
cdef void command_done(command_ring* ring) noexcept nogil
cdef void command_report(command_ring* ring) noexcept nogil
