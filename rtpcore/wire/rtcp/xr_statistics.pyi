from typing import TypeAlias, final

from rtpcore.wire.rtcp.xr_block import ExtendedReportBlock

_Four: TypeAlias = tuple[int, int, int, int]

@final
class StatisticsSummaryBlock(ExtendedReportBlock):
    def __init__(
        self,
        *,
        ssrc: int,
        begin_sequence_number: int,
        end_sequence_number: int,
        lost_packets: int | None = None,
        duplicate_packets: int | None = None,
        jitter: _Four | None = None,
        ttl: _Four | None = None,
        hop_limit: _Four | None = None,
    ) -> None: ...
    @property
    def ssrc(self) -> int: ...
    @property
    def begin_sequence_number(self) -> int: ...
    @property
    def end_sequence_number(self) -> int: ...
    @property
    def lost_packets(self) -> int | None: ...
    @property
    def duplicate_packets(self) -> int | None: ...
    @property
    def jitter(self) -> _Four | None: ...
    @property
    def ttl(self) -> _Four | None: ...
    @property
    def hop_limit(self) -> _Four | None: ...
