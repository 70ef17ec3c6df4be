# A socket filter (classic BPF, no privilege needed) for one UDP socket: what it does not accept the kernel drops and
# counts (udp_kernel_dropped). It spares work; it never takes the place of a check in user space.

from libc.stdint cimport uint16_t, uint32_t

from rtpcore.net.linux cimport sock_filter
from rtpcore.net.udp cimport udp_socket
from rtpcore.wire.address cimport transport_address


cdef enum:
    FILTER_INSTRUCTIONS = 128


cdef struct filter_program:
    sock_filter code[FILTER_INSTRUCTIONS]
    uint16_t count                  # above FILTER_INSTRUCTIONS: it did not fit


cdef void filter_begin(filter_program* p) noexcept nogil
# Each adds one way to be accepted: by address and port, by host whatever the port, or by one of at most 64 SSRCs
# standing where RTCP or RTP has the sender's.
cdef void filter_accept_source(filter_program* p, const transport_address* source) noexcept nogil
cdef void filter_accept_host(filter_program* p, const transport_address* host) noexcept nogil
cdef void filter_accept_ssrcs(filter_program* p, const uint32_t* ssrcs, int count) noexcept nogil
# Ends the program: all else is dropped.
cdef void filter_end(filter_program* p) noexcept nogil
# In one step, also in place of another filter; what is queued already stays. 0 or -errno.
cdef int filter_attach(filter_program* p, const udp_socket* s) noexcept nogil
cdef int filter_detach(const udp_socket* s) noexcept nogil              # 0 or -errno; -ENOENT: there was none
