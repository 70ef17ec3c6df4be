# Between the kernel's socket addresses and transport_address.

from rtpcore.net.linux cimport sockaddr_storage, socklen_t
from rtpcore.wire.address cimport transport_address


# Writes the form the socket's family needs (an IPv4 peer on an IPv6 socket becomes ::ffff:a.b.c.d) and returns its
# size, or 0 when the socket cannot reach that family.
cdef socklen_t sockaddr_from_address(const transport_address* address, int family, sockaddr_storage* out) noexcept nogil
# ::ffff:0:0/96 becomes IPv4; scope is kept for link-local addresses only. Another family gives the unset address.
cdef void sockaddr_to_address(const sockaddr_storage* name, transport_address* out) noexcept nogil
