# The ports that a relay has bound, across its sessions and workers, and whom each of them declares. Written by control,
# read by workers, one word at a time: what a port is may change while it is looked at, and then it counts as before.

cimport cython
from libc.stdint cimport uint32_t

from rtpcore.wire.address cimport transport_address


cdef enum:
    OWN_NONE = 0                    # no port of the relay
    OWN_BOUND = 1                   # bound, and declares nobody else's port of the relay


cdef struct own_port:
    # A port of the relay goes by a number, which is more than OWN_BOUND.
    uint32_t declares               # OWN_NONE: not bound; OWN_BOUND; or the number of the port that its party declared
    uint32_t peer                   # the port of the other leg of its session; OWN_NONE: none


cdef struct own_host:
    transport_address address
    uint32_t table                  # several addresses of one interface share one


cdef struct own_ports:
    own_host* hosts
    own_port** tables               # 65,536 each; the kernel gives the pages that are touched
    uint32_t host_count
    uint32_t table_count


# The number of an address and port; OWN_NONE when the host is none of the relay's. Its port may not be bound.
cdef uint32_t own_ports_number(const own_ports* o, const transport_address* address) noexcept nogil
cdef bint own_ports_bound(const own_ports* o, uint32_t number) noexcept nogil
# `number` and `local` declare each other, and media that goes from one to the other does not come back in a circle.
cdef bint own_ports_mutual(const own_ports* o, uint32_t local, uint32_t number) noexcept nogil

# Control: one thread at a time.
cdef void own_ports_bind(own_ports* o, uint32_t number) noexcept nogil
cdef void own_ports_release(own_ports* o, uint32_t number) noexcept nogil
cdef void own_ports_declare(own_ports* o, uint32_t number, const transport_address* declared) noexcept nogil
cdef void own_ports_link(own_ports* o, uint32_t one, uint32_t other) noexcept nogil


@cython.final
cdef class OwnPorts:
    cdef own_ports native
