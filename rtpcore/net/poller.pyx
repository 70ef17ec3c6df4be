# Readiness of many sockets by epoll, level-triggered: a socket that was not drained is reported again, so the
# loop may stop reading at any point. Errors of a socket are reported as readiness; the next receive consumes them.

from rtpcore.net.linux cimport (
    EINTR, EPOLL_CLOEXEC, EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLLIN,
    close, epoll_create1, epoll_ctl, epoll_event, epoll_wait, errno,
)


cdef int poller_open(poller* p) noexcept nogil:
    p.count = 0
    p.fd = epoll_create1(EPOLL_CLOEXEC)
    return 0 if p.fd >= 0 else -errno


cdef void poller_close(poller* p) noexcept nogil:
    if p.fd >= 0:
        close(p.fd)
    p.fd = -1
    p.count = 0


cdef int poller_add(poller* p, int fd, uint64_t token) noexcept nogil:
    cdef epoll_event event
    event.events = EPOLLIN
    event.data.u64 = token
    return 0 if epoll_ctl(p.fd, EPOLL_CTL_ADD, fd, &event) == 0 else -errno


cdef int poller_remove(poller* p, int fd) noexcept nogil:
    return 0 if epoll_ctl(p.fd, EPOLL_CTL_DEL, fd, NULL) == 0 else -errno


cdef int poller_wait(poller* p, int timeout_ms) noexcept nogil:
    cdef int ready = epoll_wait(p.fd, p.events, POLLER_EVENTS, timeout_ms)
    p.count = ready if ready > 0 else 0
    if ready < 0 and errno != EINTR:
        return -errno
    return p.count
