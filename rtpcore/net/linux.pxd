# Declarations of the Linux and libc calls that rtpcore makes. Nothing else declares any.

from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t


cdef extern from "<errno.h>" nogil:
    int errno
    enum: EAGAIN, EINTR, ENOBUFS, ENOMEM, EMSGSIZE, EPERM, EACCES, EINVAL, ECONNREFUSED, EHOSTUNREACH
    enum: ENETUNREACH, EADDRINUSE, EADDRNOTAVAIL, EMFILE, ENFILE, ENOENT, ENOSYS, EAFNOSUPPORT, EBADF, E2BIG

cdef extern from "<time.h>" nogil:
    ctypedef int clockid_t
    struct timespec:
        int64_t tv_sec
        int64_t tv_nsec
    int clock_gettime(clockid_t clock, timespec* now)
    enum: CLOCK_MONOTONIC

cdef extern from "<sys/uio.h>" nogil:
    struct iovec:
        void* iov_base
        size_t iov_len

cdef extern from "<sys/socket.h>" nogil:
    ctypedef unsigned int socklen_t
    ctypedef unsigned short sa_family_t
    struct sockaddr:
        sa_family_t sa_family
    struct sockaddr_storage:
        sa_family_t ss_family
    struct msghdr:
        void* msg_name
        socklen_t msg_namelen
        iovec* msg_iov
        size_t msg_iovlen
        void* msg_control
        size_t msg_controllen
        int msg_flags
    struct mmsghdr:
        msghdr msg_hdr
        unsigned int msg_len
    int socket(int domain, int type, int protocol)
    int bind(int fd, const sockaddr* address, socklen_t size)
    int getsockname(int fd, sockaddr* address, socklen_t* size)
    int setsockopt(int fd, int level, int name, const void* value, socklen_t size)
    int getsockopt(int fd, int level, int name, void* value, socklen_t* size)
    ssize_t recvmsg(int fd, msghdr* message, int flags)
    ssize_t sendto(int fd, const void* data, size_t size, int flags, const sockaddr* to, socklen_t to_size)
    ssize_t recvfrom(int fd, void* data, size_t size, int flags, sockaddr* source, socklen_t* source_size)
    enum: AF_INET, AF_INET6, SOCK_DGRAM, SOCK_NONBLOCK, SOCK_CLOEXEC, SOL_SOCKET, MSG_DONTWAIT, MSG_ERRQUEUE, MSG_TRUNC
    struct cmsghdr:
        size_t cmsg_len
        int cmsg_level
        int cmsg_type
    cmsghdr* CMSG_FIRSTHDR(msghdr* message)
    unsigned char* CMSG_DATA(cmsghdr* header)
    enum: SO_RCVBUF, SO_SNDBUF, SO_RCVBUFFORCE, SO_MEMINFO, SO_ERROR, SO_ATTACH_FILTER, SO_DETACH_FILTER

cdef extern from "<netinet/in.h>" nogil:
    struct in_addr:
        uint32_t s_addr
    struct in6_addr:
        uint8_t s6_addr[16]
    struct sockaddr_in:
        sa_family_t sin_family
        uint16_t sin_port
        in_addr sin_addr
    struct sockaddr_in6:
        sa_family_t sin6_family
        uint16_t sin6_port
        uint32_t sin6_flowinfo
        in6_addr sin6_addr
        uint32_t sin6_scope_id
    enum: IPPROTO_IP, IPPROTO_IPV6, IPV6_V6ONLY, IP_RECVERR, IPV6_RECVERR

cdef extern from "<linux/errqueue.h>" nogil:
    struct sock_extended_err:
        uint32_t ee_errno
        uint8_t ee_origin
    enum: SO_EE_ORIGIN_ICMP, SO_EE_ORIGIN_ICMP6

cdef extern from "<sys/epoll.h>" nogil:
    ctypedef union epoll_data_t:
        uint64_t u64
    struct epoll_event:
        uint32_t events
        epoll_data_t data
    int epoll_create1(int flags)
    int epoll_ctl(int epfd, int op, int fd, epoll_event* event)
    int epoll_wait(int epfd, epoll_event* events, int maxevents, int timeout)
    enum: EPOLLIN, EPOLLERR, EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLL_CLOEXEC

cdef extern from "<sys/eventfd.h>" nogil:
    int eventfd(unsigned int initial, int flags)
    int eventfd_write(int fd, uint64_t value)
    int eventfd_read(int fd, uint64_t* value)
    enum: EFD_CLOEXEC, EFD_NONBLOCK

cdef extern from "<linux/sock_diag.h>" nogil:
    enum: SK_MEMINFO_DROPS, SK_MEMINFO_VARS

cdef extern from "<linux/filter.h>" nogil:
    struct sock_filter:
        uint16_t code
        uint8_t jt
        uint8_t jf
        uint32_t k
    struct sock_fprog:
        unsigned short len
        sock_filter* filter
    enum: BPF_LD, BPF_ALU, BPF_JMP, BPF_RET, BPF_W, BPF_H, BPF_B, BPF_ABS, BPF_LEN, BPF_K, BPF_AND, BPF_JEQ, BPF_JGE
    enum: SKF_NET_OFF

cdef extern from "<sys/syscall.h>" nogil:
    enum: SYS_recvmmsg, SYS_sendmmsg

cdef extern from "<unistd.h>" nogil:
    int close(int fd)
    # recvmmsg and sendmmsg are called by number: on 64-bit musl, libc's sendmmsg loops over sendmsg.
    long syscall(long number, int fd, mmsghdr* messages, unsigned int count, int flags, timespec* timeout)

cdef extern from "<pthread.h>" nogil:
    ctypedef struct pthread_mutex_t:
        pass
    ctypedef struct pthread_cond_t:
        pass
    int pthread_mutex_init(pthread_mutex_t* mutex, const void* attributes)
    int pthread_mutex_lock(pthread_mutex_t* mutex)
    int pthread_mutex_unlock(pthread_mutex_t* mutex)
    int pthread_cond_init(pthread_cond_t* condition, const void* attributes)
    int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex)
    int pthread_cond_broadcast(pthread_cond_t* condition)
