# cython: language_level=3, freethreading_compatible=True
"""A gate for the media of one party of a call, made of rtpcore's structs and C functions.

Datagrams go in as a socket of the caller's received them; the payloads of the party's phone come out, and nobody
else's. What happens to a packet needs no GIL, allocates nothing and raises nothing.
"""

from secrets import randbits

from cpython.bytes cimport PyBytes_FromStringAndSize
from libc.stdint cimport uint8_t, uint64_t
from libc.string cimport memset

from rtpcore cimport (
    ACTION_DROP,
    ACTION_FORWARD,
    DROP_NONE,
    DROP_REASON_COUNT,
    LatchPolicy,
    RTPCORE_ABI_VERSION,
    address_classify,
    address_from_python,
    address_to_python,
    datagram,
    datagram_read,
    held_packet,
    hold_drop_first,
    hold_octets,
    hold_packet,
    hold_pool,
    hold_pool_free,
    hold_pool_init,
    latch,
    latch_add_own_address,
    latch_init,
    latch_note_invalid,
    latch_publish,
    latch_receive,
    latch_signal,
    latch_verdict,
    rtpcore_check_abi,
    signal_event,
    signalling,
    signalling_clock,
    signalling_from_python,
    source,
    source_get_state,
    source_to_python,
    source_update,
    ssrc_replace,
    ssrc_table,
    ssrc_table_free,
    ssrc_table_init,
    transport_address,
)

from rtpcore import Reason

rtpcore_check_abi(RTPCORE_ABI_VERSION)      # ImportError where the installed rtpcore is not the one compiled against

cdef enum:
    HELD_PACKETS = 32
    DATAGRAM_OCTETS = 1500
    SOURCES = 4


cdef struct gate:
    latch latch
    ssrc_table sources
    hold_pool pool
    uint64_t drops[DROP_REASON_COUNT]


cdef bint gate_judge(gate* g, datagram* d, latch_verdict* verdict) noexcept nogil:
    # True: the datagram is let through, after those that verdict.released holds. What is held is no drop.
    cdef uint8_t reason = datagram_read(d, &g.latch.how)
    if reason != DROP_NONE:
        latch_note_invalid(&g.latch, d, reason)
        g.drops[reason] += 1
        return False
    latch_receive(&g.latch, d, verdict)
    if verdict.action == ACTION_DROP:
        g.drops[verdict.reason] += 1
    return verdict.action == ACTION_FORWARD


cdef void gate_track(gate* g, const datagram* d) noexcept nogil:
    # Called for what is let through and for nothing else: no stranger displaces a source of the table.
    cdef source* s = ssrc_replace(&g.sources, d.ssrc, d.header.sequence_number, d.now_ns)
    source_update(s, &d.header, signalling_clock(&g.latch.signalled, d.header.payload_type), d.now_ns)


cdef void gate_take_held(gate* g, datagram* d, latch_verdict* verdict) noexcept nogil:
    # Reads the oldest released packet into `d`, where it lies: its slot is given back by hold_drop_first, afterwards.
    cdef held_packet* held = hold_packet(&g.pool, verdict.released.first)
    d.octets = hold_octets(&g.pool, verdict.released.first)
    d.size = held.size
    d.now_ns = held.arrival_ns
    datagram_read(d, &g.latch.how)
    gate_track(g, d)


cdef bytes payload_of(const datagram* d):
    return PyBytes_FromStringAndSize(<const char*>d.octets + d.header.payload_offset, d.header.payload_size)


cdef class Gate:
    """policy: rtpcore.LatchPolicy; own: the `(host, port)` on which the party's media arrives. One thread at a time."""

    cdef gate native

    def __cinit__(self, LatchPolicy policy not None, own):
        cdef transport_address address
        address_from_python(own, &address)
        if (hold_pool_init(&self.native.pool, HELD_PACKETS, DATAGRAM_OCTETS) < 0
                or ssrc_table_init(&self.native.sources, SOURCES) < 0):
            raise MemoryError("There is no memory for a gate.")
        latch_init(&self.native.latch, &policy.native, address_classify(&address), randbits(64), &self.native.pool,
                   NULL, self.native.drops, 0)
        latch_add_own_address(&self.native.latch, &address)

    def __dealloc__(self):
        ssrc_table_free(&self.native.sources)
        hold_pool_free(&self.native.pool)

    def open(self, uint64_t now_ns, declared, hosts, dict payload_types):
        """SDP is exchanged: `declared` is the party's address in it, `hosts` are those that signalled for the party."""
        cdef signalling said = self.native.latch.signalled
        cdef signal_event event = signalling_from_python(
            &said, "answer", declared, hosts, payload_types, comfort_noise=(13,), rtcp=None, rtcp_mux=None,
            reduced_size=False, ptime_ms=20, direction="sendrecv", ssrcs=(), branch=None, encrypted=None)
        latch_publish(&self.native.latch, now_ns)
        latch_signal(&self.native.latch, now_ns, event, &said)

    def receive(self, uint64_t now_ns, sender, bytes octets):
        """Takes a datagram from `sender`; returns the payloads that are let through now, in order of arrival."""
        cdef datagram d, held
        cdef latch_verdict verdict
        cdef bint passes
        memset(&d, 0, sizeof(d))
        address_from_python(sender, &d.source)
        d.octets = octets
        d.size = len(octets)
        d.now_ns = now_ns
        d.drained = 1
        with nogil:
            passes = gate_judge(&self.native, &d, &verdict)
        if not passes:
            return []
        payloads = []
        held = d
        while verdict.released.count:
            gate_take_held(&self.native, &held, &verdict)
            payloads.append(payload_of(&held))
            hold_drop_first(&self.native.pool, &verdict.released)
        gate_track(&self.native, &d)
        payloads.append(payload_of(&d))
        return payloads

    def accepted_source(self):
        """The `(host, port)` whose media is let through, or None."""
        return address_to_python(&self.native.latch.accepted) if self.native.latch.has_accepted else None

    def sources(self):
        """rtpcore.SourceStats of each SSRC that was let through."""
        cdef source* s
        cdef int index
        heard = []
        for index in range(self.native.sources.capacity):
            s = &self.native.sources.sources[index]
            if s.occupied:
                heard.append(source_to_python(s, source_get_state(s)))
        return heard

    def drops(self):
        """{rtpcore.Reason: count} of what was not let through."""
        cdef unsigned int reason
        counted = {}
        for reason in range(DROP_REASON_COUNT):
            if self.native.drops[reason]:
                counted[Reason(reason)] = self.native.drops[reason]
        return counted
