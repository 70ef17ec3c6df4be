# cython: freethreading_compatible=True
# What a layer above net/ does with it, as Python classes: the tests build this against the installed package.

from errno import errorcode

from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from rtpcore.net.filter cimport (
    FILTER_INSTRUCTIONS, filter_accept_host, filter_accept_source, filter_accept_ssrcs, filter_attach, filter_begin,
    filter_detach, filter_end, filter_program,
)
from rtpcore.net.linux cimport EAGAIN, SYS_recvmmsg, SYS_sendmmsg, sockaddr_in6, sockaddr_storage, socklen_t
from rtpcore.net.poller cimport (
    POLLER_EVENTS, poller, poller_add, poller_close, poller_open, poller_ready, poller_remove, poller_token,
    poller_wait,
)
from rtpcore.net.sockaddr cimport sockaddr_from_address, sockaddr_to_address
from rtpcore.net.udp cimport (
    BATCH_SIZE, DATAGRAM_OCTETS, PROBE_AFTER, UDP_ERRNO_LIMIT, batch_append, batch_receive, batch_send,
    receive_batch, receive_batch_free, receive_batch_init, send_batch, send_batch_init, udp_close, udp_errors,
    udp_errors_count, udp_kernel_dropped, udp_name, udp_name_set, udp_open, udp_receive_buffer, udp_socket,
)
from rtpcore.track.datagram cimport datagram, datagram_read
from rtpcore.track.latch.hold cimport hold_clear, hold_pool, hold_pool_free, hold_pool_init
from rtpcore.track.latch.latch cimport latch_init, latch_note_invalid, latch_publish, latch_receive, latch_signal
from rtpcore.track.latch.state cimport ACTION_DROP, latch, latch_verdict
from rtpcore.track.latch.kernel_lock cimport lock_decide, lock_terms
from rtpcore.track.latch.policy cimport LatchPolicy
from rtpcore.track.reason cimport DROP_REASON_COUNT
from rtpcore.track.rtcp.latch cimport rtcp_latch, rtcp_latch_init, rtcp_latch_receive
from rtpcore.track.latch.scope cimport signal_event, signalling, signalling_from_python
from rtpcore.wire.address cimport (
    address_classify, address_from_python, address_host, address_to_python, transport_address,
)
from rtpcore.wire.demux cimport KIND_RTCP

CONSTANTS = {
    "BATCH_SIZE": BATCH_SIZE,
    "DATAGRAM_OCTETS": DATAGRAM_OCTETS,
    "FILTER_INSTRUCTIONS": FILTER_INSTRUCTIONS,
    "POLLER_EVENTS": POLLER_EVENTS,
    "PROBE_AFTER": PROBE_AFTER,
    "UDP_ERRNO_LIMIT": UDP_ERRNO_LIMIT,
    "SYS_recvmmsg": SYS_recvmmsg,
    "SYS_sendmmsg": SYS_sendmmsg,
}


cdef int checked(int status) except -1:
    if status < 0:
        raise OSError(-status, errorcode.get(-status, "?"))
    return status


cdef class Socket:
    cdef udp_socket s
    cdef receive_batch incoming
    cdef send_batch outgoing
    cdef transport_address local

    def __cinit__(self):
        self.s.fd = -1
        checked(receive_batch_init(&self.incoming))
        send_batch_init(&self.outgoing)

    def __dealloc__(self):
        udp_close(&self.s)
        receive_batch_free(&self.incoming)

    def open(self, address, int receive_buffer=0):
        address_from_python(address, &self.local)
        checked(udp_open(&self.s, &self.local, receive_buffer))
        return self

    def adopt(self, int fd, int family):
        self.s.fd = fd
        self.s.family = family
        self.s.batch = 1
        return self

    def close(self):
        udp_close(&self.s)

    def fileno(self):
        return self.s.fd

    @property
    def address(self):
        return address_to_python(&self.local)

    @property
    def batch(self):
        return self.s.batch

    @batch.setter
    def batch(self, int messages):
        self.s.batch = messages

    @property
    def drained(self):
        return bool(self.incoming.drained)

    @property
    def pending_errno(self):
        return self.incoming.pending_errno

    @property
    def receive_buffer(self):
        return checked(udp_receive_buffer(&self.s))

    @property
    def kernel_dropped(self):
        return udp_kernel_dropped(&self.s)

    @kernel_dropped.setter
    def kernel_dropped(self, number):
        """As if it had been read last."""
        self.s.dropped = number

    def receive(self):
        """(datagram, source, truncated) of each, in order."""
        cdef int count, i
        with nogil:
            count = batch_receive(&self.s, &self.incoming)
        checked(count)
        assert count == self.incoming.count
        return [
            (
                (<char*>self.incoming.octets)[i * DATAGRAM_OCTETS:i * DATAGRAM_OCTETS + self.incoming.size[i]],
                address_to_python(&self.incoming.source[i]),
                bool(self.incoming.truncated[i]),
            )
            for i in range(count)
        ]

    def send(self, datagrams):
        """How many of the (datagram, destination) went, and the errno of each."""
        cdef transport_address destination
        cdef udp_name names[BATCH_SIZE]
        cdef bytes octets
        cdef int sent, i
        self.outgoing.count = 0
        for i, (octets, address) in enumerate(datagrams):
            if i >= BATCH_SIZE:
                checked(-EAGAIN)
            address_from_python(address, &destination)
            checked(udp_name_set(&names[i], &self.s, &destination))
            batch_append(&self.outgoing, <const uint8_t*>octets, <uint32_t>len(octets), &names[i])
        with nogil:
            sent = batch_send(&self.outgoing, &self.s)
        return sent, [self.outgoing.error[i] for i in range(self.outgoing.count)]


cdef class Filter:
    cdef filter_program p

    def __init__(self, sources=(), hosts=(), ssrcs=()):
        cdef transport_address address
        cdef uint32_t numbers[64]
        filter_begin(&self.p)
        for source in sources:
            address_from_python(source, &address)
            filter_accept_source(&self.p, &address)
        for host in hosts:
            address_from_python((host, 1), &address)
            filter_accept_host(&self.p, &address)
        for index, ssrc in enumerate(ssrcs):
            numbers[index] = ssrc
        filter_accept_ssrcs(&self.p, numbers, <int>len(ssrcs))
        filter_end(&self.p)

    @property
    def instructions(self):
        """(code, jump if true, jump if false, k) of each."""
        cdef int i
        return [(self.p.code[i].code, self.p.code[i].jt, self.p.code[i].jf, self.p.code[i].k)
                for i in range(self.p.count)]

    @property
    def count(self):
        return self.p.count

    def attach(self, Socket to):
        checked(filter_attach(&self.p, &to.s))

    @staticmethod
    def detach(Socket of):
        checked(filter_detach(&of.s))


cdef class Line:
    """A latch for RTP and one for RTCP, and what the kernel may sort out for them."""

    cdef latch l
    cdef rtcp_latch r
    cdef hold_pool pool
    cdef uint64_t drops[DROP_REASON_COUNT]

    def __cinit__(self, LatchPolicy policy, interface):
        cdef transport_address address
        address_from_python(interface, &address)
        checked(hold_pool_init(&self.pool, 64, 2048))
        latch_init(&self.l, &policy.native, address_classify(&address), 1, &self.pool, NULL, self.drops, 1)
        rtcp_latch_init(&self.r)

    def __dealloc__(self):
        hold_pool_free(&self.pool)

    def publish(self, uint64_t now_ns):
        latch_publish(&self.l, now_ns)

    def signal(self, uint64_t now_ns, event, declared, signalled_from, ssrcs, direction):
        cdef signalling said = self.l.signalled
        cdef signal_event kind = signalling_from_python(
            &said, event, declared, signalled_from, {0: 8000}, (13,), None, None, False, 20, direction, ssrcs, None,
            None)
        latch_signal(&self.l, now_ns, kind, &said)

    def lock(self, uint64_t now_ns):
        """(source, hosts, SSRCs), or None where every datagram has to be seen."""
        cdef lock_terms terms
        cdef int i
        if not lock_decide(&self.l, &self.r, now_ns, &terms):
            return None
        return (address_to_python(&terms.source), [address_host(&terms.hosts[i]) for i in range(terms.host_count)],
                [terms.ssrcs[i] for i in range(terms.ssrc_count)])

    def receive(self, uint64_t now_ns, source, bytes octets, bint rtcp_port):
        """Whether it was forwarded or held."""
        cdef datagram d
        cdef latch_verdict verdict
        cdef uint8_t reason
        memset(&d, 0, sizeof(d))
        address_from_python(source, &d.source)
        d.octets = <const uint8_t*>octets
        d.size = <uint32_t>len(octets)
        d.rtcp_port = rtcp_port
        d.drained = True
        d.now_ns = now_ns
        reason = datagram_read(&d, &self.l.how)
        if reason:
            latch_note_invalid(&self.l, &d, reason)
            return False
        if d.kind == KIND_RTCP:
            rtcp_latch_receive(&self.r, &self.l, &d, &verdict)
        else:
            latch_receive(&self.l, &d, &verdict)
        hold_clear(&self.pool, &verdict.released)
        return verdict.action != ACTION_DROP


cdef class Poller:
    cdef poller p

    def __cinit__(self):
        self.p.fd = -1

    def __dealloc__(self):
        poller_close(&self.p)

    def open(self):
        checked(poller_open(&self.p))
        return self

    def close(self):
        poller_close(&self.p)

    def add(self, int fd, uint32_t slot, uint32_t generation):
        checked(poller_add(&self.p, fd, poller_token(slot, generation)))

    def remove(self, int fd):
        checked(poller_remove(&self.p, fd))

    def wait(self, int timeout_ms):
        """The (slot, generation) of each socket that is ready."""
        cdef int count, i
        with nogil:
            count = poller_wait(&self.p, timeout_ms)
        checked(count)
        assert count == self.p.count
        tokens = [poller_ready(&self.p, i) for i in range(count)]
        return [(token & 0xFFFFFFFF, token >> 32) for token in tokens]


def kernel_name(address, int family):
    """The socket address of `address` as the kernel reads it; empty when the family cannot carry it."""
    cdef transport_address value
    cdef sockaddr_storage name
    cdef socklen_t size
    memset(&name, 0xFF, sizeof(name))
    address_from_python(address, &value)
    size = sockaddr_from_address(&value, family, &name)
    return (<char*>&name)[:size]


def address_of(bytes name):
    """(address, scope) of what the kernel wrote."""
    cdef transport_address value
    cdef sockaddr_storage storage
    memset(&storage, 0, sizeof(storage))
    assert len(name) <= sizeof(sockaddr_in6)
    memcpy(&storage, <const char*>name, len(name))
    sockaddr_to_address(&storage, &value)
    assert value.unused == 0
    return address_to_python(&value), value.scope


def count_errors(numbers):
    """{errno: count} of a counter that has been given `numbers`."""
    cdef udp_errors errors
    memset(&errors, 0, sizeof(errors))
    for number in numbers:
        udp_errors_count(&errors, number)
    return {i: errors.by_errno[i] for i in range(UDP_ERRNO_LIMIT) if errors.by_errno[i]}
