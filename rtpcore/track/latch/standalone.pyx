"""The latch of one leg without sockets: addresses and datagrams in, verdicts out, time as an argument."""

import secrets

cimport cython
from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.string cimport memset

from rtpcore.errors import ConfigurationError
from rtpcore.track.latch.state import LatchState
from rtpcore.track.reason import Reason

from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer
from cpython.bytes cimport PyBytes_FromStringAndSize

from rtpcore.track.authentication.ice cimport ice_answer
from rtpcore.track.authentication.judge cimport latch_authenticate, latch_receive_other
from rtpcore.track.authentication.state cimport authentication, authentication_free
from rtpcore.track.authentication.vouching cimport Vouching, vouching_make, vouching_permits, vouching_said
from rtpcore.track.datagram cimport datagram, datagram_read, reading
from rtpcore.track.event cimport event_record, event_ring, event_ring_free, event_ring_init, event_take, event_to_python
from rtpcore.track.latch.candidate cimport candidate_holding
from rtpcore.track.latch.explain cimport explain_latch
from rtpcore.track.latch.hold cimport (
    hold_drop_first,
    hold_octets,
    hold_packet,
    hold_pool,
    hold_pool_free,
    hold_pool_init,
)
from rtpcore.track.latch.latch cimport (
    latch_add_own_address,
    latch_add_sent_ssrc,
    latch_advance,
    latch_init,
    latch_note_invalid,
    latch_publish,
    latch_receipt_proof,
    latch_receive,
    latch_set_authentication,
    latch_signal,
)
from rtpcore.track.latch.policy cimport LatchPolicy
from rtpcore.track.latch.scope cimport signal_event, signalling as signalling_struct, signalling_from_python
from rtpcore.track.latch.state cimport (
    ACTION_DROP,
    ACTION_FORWARD,
    LATCH_EXPIRED,
    latch,
    latch_verdict,
)
from rtpcore.track.latch.verdict cimport LatchVerdict, verdict_to_python
from rtpcore.track.reason cimport DROP_NONE, DROP_NOT_VERIFIED, DROP_REASON_COUNT, drop_reason
from rtpcore.track.rtcp.latch cimport (
    rtcp_latch,
    rtcp_latch_accepted,
    rtcp_latch_advance,
    rtcp_latch_close,
    rtcp_latch_init,
    rtcp_latch_receive,
    rtcp_latch_speaks_for,
)
from rtpcore.track.rtcp.receipt cimport receipt_is_proof, receipt_judge, receipt_note_sent, receipt_state
from rtpcore.track.rtcp.report cimport report_note_sent, report_state
from rtpcore.track.rtcp.route cimport rtcp_latch_destination, rtcp_latch_may_send
from rtpcore.track.sending.destination cimport latch_may_send, latch_may_send_udptl
from rtpcore.track.sending.liveness cimport latch_consent_due_ns, latch_judge_consent, latch_unreachable
from rtpcore.wire.address cimport (
    ADDRESS_LOOPBACK,
    address_classify,
    address_from_python,
    address_to_python,
    transport_address,
)
from rtpcore.wire.demux cimport KIND_RTCP

cdef enum:
    POOL_PACKETS = 192
    DATAGRAM_LIMIT = 65535
    EVENTS = 64


@cython.final
cdef class Latch:
    """Decides which source of a leg is accepted and where its media goes, without sockets (RFC 7362).

    policy: LatchPolicy. interface: the address this leg advertises, `(host, port)`: addresses of its class count as
    routable; without it those of loopback do. Not thread-safe: one thread at a time.
    Times are monotonic nanoseconds and must not go back.
    """

    cdef latch native
    cdef rtcp_latch rtcp
    cdef report_state reports
    cdef receipt_state receipt
    cdef hold_pool pool
    cdef event_ring ring
    cdef reading sent_how           # how note_sent reads
    cdef uint64_t drops[DROP_REASON_COUNT]
    cdef uint64_t latest_ns
    cdef Vouching vouching
    cdef readonly object policy

    def __cinit__(self):
        self.vouching = Vouching.__new__(Vouching)
        if hold_pool_init(&self.pool, POOL_PACKETS, DATAGRAM_LIMIT) < 0 or event_ring_init(&self.ring, EVENTS) < 0:
            raise MemoryError("no memory for a latch.")

    def __init__(self, LatchPolicy policy not None, interface=None):
        cdef transport_address advertised
        cdef int interface_class = ADDRESS_LOOPBACK
        if interface is not None:
            address_from_python(interface, &advertised)
            interface_class = address_classify(&advertised)
        self.policy = policy
        memset(self.drops, 0, sizeof(self.drops))
        latch_init(&self.native, &policy.native, interface_class, secrets.randbits(64), &self.pool, &self.ring,
                   self.drops, 0)
        rtcp_latch_init(&self.rtcp)
        memset(&self.reports, 0, sizeof(self.reports))
        memset(&self.receipt, 0, sizeof(self.receipt))
        self.sent_how = reading(rtcp_mux=1, reduced_size=1, encrypted=0, udptl=0)
        if interface is not None:
            latch_add_own_address(&self.native, &advertised)

    def __dealloc__(self):
        authentication_free(self.native.authentication)
        hold_pool_free(&self.pool)
        event_ring_free(&self.ring)

    cdef uint64_t clock(self, object now_ns) except? 0xFFFFFFFFFFFFFFFF:
        if isinstance(now_ns, bool) or not isinstance(now_ns, int):
            raise TypeError(f"now_ns must be an int, not {type(now_ns).__name__}.")
        if not 0 <= now_ns < 1 << 62:
            raise ConfigurationError(f"now_ns is {now_ns}, but must be 0 to 2**62 - 1.")
        if now_ns < self.latest_ns:
            raise ConfigurationError(f"now_ns is {now_ns}, but it was {self.latest_ns} before: time does not go back.")
        # What ends with consent ends then, and not before what is due earlier.
        self.advance(min(<uint64_t>now_ns, max(self.latest_ns, latch_consent_due_ns(&self.native))))
        self.advance(now_ns)
        return self.latest_ns

    cdef void advance(self, uint64_t now_ns):
        self.latest_ns = now_ns
        latch_advance(&self.native, now_ns)
        latch_judge_consent(&self.native, now_ns)
        rtcp_latch_advance(&self.rtcp, &self.native, now_ns)

    def publish(self, now_ns):
        """The local port has been given to the peer: from now on media may come."""
        latch_publish(&self.native, self.clock(now_ns))

    def signal(self, now_ns, event, declared=None, signalling=(), payload_types=None, comfort_noise=(13,), rtcp=None,
               rtcp_mux=None, reduced_size=False, ptime_ms=20, direction="sendrecv", ssrcs=(), branch=None,
               encrypted=None, ice=None, verify=None, passthrough=None, media="rtp"):
        """What signalling says about this leg's party.

        event: answer | early | refresh | reinvite | hold | resume | close. declared: `(host, port)` of its SDP, None to
        keep the last. signalling: hosts its signalling came from, at most 4. payload_types: {number: clock rate in Hz},
        None for any. rtcp: `(host, port)` of a=rtcp; by default the declared port + 1 (RFC 3605). encrypted: SRTP is
        used, so that padding and the body of RTCP cannot be judged; None to keep what was said. ice: IceCredentials;
        verify: a callable that is given each RTP and RTCP packet; passthrough: "stun", "dtls", "zrtp"; None keeps, and
        False, or an empty sequence, ends. media: "rtp", or "udptl" for T.38: see rtpcore.Leg.signal.
        Raises ConfigurationError or TypeError and changes nothing.
        """
        cdef uint64_t now = self.clock(now_ns)
        cdef signalling_struct said = self.native.signalled
        cdef authentication* made
        cdef Vouching vouching = vouching_said(self.vouching, ice, verify, passthrough)
        cdef signal_event kind = signalling_from_python(
            &said, event, declared, signalling, payload_types, comfort_noise, rtcp, rtcp_mux, reduced_size, ptime_ms,
            direction, ssrcs, branch, encrypted, media)
        vouching_permits(vouching, said.udptl)
        if vouching is not self.vouching:
            vouching_make(vouching, &made)
            authentication_free(latch_set_authentication(&self.native, made, now))
            self.vouching = vouching
        latch_signal(&self.native, now, kind, &said)
        if self.native.state == LATCH_EXPIRED:
            rtcp_latch_close(&self.rtcp, &self.native)

    def receive(self, now_ns, source, data):
        """Judges one datagram that came from source `(host, port)` to the RTP port. Returns a LatchVerdict."""
        return self.judge(now_ns, source, data, False)

    def receive_rtcp(self, now_ns, source, data):
        """Judges one datagram that came from source `(host, port)` to the RTCP port. Returns a LatchVerdict."""
        return self.judge(now_ns, source, data, True)

    cdef LatchVerdict judge(self, object now_ns, object source, object data, bint rtcp_port):
        cdef datagram d
        cdef Py_buffer view
        cdef latch_verdict verdict
        cdef drop_reason reason
        memset(&d, 0, sizeof(d))
        address_from_python(source, &d.source)
        d.now_ns = self.clock(now_ns)
        d.drained = 1
        d.rtcp_port = rtcp_port
        PyObject_GetBuffer(data, &view, PyBUF_SIMPLE)
        try:
            if view.len > DATAGRAM_LIMIT:
                raise ConfigurationError(f"a datagram of {view.len} octets does not exist; UDP carries at most 65535.")
            d.octets = <const uint8_t*>view.buf
            d.size = view.len
            reason = datagram_read(&d, &self.native.how)
            if reason != DROP_NONE:
                return self.judge_other(&d, reason)
            reason = <drop_reason>latch_authenticate(&self.native, &d)
            if reason != DROP_NONE:
                self.drops[<int>reason] += 1
                return verdict_to_python(ACTION_DROP, reason, 18 if reason == DROP_NOT_VERIFIED else 19, ())
            if d.kind == KIND_RTCP:
                rtcp_latch_receive(&self.rtcp, &self.native, &d, &verdict)
                if verdict.action != ACTION_DROP and not self.native.how.encrypted:
                    self.take_report(&d, verdict.action == ACTION_FORWARD)
            else:
                latch_receive(&self.native, &d, &verdict)
        finally:
            PyBuffer_Release(&view)
        if verdict.action == ACTION_DROP:
            self.drops[verdict.reason] += 1
        return verdict_to_python(verdict.action, verdict.reason, verdict.row, self.take_released(&verdict))

    cdef void take_report(self, const datagram* d, bint accepted):
        if (rtcp_latch_speaks_for(&self.rtcp, &self.native, &d.source)
                and receipt_is_proof(&self.receipt, &self.reports, d.octets, d.size, d.now_ns)):
            latch_receipt_proof(&self.native, &d.source, d.now_ns)
        if accepted:
            receipt_judge(&self.receipt, &self.native, d)

    cdef LatchVerdict judge_other(self, const datagram* d, drop_reason reason):
        cdef ice_answer answer
        cdef LatchVerdict result
        reason = <drop_reason>latch_receive_other(&self.native, d, reason, &answer)
        if reason != DROP_NONE:
            latch_note_invalid(&self.native, d, reason)
            self.drops[<int>reason] += 1
        result = verdict_to_python(ACTION_DROP if reason != DROP_NONE else ACTION_FORWARD, reason, 0, ())
        if answer.size:
            result.answer = PyBytes_FromStringAndSize(<char*>answer.octets, answer.size)
        return result

    cdef tuple take_released(self, latch_verdict* verdict):
        cdef list released = []
        while verdict.released.count:
            released.append(PyBytes_FromStringAndSize(<char*>hold_octets(&self.pool, verdict.released.first),
                                                      hold_packet(&self.pool, verdict.released.first).size))
            hold_drop_first(&self.pool, &verdict.released)
        return tuple(released)

    def tick(self, now_ns):
        """Advances timers; receive() does so by itself, and results do not depend on how often this is called."""
        self.clock(now_ns)

    def may_send(self, now_ns, octets=172):
        """Whether a datagram of `octets` may go to the destination now: Reason.NONE, NO_DESTINATION, EARLY_BUDGET when
        one that has never answered has had its share, AMPLIFICATION, UNREACHABLE or CONSENT_LOST. Ask once for every
        packet: each counts as sent."""
        cdef uint32_t size = self.octets_of(octets)
        if self.native.how.udptl:
            return Reason(latch_may_send_udptl(&self.native, self.clock(now_ns), size))
        return Reason(latch_may_send(&self.native, self.clock(now_ns), size))

    def may_send_rtcp(self, now_ns, octets=100):
        """The same for RTCP and `rtcp_destination`, which is another host's where a=rtcp names one."""
        cdef transport_address destination
        cdef uint32_t size = self.octets_of(octets)
        return Reason(rtcp_latch_may_send(&self.rtcp, &self.native, self.clock(now_ns), size, &destination))

    cdef uint32_t octets_of(self, object octets) except? 0xFFFFFFFF:
        if isinstance(octets, bool) or not isinstance(octets, int):
            raise TypeError(f"octets must be an int, not {type(octets).__name__}.")
        if not 0 <= octets <= DATAGRAM_LIMIT:
            raise ConfigurationError(f"octets is {octets}, but must be 0 to {DATAGRAM_LIMIT}.")
        return octets

    def unreachable(self, now_ns, destination):
        """ICMP says that nobody is at `(host, port)`. A hint: sending pauses for a second, unless the party talks."""
        cdef transport_address to
        address_from_python(destination, &to)
        latch_unreachable(&self.native, &to, self.clock(now_ns))

    def note_sent(self, now_ns, data):
        """A datagram has been sent to this leg's party, RTP or RTCP: what comes back with its SSRC is a loop, and by
        the numbers sent the party's reports are judged. Anything else changes nothing."""
        cdef datagram d
        cdef Py_buffer view
        memset(&d, 0, sizeof(d))
        d.now_ns = self.clock(now_ns)
        if self.native.how.udptl:
            return
        PyObject_GetBuffer(data, &view, PyBUF_SIMPLE)
        try:
            d.octets = <const uint8_t*>view.buf
            d.size = min(view.len, DATAGRAM_LIMIT)
            self.sent_how.encrypted = self.native.how.encrypted
            if datagram_read(&d, &self.sent_how) == DROP_NONE:
                self.take_sent(&d)
        finally:
            PyBuffer_Release(&view)

    cdef void take_sent(self, const datagram* d):
        if d.kind != KIND_RTCP:
            latch_add_sent_ssrc(&self.native, d.ssrc)
            receipt_note_sent(&self.receipt, d.ssrc, d.header.sequence_number, d.now_ns)
        elif not self.native.how.encrypted:
            report_note_sent(&self.reports, d.octets, d.size, d.now_ns)

    def events(self):
        """The events since the last call, oldest first: list of Event."""
        cdef event_record record
        cdef list result = []
        while event_take(&self.ring, &record):
            result.append(event_to_python(&record, None, None))
        return result

    def add_own_address(self, address):
        """An address and port that this session has bound: no packet may come from it, no media goes to it."""
        cdef transport_address own
        address_from_python(address, &own)
        latch_add_own_address(&self.native, &own)

    def add_sent_ssrc(self, ssrc):
        """An SSRC that is sent to this leg: what comes back with it is a loop (RFC 3550 8.2)."""
        if isinstance(ssrc, bool) or not isinstance(ssrc, int):
            raise TypeError(f"an SSRC must be an int, not {type(ssrc).__name__}.")
        if not 0 <= ssrc <= 0xFFFFFFFF:
            raise ConfigurationError(f"SSRC {ssrc} does not fit in 32 bits.")
        latch_add_sent_ssrc(&self.native, ssrc)

    @property
    def state(self):
        """LatchState."""
        return LatchState(self.native.state)

    @property
    def accepted_source(self):
        """`(host, port)` of the one source whose media is forwarded, or None."""
        return address_to_python(&self.native.accepted) if self.native.has_accepted else None

    @property
    def destination(self):
        """`(host, port)` to which media for this leg goes, or None."""
        return address_to_python(&self.native.destination) if self.native.has_destination else None

    @property
    def rtcp_accepted_source(self):
        """`(host, port)` of the accepted RTCP source, or None."""
        cdef const transport_address* source = rtcp_latch_accepted(&self.rtcp, &self.native)
        return address_to_python(source) if source != NULL else None

    @property
    def rtcp_destination(self):
        """`(host, port)` to which RTCP for this leg goes, or None."""
        cdef transport_address destination
        known = rtcp_latch_destination(&self.rtcp, &self.native, &destination)
        return address_to_python(&destination) if known else None

    @property
    def ssrc(self):
        """The pinned SSRC, or None."""
        return self.native.pinned.ssrc if self.native.pinned.valid else None

    @property
    def holding(self):
        """Datagrams held until their source qualifies, RTP and RTCP."""
        return candidate_holding(&self.native.candidates) + self.rtcp.held.count

    @property
    def dropped(self):
        """Datagrams by Reason that were not forwarded and never will be: the verdict was to drop them, or they were
        held and discarded. Each one received is forwarded or released, or counted here, or in `holding`."""
        return {Reason(reason): self.drops[reason] for reason in range(<int>DROP_REASON_COUNT) if self.drops[reason]}

    def explain(self):
        """Why the accepted source is accepted, or why none is: a few sentences."""
        return explain_latch(&self.native, self.latest_ns)
