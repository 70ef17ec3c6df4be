# What ICMP said of datagrams that left by a socket, by where they went (IP_RECVERR). A hint: anybody can forge ICMP.

from rtpcore.net.udp cimport udp_socket
from rtpcore.wire.address cimport transport_address


cdef struct udp_failure:
    transport_address to
    int error                       # errno; 0: of no concern here (too long, or the kernel's own)


# Asks for the queue. Once asked for, it must be read whenever the poller says so, or the socket stays ready for ever.
cdef int error_queue_open(const udp_socket* s) noexcept nogil                           # 0 or -errno
# The oldest one; False: there is none.
cdef bint error_queue_take(const udp_socket* s, udp_failure* out) noexcept nogil
