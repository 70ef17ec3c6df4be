from enum import IntEnum

class AddressClass(IntEnum):
    GLOBAL = 0
    PRIVATE = 1
    SHARED = 2
    LINK_LOCAL = 3
    UNIQUE_LOCAL = 4
    LOOPBACK = 5
    FORBIDDEN = 6

def normalise_address(address: tuple[str, int], /) -> tuple[str, int]: ...
def classify_address(host: str, /) -> AddressClass: ...
def same_prefix(host: str, other: str, /, prefix4: int = 32, prefix6: int = 64) -> bool: ...
