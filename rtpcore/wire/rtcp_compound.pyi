from typing_extensions import Buffer

from rtpcore.wire.rtcp_packet import RtcpPacket

def parse_rtcp(datagram: Buffer, reduced_size: bool = False) -> list[RtcpPacket]: ...
