# cython: language_level=3
# What a package that is not rtpcore does with the public C functions: each returns plain values, for a comparison with
# what the Python API says of the same packets. It reads nothing but `from rtpcore cimport ...`.

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memset

from rtpcore cimport (
    ACTION_DROP,
    DROP_NONE,
    DROP_REASON_COUNT,
    KIND_RTCP,
    LatchPolicy,
    PARSE_OK,
    RTPCORE_ABI_VERSION,
    address_classify,
    address_equal,
    address_from_host,
    address_from_python,
    address_host,
    address_is_ipv4,
    address_is_unset,
    address_same_host,
    address_same_prefix,
    address_to_python,
    authentication,
    authentication_free,
    authentication_new,
    datagram,
    datagram_read,
    demux_classify,
    event_record,
    event_ring,
    event_ring_free,
    event_ring_init,
    event_take,
    event_to_python,
    explain_latch,
    extension_element,
    extension_next,
    hold_clear,
    hold_drop_first,
    hold_octets,
    hold_packet,
    hold_pool,
    hold_pool_free,
    hold_pool_init,
    ice_answer,
    ice_init,
    latch,
    latch_add_own_address,
    latch_add_sent_ssrc,
    latch_advance,
    latch_authenticate,
    latch_close,
    latch_init,
    latch_may_send,
    latch_note_invalid,
    latch_publish,
    latch_receive,
    latch_receive_other,
    latch_set_authentication,
    latch_signal,
    latch_verdict,
    parse_reason,
    rtcp_element,
    rtcp_has_bye,
    rtcp_latch,
    rtcp_latch_advance,
    rtcp_latch_close,
    rtcp_latch_destination,
    rtcp_latch_init,
    rtcp_latch_receive,
    rtcp_next,
    rtcp_sender_ssrc,
    rtcp_validate,
    rtcp_validate_encrypted,
    rtp_header,
    rtp_parse,
    rtpcore_check_abi,
    signal_event,
    signalling,
    signalling_from_python,
    source,
    source_cumulative_lost,
    source_expected,
    source_extended_highest,
    source_fraction_lost,
    source_get_state,
    source_init,
    source_take_fraction_lost,
    source_to_python,
    source_update,
    source_update_jitter,
    source_update_sequence,
    ssrc_admit,
    ssrc_find,
    ssrc_replace,
    ssrc_table,
    ssrc_table_free,
    ssrc_table_init,
    transport_address,
)

rtpcore_check_abi(RTPCORE_ABI_VERSION)


# Addresses ---------------------------------------------------------------------------------------------------------

def address(pair):
    cdef transport_address a
    address_from_python(pair, &a)
    return address_to_python(&a), address_host(&a), <int>address_classify(&a), bool(address_is_ipv4(&a)), a.port


def compare(first, second, int prefix4, int prefix6):
    cdef transport_address a, b
    address_from_python(first, &a)
    address_from_host(second, &b)
    return (bool(address_equal(&a, &b)), bool(address_same_host(&a, &b)),
            bool(address_same_prefix(&a, &b, prefix4, prefix6)), bool(address_is_unset(&b)))


# What is on the wire -----------------------------------------------------------------------------------------------

def classify(bytes octets):
    return <int>demux_classify(octets, len(octets))


def parse(bytes octets):
    cdef const uint8_t* data = octets
    cdef size_t size = len(octets)
    cdef rtp_header header
    cdef extension_element element
    cdef uint32_t offset = 0
    cdef parse_reason reason
    with nogil:
        reason = rtp_parse(data, size, False, &header)
    elements = []
    if reason == PARSE_OK and header.extension:
        while extension_next(header.extension_profile, data + header.extension_offset, header.extension_size, &offset,
                             &element):
            elements.append((element.id, element.data[:element.size]))
    return <int>reason, header, tuple(elements)


def parse_rtcp(bytes octets, uint32_t goodbye):
    cdef const uint8_t* data = octets
    cdef rtcp_element element
    cdef uint32_t offset = 0
    cdef parse_reason reason = rtcp_validate(data, len(octets), False, &offset)
    packets = []
    if reason != PARSE_OK:
        return <int>reason, offset, packets, None, None
    offset = 0
    while rtcp_next(data, len(octets), &offset, &element):
        packets.append((element.packet_type, element.data[:element.size], element.padding_size))
    return (<int>reason, 0, packets, rtcp_sender_ssrc(data), bool(rtcp_has_bye(data, len(octets), goodbye)))


def validate_encrypted(bytes octets, bint reduced_size):
    return <int>rtcp_validate_encrypted(octets, len(octets), reduced_size)


# Who is talking ----------------------------------------------------------------------------------------------------

cdef class Table:
    cdef ssrc_table native

    def __cinit__(self, uint16_t capacity):
        if ssrc_table_init(&self.native, capacity) < 0:
            raise MemoryError

    def __dealloc__(self):
        ssrc_table_free(&self.native)

    def update(self, bytes octets, uint64_t now_ns, uint32_t clock_rate):
        cdef rtp_header header
        cdef source* s
        if rtp_parse(octets, len(octets), False, &header) != PARSE_OK:
            raise ValueError("no RTP")
        with nogil:
            s = ssrc_admit(&self.native, header.ssrc, header.sequence_number, now_ns)
        return None if s == NULL else <int>source_update(s, &header, clock_rate, now_ns)

    def replace(self, uint32_t ssrc, uint64_t now_ns):
        return ssrc_replace(&self.native, ssrc, 1, now_ns).ssrc

    def stats(self, uint32_t ssrc):
        cdef source* s = ssrc_find(&self.native, ssrc)
        return None if s == NULL else source_to_python(s, source_get_state(s))

    def figures(self, uint32_t ssrc):
        cdef source* s = ssrc_find(&self.native, ssrc)
        return (source_extended_highest(s), source_expected(s), source_cumulative_lost(s), source_fraction_lost(s),
                source_take_fraction_lost(s), source_fraction_lost(s))

    def counts(self):
        return self.native.evicted, self.native.refused


def free_often():
    # All zero, never made; then made; then freed already.
    cdef ssrc_table table
    cdef hold_pool pool
    cdef event_ring ring
    memset(&table, 0, sizeof(table))
    memset(&pool, 0, sizeof(pool))
    memset(&ring, 0, sizeof(ring))
    for made in (False, True, False):
        if made and (ssrc_table_init(&table, 1) or hold_pool_init(&pool, 1, 1500) or event_ring_init(&ring, 1)):
            raise MemoryError
        ssrc_table_free(&table)
        hold_pool_free(&pool)
        event_ring_free(&ring)
    return table.sources == NULL and pool.slots == NULL and ring.records == NULL


def one_source(list steps, uint32_t clock_rate):
    # The two halves of source_update, without a header: [(sequence number, timestamp, time)] -> verdicts, jitter.
    cdef source s
    cdef uint64_t now_ns
    source_init(&s, 1, steps[0][0], steps[0][2])
    verdicts = []
    for sequence_number, timestamp, time_ns in steps:
        now_ns = time_ns
        verdicts.append(<int>source_update_sequence(&s, sequence_number))
        source_update_jitter(&s, timestamp, clock_rate, now_ns)
    return verdicts, s.jitter >> 4


# Whose media is accepted -------------------------------------------------------------------------------------------

cdef struct keyring:
    # What a verify function of a consumer works with: here the last octet is the tag.
    uint8_t tag
    uint32_t asked


cdef bint has_tag(void* context, const uint8_t* octets, uint32_t size) noexcept nogil:
    cdef keyring* keys = <keyring*>context
    keys.asked += 1
    return octets[size - 1] == keys.tag


cdef class Party:
    cdef keyring keys
    cdef latch latch
    cdef uint64_t now_ns
    cdef rtcp_latch rtcp
    cdef hold_pool pool
    cdef event_ring events
    cdef uint64_t drops[DROP_REASON_COUNT]

    def __cinit__(self, LatchPolicy policy not None, own):
        cdef transport_address address
        address_from_python(own, &address)
        if hold_pool_init(&self.pool, 64, 2048) < 0 or event_ring_init(&self.events, 64) < 0:
            raise MemoryError
        latch_init(&self.latch, &policy.native, address_classify(&address), 1, &self.pool, &self.events, self.drops, 0)
        rtcp_latch_init(&self.rtcp)
        latch_add_own_address(&self.latch, &address)

    def __dealloc__(self):
        authentication_free(latch_set_authentication(&self.latch, NULL, 0))
        hold_pool_free(&self.pool)
        event_ring_free(&self.events)

    def authenticate(self, uint64_t now_ns, tag=None, bytes fragment=None, bytes password=None):
        cdef authentication* made = authentication_new(fragment is not None)
        if made == NULL:
            raise MemoryError
        if tag is not None:
            self.keys.tag = tag
            made.verify = has_tag
            made.context = &self.keys
        if fragment is not None:
            ice_init(made.ice, fragment, <uint16_t>len(fragment), password, len(password), NULL, 0)
        authentication_free(latch_set_authentication(&self.latch, made, now_ns))

    def asked(self):
        return self.keys.asked

    def check(self, uint64_t now_ns, sender, bytes octets):
        # Reason and answer.
        cdef datagram d
        cdef ice_answer answer
        cdef uint8_t reason
        memset(&d, 0, sizeof(d))
        address_from_python(sender, &d.source)
        d.octets = octets
        d.size = len(octets)
        d.now_ns = now_ns
        reason = datagram_read(&d, &self.latch.how)
        if reason == DROP_NONE:
            raise ValueError("media")
        reason = latch_receive_other(&self.latch, &d, reason, &answer)
        return reason, answer.octets[:answer.size]

    def publish(self, uint64_t now_ns):
        self.now_ns = now_ns
        latch_publish(&self.latch, now_ns)

    def signal(self, uint64_t now_ns, event, declared, hosts, payload_types):
        cdef signalling said = self.latch.signalled
        cdef signal_event kind = signalling_from_python(
            &said, event, declared, hosts, payload_types, (13,), None, None, False, 20, "sendrecv", (), None, None)
        self.now_ns = now_ns
        latch_signal(&self.latch, now_ns, kind, &said)

    def add_sent_ssrc(self, uint32_t ssrc):
        latch_add_sent_ssrc(&self.latch, ssrc)

    def receive(self, uint64_t now_ns, sender, bytes octets, bint rtcp_port):
        cdef datagram d
        cdef latch_verdict verdict
        cdef uint8_t reason
        memset(&d, 0, sizeof(d))
        address_from_python(sender, &d.source)
        d.octets = octets
        d.size = len(octets)
        d.now_ns = self.now_ns = now_ns
        d.drained = 1
        d.rtcp_port = rtcp_port
        with nogil:
            latch_advance(&self.latch, now_ns)
            rtcp_latch_advance(&self.rtcp, &self.latch, now_ns)
            reason = datagram_read(&d, &self.latch.how)
            if reason == DROP_NONE:
                reason = latch_authenticate(&self.latch, &d)
            if reason == DROP_NONE and d.kind == KIND_RTCP:
                rtcp_latch_receive(&self.rtcp, &self.latch, &d, &verdict)
            elif reason == DROP_NONE:
                latch_receive(&self.latch, &d, &verdict)
            else:
                latch_note_invalid(&self.latch, &d, reason)
        if reason != DROP_NONE:
            return <int>ACTION_DROP, reason, 0, ()
        return verdict.action, verdict.reason, verdict.row, self.take(&verdict)

    cdef tuple take(self, latch_verdict* verdict):
        cdef uint32_t first
        released = []
        while verdict.released.count > 1:
            first = verdict.released.first
            released.append(hold_octets(&self.pool, first)[:hold_packet(&self.pool, first).size])
            hold_drop_first(&self.pool, &verdict.released)
        if verdict.released.count:
            first = verdict.released.first
            released.append(hold_octets(&self.pool, first)[:hold_packet(&self.pool, first).size])
        hold_clear(&self.pool, &verdict.released)
        return tuple(released)

    def state(self):
        cdef transport_address rtcp
        cdef bint has_rtcp = rtcp_latch_destination(&self.rtcp, &self.latch, &rtcp)
        return (self.latch.state,
                address_to_python(&self.latch.accepted) if self.latch.has_accepted else None,
                address_to_python(&self.latch.destination) if self.latch.has_destination else None,
                self.latch.pinned.ssrc if self.latch.pinned.valid else None,
                address_to_python(&self.rtcp.accepted) if self.rtcp.has_accepted else None,
                address_to_python(&rtcp) if has_rtcp else None)

    def may_send(self, uint64_t now_ns):
        self.now_ns = now_ns
        return latch_may_send(&self.latch, now_ns, 172)

    def explain(self):
        return explain_latch(&self.latch, self.now_ns)

    def take_events(self):
        cdef event_record record
        taken = []
        while event_take(&self.events, &record):
            taken.append(event_to_python(&record, None, None))
        return taken

    def close(self, uint64_t now_ns):
        self.now_ns = now_ns
        rtcp_latch_close(&self.rtcp, &self.latch)
        latch_close(&self.latch, now_ns)

    def dropped(self):
        return sum([self.drops[index] for index in range(<int>DROP_REASON_COUNT)])
