# First and last stage of the path: UDP sockets, batches in and out. All sockets are non-blocking.
# Must not judge a datagram: a bad one, a failed one or a pending ICMP error never costs its neighbours.

from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memset

from rtpcore.net.linux cimport (
    AF_INET, AF_INET6, EAFNOSUPPORT, EAGAIN, ECONNREFUSED, EINTR, ENOMEM, ENOSYS, EPERM,
    IPPROTO_IPV6, IPV6_V6ONLY, MSG_TRUNC, SK_MEMINFO_DROPS, SK_MEMINFO_VARS, SO_MEMINFO, SO_RCVBUF, SO_RCVBUFFORCE,
    SOCK_CLOEXEC, SOCK_DGRAM, SOCK_NONBLOCK, SOL_SOCKET, SYS_recvmmsg, SYS_sendmmsg,
    bind, close, errno, getsockname, getsockopt, msghdr, recvfrom, sendto, setsockopt, sockaddr, sockaddr_storage,
    socket, socklen_t, syscall,
)
from rtpcore.net.sockaddr cimport sockaddr_from_address, sockaddr_to_address
from rtpcore.wire.address cimport address_is_ipv4, transport_address


cdef int udp_open(udp_socket* s, transport_address* local, int receive_buffer_octets) noexcept nogil:
    cdef int error
    s.family = AF_INET if address_is_ipv4(local) else AF_INET6
    s.batch = 1
    s.singles = 0
    s.dropped = 0
    s.fd = socket(s.family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)
    if s.fd < 0:
        return -errno
    error = udp_configure(s, receive_buffer_octets)
    if error == 0:
        error = udp_bind(s, local)
    if error != 0:
        udp_close(s)
    return error


cdef void udp_close(udp_socket* s) noexcept nogil:
    if s.fd >= 0:
        close(s.fd)
    s.fd = -1


cdef int udp_configure(udp_socket* s, int receive_buffer_octets) noexcept nogil:
    # No SO_REUSEADDR and no SO_REUSEPORT: two relays must not share a port in silence.
    cdef int on = 1
    if s.family == AF_INET6 and setsockopt(s.fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) < 0:
        return -errno
    if receive_buffer_octets <= 0:
        return 0
    # The first goes beyond net.core.rmem_max and needs CAP_NET_ADMIN; the second is cut to it.
    if setsockopt(s.fd, SOL_SOCKET, SO_RCVBUFFORCE, &receive_buffer_octets, sizeof(receive_buffer_octets)) == 0:
        return 0
    if setsockopt(s.fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer_octets, sizeof(receive_buffer_octets)) < 0:
        return -errno
    return 0


cdef int udp_bind(udp_socket* s, transport_address* local) noexcept nogil:
    cdef sockaddr_storage name
    cdef socklen_t size = sockaddr_from_address(local, s.family, &name)
    if bind(s.fd, <const sockaddr*>&name, size) < 0:
        return -errno
    size = sizeof(name)
    if getsockname(s.fd, <sockaddr*>&name, &size) < 0:
        return -errno
    sockaddr_to_address(&name, local)
    return 0


cdef int udp_receive_buffer(const udp_socket* s) noexcept nogil:
    cdef int octets = 0
    cdef socklen_t size = sizeof(octets)
    if getsockopt(s.fd, SOL_SOCKET, SO_RCVBUF, &octets, &size) < 0:
        return -errno
    return octets


cdef uint64_t udp_kernel_dropped(udp_socket* s) noexcept nogil:
    cdef uint32_t information[SK_MEMINFO_VARS]
    cdef socklen_t size = sizeof(information)
    memset(information, 0, sizeof(information))
    if getsockopt(s.fd, SOL_SOCKET, SO_MEMINFO, information, &size) == 0:
        s.dropped += <uint32_t>(information[SK_MEMINFO_DROPS] - <uint32_t>s.dropped)
    return s.dropped


cdef int receive_batch_init(receive_batch* batch) noexcept nogil:
    cdef int i
    memset(batch, 0, sizeof(batch[0]))
    batch.octets = <uint8_t*>calloc(BATCH_SIZE, DATAGRAM_OCTETS)
    if batch.octets == NULL:
        return -ENOMEM
    for i in range(BATCH_SIZE):
        batch.vectors[i].iov_base = batch.octets + i * DATAGRAM_OCTETS
        batch.vectors[i].iov_len = DATAGRAM_OCTETS
        batch.messages[i].msg_hdr.msg_iov = &batch.vectors[i]
        batch.messages[i].msg_hdr.msg_iovlen = 1
        batch.messages[i].msg_hdr.msg_name = &batch.names[i]
    return 0


cdef void receive_batch_free(receive_batch* batch) noexcept nogil:
    free(batch.octets)
    batch.octets = NULL
    batch.count = 0


cdef int batch_receive(udp_socket* s, receive_batch* batch) noexcept nogil:
    cdef int asked, received = 0, retries = RECEIVE_RETRIES
    batch.count = 0
    batch.pending_errno = 0
    while True:
        asked = s.batch
        received = receive_one(s, batch) if asked <= 1 else receive_many(s, batch, asked)
        if received >= 0:
            break
        if received == -EAGAIN:
            received = 0
            break
        retries -= 1
        if retries < 0:
            return 0 if received == -EINTR else received
        if asked > 1 and (received == -ENOSYS or received == -EPERM):
            s.batch = 1     # a sandbox that denies recvmmsg
        elif received != -EINTR:
            batch.pending_errno = -received
    batch.count = received
    batch.drained = received < asked
    follow_load(s, asked, received)
    return received


# A single receive is a quarter cheaper than a batch of one, and a batch that runs into an empty queue costs as
# much as two receives, so a socket of one stream is asked for two only now and then.
cdef inline void follow_load(udp_socket* s, int asked, int received) noexcept nogil:
    if asked <= 1:
        s.singles = s.singles + 1 if received == 1 else 0
        if s.singles >= PROBE_AFTER:
            s.singles = 0
            s.batch = 2
    elif received == asked:
        s.batch = min(2 * asked, <int>BATCH_SIZE)
    elif received <= 1 or 2 * received < asked:
        s.batch = 1


cdef inline int receive_one(udp_socket* s, receive_batch* batch) noexcept nogil:
    cdef socklen_t name_size = sizeof(sockaddr_storage)
    cdef ssize_t size = recvfrom(s.fd, batch.octets, DATAGRAM_OCTETS, MSG_TRUNC, <sockaddr*>&batch.names[0], &name_size)
    if size < 0:
        return -errno
    batch.truncated[0] = size > DATAGRAM_OCTETS
    batch.size[0] = <uint32_t>min(size, <ssize_t>DATAGRAM_OCTETS)
    sockaddr_to_address(&batch.names[0], &batch.source[0])
    return 1


cdef int receive_many(udp_socket* s, receive_batch* batch, int asked) noexcept nogil:
    cdef int i, received
    for i in range(asked):
        # The kernel overwrites this field, and only this one that it also reads.
        batch.messages[i].msg_hdr.msg_namelen = sizeof(sockaddr_storage)
    received = <int>syscall(SYS_recvmmsg, s.fd, batch.messages, <unsigned int>asked, 0, NULL)
    if received < 0:
        return -errno
    for i in range(received):
        batch.truncated[i] = (batch.messages[i].msg_hdr.msg_flags & MSG_TRUNC) != 0
        batch.size[i] = batch.messages[i].msg_len
        sockaddr_to_address(&batch.names[i], &batch.source[i])
    return received


cdef void send_batch_init(send_batch* batch) noexcept nogil:
    cdef int i
    memset(batch, 0, sizeof(batch[0]))
    for i in range(BATCH_SIZE):
        batch.messages[i].msg_hdr.msg_iov = &batch.vectors[i]
        batch.messages[i].msg_hdr.msg_iovlen = 1


cdef int udp_name_set(udp_name* name, const udp_socket* s, const transport_address* address) noexcept nogil:
    name.address = address[0]
    name.size = sockaddr_from_address(address, s.family, <sockaddr_storage*>&name.storage)
    return 0 if name.size else -EAFNOSUPPORT


cdef int batch_send(send_batch* batch, const udp_socket* s) noexcept nogil:
    # At most count + SEND_RETRIES + 1 system calls: each one sends a message, skips one, or uses a retry up.
    cdef int next = 0, sent = 0, went, retries = SEND_RETRIES
    cdef bint alone = False, checked = False
    while next < batch.count:
        if alone or batch.count - next == 1:
            went = send_one(batch, s, next)
        else:
            went = <int>syscall(SYS_sendmmsg, s.fd, &batch.messages[next], <unsigned int>(batch.count - next), 0, NULL)
            if went < 0:
                went = -errno
        if went > 0:
            next += went
            sent += went
        elif retries > 0 and send_not_to_blame(-went):
            retries -= 1
        elif not checked and not alone and (went == -EPERM or went == -ENOSYS):
            # A filter that drops this message, or a sandbox that denies sendmmsg: sending it alone tells.
            checked = True
            alone = True
        else:
            batch.error[next] = -went
            next += 1
            alone = False
    return sent


# A signal, or the pending error of an earlier packet: the message itself was not looked at.
cdef inline bint send_not_to_blame(int error) noexcept nogil:
    return error == EINTR or error == ECONNREFUSED


cdef inline int send_one(send_batch* batch, const udp_socket* s, int index) noexcept nogil:
    cdef msghdr* message = &batch.messages[index].msg_hdr
    if sendto(s.fd, batch.vectors[index].iov_base, batch.vectors[index].iov_len, 0, <const sockaddr*>message.msg_name,
              message.msg_namelen) < 0:
        return -errno
    return 1


cdef int udp_send(const udp_socket* s, const transport_address* to, const uint8_t* data, uint32_t size) noexcept nogil:
    cdef udp_name name
    cdef int _attempt, error = udp_name_set(&name, s, to)
    if error < 0:
        return error
    for _attempt in range(2):
        if sendto(s.fd, data, size, 0, <const sockaddr*>&name.storage, name.size) >= 0:
            return 0
        error = -errno
        if not send_not_to_blame(-error):
            break
    return error
