# cython: freethreading_compatible=True
# What a layer above wire/ does with the C functions that have no Python face, as Python functions.

from libc.stdint cimport uint8_t, uint16_t, uint32_t
from libc.string cimport memset

from rtpcore.wire.demux cimport demux_classify
from rtpcore.wire.extension cimport extension_element, extension_next
from rtpcore.wire.rtcp.compound cimport rtcp_element, rtcp_has_bye, rtcp_next, rtcp_sender_ssrc, rtcp_validate
from rtpcore.wire.rtp cimport rtp_header, rtp_parse
from rtpcore.wire.address cimport address_from_python, transport_address
from rtpcore.wire.stun.hmac_sha1 cimport hmac_sha1_key, hmac_sha1_prepare
from rtpcore.wire.stun.codec cimport (
    STUN_REQUEST, STUN_USERNAME, stun_begin, stun_is_authentic, stun_mapped_address, stun_message, stun_next,
    stun_parse, stun_put, stun_put_error, stun_put_fingerprint, stun_put_integrity, stun_put_mapped, stun_writer,
)


def parse(bytes datagram, bint encrypted):
    cdef rtp_header header
    cdef int reason = rtp_parse(datagram, len(datagram), encrypted, &header)
    return reason, dict(header)


def walk(bytes datagram):
    cdef const uint8_t* data = datagram
    cdef rtcp_element element
    cdef uint32_t offset = 0
    found = []
    while rtcp_next(data, len(datagram), &offset, &element):
        found.append((element.data - data, element.size, element.packet_type, element.count, element.padding_size))
    return found


def sender(bytes datagram):
    return rtcp_sender_ssrc(datagram)


def has_bye(bytes datagram, uint32_t ssrc):
    return rtcp_has_bye(datagram, len(datagram), ssrc) != 0


def parse_stun(bytes datagram):
    cdef stun_message m
    cdef int status = stun_parse(datagram, len(datagram), &m)
    return status, {
        "fault": m.fault, "method": m.method, "message_class": m.message_class, "unknown_count": m.unknown_count,
        "unknown": [m.unknown[index] for index in range(m.unknown_count)], "username": m.username,
        "username_size": m.username_size, "error_code": m.error_code, "integrity": m.integrity,
        "fingerprint": m.fingerprint, "mapped": m.mapped, "priority": m.priority, "use_candidate": m.use_candidate,
        "controlling": m.controlling, "controlled": m.controlled, "tie_breaker": m.tie_breaker,
    }


def write_stun(bytes transaction, address, bytes password, uint32_t capacity):
    # The steps that fit, and the memory afterwards.
    cdef uint8_t memory[160]
    cdef stun_writer w
    cdef transport_address a
    cdef hmac_sha1_key key
    address_from_python(address, &a)
    hmac_sha1_prepare(&key, password, len(password))
    memset(memory, 0xEE, sizeof(memory))
    if not stun_begin(&w, memory, capacity, STUN_REQUEST, 1, transaction):
        return [], memory[:160]
    steps = ["begin"]
    if stun_put(&w, STUN_USERNAME, b"ab:cdef", 7):
        steps.append("put")
    if stun_put_mapped(&w, &a):
        steps.append("mapped")
    if stun_put_error(&w, 401):
        steps.append("error")
    if stun_put_integrity(&w, &key):
        steps.append("integrity")
    if stun_put_fingerprint(&w):
        steps.append("fingerprint")
    return steps, memory[:160]


def read_all(size_t address, size_t size):
    # Everything that the packet path reads of one datagram, where it lies.
    cdef const uint8_t* data = <const uint8_t*>address
    cdef rtp_header header
    cdef rtcp_element packet
    cdef extension_element element
    cdef stun_message message
    cdef transport_address mapped
    cdef hmac_sha1_key key
    cdef uint16_t kind, length
    cdef uint32_t offset = 0
    cdef uint32_t total = <uint32_t>demux_classify(data, size)
    if rtp_parse(data, size, False, &header) == 0 and header.extension:
        while extension_next(header.extension_profile, data + header.extension_offset, header.extension_size, &offset,
                             &element):
            total += element.data[element.size - 1] if element.size else 0
    offset = 0
    if rtcp_validate(data, size, True, NULL) == 0:
        while rtcp_next(data, size, &offset, &packet):
            total += packet.data[packet.size - 1]
        total += rtcp_has_bye(data, size, total)
    if stun_parse(data, size, &message) == 0:
        offset = 20
        while stun_next(&message, &offset, &kind, &length):
            total += length
        hmac_sha1_prepare(&key, b"key", 3)
        total += stun_is_authentic(&message, &key) + stun_mapped_address(&message, &mapped)
    return total
