# Application layer feedback (RFC 4585 6.4) as Python values, and the one kind that all browsers know:
# the receiver estimated maximum bitrate (draft-alvestrand-rmcat-remb-03 2.2).
#
#     |  Unique identifier 'R' 'E' 'M' 'B'                            |
#     |  Num SSRC     | BR Exp    |  BR Mantissa                      |   then the SSRCs

from __future__ import annotations

cimport cython
from libc.stdint cimport uint8_t
from libc.string cimport memcmp

from rtpcore.errors import ConfigurationError
from rtpcore.wire.argument cimport argument_octets, argument_tuple, argument_unsigned
from rtpcore.wire.octets cimport load_u24, load_u32
from rtpcore.wire.rtcp.maximum_bit_rate cimport bit_rate_split
from rtpcore.wire.rtcp.value cimport rtcp_value_build, rtcp_value_data, rtcp_value_octets, rtcp_value_show
from rtpcore.wire.validity cimport PART_RTCP_BAD_FEEDBACK, validity_refuse


cdef enum:
    OFFSET_SSRC_COUNT = 4
    OFFSET_BIT_RATE = 5
    OFFSET_SSRCS = 8
    MANTISSA_BITS = 18
    MAX_SSRCS = 255


cdef bint is_remb(const uint8_t* fci, uint32_t size) noexcept:
    return size >= 4 and memcmp(fci, b"REMB", 4) == 0


cdef RtcpValue application_layer_read(RtcpPacket packet, uint32_t offset, uint32_t size):
    cdef const uint8_t* fci = packet.start + offset
    cdef RtcpValue feedback
    if is_remb(fci, size):
        if size < OFFSET_SSRCS or size != OFFSET_SSRCS + 4 * <uint32_t>fci[OFFSET_SSRC_COUNT]:
            validity_refuse(PART_RTCP_BAD_FEEDBACK, "A receiver estimated maximum bitrate has 8 octets and 4 an SSRC, "
                            f"and this one has {size}.", offset)
        feedback = ReceiverEstimatedMaximumBitrate.__new__(ReceiverEstimatedMaximumBitrate)
    else:
        feedback = ApplicationLayerFeedback.__new__(ApplicationLayerFeedback)
    rtcp_value_show(feedback, packet.octets, fci, size)
    return feedback


@cython.final
cdef class ReceiverEstimatedMaximumBitrate(RtcpValue):
    """The feedback (PSFB, message type 15, REMB) how much a receiver thinks it can receive.

    Args (keywords only): bit_rate in bits/s, of which the highest 18 bits are kept; ssrcs, at most 255 integers of 32
    bits.
    Raises: TypeError or ConfigurationError, naming the value at fault. Thread-safe. draft-alvestrand-rmcat-remb-03 2.2.
    """

    def __init__(self, *, bit_rate, ssrcs=()):
        cdef uint32_t mantissa
        cdef uint8_t exponent
        bit_rate_split(bit_rate, MANTISSA_BITS, &mantissa, &exponent)
        cdef tuple members = argument_tuple(ssrcs, "ssrcs", MAX_SSRCS)
        cdef bytes rate = int(<uint32_t>exponent << MANTISSA_BITS | mantissa).to_bytes(3, "big")
        cdef list words = [int(argument_unsigned(ssrc, "A member of ssrcs", 0xFFFFFFFF)).to_bytes(4, "big")
                           for ssrc in members]
        rtcp_value_build(self, b"REMB" + bytes((len(members),)) + rate + b"".join(words))

    @property
    def bit_rate(self):
        """The estimate, in bits/s."""
        cdef uint32_t rate = load_u24(rtcp_value_data(self) + OFFSET_BIT_RATE)
        cdef object mantissa = rate & 0x3FFFF
        return mantissa << (rate >> MANTISSA_BITS)

    @property
    def ssrcs(self):
        """The media senders that it is about, a tuple."""
        cdef const uint8_t* data = rtcp_value_data(self)
        cdef int index
        return tuple([load_u32(data + OFFSET_SSRCS + 4 * index) for index in range(data[OFFSET_SSRC_COUNT])])

    def __repr__(self):
        return f"ReceiverEstimatedMaximumBitrate(bit_rate={self.bit_rate}, ssrcs={self.ssrcs})"


@cython.final
cdef class ApplicationLayerFeedback(RtcpValue):
    """The feedback (PSFB, message type 15, AFB) of an application, kept as it is.

    Args (keywords only): data, any buffer with a multiple of 4 octets that does not begin with "REMB".
    Raises: TypeError or ConfigurationError, naming the value at fault. Thread-safe. RFC 4585 6.4.
    """

    def __init__(self, *, data):
        cdef bytes octets = argument_octets(data, "data")
        if len(octets) & 3:
            raise ConfigurationError(f"data has {len(octets)} octets, which is not a multiple of 4.")
        if octets.startswith(b"REMB"):
            raise ConfigurationError("data begins with REMB, which has a class of its own.")
        rtcp_value_build(self, octets)

    @property
    def data(self):
        """What the application has to say."""
        return rtcp_value_octets(self)

    def __repr__(self):
        return f"ApplicationLayerFeedback(data={self.data!r})"
