"""Legs as Python objects: what session.py stands on.

Every method posts a command and, where it needs the result, waits for it without the GIL. May be used from any thread.
"""

import os
import secrets
import time

cimport cython
from libc.stdint cimport uint32_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memset

from rtpcore.errors import Closed, ConfigurationError

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize

from rtpcore.forward.command cimport (
    COMMAND_ATTACH,
    COMMAND_DETACH,
    COMMAND_EXAMINE,
    COMMAND_LINK,
    COMMAND_PUBLISH,
    COMMAND_SIGNAL,
    COMMAND_SNAPSHOT,
    command,
    command_wait,
)
from rtpcore.forward.control cimport Worker, post
from rtpcore.forward.leg cimport (
    leg,
    leg_declare_ports,
    leg_enter_ports,
    leg_free,
    leg_link_ports,
    leg_new,
    leg_snapshot_take,
)
from rtpcore.net.error_queue cimport error_queue_open
from rtpcore.net.udp cimport udp_open
from rtpcore.track.authentication.state cimport authentication_free
from rtpcore.track.authentication.vouching cimport (
    Vouching,
    vouching_hold,
    vouching_make,
    vouching_permits,
    vouching_release,
    vouching_said,
)
from rtpcore.track.latch.explain cimport explain_latch
from rtpcore.track.latch.latch cimport latch_add_own_address, latch_init
from rtpcore.track.latch.policy cimport LatchPolicy
from rtpcore.track.latch.scope cimport signalling as signalling_struct, signalling_from_python
from rtpcore.track.latch.state cimport latch
from rtpcore.track.stats cimport leg_snapshot, snapshot_to_python
from rtpcore.wire.address cimport address_classify, address_from_python, address_to_python, transport_address

cdef enum:
    SNAPSHOT_LEGS = 256         # copied out in one turn of the packet loop


def snapshot_legs(Worker worker not None, list legs not None):
    """Snapshots of those of the worker's legs that are still open, as the octets of an array of leg_snapshot."""
    return b"".join(snapshot_some(worker, legs[start:start + SNAPSHOT_LEGS])
                    for start in range(0, len(legs), SNAPSHOT_LEGS))


cdef bytes snapshot_some(Worker owner, list legs):
    cdef command order
    cdef WorkerLeg member
    cdef uint32_t number = 0
    cdef bytes result
    cdef leg** pointers = <leg**>malloc(len(legs) * sizeof(leg*))
    if pointers == NULL:
        raise MemoryError("no memory for a snapshot.")
    try:
        memset(&order, 0, sizeof(order))
        order.kind = COMMAND_SNAPSHOT
        order.legs = pointers
        with owner.lock:
            for member in legs:
                if member is None or member.owner is not owner:
                    raise TypeError("a worker takes snapshots of its own legs only.")
                if member.native != NULL:
                    pointers[order.count] = member.native
                    order.count += 1
            result = PyBytes_FromStringAndSize(NULL, order.count * sizeof(leg_snapshot))
            order.snapshots = <leg_snapshot*>PyBytes_AS_STRING(result)
            number = post(owner, &order)
        with nogil:
            command_wait(&owner.native.commands, number)
    finally:
        free(pointers)
    return result


@cython.final
@cython.no_gc_clear
cdef class WorkerLeg:
    """One leg: two sockets, bound at construction, and in a worker's hands until close().

    rtp, rtcp, advertised: `(host, port)`. Raises OSError when a port cannot be bound; nothing stays open.
    """

    cdef leg* native                # NULL: closed
    cdef signalling_struct said
    cdef Vouching vouching
    cdef list verifiers             # that the worker may call
    cdef readonly Worker owner
    cdef readonly uint64_t number
    cdef readonly tuple local
    cdef readonly tuple local_rtcp

    def __cinit__(self, Worker owner not None, uint64_t number, LatchPolicy policy not None, rtp, rtcp, advertised,
                  int receive_buffer_octets):
        cdef transport_address address, rtcp_address
        cdef command order
        memset(&order, 0, sizeof(order))
        order.kind = COMMAND_ATTACH
        address_from_python(advertised, &address)
        self.owner = owner
        self.number = number
        self.vouching = Vouching.__new__(Vouching)
        self.verifiers = []
        self.native = leg_new(number)
        if self.native == NULL:
            raise MemoryError("no memory for a leg.")
        latch_init(&self.native.latch, &policy.native, address_classify(&address), secrets.randbits(64), NULL, NULL,
                   self.native.counters.drops, number)
        self.said = self.native.latch.signalled
        self.native.ssrc = secrets.randbits(32)
        try:
            self.local = bind_port(self, False, rtp, receive_buffer_octets, &address)
            self.local_rtcp = bind_port(self, True, rtcp, receive_buffer_octets, &rtcp_address)
            if owner.ports is not None:
                leg_enter_ports(self.native, &owner.ports.native, &address, &rtcp_address)
            for port in (self.local[1], self.local_rtcp[1]):
                for host in {self.local[0], advertised[0]}:
                    address_from_python((host, port), &address)
                    latch_add_own_address(&self.native.latch, &address)
            send(self, &order)      # an error of the poller is reported by publish()
        except BaseException:
            leg_free(self.native)
            self.native = NULL
            raise

    def __dealloc__(self):
        # Never closed: while the loop runs it is the loop's.
        if self.native != NULL and self.owner.ended:
            leg_free(self.native)
            vouching_release(self.verifiers)

    def link(self, WorkerLeg other not None):
        """Relays between this leg and the other one, both ways."""
        cdef command order
        memset(&order, 0, sizeof(order))
        order.kind = COMMAND_LINK
        if other.owner is not self.owner:
            raise ConfigurationError(f"legs {self.number} and {other.number} are on different workers.")
        with self.owner.lock:
            check_open(self)
            check_open(other)
            order.subject = self.native
            order.other = other.native
            post(self.owner, &order)
            leg_link_ports(self.native, other.native)

    def publish(self):
        """Returns when everything that had arrived before has been read and counted. Raises OSError."""
        cdef command order
        cdef int result = 0
        memset(&order, 0, sizeof(order))
        order.kind = COMMAND_PUBLISH
        order.result = &result
        wait_for(self, send(self, &order))
        if result < 0:
            raise OSError(-result, os.strerror(-result))

    def signal(self, event, declared, signalling, payload_types, comfort_noise, rtcp, rtcp_mux, reduced_size, ptime_ms,
               direction, ssrcs, branch, encrypted, ice=None, verify=None, passthrough=None, media="rtp"):
        """As Latch.signal. Returns when the command is in the worker's ring."""
        cdef command order
        cdef signalling_struct said
        cdef Vouching vouching
        memset(&order, 0, sizeof(order))
        order.kind = COMMAND_SIGNAL
        # What the caller made may run its code when it is read, so that happens before the lock is taken.
        signalling = read("signalling", signalling)
        comfort_noise = read("comfort_noise", comfort_noise)
        ssrcs = read("ssrcs", ssrcs)
        if passthrough is not None:
            passthrough = read("passthrough", passthrough)
        if isinstance(payload_types, dict):
            payload_types = dict(payload_types)
        with self.owner.lock:
            check_open(self)
            said = self.said
            order.event = signalling_from_python(
                &said, event, declared, signalling, payload_types, comfort_noise, rtcp, rtcp_mux, reduced_size,
                ptime_ms, direction, ssrcs, branch, encrypted, media)
            vouching = vouching_said(self.vouching, ice, verify, passthrough)
            vouching_permits(vouching, said.udptl)
            order.changes_authentication = vouching is not self.vouching
            if order.changes_authentication:
                vouching_make(vouching, &order.authentication)
            order.said = said
            order.subject = self.native
            leg_declare_ports(self.native, &said)
            try:
                post(self.owner, &order)
            except BaseException:
                authentication_free(order.authentication)
                raise
            self.said = said
            if order.changes_authentication:
                self.vouching = vouching
                vouching_hold(vouching, self.verifiers)

    def explain(self):
        """Why the accepted source is accepted, or why none is: a few sentences."""
        cdef command order
        cdef latch copy
        memset(&order, 0, sizeof(order))
        order.kind = COMMAND_EXAMINE
        order.copy = &copy
        wait_for(self, send(self, &order))
        return explain_latch(&copy, time.monotonic_ns())

    def stats(self, str name):
        """LegStats of this moment."""
        cdef bytes taken = snapshot_some(self.owner, [self])
        if not taken:
            raise Closed("the leg is closed.")
        return snapshot_to_python(<const leg_snapshot*>PyBytes_AS_STRING(taken), name)

    def close(self, str name):
        """Takes the leg from its worker, closes its ports and returns its last LegStats; None when closed before."""
        cdef leg_snapshot last
        cdef leg* native = take_back(self, &last)
        if native == NULL:
            return None
        with nogil:
            leg_free(native)
        vouching_release(self.verifiers)
        return snapshot_to_python(&last, name)

    def disown(self):
        """For the child of a fork: closes the inherited ports; those of the parent stay as they are."""
        if self.native != NULL:
            leg_free(self.native)
            self.native = NULL


cdef tuple bind_port(WorkerLeg member, bint is_rtcp, object local, int receive_buffer_octets,
                     transport_address* address):
    cdef int error
    address_from_python(local, address)
    with nogil:
        error = udp_open(&(&member.native.rtcp if is_rtcp else &member.native.rtp).socket, address,
                         receive_buffer_octets)
    if error < 0:
        raise OSError(-error, os.strerror(-error), f"{local[0]} port {local[1]}")
    error_queue_open(&(&member.native.rtcp if is_rtcp else &member.native.rtp).socket)
    return address_to_python(address)


cdef leg* take_back(WorkerLeg member, leg_snapshot* last) except? NULL:
    # The leg, which nobody else uses any more, and its last figures; NULL when closed before. A worker that has been
    # told to stop takes no order, so its end is waited for instead.
    cdef command order
    cdef leg* native = NULL
    cdef uint32_t number = 0
    cdef bint ordered = False
    memset(&order, 0, sizeof(order))
    order.kind = COMMAND_DETACH
    order.snapshots = last
    while not ordered:
        if not member.owner.running:
            member.owner.stop()
        with member.owner.lock:
            native = order.subject = member.native
            if native == NULL:
                return NULL
            if member.owner.ended:
                member.native = NULL
                leg_snapshot_take(native, last)
                return native
            if member.owner.running:
                number = post(member.owner, &order)
                member.native = NULL
                ordered = True
    wait_for(member, number)
    return native


cdef object read(str name, object members):
    if isinstance(members, (str, bytes, tuple)):
        return members
    try:
        members = iter(members)
    except TypeError:
        raise TypeError(f"{name} must be a sequence, not {type(members).__name__} {members!r}.") from None
    return tuple(members)


cdef int check_open(WorkerLeg member) except -1:
    if member.native == NULL:
        raise Closed("the leg is closed.")
    return 0


cdef uint32_t send(WorkerLeg member, command* order) except? 0xFFFFFFFF:
    with member.owner.lock:
        check_open(member)
        order.subject = member.native
        return post(member.owner, order)


cdef int wait_for(WorkerLeg member, uint32_t number) except -1:
    with nogil:
        command_wait(&member.owner.native.commands, number)
    return 0
