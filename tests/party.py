"""One end of a call on loopback, and what tests that relay for real share: hosts of their own, waiting, counting."""

from __future__ import annotations

import errno
import itertools
import os
import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self

import rtpcore

LIMIT_S = 10.0
PORTS = range(40000, 40400)
PAYLOAD = bytes(range(160))

Address = tuple[str, int]
_hosts = itertools.count(1)
_ssrcs = itertools.count(0x1000)


def own_host() -> str:
    """A host of 127.0.0.0/8 that nobody else uses, so that every port of it is free."""
    number, process = next(_hosts), os.getpid()
    return f"127.{64 + (process >> 8) % 128}.{process & 255}.{number % 254 + 1}"


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def descriptors() -> int:
    """How many this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


def wait_until(condition: Callable[[], bool], what: str = "it did not come to pass") -> None:
    end = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.002)


class Party:
    """RTP on an even port, RTCP on the next; numbers its packets. A context manager."""

    def __init__(self, host: str | None = None, *, mux: bool = False) -> None:
        self.ssrc = next(_ssrcs)
        self.sequence_number = 100
        self.mux = mux
        self.rtp, self.rtcp = _pair(own_host() if host is None else host)
        for udp in (self.rtp, self.rtcp):
            udp.settimeout(LIMIT_S)
        self.address: Address = self.rtp.getsockname()[:2]
        self.rtcp_address: Address = self.address if mux else self.rtcp.getsockname()[:2]

    def packet(self, payload: bytes = PAYLOAD, ssrc: int | None = None) -> bytes:
        """The next RTP packet."""
        self.sequence_number = (self.sequence_number + 1) & 0xFFFF
        timestamp = self.sequence_number * 160
        ssrc = self.ssrc if ssrc is None else ssrc
        return struct.pack("!BBHII", 0x80, 0, self.sequence_number, timestamp, ssrc) + payload

    def report(self) -> bytes:
        """A sender report without blocks."""
        return struct.pack("!BBHIQIII", 0x80, 200, 6, self.ssrc, 1 << 40, self.sequence_number * 160, 1, 160)

    def send(self, to: Address, count: int = 1) -> list[bytes]:
        sent = [self.packet() for _ in range(count)]
        for octets in sent:
            self.rtp.sendto(octets, to)
        return sent

    def send_report(self, to: Address) -> bytes:
        octets = self.report()
        (self.rtp if self.mux else self.rtcp).sendto(octets, to)
        return octets

    def receive(self, count: int = 1) -> list[bytes]:
        return [self.receive_from()[0] for _ in range(count)]

    def receive_from(self) -> tuple[bytes, Address]:
        octets, source = self.rtp.recvfrom(65536)
        return octets, source[:2]

    def receive_report(self) -> tuple[bytes, Address]:
        octets, source = (self.rtp if self.mux else self.rtcp).recvfrom(65536)
        return octets, source[:2]

    def waiting(self) -> int:
        """Reads and counts what has arrived on both ports."""
        count = 0
        for udp in (self.rtp, self.rtcp):
            udp.setblocking(False)
            with suppress(BlockingIOError):
                while udp.recv(65536) is not None:
                    count += 1
            udp.settimeout(LIMIT_S)
        return count

    def close(self) -> None:
        self.rtp.close()
        self.rtcp.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _pair(host: str) -> tuple[socket.socket, socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for _ in range(200):
        first, second = (socket.socket(family, socket.SOCK_DGRAM) for _ in range(2))
        try:
            first.bind((host, 0))
            port = first.getsockname()[1]
            if port % 2 == 0:
                second.bind((host, port + 1))
                return first, second
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
        first.close()
        second.close()
    raise AssertionError(f"no pair of ports is free on {host}.")


def answer(leg: rtpcore.Leg, party: Party) -> None:
    """Publishes the leg and signals the party's own addresses."""
    leg.publish()
    leg.signal("answer", declared=party.address, rtcp=party.rtcp_address, rtcp_mux=party.mux)


def connect(session: rtpcore.Session, *parties: Party) -> list[rtpcore.Leg]:
    """One answered leg a party, named "0", "1" and so on."""
    legs = [session.add_leg(str(index)) for index in range(len(parties))]
    for leg, party in zip(legs, parties, strict=True):
        answer(leg, party)
    return legs


def conserved(stats: rtpcore.LegStats) -> bool:
    """Every packet received was forwarded, dropped for a reason, or is held."""
    return stats.received == stats.forwarded + sum(stats.dropped.values()) + stats.holding
