# First and last stage of the path: UDP sockets, batches in and out. The only file that receives or sends.

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t

from rtpcore.net.linux cimport iovec, mmsghdr, sockaddr_in6, sockaddr_storage, socklen_t
from rtpcore.wire.address cimport transport_address


cdef enum:
    BATCH_SIZE = 16                 # more gains nothing
    DATAGRAM_OCTETS = 9216          # a jumbo frame; what is longer is counted as truncated
    UDP_ERRNO_LIMIT = 134           # errno values are below this; others are counted at 0
    PROBE_AFTER = 16                # single receives in a row after which one asks for two
    RECEIVE_RETRIES = 8             # signals and pending errors that one receive gets over
    SEND_RETRIES = 4                # and one batch of sends


cdef struct udp_socket:
    int fd                          # -1: closed
    int family                      # AF_INET or AF_INET6
    uint16_t batch                  # how many messages the next receive asks for: follows the load, 1..BATCH_SIZE
    uint16_t singles                # single receives in a row that brought a datagram
    uint64_t dropped                # by the kernel, as far as udp_kernel_dropped has read it


cdef struct receive_batch:
    # Storage for one receive; made once a worker. After batch_receive the first `count` entries are valid.
    uint8_t* octets                 # BATCH_SIZE * DATAGRAM_OCTETS
    transport_address source[BATCH_SIZE]
    uint32_t size[BATCH_SIZE]
    uint8_t truncated[BATCH_SIZE]
    int count
    uint8_t drained                 # fewer came than were asked for: the socket was empty at that moment
    int pending_errno               # the last pending socket error (ICMP) that this receive consumed; 0: none
    mmsghdr messages[BATCH_SIZE]
    iovec vectors[BATCH_SIZE]
    sockaddr_storage names[BATCH_SIZE]


cdef struct udp_name:
    # A destination as the kernel wants it, for one socket: made when the destination changes, not for each datagram.
    transport_address address
    sockaddr_in6 storage            # holds a sockaddr_in as well
    socklen_t size                  # 0: none, or out of the socket's reach


cdef struct send_batch:
    # Datagrams to one or more addresses from one socket. Nothing is copied: data and names must stay until batch_send.
    int count                       # the caller sets it to 0 after batch_send, when it has read `error`
    mmsghdr messages[BATCH_SIZE]
    iovec vectors[BATCH_SIZE]
    int error[BATCH_SIZE]           # after batch_send: 0, or the errno for which this datagram was not sent


cdef struct udp_errors:
    uint64_t by_errno[UDP_ERRNO_LIMIT]


cdef inline void udp_errors_count(udp_errors* errors, int error) noexcept nogil:
    errors.by_errno[error if 0 < error < UDP_ERRNO_LIMIT else 0] += 1


# 0, or -errno with nothing left open. A port of 0 takes any; the bound address is written back.
# receive_buffer_octets of 0 leaves the system's default.
cdef int udp_open(udp_socket* s, transport_address* local, int receive_buffer_octets) noexcept nogil
cdef void udp_close(udp_socket* s) noexcept nogil
cdef int udp_receive_buffer(const udp_socket* s) noexcept nogil     # as the kernel accounts it, or -errno
# SO_MEMINFO: overflow, checksum and filter drops. The kernel counts in 32 bits, so that this has to be called once in
# 2^32 drops, or so many are missing.
cdef uint64_t udp_kernel_dropped(udp_socket* s) noexcept nogil

cdef int receive_batch_init(receive_batch* batch) noexcept nogil            # 0 or -ENOMEM
cdef void receive_batch_free(receive_batch* batch) noexcept nogil
# The count received (0: nothing was there), or -errno. Pending socket errors (ICMP) are consumed and noted.
cdef int batch_receive(udp_socket* s, receive_batch* batch) noexcept nogil

cdef void send_batch_init(send_batch* batch) noexcept nogil
# 0, or -EAFNOSUPPORT when this socket cannot reach the address's family.
cdef int udp_name_set(udp_name* name, const udp_socket* s, const transport_address* address) noexcept nogil
# Adds one; False when the batch is full.
cdef inline bint batch_append(send_batch* batch, const uint8_t* data, uint32_t size, const udp_name* to) noexcept nogil:
    cdef int i = batch.count
    if i >= BATCH_SIZE:
        return False
    batch.messages[i].msg_hdr.msg_name = <void*>&to.storage
    batch.messages[i].msg_hdr.msg_namelen = to.size
    batch.vectors[i].iov_base = <void*>data
    batch.vectors[i].iov_len = size
    batch.error[i] = 0
    batch.count = i + 1
    return True


# One datagram; 0 or -errno. Tried twice: the error of an earlier packet may be in the way.
cdef int udp_send(const udp_socket* s, const transport_address* to, const uint8_t* data, uint32_t size) noexcept nogil
# Sends all; returns how many were sent. A message that fails is skipped and its errno noted; the rest still goes.
cdef int batch_send(send_batch* batch, const udp_socket* s) noexcept nogil
