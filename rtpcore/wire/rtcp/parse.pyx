# A compound's octets to typed packets, and back (RFC 3550 6.1, RFC 5506): the face of rtcp_validate and rtcp_next.

from __future__ import annotations

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.list cimport PyList_GET_SIZE, PyList_New, PyList_SET_ITEM
from cpython.ref cimport Py_INCREF
from libc.stdint cimport uint8_t, uint32_t

from rtpcore.errors import ConfigurationError, ParseError
from rtpcore.wire.argument cimport argument_flag, argument_octets, argument_tuple
from rtpcore.wire.octets cimport load_u16
from rtpcore.wire.rtcp.application cimport ApplicationDefined
from rtpcore.wire.rtcp.compound cimport (
    RTCP_APP,
    RTCP_BYE,
    RTCP_OFFSET_LENGTH,
    RTCP_PSFB,
    RTCP_RR,
    RTCP_RTPFB,
    RTCP_SDES,
    RTCP_SR,
    RTCP_XR,
    rtcp_element,
    rtcp_next,
    rtcp_validate,
)
from rtpcore.wire.rtcp.extended_report cimport ExtendedReport
from rtpcore.wire.rtcp.feedback cimport PayloadFeedback, TransportFeedback
from rtpcore.wire.rtcp.goodbye cimport Goodbye
from rtpcore.wire.rtcp.packet cimport RtcpPacket, UnknownRtcp
from rtpcore.wire.rtcp.report cimport ReceiverReport, SenderReport
from rtpcore.wire.rtcp.source_description cimport SourceDescription
from rtpcore.wire.rtcp.value cimport rtcp_value_octets, rtcp_value_show
from rtpcore.wire.validity cimport PARSE_OK, parse_reason, validity_raise


cdef enum:
    MAX_PACKETS = 0xFFFF        # more than any datagram holds


cdef RtcpPacket empty_packet(uint8_t packet_type):
    if packet_type == RTCP_SR:
        return SenderReport.__new__(SenderReport)
    if packet_type == RTCP_RR:
        return ReceiverReport.__new__(ReceiverReport)
    if packet_type == RTCP_SDES:
        return SourceDescription.__new__(SourceDescription)
    if packet_type == RTCP_BYE:
        return Goodbye.__new__(Goodbye)
    if packet_type == RTCP_RTPFB:
        return TransportFeedback.__new__(TransportFeedback)
    if packet_type == RTCP_PSFB:
        return PayloadFeedback.__new__(PayloadFeedback)
    if packet_type == RTCP_XR:
        return ExtendedReport.__new__(ExtendedReport)
    if packet_type == RTCP_APP:
        return ApplicationDefined.__new__(ApplicationDefined)
    return UnknownRtcp.__new__(UnknownRtcp)


cdef Py_ssize_t count_packets(const uint8_t* data, size_t size) noexcept nogil:
    cdef Py_ssize_t count = 0
    cdef size_t offset = 0
    while offset < size:
        offset += 4 * (<size_t>load_u16(data + offset + RTCP_OFFSET_LENGTH) + 1)
        count += 1
    return count


def parse_rtcp(datagram, reduced_size=False):
    """Read the packets of an RTCP compound.

    Args: datagram, any contiguous buffer, in clear, bytes being kept by reference and others copied; reduced_size,
    whether other packets than SR and RR may come first.
    Returns: a list of RtcpPacket, in order, which joined serialize to the datagram. What they hold is read when it is
    asked for: feedback, blocks and the like that are not of their form raise ParseError then, and still serialize.
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
    cdef list packets = PyList_New(count_packets(data, size))
    cdef rtcp_element element
    cdef RtcpPacket packet
    cdef Py_ssize_t index
    offset = 0
    for index in range(PyList_GET_SIZE(packets)):
        rtcp_next(data, size, &offset, &element)
        packet = empty_packet(element.packet_type)
        rtcp_value_show(packet, octets, element.data, element.size)
        Py_INCREF(packet)
        PyList_SET_ITEM(packets, index, packet)
    return packets


cdef bint names_a_source(tuple packets) except -1:
    for packet in packets:
        if isinstance(packet, SourceDescription):
            for chunk in (<SourceDescription>packet).chunks:
                if chunk.cname is not None:
                    return True
    return False


def serialize_rtcp(packets, reduced_size=False):
    """Return the octets of a compound, which is checked first.

    Args: packets, RtcpPackets in order: SR or RR first, an SDES with a CNAME among them, padding on the last alone;
    reduced_size, whether any packets will do, as the peer has agreed to.
    Returns: bytes, for one datagram. Raises: TypeError or ConfigurationError, naming the rule that is broken.
    Thread-safe. RFC 3550 6.1, RFC 5506 3.
    """
    cdef bint reduced = argument_flag(reduced_size, "reduced_size")
    cdef tuple members = argument_tuple(packets, "packets", MAX_PACKETS)
    for packet in members:
        if not isinstance(packet, RtcpPacket):
            raise TypeError(f"A member of packets is an RtcpPacket, not {packet!r}.")
    cdef bytes octets = b"".join([rtcp_value_octets(<RtcpPacket>packet) for packet in members])
    cdef const uint8_t* data = <const uint8_t*>PyBytes_AS_STRING(octets)
    cdef size_t size = <size_t>PyBytes_GET_SIZE(octets)
    cdef uint32_t offset = 0
    cdef parse_reason reason = rtcp_validate(data, size, reduced, &offset)
    if reason != PARSE_OK:
        try:
            validity_raise(reason, data, size, offset)
        except ParseError as error:
            raise ConfigurationError(str(error)) from None
    if not reduced and not names_a_source(members):
        raise ConfigurationError("The compound has no source description with a CNAME, and it is not of reduced size.")
    return octets
