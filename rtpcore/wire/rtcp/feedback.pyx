# Feedback packets (RFC 4585 6.1): RTPFB on the transport, PSFB on the payload. What they say is their feedback control
# information (FCI), which is read by message type when it is asked for; where that has no class here it stays octets.
#
#     |                  SSRC of packet sender                        |
#     |                  SSRC of media source                         |   then the FCI

from __future__ import annotations

cimport cython
from libc.stdint cimport uint8_t, uint32_t

from rtpcore.errors import ConfigurationError
from rtpcore.wire.argument cimport argument_octets, argument_unsigned
from rtpcore.wire.octets cimport load_u32, store_u32
from rtpcore.wire.rtcp.application_layer cimport (ApplicationLayerFeedback, ReceiverEstimatedMaximumBitrate,
                                                  application_layer_read)
from rtpcore.wire.rtcp.compound cimport RTCP_OFFSET_SSRC, RTCP_PSFB, RTCP_RTPFB, RTPFB_TRANSPORT_WIDE
from rtpcore.wire.rtcp.maximum_bit_rate cimport (TemporaryMaximumBitRateNotification, TemporaryMaximumBitRateRequest,
                                                 bit_rate_notification_read, bit_rate_request_read)
from rtpcore.wire.rtcp.nack cimport GenericNack, nack_read
from rtpcore.wire.rtcp.packet cimport rtcp_packet_build, rtcp_packet_size
from rtpcore.wire.rtcp.picture cimport (FullIntraRequest, PictureLossIndication, ReferencePictureSelection,
                                        SliceLossIndication, full_intra_read, picture_loss_read, reference_picture_read,
                                        slice_loss_read)
from rtpcore.wire.rtcp.transport_wide cimport TransportWideFeedback, transport_wide_read
from rtpcore.wire.rtcp.value cimport RtcpValue, rtcp_value_data, rtcp_value_octets, rtcp_value_slice


cdef enum:
    OFFSET_MEDIA_SSRC = 8
    OFFSET_FCI = 12


cdef uint32_t fci_size(FeedbackPacket packet) except? 0xFFFFFFFF:
    return <uint32_t>rtcp_packet_size(packet) - OFFSET_FCI


cdef int build(FeedbackPacket packet, uint8_t packet_type, uint8_t own, object ssrc, object media_ssrc, object feedback,
               object message_type, object fci, object padding_size) except -1:
    # own: the message type of feedback, which is None where message_type and fci are given instead.
    cdef bytes octets = argument_octets(fci, "fci")
    cdef uint8_t form = own
    if feedback is None:
        if message_type is None:
            raise ConfigurationError("Neither feedback nor message_type is given, and one of them is needed.")
        form = <uint8_t>argument_unsigned(message_type, "message_type", 0x1F)
    elif message_type is not None or octets:
        raise ConfigurationError("feedback is given with message_type or fci, and one excludes the other.")
    else:
        octets = rtcp_value_octets(<RtcpValue>feedback)
    if len(octets) & 3 and (packet_type != RTCP_RTPFB or form != RTPFB_TRANSPORT_WIDE):
        raise ConfigurationError(f"fci has {len(octets)} octets, which is not a multiple of 4.")
    cdef uint8_t head[8]
    store_u32(head, <uint32_t>argument_unsigned(ssrc, "ssrc", 0xFFFFFFFF))
    store_u32(head + 4, <uint32_t>argument_unsigned(media_ssrc, "media_ssrc", 0xFFFFFFFF))
    return rtcp_packet_build(packet, packet_type, form, (<char*>head)[:8] + octets, padding_size)


cdef class FeedbackPacket(RtcpPacket):
    """A feedback packet on the transport or on the payload, and the base of both; immutable. RFC 4585 6.1."""

    @property
    def message_type(self):
        """The feedback message type (FMT), five bits."""
        return rtcp_value_data(self)[0] & 0x1F

    @property
    def ssrc(self):
        """The source that sends the packet."""
        return load_u32(rtcp_value_data(self) + RTCP_OFFSET_SSRC)

    @property
    def media_ssrc(self):
        """The source that the feedback is about; 0 where the FCI names the sources."""
        return load_u32(rtcp_value_data(self) + OFFSET_MEDIA_SSRC)

    @property
    def fci(self):
        """The octets of the feedback control information, without padding."""
        return rtcp_value_slice(self, OFFSET_FCI, <uint32_t>rtcp_packet_size(self))

    def __repr__(self):
        return (f"{type(self).__name__}(ssrc={self.ssrc:#010x}, media_ssrc={self.media_ssrc:#010x}, "
                f"message_type={self.message_type}, fci={self.fci!r}, padding_size={self.padding_size})")


cdef uint8_t transport_message_type(object feedback) except 0xFF:
    if feedback is None:
        return 0
    if isinstance(feedback, GenericNack):
        return RTPFB_NACK
    if isinstance(feedback, TemporaryMaximumBitRateRequest):
        return RTPFB_TMMBR
    if isinstance(feedback, TemporaryMaximumBitRateNotification):
        return RTPFB_TMMBN
    if isinstance(feedback, TransportWideFeedback):
        return RTPFB_TRANSPORT_WIDE
    raise TypeError(f"feedback is a GenericNack or another of the transport, not {feedback!r}.")


@cython.final
cdef class TransportFeedback(FeedbackPacket):
    """Feedback on the transport (RTPFB, 205).

    Args (keywords only): ssrc and media_ssrc, 32 bits; feedback, one of GenericNack, TemporaryMaximumBitRateRequest,
    TemporaryMaximumBitRateNotification and TransportWideFeedback, or instead of it message_type, 0 to 31, and fci, any
    buffer with a multiple of 4 octets; padding_size 0 to 252, a multiple of 4. Message type 15 may have an fci of any
    size, with a padding_size that fills the word.
    Raises: TypeError or ConfigurationError, naming the value at fault. Thread-safe. RFC 4585 6.2.
    """

    def __init__(self, *, ssrc, media_ssrc=0, feedback=None, message_type=None, fci=b"", padding_size=0):
        build(self, RTCP_RTPFB, transport_message_type(feedback), ssrc, media_ssrc, feedback, message_type, fci,
              padding_size)

    @property
    def feedback(self):
        """The FCI as the class of its message type, or its octets where that has none.

        Raises: ParseError, RTCP_BAD_FEEDBACK at an octet of this packet, when the FCI is not of that type's form.
        """
        cdef uint8_t form = rtcp_value_data(self)[0] & 0x1F
        if form == RTPFB_NACK:
            return nack_read(self, OFFSET_FCI, fci_size(self))
        if form == RTPFB_TRANSPORT_WIDE:
            return transport_wide_read(self, OFFSET_FCI, fci_size(self))
        if form == RTPFB_TMMBR:
            return bit_rate_request_read(self, OFFSET_FCI, fci_size(self))
        if form == RTPFB_TMMBN:
            return bit_rate_notification_read(self, OFFSET_FCI, fci_size(self))
        return self.fci


cdef uint8_t payload_message_type(object feedback) except 0xFF:
    if feedback is None:
        return 0
    if isinstance(feedback, PictureLossIndication):
        return PSFB_PLI
    if isinstance(feedback, SliceLossIndication):
        return PSFB_SLI
    if isinstance(feedback, ReferencePictureSelection):
        return PSFB_RPSI
    if isinstance(feedback, FullIntraRequest):
        return PSFB_FIR
    if isinstance(feedback, (ReceiverEstimatedMaximumBitrate, ApplicationLayerFeedback)):
        return PSFB_AFB
    raise TypeError(f"feedback is a PictureLossIndication or another of the payload, not {feedback!r}.")


@cython.final
cdef class PayloadFeedback(FeedbackPacket):
    """Feedback on the payload (PSFB, 206).

    Args (keywords only): ssrc and media_ssrc, 32 bits; feedback, one of PictureLossIndication, SliceLossIndication,
    ReferencePictureSelection, FullIntraRequest, ReceiverEstimatedMaximumBitrate and ApplicationLayerFeedback, or
    instead of it message_type, 0 to 31, and fci, any buffer with a multiple of 4 octets; padding_size 0 to 252, a
    multiple of 4.
    Raises: TypeError or ConfigurationError, naming the value at fault. Thread-safe. RFC 4585 6.3.
    """

    def __init__(self, *, ssrc, media_ssrc=0, feedback=None, message_type=None, fci=b"", padding_size=0):
        build(self, RTCP_PSFB, payload_message_type(feedback), ssrc, media_ssrc, feedback, message_type, fci,
              padding_size)

    @property
    def feedback(self):
        """The FCI as the class of its message type, or its octets where that has none.

        Raises: ParseError, RTCP_BAD_FEEDBACK at an octet of this packet, when the FCI is not of that type's form.
        """
        cdef uint8_t form = rtcp_value_data(self)[0] & 0x1F
        if form == PSFB_PLI:
            return picture_loss_read(self, OFFSET_FCI, fci_size(self))
        if form == PSFB_SLI:
            return slice_loss_read(self, OFFSET_FCI, fci_size(self))
        if form == PSFB_RPSI:
            return reference_picture_read(self, OFFSET_FCI, fci_size(self))
        if form == PSFB_FIR:
            return full_intra_read(self, OFFSET_FCI, fci_size(self))
        if form == PSFB_AFB:
            return application_layer_read(self, OFFSET_FCI, fci_size(self))
        return self.fci
