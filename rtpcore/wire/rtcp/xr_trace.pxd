# Report blocks on a range of sequence numbers (RFC 3611 4.1 to 4.3) as Python values; rtcp_extended_report makes them.

from libc.stdint cimport uint32_t

from rtpcore.wire.rtcp.packet cimport RtcpPacket
from rtpcore.wire.rtcp.xr_block cimport ExtendedReportBlock


cdef class SequenceRangeBlock(ExtendedReportBlock):
    pass


cdef class LossRleBlock(SequenceRangeBlock):
    pass


cdef class DuplicateRleBlock(SequenceRangeBlock):
    pass


cdef class PacketReceiptTimesBlock(SequenceRangeBlock):
    pass


# The block of size octets, header included, at offset of packet; ParseError when it is none.
cdef LossRleBlock loss_rle_read(RtcpPacket packet, uint32_t offset, uint32_t size)
cdef DuplicateRleBlock duplicate_rle_read(RtcpPacket packet, uint32_t offset, uint32_t size)
cdef PacketReceiptTimesBlock receipt_times_read(RtcpPacket packet, uint32_t offset, uint32_t size)
