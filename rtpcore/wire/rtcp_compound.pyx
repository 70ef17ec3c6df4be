# A compound's octets to typed packets (RFC 3550 6.1, RFC 5506): the Python face of rtcp_validate and rtcp_next.

from __future__ import annotations

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdint cimport uint8_t, uint32_t

from rtpcore.wire.argument cimport argument_flag, argument_octets
from rtpcore.wire.rtcp cimport RTCP_BYE, RTCP_RR, RTCP_SDES, RTCP_SR, rtcp_element, rtcp_next, rtcp_validate
from rtpcore.wire.rtcp_goodbye cimport Goodbye
from rtpcore.wire.rtcp_packet cimport RtcpPacket, UnknownRtcp
from rtpcore.wire.rtcp_report cimport ReceiverReport, SenderReport
from rtpcore.wire.rtcp_source_description cimport SourceDescription
from rtpcore.wire.validity cimport PARSE_OK, parse_reason, validity_raise


cdef RtcpPacket empty_packet(uint8_t packet_type):
    if packet_type == RTCP_SR:
        return SenderReport.__new__(SenderReport)
    if packet_type == RTCP_RR:
        return ReceiverReport.__new__(ReceiverReport)
    if packet_type == RTCP_SDES:
        return SourceDescription.__new__(SourceDescription)
    if packet_type == RTCP_BYE:
        return Goodbye.__new__(Goodbye)
    return UnknownRtcp.__new__(UnknownRtcp)


def parse_rtcp(datagram, reduced_size=False):
    """Read the packets of an RTCP compound.

    Args: datagram, any contiguous buffer, in clear; reduced_size, whether other packets than SR and RR may come first.
    Returns: a list of RtcpPacket, in order, which joined serialize to the datagram.
    Raises: ParseError with reason and offset when any packet is not valid; TypeError when datagram is not a buffer.
    Thread-safe. RFC 3550 6.1 and A.2, RFC 5506.
    """
    cdef bytes octets = argument_octets(datagram, "datagram")
    cdef const uint8_t* data = <const uint8_t*>PyBytes_AS_STRING(octets)
    cdef size_t size = <size_t>PyBytes_GET_SIZE(octets)
    cdef uint32_t offset = 0
    cdef parse_reason reason = rtcp_validate(data, size, argument_flag(reduced_size, "reduced_size"), &offset)
    if reason != PARSE_OK:
        validity_raise(reason, data, size, offset)
    cdef list packets = []
    cdef rtcp_element element
    cdef RtcpPacket packet
    offset = 0
    while rtcp_next(data, size, &offset, &element):
        packet = empty_packet(element.packet_type)
        packet.octets = PyBytes_FromStringAndSize(<const char*>element.data, <Py_ssize_t>element.size)
        packets.append(packet)
    return packets
