from collections.abc import Iterable
from typing import final

from typing_extensions import Buffer

from rtpcore.wire.rtcp.packet import RtcpPacket

@final
class Goodbye(RtcpPacket):
    def __init__(self, *, ssrcs: Iterable[int] = (), reason: Buffer | None = None, padding_size: int = 0) -> None: ...
    @property
    def ssrcs(self) -> tuple[int, ...]: ...
    @property
    def reason(self) -> bytes | None: ...
