"""Datagrams in the name of others, on loopback; needs root."""

from __future__ import annotations

import socket
import struct

from rtpcore.events import Address

__all__ = ["Forger"]


class Forger:
    """Sends from addresses that no socket here is bound to."""

    def __init__(self) -> None:
        self._raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)

    def sendto(self, octets: bytes, source: Address, destination: Address) -> None:
        size = 28 + len(octets)
        ends = socket.inet_aton(source[0]) + socket.inet_aton(destination[0])
        header = struct.pack("!BBHHHBBH", 0x45, 0, size, 0, 0, 64, socket.IPPROTO_UDP, 0) + ends
        header += struct.pack("!HHHH", source[1], destination[1], size - 20, 0)
        self._raw.sendto(header + octets, destination)

    def unreachable(self, closed: Address, relay: Address) -> None:
        """ICMP in the name of `closed`: nobody is there, to whom the relay has sent (RFC 792)."""
        ends = socket.inet_aton(relay[0]) + socket.inet_aton(closed[0])
        quoted = struct.pack("!BBHHHBBH", 0x45, 0, 200, 0, 0, 64, socket.IPPROTO_UDP, 0) + ends
        quoted += struct.pack("!HHHH", relay[1], closed[1], 180, 0)
        total = 0x0303 + sum(struct.unpack(f"!{len(quoted) // 2}H", quoted))
        while total >> 16:
            total = (total & 0xFFFF) + (total >> 16)
        message = struct.pack("!BBHI", 3, 3, 0xFFFF - total, 0) + quoted
        header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(message), 0, 0, 64, socket.IPPROTO_ICMP, 0)
        self._raw.sendto(header + socket.inet_aton(closed[0]) + socket.inet_aton(relay[0]) + message, (relay[0], 0))

    def close(self) -> None:
        self._raw.close()
