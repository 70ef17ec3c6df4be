# What a layer above wire/ does with the C functions that have no Python face, as Python functions.

from libc.stdint cimport uint8_t, uint32_t

from rtpcore.wire.demux cimport demux_classify
from rtpcore.wire.extension cimport extension_element, extension_next
from rtpcore.wire.rtcp cimport rtcp_element, rtcp_has_bye, rtcp_next, rtcp_sender_ssrc, rtcp_validate
from rtpcore.wire.rtp cimport rtp_header, rtp_parse


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


def read_all(size_t address, size_t size):
    # Everything that the packet path reads of one datagram, where it lies.
    cdef const uint8_t* data = <const uint8_t*>address
    cdef rtp_header header
    cdef rtcp_element packet
    cdef extension_element element
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
    return total
