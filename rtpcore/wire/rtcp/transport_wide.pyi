from collections.abc import Iterable
from enum import IntEnum
from typing import final

from rtpcore.wire.rtcp.value import RtcpValue

class PacketStatus(IntEnum):
    NOT_RECEIVED = 0
    SMALL_DELTA = 1
    LARGE_DELTA = 2

@final
class TransportWideFeedback(RtcpValue):
    def __init__(
        self,
        *,
        base_sequence_number: int,
        reference_time: int,
        feedback_packet_count: int,
        receive_deltas: Iterable[int | None],
    ) -> None: ...
    @property
    def base_sequence_number(self) -> int: ...
    @property
    def packet_status_count(self) -> int: ...
    @property
    def reference_time(self) -> int: ...
    @property
    def feedback_packet_count(self) -> int: ...
    @property
    def statuses(self) -> tuple[int, ...]: ...
    @property
    def receive_deltas(self) -> tuple[int | None, ...]: ...
