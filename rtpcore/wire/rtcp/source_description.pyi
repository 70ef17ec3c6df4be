from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import Any, final

from typing_extensions import Buffer

from rtpcore.wire.rtcp.packet import RtcpPacket
from rtpcore.wire.rtcp.value import RtcpValue

class SourceDescriptionItem(IntEnum):
    CNAME = 1
    NAME = 2
    EMAIL = 3
    PHONE = 4
    LOC = 5
    TOOL = 6
    NOTE = 7
    PRIV = 8

def private_item(prefix: Buffer, value: Buffer) -> tuple[int, bytes]: ...

@final
class SourceDescriptionChunk(RtcpValue):
    def __init__(self, ssrc: int, items: Iterable[tuple[int, Buffer]] = ()) -> None: ...
    @property
    def ssrc(self) -> int: ...
    @property
    def items(self) -> tuple[tuple[int, bytes], ...]: ...
    @property
    def cname(self) -> bytes | None: ...
    @property
    def private(self) -> tuple[tuple[bytes, bytes], ...]: ...
    def __iter__(self) -> Iterator[Any]: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class SourceDescription(RtcpPacket):
    def __init__(
        self,
        *,
        chunks: Iterable[SourceDescriptionChunk | tuple[int, Iterable[tuple[int, Buffer]]]] = (),
        padding_size: int = 0,
    ) -> None: ...
    @property
    def chunks(self) -> tuple[SourceDescriptionChunk, ...]: ...
