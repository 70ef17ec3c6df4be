"""Canaries of a worker: bound, watched by its loop, and given up when a call needs the port. From any thread."""

import os

from libc.stdint cimport uint32_t
from libc.string cimport memset

from rtpcore.forward.canary cimport canary_close, canary_find, canary_open
from rtpcore.forward.command cimport COMMAND_UNWATCH, COMMAND_WATCH, command, command_wait
from rtpcore.forward.control cimport Worker, check_running, ports_of, post
from rtpcore.track.strangers.own_ports cimport own_ports_number
from rtpcore.wire.address cimport address_from_python, transport_address


def watch(Worker worker not None, local):
    """Binds a canary at `(host, port)` until unwatch() or the end of the worker. Raises OSError or Closed."""
    cdef transport_address address
    cdef command order
    cdef int error = 0
    memset(&order, 0, sizeof(order))
    address_from_python(local, &address)
    order.kind = COMMAND_WATCH
    with worker.lock:
        check_running(worker)
        order.canary = canary_open(&worker.canaries, ports_of(worker), &address, &error)
        if order.canary == NULL:
            raise OSError(-error, os.strerror(-error), f"{local[0]} port {local[1]}, a canary,")
        post(worker, &order)


def unwatch(Worker worker not None, local):
    """Closes the canary at `(host, port)`, so that the port may be given to somebody. Whether there was one."""
    cdef transport_address address
    cdef command order
    cdef uint32_t number
    memset(&order, 0, sizeof(order))
    address_from_python(local, &address)
    order.kind = COMMAND_UNWATCH
    with worker.lock:
        if worker.running and worker.ports is not None:
            order.canary = canary_find(&worker.canaries, own_ports_number(&worker.ports.native, &address))
        if order.canary == NULL:
            return False
        number = post(worker, &order)
        with nogil:
            command_wait(&worker.native.commands, number)
        canary_close(order.canary, ports_of(worker))
    return True
