# Transport addresses (RFC 3550 section 3: network address plus port) as plain values, and the classes of
# address that latching tells apart. Text comes in and goes out here and nowhere else. No system calls.

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t


cdef struct transport_address:
    uint64_t high       # the 16 octets of the IPv6 form in host order; IPv4 is ::ffff:a.b.c.d
    uint64_t low
    uint32_t scope      # interface index of a link-local IPv6 address, else 0
    uint16_t port       # host order; 0 is never a peer
    uint16_t unused     # always 0


cdef enum address_class:
    ADDRESS_GLOBAL = 0          # routable, documentation nets included
    ADDRESS_PRIVATE = 1         # RFC 1918
    ADDRESS_SHARED = 2          # 100.64/10, RFC 6598
    ADDRESS_LINK_LOCAL = 3      # 169.254/16, fe80::/10
    ADDRESS_UNIQUE_LOCAL = 4    # fc00::/7, RFC 4193
    ADDRESS_LOOPBACK = 5        # 127/8, ::1
    ADDRESS_FORBIDDEN = 6       # 0/8, multicast, 240/4, broadcast, ::, never a peer


cdef inline bint address_same_host(const transport_address* a, const transport_address* b) noexcept nogil:
    return a.low == b.low and a.high == b.high and a.scope == b.scope


cdef inline bint address_equal(const transport_address* a, const transport_address* b) noexcept nogil:
    return a.low == b.low and a.port == b.port and a.high == b.high and a.scope == b.scope


cdef inline bint address_is_ipv4(const transport_address* a) noexcept nogil:
    return a.high == 0 and (a.low >> 32) == 0xFFFF


cdef inline bint address_is_unset(const transport_address* a) noexcept nogil:
    return a.high == 0 and a.low == 0


cdef address_class address_classify(const transport_address* a) noexcept nogil
# Prefix lengths in bits. Hosts of different families never match.
cdef bint address_same_prefix(const transport_address* a, const transport_address* b,
                              int prefix4, int prefix6) noexcept nogil

# ConfigurationError or TypeError, naming the value; *out is then as it was. A host alone has port 0.
cdef int address_from_host(object host, transport_address* out) except -1
cdef int address_from_python(object pair, transport_address* out) except -1
cdef object address_host(const transport_address* a)
cdef object address_to_python(const transport_address* a)
