from typing import final

from typing_extensions import Buffer

from rtpcore.wire.rtcp.application_layer import ApplicationLayerFeedback, ReceiverEstimatedMaximumBitrate
from rtpcore.wire.rtcp.maximum_bit_rate import TemporaryMaximumBitRateNotification, TemporaryMaximumBitRateRequest
from rtpcore.wire.rtcp.nack import GenericNack
from rtpcore.wire.rtcp.packet import RtcpPacket
from rtpcore.wire.rtcp.picture import (
    FullIntraRequest,
    PictureLossIndication,
    ReferencePictureSelection,
    SliceLossIndication,
)
from rtpcore.wire.rtcp.transport_wide import TransportWideFeedback

class FeedbackPacket(RtcpPacket):
    @property
    def message_type(self) -> int: ...
    @property
    def ssrc(self) -> int: ...
    @property
    def media_ssrc(self) -> int: ...
    @property
    def fci(self) -> bytes: ...

@final
class TransportFeedback(FeedbackPacket):
    def __init__(
        self,
        *,
        ssrc: int,
        media_ssrc: int = 0,
        feedback: GenericNack
        | TemporaryMaximumBitRateRequest
        | TemporaryMaximumBitRateNotification
        | TransportWideFeedback
        | None = None,
        message_type: int | None = None,
        fci: Buffer = b"",
        padding_size: int = 0,
    ) -> None: ...
    @property
    def feedback(
        self,
    ) -> (
        GenericNack
        | TemporaryMaximumBitRateRequest
        | TemporaryMaximumBitRateNotification
        | TransportWideFeedback
        | bytes
    ): ...

@final
class PayloadFeedback(FeedbackPacket):
    def __init__(
        self,
        *,
        ssrc: int,
        media_ssrc: int = 0,
        feedback: PictureLossIndication
        | SliceLossIndication
        | ReferencePictureSelection
        | FullIntraRequest
        | ReceiverEstimatedMaximumBitrate
        | ApplicationLayerFeedback
        | None = None,
        message_type: int | None = None,
        fci: Buffer = b"",
        padding_size: int = 0,
    ) -> None: ...
    @property
    def feedback(
        self,
    ) -> (
        PictureLossIndication
        | SliceLossIndication
        | ReferencePictureSelection
        | FullIntraRequest
        | ReceiverEstimatedMaximumBitrate
        | ApplicationLayerFeedback
        | bytes
    ): ...
