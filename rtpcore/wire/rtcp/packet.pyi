from typing import final

from typing_extensions import Buffer

from rtpcore.wire.rtcp.value import RtcpValue

class RtcpPacket(RtcpValue):
    @property
    def packet_type(self) -> int: ...
    @property
    def count(self) -> int: ...
    @property
    def padding_size(self) -> int: ...

@final
class UnknownRtcp(RtcpPacket):
    def __init__(self, *, packet_type: int, count: int = 0, body: Buffer = b"", padding_size: int = 0) -> None: ...
    @property
    def body(self) -> bytes: ...
