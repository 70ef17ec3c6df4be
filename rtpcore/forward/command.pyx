# The command ring. Posting never waits for packets, and packets never wait for a poster: the worker reads the ring
# without a lock and takes the mutex only after it has carried something out.

from libc.errno cimport ENOMEM, errno
from libc.stdint cimport uint32_t, uint64_t
from libc.stdlib cimport calloc, free

from rtpcore.atomics cimport load_acquire, store_release
from rtpcore.net.linux cimport (
    EFD_CLOEXEC,
    EFD_NONBLOCK,
    close,
    eventfd,
    eventfd_read,
    eventfd_write,
    pthread_cond_broadcast,
    pthread_cond_init,
    pthread_cond_wait,
    pthread_mutex_init,
    pthread_mutex_lock,
    pthread_mutex_unlock,
)


cdef int command_ring_open(command_ring* ring) noexcept nogil:
    ring.head = 0
    ring.tail = 0
    ring.done = 0
    ring.commands = <command*>calloc(COMMANDS, sizeof(command))
    if ring.commands == NULL:
        return -ENOMEM
    ring.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)
    if ring.wake_fd < 0:
        free(ring.commands)
        ring.commands = NULL
        return -errno
    pthread_mutex_init(&ring.mutex, NULL)
    pthread_cond_init(&ring.progress, NULL)
    return 0


cdef void command_ring_close(command_ring* ring) noexcept nogil:
    if ring.commands == NULL:
        return
    # The mutex and the condition hold no resource and are not destroyed: a thread may still be leaving command_wait.
    close(ring.wake_fd)
    free(ring.commands)
    ring.commands = NULL


cdef uint32_t command_post(command_ring* ring, const command* order) noexcept nogil:
    cdef uint32_t number
    pthread_mutex_lock(&ring.mutex)
    while ring.head - ring.done >= COMMANDS:
        pthread_cond_wait(&ring.progress, &ring.mutex)
    ring.commands[ring.head & (COMMANDS - 1)] = order[0]
    number = ring.head + 1
    store_release(&ring.head, number)
    pthread_mutex_unlock(&ring.mutex)
    eventfd_write(ring.wake_fd, 1)
    return number


cdef void command_wait(command_ring* ring, uint32_t number) noexcept nogil:
    pthread_mutex_lock(&ring.mutex)
    while <int>(ring.done - number) < 0:
        pthread_cond_wait(&ring.progress, &ring.mutex)
    pthread_mutex_unlock(&ring.mutex)


cdef void command_acknowledge(command_ring* ring) noexcept nogil:
    cdef uint64_t wakes
    eventfd_read(ring.wake_fd, &wakes)


cdef command* command_next(command_ring* ring) noexcept nogil:
    if ring.tail == load_acquire(&ring.head):
        return NULL
    return &ring.commands[ring.tail & (COMMANDS - 1)]


cdef void command_done(command_ring* ring) noexcept nogil:
    ring.tail += 1


cdef void command_report(command_ring* ring) noexcept nogil:
    pthread_mutex_lock(&ring.mutex)
    ring.done = ring.tail
    pthread_cond_broadcast(&ring.progress)
    pthread_mutex_unlock(&ring.mutex)
