from collections.abc import Iterable
from typing import final

from typing_extensions import Buffer

from rtpcore.wire.rtcp.value import RtcpValue

@final
class ReceiverEstimatedMaximumBitrate(RtcpValue):
    def __init__(self, *, bit_rate: int, ssrcs: Iterable[int] = ()) -> None: ...
    @property
    def bit_rate(self) -> int: ...
    @property
    def ssrcs(self) -> tuple[int, ...]: ...

@final
class ApplicationLayerFeedback(RtcpValue):
    def __init__(self, *, data: Buffer) -> None: ...
    @property
    def data(self) -> bytes: ...
