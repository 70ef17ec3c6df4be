# Extended reports (RFC 3611 2): packets of blocks, which are read by type when they are asked for.
# A block of a type that has no class here keeps its octets.

from __future__ import annotations

cimport cython
from libc.stdint cimport uint8_t, uint32_t

from rtpcore.wire.argument cimport argument_tuple, argument_unsigned
from rtpcore.wire.octets cimport load_u16, load_u32
from rtpcore.wire.rtcp.compound cimport RTCP_OFFSET_SSRC, RTCP_XR
from rtpcore.wire.rtcp.packet cimport rtcp_packet_build, rtcp_packet_size
from rtpcore.wire.rtcp.value cimport rtcp_value_data, rtcp_value_octets
from rtpcore.wire.rtcp.xr_block cimport (XR_BLOCK_HEADER_OCTETS, XR_BLOCK_OFFSET_LENGTH, XR_DLRR, XR_DUPLICATE_RLE,
                                         XR_LOSS_RLE, XR_PACKET_RECEIPT_TIMES, XR_RECEIVER_REFERENCE_TIME,
                                         XR_STATISTICS_SUMMARY, XR_VOIP_METRICS, ExtendedReportBlock,
                                         UnknownReportBlock, xr_block_show)
from rtpcore.wire.rtcp.xr_statistics cimport statistics_read
from rtpcore.wire.rtcp.xr_time cimport dlrr_read, reference_time_read
from rtpcore.wire.rtcp.xr_trace cimport duplicate_rle_read, loss_rle_read, receipt_times_read
from rtpcore.wire.rtcp.xr_voip cimport voip_metrics_read
from rtpcore.wire.validity cimport PART_RTCP_BAD_BLOCK, validity_refuse


cdef enum:
    OFFSET_BLOCKS = 8
    MAX_BLOCKS = 0xFFFF         # more than any packet holds


cdef ExtendedReportBlock block_at(RtcpPacket packet, uint32_t offset, uint32_t size):
    cdef uint8_t block_type = packet.start[offset]
    cdef UnknownReportBlock unknown
    if block_type == XR_LOSS_RLE:
        return loss_rle_read(packet, offset, size)
    if block_type == XR_DUPLICATE_RLE:
        return duplicate_rle_read(packet, offset, size)
    if block_type == XR_PACKET_RECEIPT_TIMES:
        return receipt_times_read(packet, offset, size)
    if block_type == XR_RECEIVER_REFERENCE_TIME:
        return reference_time_read(packet, offset, size)
    if block_type == XR_DLRR:
        return dlrr_read(packet, offset, size)
    if block_type == XR_STATISTICS_SUMMARY:
        return statistics_read(packet, offset, size)
    if block_type == XR_VOIP_METRICS:
        return voip_metrics_read(packet, offset, size)
    unknown = UnknownReportBlock.__new__(UnknownReportBlock)
    xr_block_show(unknown, packet, offset, size)
    return unknown


@cython.final
cdef class ExtendedReport(RtcpPacket):
    """An extended report (XR, 207): what a participant knows beyond its sender or receiver reports.

    Args (keywords only): ssrc, 32 bits; blocks, ExtendedReportBlocks; padding_size 0 to 252, a multiple of 4.
    Raises: TypeError or ConfigurationError, naming the value at fault. Thread-safe. RFC 3611 2.
    """

    def __init__(self, *, ssrc, blocks=(), padding_size=0):
        cdef object head = argument_unsigned(ssrc, "ssrc", 0xFFFFFFFF)
        cdef tuple members = argument_tuple(blocks, "blocks", MAX_BLOCKS)
        for block in members:
            if not isinstance(block, ExtendedReportBlock):
                raise TypeError(f"A member of blocks is an ExtendedReportBlock, not {block!r}.")
        cdef bytes body = b"".join([rtcp_value_octets(<ExtendedReportBlock>block) for block in members])
        rtcp_packet_build(self, RTCP_XR, 0, head.to_bytes(4, "big") + body, padding_size)

    @property
    def ssrc(self):
        """The participant that sends the report."""
        return load_u32(rtcp_value_data(self) + RTCP_OFFSET_SSRC)

    @property
    def blocks(self):
        """The blocks, a tuple of ExtendedReportBlock.

        Raises: ParseError, RTCP_BAD_BLOCK at an octet of this packet, when a block does not fit or is not of its type's
        form.
        """
        cdef const uint8_t* data = rtcp_value_data(self)
        cdef uint32_t end = <uint32_t>rtcp_packet_size(self)
        cdef uint32_t offset = OFFSET_BLOCKS
        cdef uint32_t size
        cdef list blocks = []
        while offset < end:
            size = XR_BLOCK_HEADER_OCTETS + 4 * <uint32_t>load_u16(data + offset + XR_BLOCK_OFFSET_LENGTH)
            if size > end - offset:
                validity_refuse(PART_RTCP_BAD_BLOCK, f"A block of type {data[offset]} has {size} octets, and "
                                f"{end - offset} are left.", offset)
            blocks.append(block_at(self, offset, size))
            offset += size
        return tuple(blocks)

    def __repr__(self):
        # Not the blocks themselves, which need not be readable.
        return (f"ExtendedReport(ssrc={self.ssrc:#010x}, blocks=<{rtcp_packet_size(self) - OFFSET_BLOCKS} octets>, "
                f"padding_size={self.padding_size})")
