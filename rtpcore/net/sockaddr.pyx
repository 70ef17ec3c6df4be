# Between the kernel's socket addresses and transport_address. The structs are copied, never cast into one another.

from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from rtpcore.net.linux cimport AF_INET, AF_INET6, sockaddr_in, sockaddr_in6, sockaddr_storage, socklen_t
from rtpcore.wire.address cimport address_is_ipv4, transport_address
from rtpcore.wire.octets cimport load_u16, load_u32, load_u64, store_u16, store_u32, store_u64


cdef enum:
    LINK_LOCAL_PREFIX = 0x3FA       # fe80::/10


cdef socklen_t sockaddr_from_address(const transport_address* address, int family,
                                     sockaddr_storage* out) noexcept nogil:
    cdef sockaddr_in name4
    cdef sockaddr_in6 name6
    if family == AF_INET:
        if not address_is_ipv4(address):
            return 0
        memset(&name4, 0, sizeof(name4))
        name4.sin_family = AF_INET
        store_u16(<uint8_t*>&name4.sin_port, address.port)
        store_u32(<uint8_t*>&name4.sin_addr, <uint32_t>address.low)
        memcpy(out, &name4, sizeof(name4))
        return sizeof(name4)
    if family == AF_INET6:
        memset(&name6, 0, sizeof(name6))
        name6.sin6_family = AF_INET6
        store_u16(<uint8_t*>&name6.sin6_port, address.port)
        store_u64(<uint8_t*>&name6.sin6_addr, address.high)
        store_u64(<uint8_t*>&name6.sin6_addr + 8, address.low)
        name6.sin6_scope_id = address.scope
        memcpy(out, &name6, sizeof(name6))
        return sizeof(name6)
    return 0


cdef void sockaddr_to_address(const sockaddr_storage* name, transport_address* out) noexcept nogil:
    cdef sockaddr_in name4
    cdef sockaddr_in6 name6
    out.high = 0
    out.low = 0
    out.scope = 0
    out.port = 0
    out.unused = 0
    if name.ss_family == AF_INET:
        memcpy(&name4, name, sizeof(name4))
        out.low = (<uint64_t>0xFFFF << 32) | load_u32(<const uint8_t*>&name4.sin_addr)
        out.port = load_u16(<const uint8_t*>&name4.sin_port)
    elif name.ss_family == AF_INET6:
        memcpy(&name6, name, sizeof(name6))
        out.high = load_u64(<const uint8_t*>&name6.sin6_addr)
        out.low = load_u64(<const uint8_t*>&name6.sin6_addr + 8)
        out.port = load_u16(<const uint8_t*>&name6.sin6_port)
        if out.high >> 54 == LINK_LOCAL_PREFIX:
            out.scope = name6.sin6_scope_id
