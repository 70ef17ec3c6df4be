from collections.abc import Iterable
from typing import final

from rtpcore.wire.rtcp.value import RtcpValue

@final
class GenericNack(RtcpValue):
    def __init__(self, *, lost: Iterable[int] = (), entries: Iterable[tuple[int, int]] = ()) -> None: ...
    @property
    def entries(self) -> tuple[tuple[int, int], ...]: ...
    @property
    def lost(self) -> tuple[int, ...]: ...
