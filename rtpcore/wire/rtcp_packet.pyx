# One RTCP packet of a compound as a Python value (RFC 3550 6.1), and the packet of a type that has no class here.
# A packet is its octets, so what was parsed serializes byte for byte; fields are read when asked for.

from __future__ import annotations

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE

from libc.stdint cimport uint16_t

from rtpcore.errors import ConfigurationError
from rtpcore.wire.argument cimport argument_octets, argument_unsigned
from rtpcore.wire.octets cimport store_u16
from rtpcore.wire.rtcp cimport (RTCP_BYE, RTCP_HEADER_OCTETS, RTCP_OFFSET_LENGTH, RTCP_OFFSET_TYPE, RTCP_SR, RTCP_VERSION,
                                rtcp_body_fits)


cdef const uint8_t* rtcp_packet_data(RtcpPacket packet) except NULL:
    if packet.octets is None:
        raise TypeError(f"The {type(packet).__name__} has not been initialised.")
    return <const uint8_t*>PyBytes_AS_STRING(packet.octets)


cdef uint8_t padding_of(RtcpPacket packet) except? 0xFF:
    cdef const uint8_t* data = rtcp_packet_data(packet)
    return data[PyBytes_GET_SIZE(packet.octets) - 1] if data[0] & 0x20 else 0


cdef Py_ssize_t rtcp_packet_size(RtcpPacket packet) except -1:
    return PyBytes_GET_SIZE(packet.octets) - padding_of(packet)


cdef int rtcp_packet_build(RtcpPacket packet, uint8_t packet_type, uint8_t count, bytes body,
                           object padding_size) except -1:
    if packet.octets is not None:
        raise TypeError(f"A {type(packet).__name__} cannot be initialised twice.")
    cdef uint8_t padding = <uint8_t>argument_unsigned(padding_size, "padding_size", 252)
    if padding & 3:
        raise ConfigurationError(f"padding_size is {padding}, which is not a multiple of 4.")
    cdef Py_ssize_t words = (len(body) + padding) // 4
    if words > 0xFFFF:
        raise ConfigurationError(f"The packet has {words} words after its header, and at most 65535 fit.")
    cdef uint8_t header[RTCP_HEADER_OCTETS]
    header[0] = <uint8_t>(RTCP_VERSION << 6 | (padding != 0) << 5 | count)
    header[RTCP_OFFSET_TYPE] = packet_type
    store_u16(header + RTCP_OFFSET_LENGTH, <uint16_t>words)
    cdef bytes tail = bytes(padding - 1) + bytes((padding,)) if padding else b""
    packet.octets = (<char*>header)[:RTCP_HEADER_OCTETS] + body + tail
    return 0


cdef class RtcpPacket:
    """One packet of an RTCP compound; immutable, and the base of every typed one.

    Packets are equal when their class and octets are. Thread-safe. RFC 3550 6.4 to 6.7.
    """

    def __init__(self):
        raise TypeError("An RtcpPacket is one of its subclasses, such as UnknownRtcp.")

    @property
    def packet_type(self):
        """The packet type, 8 bits."""
        return rtcp_packet_data(self)[RTCP_OFFSET_TYPE]

    @property
    def count(self):
        """The five bits that are, by type, the reception report count, source count, feedback format or subtype."""
        return rtcp_packet_data(self)[0] & 0x1F

    @property
    def padding_size(self):
        """The octets of padding, the count octet included; 0 without the P bit. Only a compound's last packet has any."""
        return padding_of(self)

    def serialize(self):
        """Return the packet as it stands on the wire."""
        rtcp_packet_data(self)
        return self.octets

    def __eq__(self, other):
        if type(self) is not type(other):
            return NotImplemented
        return self.serialize() == other.serialize()

    def __hash__(self):
        return hash(self.serialize())


@cython.final
cdef class UnknownRtcp(RtcpPacket):
    """A packet of a type that has no class here, kept as it is.

    Args (keywords only): packet_type 0 to 255, none of 200 to 203; count 0 to 31; body, any buffer with a multiple of 4
    octets, which is everything after the header; padding_size 0 to 252, a multiple of 4.
    Raises: TypeError or ConfigurationError, naming the value at fault. Thread-safe. RFC 3550 6.1.
    """

    def __init__(self, *, packet_type, count=0, body=b"", padding_size=0):
        cdef uint8_t kind = <uint8_t>argument_unsigned(packet_type, "packet_type", 0xFF)
        if RTCP_SR <= kind <= RTCP_BYE:
            raise ConfigurationError(f"packet_type is {kind}, which has a class of its own.")
        cdef bytes octets = argument_octets(body, "body")
        if len(octets) & 3:
            raise ConfigurationError(f"body has {len(octets)} octets, which is not a multiple of 4.")
        rtcp_packet_build(self, kind, <uint8_t>argument_unsigned(count, "count", 0x1F), octets, padding_size)
        if not rtcp_body_fits(rtcp_packet_data(self), <size_t>rtcp_packet_size(self)):
            raise ConfigurationError(f"body has {len(octets)} octets, which is too short for packet_type {kind}.")

    @property
    def body(self):
        """What follows the header, without padding."""
        return rtcp_body(self)

    def __repr__(self):
        return (f"UnknownRtcp(packet_type={self.packet_type}, count={self.count}, body={self.body!r}, "
                f"padding_size={self.padding_size})")


cdef inline bytes rtcp_body(RtcpPacket packet):
    cdef Py_ssize_t size = rtcp_packet_size(packet)
    return packet.octets[RTCP_HEADER_OCTETS:size]
