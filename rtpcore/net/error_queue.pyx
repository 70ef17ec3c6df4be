# The error queue of an unconnected UDP socket: the only way to learn which destination an ICMP message was about.

from libc.string cimport memset

from rtpcore.net.linux cimport (
    AF_INET, IP_RECVERR, IPPROTO_IP, IPPROTO_IPV6, IPV6_RECVERR, MSG_ERRQUEUE,
    CMSG_DATA, CMSG_FIRSTHDR, SO_EE_ORIGIN_ICMP, SO_EE_ORIGIN_ICMP6,
    EMSGSIZE, cmsghdr, errno, msghdr, recvmsg, setsockopt, sock_extended_err, sockaddr_storage,
)
from rtpcore.net.sockaddr cimport sockaddr_to_address

cdef enum:
    CONTROL_OCTETS = 256


cdef int error_queue_open(const udp_socket* s) noexcept nogil:
    cdef int on = 1
    cdef bint is_ipv4 = s.family == AF_INET
    if setsockopt(s.fd, IPPROTO_IP if is_ipv4 else IPPROTO_IPV6, IP_RECVERR if is_ipv4 else IPV6_RECVERR, &on,
                  sizeof(on)) < 0:
        return -errno
    return 0


cdef bint error_queue_take(const udp_socket* s, udp_failure* out) noexcept nogil:
    # The datagram itself, which comes with the message, is left out: it is cut off at no octets.
    cdef char control[CONTROL_OCTETS]
    cdef sockaddr_storage name
    cdef msghdr message
    cdef cmsghdr* header
    cdef const sock_extended_err* said
    memset(&message, 0, sizeof(message))
    message.msg_name = &name
    message.msg_namelen = sizeof(name)
    message.msg_control = control
    message.msg_controllen = CONTROL_OCTETS
    if recvmsg(s.fd, &message, MSG_ERRQUEUE) < 0:
        return False
    out.error = 0
    header = CMSG_FIRSTHDR(&message)
    if header == NULL or message.msg_namelen == 0:
        return True
    if not ((header.cmsg_level == IPPROTO_IP and header.cmsg_type == IP_RECVERR)
            or (header.cmsg_level == IPPROTO_IPV6 and header.cmsg_type == IPV6_RECVERR)):
        return True
    said = <const sock_extended_err*>CMSG_DATA(header)
    if (said.ee_origin == SO_EE_ORIGIN_ICMP or said.ee_origin == SO_EE_ORIGIN_ICMP6) and said.ee_errno != EMSGSIZE:
        sockaddr_to_address(&name, &out.to)
        out.error = said.ee_errno
    return True
