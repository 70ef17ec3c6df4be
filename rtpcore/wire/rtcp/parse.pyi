from collections.abc import Iterable

from typing_extensions import Buffer

from rtpcore.wire.rtcp.packet import RtcpPacket

def parse_rtcp(datagram: Buffer, reduced_size: bool = False) -> list[RtcpPacket]: ...
def serialize_rtcp(packets: Iterable[RtcpPacket], reduced_size: bool = False) -> bytes: ...
