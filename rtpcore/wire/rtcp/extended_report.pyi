from collections.abc import Iterable
from typing import final

from rtpcore.wire.rtcp.packet import RtcpPacket
from rtpcore.wire.rtcp.xr_block import ExtendedReportBlock

@final
class ExtendedReport(RtcpPacket):
    def __init__(self, *, ssrc: int, blocks: Iterable[ExtendedReportBlock] = (), padding_size: int = 0) -> None: ...
    @property
    def ssrc(self) -> int: ...
    @property
    def blocks(self) -> tuple[ExtendedReportBlock, ...]: ...
