"""Workers as Python objects: the thread, the posting of commands, and what the loop has told.

Commands are posted under the worker's lock and, where their result is needed, waited for without the GIL. May be used
from any thread.
"""

import errno as errno_names
import os
import threading

cimport cython
from libc.stdint cimport uint32_t
from libc.string cimport memset

from rtpcore.errors import Closed

from rtpcore.forward.canary cimport canary_close_all
from rtpcore.forward.command cimport COMMAND_STOP, command, command_post
from rtpcore.forward.worker cimport worker_close, worker_open, worker_run
from rtpcore.net.udp cimport UDP_ERRNO_LIMIT
from rtpcore.track.event cimport event_record, event_take, event_to_python
from rtpcore.track.strangers.own_ports cimport OwnPorts, own_ports
from rtpcore.track.strangers.spray cimport SprayTable


cdef uint32_t post(Worker owner, command* order) except? 0xFFFFFFFF:
    # The lock keeps a leg from being detached between the check that it is open and the post; afterwards the ring's
    # order does. It is held by the caller.
    cdef uint32_t number = 0
    check_running(owner)
    with nogil:
        number = command_post(&owner.native.commands, order)
    return number


@cython.final
@cython.no_gc_clear
cdef class Worker:
    """One packet loop on a thread of its own."""

    def __cinit__(self, uint32_t port_slots, int event_fd, str name, OwnPorts ports=None, SprayTable sprayers=None):
        cdef int error = worker_open(&self.native, port_slots, event_fd,
                                     NULL if sprayers is None else &sprayers.native)
        if error < 0:
            raise OSError(-error, os.strerror(-error))
        self.ports = ports
        self.sprayers = sprayers
        self.lock = threading.Lock()
        self.running = True
        self.thread = threading.Thread(target=self.run, name=name, daemon=True)
        try:
            self.thread.start()
        except RuntimeError as reason:
            worker_close(&self.native)
            raise OSError(errno_names.EAGAIN, str(reason)) from None

    def run(self):
        with nogil:
            worker_run(&self.native)

    def stop(self):
        """Ends the loop and frees what it holds; legs that are still attached are freed by their own close()."""
        cdef command order
        memset(&order, 0, sizeof(order))
        order.kind = COMMAND_STOP
        with self.lock:
            if self.running:
                post(self, &order)
                self.running = False
        self.thread.join()
        end(self)

    def disown(self):
        """For the child of a fork, where no loop runs: closes what it inherited, and tells the parent nothing."""
        self.lock = threading.Lock()
        self.running = False
        end(self)

    def take_events(self):
        """What has happened since the last call: list of (leg number, event made with session and leg None)."""
        cdef event_record record
        cdef list taken = []
        while take_event(self, &record):
            taken.append((record.leg, event_to_python(&record, None, None)))
        return taken

    def take_timeouts(self):
        """Legs whose session is to be closed, since nobody has sent for the time of its policy: list of leg numbers."""
        cdef event_record record
        cdef list taken = []
        with self.lock:
            while self.running and event_take(&self.native.timeouts, &record):
                taken.append(record.leg)
        return taken

    @property
    def events_lost(self):
        """Events that found the ring full."""
        return self.native.events.lost

    def errors(self):
        """Socket errors so far: {errno name: count}."""
        cdef int number
        return {errno_names.errorcode.get(number, str(number)): self.native.path.errors.by_errno[number]
                for number in range(UDP_ERRNO_LIMIT) if self.native.path.errors.by_errno[number]}


cdef int check_running(Worker owner) except -1:
    if not owner.running:
        raise Closed("the relay is closed.")
    return 0


cdef own_ports* ports_of(Worker owner) noexcept:
    return NULL if owner.ports is None else &owner.ports.native


cdef int end(Worker owner) except -1:
    with owner.lock:
        if not owner.ended:
            worker_close(&owner.native)
            canary_close_all(&owner.canaries, ports_of(owner))
            owner.ended = True
    return 0


cdef bint take_event(Worker owner, event_record* record) except -1:
    # The event becomes a Python object outside the lock: that may run signal handlers, which may want the lock.
    with owner.lock:
        return owner.running and event_take(&owner.native.events, record)
