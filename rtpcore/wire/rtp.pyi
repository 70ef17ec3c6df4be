from collections.abc import Iterable
from typing import TypedDict, final

from typing_extensions import Buffer, Unpack

class _Fields(TypedDict, total=False):
    payload_type: int
    sequence_number: int
    timestamp: int
    ssrc: int
    marker: bool
    csrcs: Iterable[int]
    extension_profile: int | None
    extension_data: Buffer
    extension_elements: Iterable[tuple[int, Buffer]] | None
    payload: Buffer
    padding_size: int

@final
class RtpPacket:
    def __init__(
        self,
        *,
        payload_type: int,
        sequence_number: int,
        timestamp: int,
        ssrc: int,
        marker: bool = False,
        csrcs: Iterable[int] = (),
        extension_profile: int | None = None,
        extension_data: Buffer = b"",
        extension_elements: Iterable[tuple[int, Buffer]] | None = None,
        payload: Buffer = b"",
        padding_size: int = 0,
    ) -> None: ...
    @staticmethod
    def parse(datagram: Buffer, /) -> RtpPacket: ...
    @property
    def version(self) -> int: ...
    @property
    def padding(self) -> bool: ...
    @property
    def extension(self) -> bool: ...
    @property
    def marker(self) -> bool: ...
    @property
    def payload_type(self) -> int: ...
    @property
    def sequence_number(self) -> int: ...
    @property
    def timestamp(self) -> int: ...
    @property
    def ssrc(self) -> int: ...
    @property
    def csrcs(self) -> tuple[int, ...]: ...
    @property
    def extension_profile(self) -> int | None: ...
    @property
    def extension_data(self) -> bytes: ...
    @property
    def extension_elements(self) -> tuple[tuple[int, bytes], ...]: ...
    @property
    def payload(self) -> memoryview: ...
    @property
    def padding_size(self) -> int: ...
    def serialize(self) -> bytes: ...
    def serialize_into(self, buffer: Buffer, /) -> int: ...
    def replace(self, **changes: Unpack[_Fields]) -> RtpPacket: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
