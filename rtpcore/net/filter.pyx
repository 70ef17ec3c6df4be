# Builds and attaches socket filters. For a UDP socket offset 0 is the UDP header (RFC 768), whatever the family; what
# stands before it is reached by SKF_NET_OFF. A load beyond the end would drop, so every load of payload is preceded by
# a test of the length. An address without a scope is compared: the user-space check knows the interface.

from libc.stdint cimport uint8_t, uint16_t, uint32_t

from rtpcore.net.linux cimport (
    BPF_ABS, BPF_ALU, BPF_AND, BPF_B, BPF_H, BPF_JEQ, BPF_JGE, BPF_JMP, BPF_K, BPF_LD, BPF_LEN, BPF_RET, BPF_W,
    E2BIG, SKF_NET_OFF, SO_ATTACH_FILTER, SO_DETACH_FILTER, SOL_SOCKET, errno, setsockopt, sock_fprog,
)
from rtpcore.wire.address cimport address_is_ipv4

cdef enum:
    SOURCE_PORT_OFFSET = 0          # of the UDP header
    RTCP_SSRC_OFFSET = 8 + 4        # UDP header, then RFC 3550 6.4.1
    RTP_SSRC_OFFSET = 8 + 8         # UDP header, then RFC 3550 5.1
    VERSION_OFFSET = 0              # of the IP header
    VERSION_BITS = 0xF0
    VERSION_4 = 0x40
    VERSION_6 = 0x60
    IPV4_SOURCE_OFFSET = 12
    IPV6_SOURCE_OFFSET = 8
    WHOLE_DATAGRAM = 0xFFFFFFFF
    NOTHING = 0
    PORT_TEST = 2                   # instructions of each part
    VERSION_TEST = 3
    WORD_TEST = 2


cdef void emit(filter_program* p, uint16_t code, uint8_t if_true, uint8_t if_false, uint32_t k) noexcept nogil:
    if p.count < FILTER_INSTRUCTIONS:
        p.code[p.count].code = code
        p.code[p.count].jt = if_true
        p.code[p.count].jf = if_false
        p.code[p.count].k = k
    p.count += 1


cdef void emit_return(filter_program* p, uint32_t octets) noexcept nogil:
    emit(p, BPF_RET | BPF_K, 0, 0, octets)


cdef void emit_network_load(filter_program* p, uint16_t size, uint32_t offset) noexcept nogil:
    emit(p, BPF_LD | size | BPF_ABS, 0, 0, <uint32_t>SKF_NET_OFF + offset)


cdef void emit_equal(filter_program* p, uint32_t value, int end) noexcept nogil:
    # On to the next instruction, or to the one numbered `end`.
    emit(p, BPF_JMP | BPF_JEQ | BPF_K, 0, <uint8_t>(end - p.count - 1), value)


cdef uint32_t word(const transport_address* a, int index) noexcept nogil:
    return <uint32_t>((a.high if index < 2 else a.low) >> (32 if index % 2 == 0 else 0))


cdef void emit_host(filter_program* p, const transport_address* host, int end) noexcept nogil:
    # The version tells what the packet is, not what the socket is: an IPv6 socket may be given IPv4.
    cdef bint ipv4 = address_is_ipv4(host)
    cdef int index
    emit_network_load(p, BPF_B, VERSION_OFFSET)
    emit(p, BPF_ALU | BPF_AND | BPF_K, 0, 0, VERSION_BITS)
    emit_equal(p, VERSION_4 if ipv4 else VERSION_6, end)
    if ipv4:
        emit_network_load(p, BPF_W, IPV4_SOURCE_OFFSET)
        emit_equal(p, <uint32_t>host.low, end)
    else:
        for index in range(4):
            emit_network_load(p, BPF_W, IPV6_SOURCE_OFFSET + 4 * index)
            emit_equal(p, word(host, index), end)
    emit_return(p, WHOLE_DATAGRAM)


cdef int host_size(const transport_address* host) noexcept nogil:
    return VERSION_TEST + (1 if address_is_ipv4(host) else 4) * WORD_TEST + 1


cdef void filter_begin(filter_program* p) noexcept nogil:
    p.count = 0


cdef void filter_accept_source(filter_program* p, const transport_address* source) noexcept nogil:
    cdef int end = p.count + PORT_TEST + host_size(source)
    emit(p, BPF_LD | BPF_H | BPF_ABS, 0, 0, SOURCE_PORT_OFFSET)
    emit_equal(p, source.port, end)
    emit_host(p, source, end)


cdef void filter_accept_host(filter_program* p, const transport_address* host) noexcept nogil:
    emit_host(p, host, p.count + host_size(host))


cdef void accept_ssrcs_at(filter_program* p, uint32_t offset, const uint32_t* ssrcs, int count) noexcept nogil:
    cdef int index
    emit(p, BPF_LD | BPF_W | BPF_LEN, 0, 0, 0)
    emit(p, BPF_JMP | BPF_JGE | BPF_K, 0, <uint8_t>(count + 2), offset + 4)
    emit(p, BPF_LD | BPF_W | BPF_ABS, 0, 0, offset)
    for index in range(count):
        # To the return behind the last comparison; only the last one jumps over it.
        emit(p, BPF_JMP | BPF_JEQ | BPF_K, <uint8_t>(count - 1 - index), 1 if index == count - 1 else 0, ssrcs[index])
    emit_return(p, WHOLE_DATAGRAM)


cdef void filter_accept_ssrcs(filter_program* p, const uint32_t* ssrcs, int count) noexcept nogil:
    if count > 0:
        accept_ssrcs_at(p, RTCP_SSRC_OFFSET, ssrcs, count)
        accept_ssrcs_at(p, RTP_SSRC_OFFSET, ssrcs, count)


cdef void filter_end(filter_program* p) noexcept nogil:
    emit_return(p, NOTHING)


cdef int filter_attach(filter_program* p, const udp_socket* s) noexcept nogil:
    cdef sock_fprog program
    program.len = p.count
    program.filter = p.code
    if p.count > FILTER_INSTRUCTIONS:
        return -E2BIG
    if setsockopt(s.fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) < 0:
        return -errno
    return 0


cdef int filter_detach(const udp_socket* s) noexcept nogil:
    cdef int unused = 0
    return 0 if setsockopt(s.fd, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof(unused)) == 0 else -errno
