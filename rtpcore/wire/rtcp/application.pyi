from typing import final

from typing_extensions import Buffer

from rtpcore.wire.rtcp.packet import RtcpPacket

@final
class ApplicationDefined(RtcpPacket):
    def __init__(
        self, *, ssrc: int, name: Buffer, subtype: int = 0, data: Buffer = b"", padding_size: int = 0
    ) -> None: ...
    @property
    def subtype(self) -> int: ...
    @property
    def ssrc(self) -> int: ...
    @property
    def name(self) -> bytes: ...
    @property
    def data(self) -> bytes: ...
