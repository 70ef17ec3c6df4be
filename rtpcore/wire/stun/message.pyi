from collections.abc import Iterable
from enum import IntEnum
from typing import Self, final

from typing_extensions import Buffer

from rtpcore.events import Address

BINDING: int

class StunClass(IntEnum):
    REQUEST = 0
    INDICATION = 1
    SUCCESS = 2
    ERROR = 3

class StunAttribute(IntEnum):
    MAPPED_ADDRESS = 0x0001
    USERNAME = 0x0006
    MESSAGE_INTEGRITY = 0x0008
    ERROR_CODE = 0x0009
    UNKNOWN_ATTRIBUTES = 0x000A
    REALM = 0x0014
    NONCE = 0x0015
    MESSAGE_INTEGRITY_SHA256 = 0x001C
    PASSWORD_ALGORITHM = 0x001D
    USERHASH = 0x001E
    XOR_MAPPED_ADDRESS = 0x0020
    PRIORITY = 0x0024
    USE_CANDIDATE = 0x0025
    FINGERPRINT = 0x8028
    ICE_CONTROLLED = 0x8029
    ICE_CONTROLLING = 0x802A

@final
class StunMessage:
    def __init__(
        self,
        message_class: StunClass,
        transaction_id: bytes,
        attributes: Iterable[tuple[int, bytes]] = (),
        *,
        method: int = 1,
    ) -> None: ...
    @classmethod
    def parse(cls, data: Buffer) -> Self: ...
    def serialize(self, password: str | None = None, *, fingerprint: bool = True) -> bytes: ...
    def is_authentic(self, password: str) -> bool: ...
    @property
    def message_class(self) -> StunClass: ...
    @property
    def method(self) -> int: ...
    @property
    def transaction_id(self) -> bytes: ...
    @property
    def attributes(self) -> tuple[tuple[int, bytes], ...]: ...
    @property
    def has_fingerprint(self) -> bool: ...
    @property
    def username(self) -> str | None: ...
    @property
    def priority(self) -> int | None: ...
    @property
    def use_candidate(self) -> bool: ...
    @property
    def error_code(self) -> int | None: ...
    @property
    def xor_mapped_address(self) -> Address | None: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __hash__(self) -> int: ...
