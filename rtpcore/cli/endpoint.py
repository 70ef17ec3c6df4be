"""One party of the demo: a pair of UDP sockets that sends numbered packets of one SSRC and notes what it hears.

The packets are made and compared here octet by octet, without the parsers of the relay that is put to the test.
"""

from __future__ import annotations

import errno
import socket
import struct
from dataclasses import dataclass, field

from rtpcore.events import Address

__all__ = ["PTIME_S", "Endpoint", "Heard"]

PTIME_S = 0.02
SAMPLES = 160
SENDER_REPORT = 200
FIRST_SEQUENCE_NUMBER = 65_400  # so that a call of three seconds wraps around
RECEIVE_OCTETS = 2048


def rtp(ssrc: int, number: int) -> bytes:
    """Packet `number` of a stream: PCMU, 20 ms, the number at the head of its payload."""
    sequence_number = (FIRST_SEQUENCE_NUMBER + number) & 0xFFFF
    header = struct.pack("!BBHII", 0x80, 0, sequence_number, (number * SAMPLES) & 0xFFFF_FFFF, ssrc)
    return header + struct.pack("!I", number).ljust(SAMPLES, b"\xd5")


def sender_report(ssrc: int, number: int, octets: int) -> bytes:
    """An RTCP sender report without report blocks (RFC 3550 6.4.1)."""
    return struct.pack("!BBHIQIII", 0x80, SENDER_REPORT, 6, ssrc, number << 32, number * SAMPLES, number, octets)


def bind_pair(host: str, port: int) -> tuple[socket.socket, socket.socket]:
    """Sockets on `port` and the next; on any other even port and its next where one of them is taken."""
    for first in (port, *(0 for _ in range(64))):
        media = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        control = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            media.bind((host, first))
            control.bind((host, media.getsockname()[1] ^ 1))
        except OSError as error:
            media.close()
            control.close()
            if error.errno != errno.EADDRINUSE:
                raise
        else:
            if media.getsockname()[1] % 2:
                media, control = control, media
            media.setblocking(False)
            control.setblocking(False)
            return media, control
    raise OSError(errno.EADDRINUSE, f"no two neighbouring UDP ports are free on {host}")


@dataclass
class Heard:
    """What one endpoint has heard of one SSRC."""

    media: int = 0
    reports: int = 0
    intact: set[int] = field(default_factory=set)
    """The numbers of the packets that arrived as they were sent."""


class Endpoint:
    """A party at `host`; it prefers `port`, RTCP on the next, and takes others where that is in use."""

    def __init__(self, host: str, port: int, ssrc: int) -> None:
        self.media, self.control = bind_pair(host, port)
        self.address: Address = self.media.getsockname()
        self.ssrc = ssrc
        self.sent = 0
        self.reports_sent = 0
        self.heard: dict[int, Heard] = {}
        self._next = 0

    def send_media(self, *targets: Address) -> None:
        """The next packet of the stream to each target."""
        packet = rtp(self.ssrc, self._next)
        for target in targets:
            self.media.sendto(packet, target)
        self._next += 1
        self.sent += len(targets)

    def send_report(self, *targets: Address) -> None:
        """A sender report to each target, from the RTCP port."""
        report = sender_report(self.ssrc, self._next, self._next * SAMPLES)
        for target in targets:
            self.control.sendto(report, target)
        self.reports_sent += len(targets)

    def receive(self) -> int:
        """Take in all that waits on both sockets; return how many datagrams that were."""
        count = 0
        for udp in (self.media, self.control):
            while True:
                try:
                    datagram = udp.recv(RECEIVE_OCTETS)
                except BlockingIOError:
                    break
                except ConnectionError:
                    continue
                self._note(datagram)
                count += 1
        return count

    def _note(self, datagram: bytes) -> None:
        if len(datagram) >= 8 and datagram[1] == SENDER_REPORT:
            heard = self.heard.setdefault(struct.unpack_from("!I", datagram, 4)[0], Heard())
            heard.reports += 1
        elif len(datagram) >= 16:
            ssrc, number = struct.unpack_from("!II", datagram, 8)
            heard = self.heard.setdefault(ssrc, Heard())
            heard.media += 1
            if datagram == rtp(ssrc, number):
                heard.intact.add(number)

    def heard_of(self, ssrc: int) -> Heard:
        """What it heard of that SSRC; all zero where nothing."""
        return self.heard.get(ssrc, Heard())

    def total_heard(self) -> int:
        """Datagrams heard of any SSRC, reports included."""
        return sum(heard.media + heard.reports for heard in self.heard.values())

    def close(self) -> None:
        """Close both sockets."""
        self.media.close()
        self.control.close()
