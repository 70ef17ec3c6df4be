# One RTCP packet of a compound as a Python value (RFC 3550 6.1), and the packet of a type that has no class here.

from __future__ import annotations

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.stdint cimport uint16_t, uint32_t
from libc.string cimport memcpy, memset

from rtpcore.errors import ConfigurationError
from rtpcore.wire.argument cimport argument_octets, argument_unsigned
from rtpcore.wire.octets cimport store_u16
from rtpcore.wire.rtcp.compound cimport (
    RTCP_HEADER_OCTETS,
    RTCP_OFFSET_LENGTH,
    RTCP_OFFSET_TYPE,
    RTCP_SR,
    RTCP_VERSION,
    RTCP_XR,
)
from rtpcore.wire.rtcp.value cimport rtcp_value_build, rtcp_value_slice


cdef int rtcp_packet_build(RtcpPacket packet, uint8_t packet_type, uint8_t count, bytes body,
                           object padding_size) except -1:
    cdef uint8_t padding = <uint8_t>argument_unsigned(padding_size, "padding_size", 252)
    cdef Py_ssize_t size = len(body)
    if (size + padding) & 3:
        raise ConfigurationError(f"padding_size is {padding}, which is not a multiple of 4.")
    cdef Py_ssize_t words = (size + padding) // 4
    if words > 0xFFFF:
        raise ConfigurationError(f"The packet has {words} words after its header, and at most 65535 fit.")
    cdef bytes octets = PyBytes_FromStringAndSize(NULL, RTCP_HEADER_OCTETS + size + padding)
    cdef uint8_t* out = <uint8_t*>PyBytes_AS_STRING(octets)
    out[0] = <uint8_t>(RTCP_VERSION << 6 | (padding != 0) << 5 | count)
    out[RTCP_OFFSET_TYPE] = packet_type
    store_u16(out + RTCP_OFFSET_LENGTH, <uint16_t>words)
    out += RTCP_HEADER_OCTETS
    memcpy(out, <const char*>body, size)
    if padding:
        memset(out + size, 0, padding)
        out[size + padding - 1] = padding
    return rtcp_value_build(packet, octets)


cdef class RtcpPacket(RtcpValue):
    """One packet of an RTCP compound; immutable, and the base of every typed one.

    Packets are equal when their class and octets are. Thread-safe. RFC 3550 6.4 to 6.7.
    """

    @property
    def packet_type(self):
        """The packet type, 8 bits."""
        return rtcp_value_data(self)[RTCP_OFFSET_TYPE]

    @property
    def count(self):
        """The five bits that are, by type, a count of blocks or of sources, a feedback message type or a subtype."""
        return rtcp_value_data(self)[0] & 0x1F

    @property
    def padding_size(self):
        """The octets of padding, the count octet included; 0 without the P bit. Only the last packet may have any."""
        return rtcp_packet_padding(self)


@cython.final
cdef class UnknownRtcp(RtcpPacket):
    """A packet of a type that has no class here, kept as it is.

    Args (keywords only): packet_type 0 to 255, none of 200 to 207; count 0 to 31; body, any buffer with a multiple of 4
    octets, which is everything after the header; padding_size 0 to 252, a multiple of 4.
    Raises: TypeError or ConfigurationError, naming the value at fault. Thread-safe. RFC 3550 6.1.
    """

    def __init__(self, *, packet_type, count=0, body=b"", padding_size=0):
        cdef uint8_t kind = <uint8_t>argument_unsigned(packet_type, "packet_type", 0xFF)
        if RTCP_SR <= kind <= RTCP_XR:
            raise ConfigurationError(f"packet_type is {kind}, which has a class of its own.")
        cdef bytes octets = argument_octets(body, "body")
        if len(octets) & 3:
            raise ConfigurationError(f"body has {len(octets)} octets, which is not a multiple of 4.")
        rtcp_packet_build(self, kind, <uint8_t>argument_unsigned(count, "count", 0x1F), octets, padding_size)

    @property
    def body(self):
        """What follows the header, without padding."""
        return rtcp_value_slice(self, RTCP_HEADER_OCTETS, <uint32_t>rtcp_packet_size(self))

    def __repr__(self):
        return (f"UnknownRtcp(packet_type={self.packet_type}, count={self.count}, body={self.body!r}, "
                f"padding_size={self.padding_size})")
