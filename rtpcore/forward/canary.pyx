# Making and closing canaries. What comes to them is judged by forward/stranger.

from libc.errno cimport EMFILE, ENOMEM
from libc.stdint cimport uint32_t
from libc.stdlib cimport calloc, free
from libc.string cimport memset

from rtpcore.forward.leg cimport port
from rtpcore.net.udp cimport udp_close, udp_open
from rtpcore.track.strangers.own_ports cimport own_ports, own_ports_bind, own_ports_number, own_ports_release
from rtpcore.wire.address cimport transport_address

cdef enum:
    BUFFER_OCTETS = 65536           # some dozens of datagrams; one is enough


cdef port* free_place(canary_set* set) noexcept nogil:
    cdef uint32_t index
    for index in range(set.count):
        if set.ports[index].socket.fd < 0:
            return &set.ports[index]
    if set.count == CANARIES_LIMIT:
        return NULL
    set.count += 1
    return &set.ports[set.count - 1]


cdef port* canary_open(canary_set* set, own_ports* own, const transport_address* local, int* error) noexcept nogil:
    cdef port* canary
    cdef transport_address bound = local[0]
    if set.ports == NULL:
        set.ports = <port*>calloc(CANARIES_LIMIT, sizeof(port))
        if set.ports == NULL:
            error[0] = -ENOMEM
            return NULL
    canary = free_place(set)
    if canary == NULL:
        error[0] = -EMFILE
        return NULL
    memset(canary, 0, sizeof(port))
    error[0] = udp_open(&canary.socket, &bound, BUFFER_OCTETS)
    if error[0] < 0:
        return NULL
    if own != NULL:
        canary.number = own_ports_number(own, &bound)
        own_ports_bind(own, canary.number)
    return canary


cdef port* canary_find(canary_set* set, uint32_t number) noexcept nogil:
    cdef uint32_t index
    for index in range(set.count):
        if set.ports[index].socket.fd >= 0 and set.ports[index].number == number:
            return &set.ports[index]
    return NULL


cdef void canary_close(port* canary, own_ports* own) noexcept nogil:
    udp_close(&canary.socket)
    if own != NULL:
        own_ports_release(own, canary.number)


cdef void canary_close_all(canary_set* set, own_ports* own) noexcept nogil:
    cdef uint32_t index
    for index in range(set.count):
        if set.ports[index].socket.fd >= 0:
            canary_close(&set.ports[index], own)
    free(set.ports)
    set.ports = NULL
    set.count = 0
