"""The program of a host: plays phones, peers and attackers at given times, and tells what arrived. Needs no package.

Reads pairs of lines: what to play as JSON, answered by "ready" once all sockets are bound, and the moment to begin
(CLOCK_MONOTONIC, the same on all hosts), answered by what was sent and what arrived as JSON. All times in seconds.
"""

from __future__ import annotations

import errno
import gc
import json
import secrets
import select
import socket
import struct
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

MAGIC = b"\xd5nat"
STUN = bytes.fromhex("000100002112a442") + bytes(12)
JUNK = (
    b"",
    b"\x80",
    b"\r\n\r\n",
    bytes(12),
    bytes.fromhex("000100002112a442") + bytes(12),
    b"\x16\xfe\xfd" + bytes(30),
)
SETTLE_S = 0.12
SO_RCVBUFFORCE = 33


class Heard:
    """What a report says of the media that arrived on a pair of ports (RFC 3550 6.4.2)."""

    def __init__(self) -> None:
        self.ssrc = self.highest = self.report_middle = 0
        self.report_s = 0.0

    def note(self, octets: bytes, now_s: float) -> None:
        if octets[12:16] == MAGIC:
            sequence_number, self.ssrc = struct.unpack_from("!H4xI", octets, 2)
            self.highest = max(self.highest, sequence_number)
        elif len(octets) == 28 and octets[1] == 200:
            (self.report_middle,), self.report_s = struct.unpack_from("!I", octets, 10), now_s

    def report(self, ssrc: int) -> bytes:
        delay = round((time.monotonic() - self.report_s) * 65536) if self.report_middle else 0
        block = struct.pack("!6I", self.ssrc, 0, self.highest, 0, self.report_middle, delay)
        return struct.pack("!BBHI", 0x81, 201, 7, ssrc) + block


def media(talk: dict[str, Any], number: int, at_s: float, count: int, heard: Heard) -> bytes:
    """A datagram of a talk; who, in which call and which one stands in the payload, or in the report's time stamp."""
    kind = talk["kind"]
    ssrc = secrets.randbits(32) if talk["ssrc"] is None else talk["ssrc"]
    if kind == "rtp":
        clock = round((at_s - talk["epoch"]) / talk["every"]) * round(talk["every"] * 8000)
        head = struct.pack("!BBHII", 0x80, talk["payload_type"], number & 0xFFFF, (5000 + clock) & 0xFFFFFFFF, ssrc)
        mark = MAGIC + struct.pack("!BHI", talk["role"], talk["call"], number)
        return head + mark.ljust(talk["octets"], b"\xd5")
    if kind == "receiver":
        return heard.report(ssrc)
    if kind == "report":
        stamp = (talk["role"] << 24 | count + 1, number * 160)
        return struct.pack("!BBHIQIII", 0x80, 200, 6, ssrc, stamp[0] << 32, talk["call"], number, number * 160)
    return b"" if kind == "empty" else JUNK[count % len(JUNK)]


def internet_header(source: Any, to: Any, size: int, protocol: int) -> bytes:
    """The kernel fills in the checksum of what leaves, and nobody looks at that of what is quoted."""
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + size, 0, 0, 64, protocol, 0)
    return head + socket.inet_aton(source[0]) + socket.inet_aton(to[0])


def unreachable(sender: Any, receiver: Any) -> bytes:
    """ICMP: the port is closed to which that datagram was sent (RFC 792)."""
    quoted = internet_header(sender, receiver, 180, socket.IPPROTO_UDP)
    quoted += struct.pack("!HHHH", sender[1], receiver[1], 180, 0)
    total = 0x0303 + sum(struct.unpack(f"!{len(quoted) // 2}H", quoted))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return struct.pack("!BBHI", 3, 3, 0xFFFF - total, 0) + quoted


def read(octets: bytes) -> tuple[str, int, int, int] | None:
    """(kind, role, call, number) of a datagram that a host of the laboratory has made."""
    if len(octets) >= 23 and octets[12:16] == MAGIC:
        return ("rtp", *struct.unpack_from("!BHI", octets, 16))
    if len(octets) == 28 and octets[1] == 200:
        stamp, call = struct.unpack_from("!I4xI", octets, 8)
        return "report", stamp >> 24, call, stamp & 0xFFFFFF
    return None


def inside(windows: list[list[float]], at_s: float) -> bool:
    return any(begin <= at_s < end for begin, end in windows)


def moments(talk: dict[str, Any]) -> Iterator[tuple[float, int]]:
    """(when, number). Numbers stand still while it is mute, and go on while its network loses what it sends."""
    number = talk["first"]
    count = 0
    while (at_s := talk["start"] + count * talk["every"]) < talk["stop"] - 1e-9:
        count += 1
        if not inside(talk["mute"], at_s):
            if not inside(talk["missing"], at_s):
                yield at_s, number
            number += talk["step"]


class Host:
    """The sockets of one play and what happens on them."""

    def __init__(self, play: dict[str, Any]) -> None:
        self.play = play
        self.poll = select.epoll()
        self.sockets: dict[tuple[int, int], socket.socket] = {}
        self.ports: dict[int, tuple[int, int]] = {}
        self.sent: list[tuple[int, int, float, int]] = []
        self.arrivals: list[tuple[Any, ...]] = []
        self.heard: dict[int, Heard] = {}
        self.foreign = 0
        self.slip_s = 0.0
        self.raw: socket.socket | None = None
        for talk in play["talks"]:
            family = socket.AF_INET6 if ":" in talk["to"][0] else socket.AF_INET
            if talk["forged"] is None:
                for port in (talk["port"], *(port for _, port in talk["moves"])):
                    self.bind((family, port))
            elif self.raw is None:
                self.raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)

    def bind(self, key: tuple[int, int]) -> None:
        if key in self.sockets:
            return
        family, port = key
        udp = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        if family == socket.AF_INET6:
            udp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        udp.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 4 << 20)
        udp.bind(("", port))
        self.sockets[key] = udp
        self.ports[udp.fileno()] = key
        self.poll.register(udp, select.EPOLLIN)

    def close(self, key: tuple[int, int]) -> None:
        udp = self.sockets.pop(key)
        self.poll.unregister(udp)
        del self.ports[udp.fileno()]
        udp.close()

    def receive(self, fd: int, now_s: float) -> None:
        key = self.ports[fd]
        while True:
            try:
                octets, source = self.sockets[key].recvfrom(65536)
            except BlockingIOError:
                return
            except ConnectionError:
                continue
            self.heard.setdefault(key[1] & ~1, Heard()).note(octets, time.monotonic())
            found = read(octets)
            if found is None:
                self.foreign += 1
            else:
                self.arrivals.append((round(now_s, 4), key[1], *found, *source[:2]))

    def send(self, index: int, number: int, at_s: float, count: int) -> None:
        talk = self.play["talks"][index]
        octets = media(talk, number, at_s, count, self.heard.setdefault(talk["port"] & ~1, Heard()))
        to = tuple(talk["to"])
        error = 0
        try:
            if talk["forged"] is not None:
                self.forge(octets, talk["forged"], to, talk["kind"])
            else:
                port = next((port for when, port in reversed(talk["moves"]) if at_s >= when), talk["port"])
                family = socket.AF_INET6 if ":" in to[0] else socket.AF_INET
                self.sockets[family, port].sendto(octets, to)
        except OSError as problem:
            error = problem.errno or errno.EIO
        except KeyError:
            error = errno.EBADF
        self.sent.append((index, number, round(at_s, 4), error))

    def forge(self, octets: bytes, source: list[Any], to: tuple[Any, ...], kind: str) -> None:
        datagram = struct.pack("!HHHH", source[1], to[1], 8 + len(octets), 0) + octets
        if kind == "unreachable":
            datagram = unreachable(to, source)
        protocol = socket.IPPROTO_ICMP if kind == "unreachable" else socket.IPPROTO_UDP
        if self.raw is not None:
            self.raw.sendto(internet_header(source, to, len(datagram), protocol) + datagram, to)

    def run(self, begin_s: float) -> dict[str, Any]:
        """Everything at its time; what falls on one moment in the order of the talks."""
        queue = sorted(
            (at_s, index, number, count)
            for index, talk in enumerate(self.play["talks"])
            for count, (at_s, number) in enumerate(moments(talk))
        )
        closings = sorted(
            (when, bool(which), port)
            for port, windows in self.play["closed"].items()
            for window in windows
            for which, when in enumerate(window)
        )
        for at_s, index, number, count in queue:
            while closings and closings[0][0] <= at_s:
                when, opens, port = closings.pop(0)
                self.wait(begin_s + when, begin_s)
                (self.bind if opens else self.close)((socket.AF_INET, int(port)))
            self.wait(begin_s + at_s, begin_s)
            if self.play["talks"][index]["punctual"]:
                self.slip_s = max(self.slip_s, time.monotonic() - begin_s - at_s)
            self.send(index, number, at_s, count)
        self.wait(begin_s + self.play["end"] + SETTLE_S, begin_s)
        self.poll.close()
        for udp in self.sockets.values():
            udp.close()
        if self.raw is not None:
            self.raw.close()
        return {"sent": self.sent, "arrivals": self.arrivals, "foreign": self.foreign, "slip_s": self.slip_s}

    def wait(self, until_s: float, begin_s: float) -> None:
        """Take in what arrives until then."""
        left_s = until_s - time.monotonic()
        while True:
            for fd, _ in self.poll.poll(max(0.0, left_s)):
                with suppress(KeyError):
                    self.receive(fd, time.monotonic() - begin_s)
            left_s = until_s - time.monotonic()
            if left_s <= 0:
                return


def main() -> None:
    gc.disable()
    for line in sys.stdin:
        host = Host(json.loads(line))
        print("ready", flush=True)
        print(json.dumps(host.run(float(sys.stdin.readline()))), flush=True)
        gc.collect()


if __name__ == "__main__":
    main()
