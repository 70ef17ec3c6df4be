from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple, final

from typing_extensions import Buffer

from rtpcore.wire.rtcp_packet import RtcpPacket

class SourceDescriptionItem(IntEnum):
    CNAME = 1
    NAME = 2
    EMAIL = 3
    PHONE = 4
    LOC = 5
    TOOL = 6
    NOTE = 7
    PRIV = 8

class SourceDescriptionChunk(NamedTuple):
    ssrc: int
    items: tuple[tuple[int, bytes], ...]

@final
class SourceDescription(RtcpPacket):
    def __init__(
        self,
        *,
        chunks: Iterable[tuple[int, Iterable[tuple[int, Buffer]]]] = (),
        padding_size: int = 0,
    ) -> None: ...
    @property
    def chunks(self) -> tuple[SourceDescriptionChunk, ...]: ...
