from enum import IntEnum

from typing_extensions import Buffer

class PacketKind(IntEnum):
    UNKNOWN = 0
    RTP = 1
    RTCP = 2
    STUN = 3
    DTLS = 4
    ZRTP = 5
    CHANNEL_DATA = 6

def classify(datagram: Buffer, /) -> PacketKind: ...
