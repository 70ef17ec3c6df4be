from typing import final

from typing_extensions import Buffer

from rtpcore.wire.rtcp.value import RtcpValue

class ExtendedReportBlock(RtcpValue):
    @property
    def block_type(self) -> int: ...
    @property
    def type_specific(self) -> int: ...

@final
class UnknownReportBlock(ExtendedReportBlock):
    def __init__(self, *, block_type: int, type_specific: int = 0, contents: Buffer = b"") -> None: ...
    @property
    def contents(self) -> bytes: ...
