from collections.abc import Iterable
from typing import final

from rtpcore.wire.rtcp.xr_block import ExtendedReportBlock

@final
class ReceiverReferenceTimeBlock(ExtendedReportBlock):
    def __init__(self, *, ntp_timestamp: int) -> None: ...
    @property
    def ntp_timestamp(self) -> int: ...

@final
class DlrrBlock(ExtendedReportBlock):
    def __init__(self, *, entries: Iterable[tuple[int, int, int]]) -> None: ...
    @property
    def entries(self) -> tuple[tuple[int, int, int], ...]: ...
