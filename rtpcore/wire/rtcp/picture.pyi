from collections.abc import Iterable
from typing import final

from typing_extensions import Buffer

from rtpcore.wire.rtcp.value import RtcpValue

@final
class PictureLossIndication(RtcpValue):
    def __init__(self) -> None: ...

@final
class SliceLossIndication(RtcpValue):
    def __init__(self, *, slices: Iterable[tuple[int, int, int]]) -> None: ...
    @property
    def slices(self) -> tuple[tuple[int, int, int], ...]: ...

@final
class ReferencePictureSelection(RtcpValue):
    def __init__(self, *, payload_type: int, bit_string: Buffer, unused_bits: int = 0) -> None: ...
    @property
    def payload_type(self) -> int: ...
    @property
    def bit_string(self) -> bytes: ...
    @property
    def unused_bits(self) -> int: ...

@final
class FullIntraRequest(RtcpValue):
    def __init__(self, *, entries: Iterable[tuple[int, int]]) -> None: ...
    @property
    def entries(self) -> tuple[tuple[int, int], ...]: ...
