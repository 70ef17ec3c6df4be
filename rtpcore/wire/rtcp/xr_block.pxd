# One block of an extended report (RFC 3611 3) as a Python value, which every typed block is.

from libc.stdint cimport uint8_t, uint32_t

from rtpcore.wire.rtcp.packet cimport RtcpPacket
from rtpcore.wire.rtcp.value cimport RtcpValue


cdef enum:
    XR_BLOCK_HEADER_OCTETS = 4
    XR_BLOCK_OFFSET_TYPE_SPECIFIC = 1
    XR_BLOCK_OFFSET_LENGTH = 2
    XR_LOSS_RLE = 1
    XR_DUPLICATE_RLE = 2
    XR_PACKET_RECEIPT_TIMES = 3
    XR_RECEIVER_REFERENCE_TIME = 4
    XR_DLRR = 5
    XR_STATISTICS_SUMMARY = 6
    XR_VOIP_METRICS = 7


cdef class ExtendedReportBlock(RtcpValue):
    pass


cdef class UnknownReportBlock(ExtendedReportBlock):
    pass


# Makes a block of __new__ show size octets, header included, at offset of packet.
cdef int xr_block_show(ExtendedReportBlock block, RtcpPacket packet, uint32_t offset, uint32_t size) except -1
# The ParseError of a block that does not have the octets that its type needs, always.
cdef int xr_block_refuse(str name, str needed, uint32_t offset, uint32_t size) except -1
# What constructors end with: header and contents, a multiple of 4 octets.
cdef int xr_block_build(ExtendedReportBlock block, uint8_t block_type, uint8_t type_specific, bytes contents) except -1
