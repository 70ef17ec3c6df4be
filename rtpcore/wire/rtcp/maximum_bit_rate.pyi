from collections.abc import Iterable
from typing import final

from rtpcore.wire.rtcp.value import RtcpValue

@final
class TemporaryMaximumBitRateRequest(RtcpValue):
    def __init__(self, *, entries: Iterable[tuple[int, int, int]]) -> None: ...
    @property
    def entries(self) -> tuple[tuple[int, int, int], ...]: ...

@final
class TemporaryMaximumBitRateNotification(RtcpValue):
    def __init__(self, *, entries: Iterable[tuple[int, int, int]] = ()) -> None: ...
    @property
    def entries(self) -> tuple[tuple[int, int, int], ...]: ...
