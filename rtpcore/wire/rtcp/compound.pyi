from typing_extensions import Buffer

from rtpcore.wire.validity import ParseReason

def validate_rtcp(datagram: Buffer, /, reduced_size: bool = False, encrypted: bool = False) -> ParseReason: ...
