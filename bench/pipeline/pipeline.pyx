# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
# The relay's own work for one packet (read, judge, track, route, append to the outbox), driven without sockets.

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memset

from rtpcore.forward.leg cimport leg, leg_free, leg_new
from rtpcore.forward.path cimport path, path_free, path_init, path_packet
from rtpcore.net.linux cimport AF_INET
from rtpcore.track.datagram cimport datagram
from rtpcore.track.latch.latch cimport latch_init, latch_publish, latch_receive, latch_signal
from rtpcore.track.latch.state cimport LATCH_LOCKED, latch_verdict
from rtpcore.track.latch.policy cimport LatchPolicy
from rtpcore.track.source cimport SOURCE_IN_ORDER, source, source_update
from rtpcore.track.ssrc cimport ssrc_find
from rtpcore.track.latch.scope cimport SIGNAL_ANSWER, signalling
from rtpcore.wire.address cimport address_from_python
from rtpcore.wire.octets cimport store_u16, store_u32

cdef enum:
    OCTETS = 172
    PTIME_NS = 20_000_000
    ANSWERS_EVERY = 1024        # the other party speaks too, so seldom that it does not count


cdef class Pipeline:
    """Two legs that relay to each other, latched and locked, without sockets."""

    cdef path path
    cdef leg* legs[2]
    cdef uint8_t packet[OCTETS]
    cdef uint8_t answer[OCTETS]
    cdef datagram d
    cdef datagram answered
    cdef uint64_t now_ns
    cdef uint16_t sequence_number
    cdef uint16_t answers

    def __cinit__(self):
        cdef LatchPolicy policy = LatchPolicy("guarded", early_budget_ms=None)
        cdef signalling said
        cdef leg* made
        if path_init(&self.path, 64) < 0:
            raise MemoryError
        for index in range(2):
            made = self.legs[index] = leg_new(index + 1)
            latch_init(&made.latch, &policy.native, 5, 1, &self.path.pool, NULL, made.counters.drops, index + 1)
            made.rtp.socket.family = made.rtcp.socket.family = AF_INET
            said = made.latch.signalled
            address_from_python(("127.0.0.1", 5000 + 2 * index), &said.declared)
            said.has_declared = said.known = 1
            latch_publish(&made.latch, 0)
            latch_signal(&made.latch, 0, SIGNAL_ANSWER, &said)
        self.legs[0].peer = self.legs[1]
        self.legs[1].peer = self.legs[0]
        self.begin(&self.d, self.packet, 0x11111111, self.legs[0])
        self.begin(&self.answered, self.answer, 0x22222222, self.legs[1])
        for _ in range(300):
            self.speak()
            self.run(1)
        if self.legs[0].latch.state != LATCH_LOCKED or self.legs[1].latch.state != LATCH_LOCKED:
            raise RuntimeError("the pipeline did not lock.")

    def __dealloc__(self):
        path_free(&self.path)
        leg_free(self.legs[0])
        leg_free(self.legs[1])

    cdef void begin(self, datagram* d, uint8_t* octets, uint32_t ssrc, const leg* sender):
        memset(octets, 0, OCTETS)
        octets[0] = 0x80
        store_u32(octets + 8, ssrc)
        memset(d, 0, sizeof(datagram))
        d.octets = octets
        d.size = OCTETS
        d.drained = 1
        d.source = sender.latch.signalled.declared

    cdef void speak(self):
        self.answers += 1
        store_u16(self.answer + 2, self.answers)
        store_u32(self.answer + 4, <uint32_t>(self.now_ns // PTIME_NS) * 160)
        self.answered.now_ns = self.now_ns
        self.answered.kind = 0
        path_packet(&self.path, &self.legs[1].rtp, &self.answered, False)
        self.path.outbox.count = 0

    cdef void advance(self):
        self.sequence_number += 1
        self.now_ns += PTIME_NS
        store_u16(self.packet + 2, self.sequence_number)
        store_u32(self.packet + 4, <uint32_t>self.sequence_number * 160)
        self.d.now_ns = self.now_ns
        self.d.kind = 0

    def run(self, int packets):
        """Sends packets along the whole path; the outbox is emptied instead of sent. Returns how many got there."""
        cdef int _packet
        cdef int arrived = 0
        for _packet in range(packets):
            self.advance()
            path_packet(&self.path, &self.legs[0].rtp, &self.d, False)
            arrived += self.path.outbox.count
            self.path.outbox.count = 0
            if self.sequence_number % ANSWERS_EVERY == 0:
                self.speak()
        return arrived

    def run_latch(self, int packets):
        """Judges packets of the locked stream and nothing else. Returns how many were forwarded."""
        cdef int _packet
        cdef int forwarded = 0
        cdef latch_verdict verdict
        for _packet in range(packets):
            self.advance()
            self.d.header.sequence_number = self.sequence_number
            self.d.header.timestamp = <uint32_t>self.sequence_number * 160
            latch_receive(&self.legs[0].latch, &self.d, &verdict)
            forwarded += verdict.action == 0
        return forwarded

    def run_track(self, int packets):
        """Finds the source of each packet and updates it. Returns how many were in order."""
        cdef source* found
        cdef int in_order = 0
        for _index in range(packets):
            self.advance()
            self.d.header.sequence_number = self.sequence_number
            self.d.header.timestamp = <uint32_t>self.sequence_number * 160
            found = ssrc_find(&self.legs[0].sources, self.d.ssrc)
            in_order += source_update(found, &self.d.header, 8000, self.now_ns) == SOURCE_IN_ORDER
        return in_order

    def run_empty(self, int packets):
        """The loop itself, to be taken off."""
        cdef int _packet
        for _packet in range(packets):
            self.advance()
        return packets
