# Feedback on pictures (RFC 4585 6.3.1 to 6.3.3, RFC 5104 4.3.1) as Python values; rtcp_feedback makes them.

from libc.stdint cimport uint32_t

from rtpcore.wire.rtcp.packet cimport RtcpPacket
from rtpcore.wire.rtcp.value cimport RtcpValue


cdef class PictureLossIndication(RtcpValue):
    pass


cdef class SliceLossIndication(RtcpValue):
    pass


cdef class ReferencePictureSelection(RtcpValue):
    pass


cdef class FullIntraRequest(RtcpValue):
    pass


# The FCI of size octets at offset of packet, without padding; ParseError when it is none.
cdef PictureLossIndication picture_loss_read(RtcpPacket packet, uint32_t offset, uint32_t size)
cdef SliceLossIndication slice_loss_read(RtcpPacket packet, uint32_t offset, uint32_t size)
cdef ReferencePictureSelection reference_picture_read(RtcpPacket packet, uint32_t offset, uint32_t size)
cdef FullIntraRequest full_intra_read(RtcpPacket packet, uint32_t offset, uint32_t size)
