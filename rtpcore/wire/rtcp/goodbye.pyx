# Goodbyes (RFC 3550 6.6) as Python values. What a goodbye does to a source is the tracker's business.

from __future__ import annotations

cimport cython
from libc.stdint cimport uint8_t, uint32_t

from rtpcore.errors import ConfigurationError
from rtpcore.wire.argument cimport argument_octets, argument_tuple, argument_unsigned
from rtpcore.wire.octets cimport load_u32
from rtpcore.wire.rtcp.compound cimport RTCP_BYE, RTCP_HEADER_OCTETS
from rtpcore.wire.rtcp.packet cimport rtcp_packet_build, rtcp_packet_size
from rtpcore.wire.rtcp.value cimport rtcp_value_data, rtcp_value_slice


cdef enum:
    MAX_SOURCES = 31
    MAX_REASON_OCTETS = 255


cdef bytes reason_octets(object reason):
    if reason is None:
        return b""
    cdef bytes octets = argument_octets(reason, "reason")
    if len(octets) > MAX_REASON_OCTETS:
        raise ConfigurationError(f"reason has {len(octets)} octets, and at most 255 fit.")
    octets = bytes((len(octets),)) + octets
    return octets + bytes(-len(octets) & 3)


@cython.final
cdef class Goodbye(RtcpPacket):
    """A goodbye (BYE, 203): sources that leave, and perhaps why.

    Args (keywords only): ssrcs, at most 31 integers of 32 bits; reason, at most 255 octets, or None for none;
    padding_size 0 to 252, a multiple of 4.
    Raises: TypeError or ConfigurationError, naming the value at fault. Thread-safe. RFC 3550 6.6.
    """

    def __init__(self, *, ssrcs=(), reason=None, padding_size=0):
        cdef tuple members = argument_tuple(ssrcs, "ssrcs", MAX_SOURCES)
        cdef list words = [int(argument_unsigned(ssrc, "A member of ssrcs", 0xFFFFFFFF)).to_bytes(4, "big")
                           for ssrc in members]
        rtcp_packet_build(self, RTCP_BYE, <uint8_t>len(members), b"".join(words) + reason_octets(reason), padding_size)

    @property
    def ssrcs(self):
        """The sources that leave, a tuple."""
        cdef const uint8_t* data = rtcp_value_data(self)
        cdef int index
        return tuple([load_u32(data + RTCP_HEADER_OCTETS + 4 * index) for index in range(data[0] & 0x1F)])

    @property
    def reason(self):
        """Why they leave, octets that should be UTF-8; None when nothing is said."""
        cdef const uint8_t* data = rtcp_value_data(self)
        cdef uint32_t offset = RTCP_HEADER_OCTETS + 4 * (data[0] & 0x1F)
        if offset >= rtcp_packet_size(self):
            return None
        return rtcp_value_slice(self, offset + 1, offset + 1 + data[offset])

    def __repr__(self):
        return f"Goodbye(ssrcs={self.ssrcs}, reason={self.reason!r}, padding_size={self.padding_size})"
