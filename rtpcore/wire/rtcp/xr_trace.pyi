from collections.abc import Iterable
from typing import final

from rtpcore.wire.rtcp.xr_block import ExtendedReportBlock

class SequenceRangeBlock(ExtendedReportBlock):
    @property
    def ssrc(self) -> int: ...
    @property
    def thinning(self) -> int: ...
    @property
    def begin_sequence_number(self) -> int: ...
    @property
    def end_sequence_number(self) -> int: ...

@final
class LossRleBlock(SequenceRangeBlock):
    def __init__(
        self,
        *,
        ssrc: int,
        begin_sequence_number: int,
        end_sequence_number: int,
        trace: Iterable[bool],
        thinning: int = 0,
    ) -> None: ...
    @property
    def chunks(self) -> tuple[int, ...]: ...
    @property
    def trace(self) -> tuple[bool, ...]: ...
    @property
    def lost(self) -> tuple[int, ...]: ...

@final
class DuplicateRleBlock(SequenceRangeBlock):
    def __init__(
        self,
        *,
        ssrc: int,
        begin_sequence_number: int,
        end_sequence_number: int,
        trace: Iterable[bool],
        thinning: int = 0,
    ) -> None: ...
    @property
    def chunks(self) -> tuple[int, ...]: ...
    @property
    def trace(self) -> tuple[bool, ...]: ...
    @property
    def duplicated(self) -> tuple[int, ...]: ...

@final
class PacketReceiptTimesBlock(SequenceRangeBlock):
    def __init__(
        self,
        *,
        ssrc: int,
        begin_sequence_number: int,
        end_sequence_number: int,
        receipt_times: Iterable[int],
        thinning: int = 0,
    ) -> None: ...
    @property
    def receipt_times(self) -> tuple[int, ...]: ...
