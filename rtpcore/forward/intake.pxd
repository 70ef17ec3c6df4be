# First stage of the path: receives from a port, and passes each datagram along the path.

from libc.stdint cimport uint64_t

from rtpcore.forward.leg cimport port
from rtpcore.forward.path cimport path
from rtpcore.net.udp cimport receive_batch


# Datagrams a turn read from one port before the others get their turn; or -errno.
cdef int port_receive(path* p, receive_batch* inbox, port* entry, uint64_t now_ns) noexcept nogil
# Until nothing is left.
cdef void port_drain(path* p, receive_batch* inbox, port* entry, uint64_t now_ns) noexcept nogil
# The poller has said that there are any.
cdef void port_take_errors(path* p, port* entry, uint64_t now_ns) noexcept nogil
