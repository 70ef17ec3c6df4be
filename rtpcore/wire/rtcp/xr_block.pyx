# One block of an extended report (RFC 3611 3) as a Python value, and the block of a type that has no class here.
#
#     |      BT       | type-specific |         block length          |   then the contents, of as many words

from __future__ import annotations

cimport cython
from libc.stdint cimport uint16_t

from rtpcore.errors import ConfigurationError
from rtpcore.wire.argument cimport argument_octets, argument_unsigned
from rtpcore.wire.octets cimport store_u16
from rtpcore.wire.rtcp.value cimport rtcp_value_build, rtcp_value_data, rtcp_value_show, rtcp_value_slice
from rtpcore.wire.validity cimport PART_RTCP_BAD_BLOCK, validity_refuse


cdef int xr_block_show(ExtendedReportBlock block, RtcpPacket packet, uint32_t offset, uint32_t size) except -1:
    return rtcp_value_show(block, packet.octets, packet.start + offset, size)


cdef int xr_block_refuse(str name, str needed, uint32_t offset, uint32_t size) except -1:
    cdef str sentence = f"A {name} block has {needed} octets, and this one has {size}."
    return validity_refuse(PART_RTCP_BAD_BLOCK, sentence, offset)


cdef int xr_block_build(ExtendedReportBlock block, uint8_t block_type, uint8_t type_specific, bytes contents) except -1:
    cdef Py_ssize_t words = len(contents) // 4
    if words > 0xFFFF:
        raise ConfigurationError(f"The block has {words} words after its header, and at most 65535 fit.")
    cdef uint8_t header[XR_BLOCK_HEADER_OCTETS]
    header[0] = block_type
    header[XR_BLOCK_OFFSET_TYPE_SPECIFIC] = type_specific
    store_u16(header + XR_BLOCK_OFFSET_LENGTH, <uint16_t>words)
    return rtcp_value_build(block, (<char*>header)[:XR_BLOCK_HEADER_OCTETS] + contents)


cdef class ExtendedReportBlock(RtcpValue):
    """One block of an extended report; immutable, and the base of every typed one. Thread-safe. RFC 3611 3."""

    @property
    def block_type(self):
        """The block type, 8 bits."""
        return rtcp_value_data(self)[0]

    @property
    def type_specific(self):
        """The 8 bits that each type uses as it likes."""
        return rtcp_value_data(self)[XR_BLOCK_OFFSET_TYPE_SPECIFIC]


@cython.final
cdef class UnknownReportBlock(ExtendedReportBlock):
    """A block of a type that has no class here, kept as it is.

    Args (keywords only): block_type 0 to 255, none of 1 to 7; type_specific, 8 bits; contents, any buffer with a
    multiple of 4 octets, which is everything after the header.
    Raises: TypeError or ConfigurationError, naming the value at fault. Thread-safe. RFC 3611 3.
    """

    def __init__(self, *, block_type, type_specific=0, contents=b""):
        cdef uint8_t kind = <uint8_t>argument_unsigned(block_type, "block_type", 0xFF)
        if XR_LOSS_RLE <= kind <= XR_VOIP_METRICS:
            raise ConfigurationError(f"block_type is {kind}, which has a class of its own.")
        cdef bytes octets = argument_octets(contents, "contents")
        if len(octets) & 3:
            raise ConfigurationError(f"contents has {len(octets)} octets, which is not a multiple of 4.")
        xr_block_build(self, kind, <uint8_t>argument_unsigned(type_specific, "type_specific", 0xFF), octets)

    @property
    def contents(self):
        """What follows the header."""
        return rtcp_value_slice(self, XR_BLOCK_HEADER_OCTETS, self.size)

    def __repr__(self):
        return (f"UnknownReportBlock(block_type={self.block_type}, type_specific={self.type_specific}, "
                f"contents={self.contents!r})")
