# A worker as a Python object, for the modules that post commands to it.

cimport cython
from libc.stdint cimport uint32_t

from rtpcore.forward.canary cimport canary_set
from rtpcore.forward.command cimport command
from rtpcore.forward.worker cimport worker
from rtpcore.track.strangers.own_ports cimport OwnPorts, own_ports
from rtpcore.track.strangers.spray cimport SprayTable


@cython.final
cdef class Worker:
    cdef worker native
    cdef readonly bint running      # takes orders
    cdef bint ended                 # the loop has returned, and what it held is freed
    cdef OwnPorts ports             # of the relay, or None
    cdef SprayTable sprayers        # kept alive for the loop
    cdef canary_set canaries
    cdef object lock
    cdef object thread
    cdef object __weakref__


# The lock keeps a leg from being detached between the check that it is open and the post; afterwards the ring's order
# does. It is held by the caller. Raises Closed.
cdef uint32_t post(Worker owner, command* order) except? 0xFFFFFFFF
cdef int check_running(Worker owner) except -1
cdef own_ports* ports_of(Worker owner) noexcept
