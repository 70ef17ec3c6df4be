# Another session's port is a party of a call only where both sides declare each other exactly: a call that spirals
# through one relay. Anything else would let one session be heard in another, or let media run in circles.

cimport cython
from libc.stdint cimport uint32_t
from libc.stdlib cimport calloc, free

from rtpcore.atomics cimport load_acquire, store_release
from rtpcore.wire.address cimport address_from_host, address_same_host, transport_address

cdef enum:
    PORTS = 65536
    SPIRAL_SESSIONS = 16            # a call through more sessions of one relay is taken for a circle


cdef inline own_port* port_of(const own_ports* o, uint32_t number) noexcept nogil:
    return &o.tables[(number >> 16) - 1][number & 0xFFFF]


cdef uint32_t own_ports_number(const own_ports* o, const transport_address* address) noexcept nogil:
    cdef uint32_t index
    for index in range(o.host_count):
        if address_same_host(&o.hosts[index].address, address):
            return (o.hosts[index].table + 1) << 16 | address.port
    return OWN_NONE


cdef bint own_ports_bound(const own_ports* o, uint32_t number) noexcept nogil:
    return number != OWN_NONE and load_acquire(&port_of(o, number).declares) != OWN_NONE


cdef bint declare_each_other(const own_ports* o, uint32_t one, uint32_t other) noexcept nogil:
    if one <= OWN_BOUND or other <= OWN_BOUND or one == other:
        return False
    return load_acquire(&port_of(o, one).declares) == other and load_acquire(&port_of(o, other).declares) == one


cdef bint own_ports_mutual(const own_ports* o, uint32_t local, uint32_t number) noexcept nogil:
    # From session to session, as media would go on from `number`, until it leaves the relay.
    cdef uint32_t home, across
    cdef int _session
    if not declare_each_other(o, local, number):
        return False
    home = load_acquire(&port_of(o, local).peer)
    for _session in range(SPIRAL_SESSIONS):
        across = load_acquire(&port_of(o, number).peer)
        if across == OWN_NONE:
            return True
        if across == home or across == local:
            return False
        number = load_acquire(&port_of(o, across).declares)
        if not declare_each_other(o, across, number):
            return True
        if number == home:
            return False
    return False


cdef void own_ports_bind(own_ports* o, uint32_t number) noexcept nogil:
    if number != OWN_NONE:
        store_release(&port_of(o, number).peer, OWN_NONE)
        store_release(&port_of(o, number).declares, OWN_BOUND)


cdef void own_ports_release(own_ports* o, uint32_t number) noexcept nogil:
    if number != OWN_NONE:
        store_release(&port_of(o, number).declares, OWN_NONE)
        store_release(&port_of(o, number).peer, OWN_NONE)


cdef void own_ports_declare(own_ports* o, uint32_t number, const transport_address* declared) noexcept nogil:
    cdef uint32_t named
    if number != OWN_NONE:
        named = own_ports_number(o, declared)
        store_release(&port_of(o, number).declares, named if named != OWN_NONE else <uint32_t>OWN_BOUND)


cdef void own_ports_link(own_ports* o, uint32_t one, uint32_t other) noexcept nogil:
    if one != OWN_NONE and other != OWN_NONE:
        store_release(&port_of(o, one).peer, other)
        store_release(&port_of(o, other).peer, one)


@cython.final
cdef class OwnPorts:
    """The ports of a relay. interfaces: for each, the hosts under which its ports are known."""

    def __cinit__(self, interfaces):
        cdef object host
        cdef list hosts = [(table, host) for table, names in enumerate(interfaces) for host in names]
        self.native.tables = <own_port**>calloc(max(1, len(interfaces)), sizeof(own_port*))
        self.native.hosts = <own_host*>calloc(max(1, len(hosts)), sizeof(own_host))
        if self.native.tables == NULL or self.native.hosts == NULL:
            raise MemoryError("no memory for the ports of a relay.")
        for _ in interfaces:
            self.native.tables[self.native.table_count] = <own_port*>calloc(PORTS, sizeof(own_port))
            if self.native.tables[self.native.table_count] == NULL:
                raise MemoryError("no memory for the ports of a relay.")
            self.native.table_count += 1
        for table, host in hosts:
            address_from_host(host, &self.native.hosts[self.native.host_count].address)
            self.native.hosts[self.native.host_count].table = table
            self.native.host_count += 1

    def __dealloc__(self):
        cdef uint32_t table
        for table in range(self.native.table_count):
            free(self.native.tables[table])
        free(self.native.tables)
        free(self.native.hosts)
