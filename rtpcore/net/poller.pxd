# Readiness of many sockets. An fd number may be reused within one turn: a token {slot, generation} says which
# socket is meant, and a token whose generation has passed is dropped by the caller.

from libc.stdint cimport uint32_t, uint64_t

from rtpcore.net.linux cimport EPOLLERR, epoll_event


cdef enum:
    POLLER_EVENTS = 256


cdef struct poller:
    int fd
    int count                       # ready after poller_wait
    epoll_event events[POLLER_EVENTS]


cdef inline uint64_t poller_token(uint32_t slot, uint32_t generation) noexcept nogil:
    return (<uint64_t>generation << 32) | slot


cdef int poller_open(poller* p) noexcept nogil                                  # 0 or -errno
cdef void poller_close(poller* p) noexcept nogil
cdef int poller_add(poller* p, int fd, uint64_t token) noexcept nogil           # 0 or -errno
cdef int poller_remove(poller* p, int fd) noexcept nogil
cdef int poller_wait(poller* p, int timeout_ms) noexcept nogil                  # count, or -errno; EINTR is 0
cdef inline uint64_t poller_ready(const poller* p, int index) noexcept nogil:
    return p.events[index].data.u64
# The socket has an error queue, and something is in it.
cdef inline bint poller_has_error(const poller* p, int index) noexcept nogil:
    return p.events[index].events & EPOLLERR != 0
