"""Sends datagrams of strangers to one port at a given rate, many a system call, until its input ends.

Usage: barrage.py KIND RATE HOST PORT PHONE_HOST PHONE_PORT SSRC. Prints "ready", then, at the end, what it sent.
"""

from __future__ import annotations

import ctypes
import json
import random
import select
import socket
import struct
import sys
import time
from collections.abc import Iterator

__all__ = ["FORGED", "KINDS"]

Address = tuple[str, int]

KINDS = {
    "stranger": "one source",
    "ports": "64 sources of one host",
    "hosts": "4,096 forged addresses and ports",
    "phone": "the phone's address, forged, with random SSRCs",
    "observer": "one source that knows the phone's SSRC",
}
FORGED = ("hosts", "phone")
"""Kinds that need root."""

BATCH = 64
BATCHES = 64
NAP_S = 0.0002
PAYLOAD = bytes(160)


class _Vector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("size", ctypes.c_size_t)]


class _Message(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_void_p),
        ("name_size", ctypes.c_uint32),
        ("vectors", ctypes.POINTER(_Vector)),
        ("vector_count", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_size", ctypes.c_size_t),
        ("flags", ctypes.c_int),
        ("sent", ctypes.c_uint32),
    ]


class Batch:
    """Datagrams that one system call sends from one socket."""

    def __init__(self, udp: socket.socket, datagrams: list[bytes]) -> None:
        self.udp = udp
        self._octets = [ctypes.create_string_buffer(datagram, len(datagram)) for datagram in datagrams]
        self._vectors = (_Vector * len(datagrams))()
        self.messages = (_Message * len(datagrams))()
        for octets, vector, message in zip(self._octets, self._vectors, self.messages, strict=True):
            vector.base, vector.size = ctypes.addressof(octets), len(octets)
            message.vectors, message.vector_count = ctypes.pointer(vector), 1

    def send(self, sendmmsg: ctypes._NamedFuncPointer) -> int:
        """How many of them were sent."""
        return max(0, int(sendmmsg(self.udp.fileno(), self.messages, len(self.messages), 0)))


def _rtp(ssrc: int) -> bytes:
    return struct.pack("!BBHII", 0x80, 0, random.getrandbits(16), random.getrandbits(32), ssrc) + PAYLOAD


def _forged(source: Address, to: Address, payload: bytes) -> bytes:
    size = 28 + len(payload)
    ends = socket.inet_aton(source[0]) + socket.inet_aton(to[0])
    header = struct.pack("!BBHHHBBH", 0x45, 0, size, 0, 0, 64, socket.IPPROTO_UDP, 0) + ends
    return header + struct.pack("!HHHH", source[1], to[1], size - 20, 0) + payload


def _stranger() -> Address:
    return f"127.{random.randint(200, 250)}.{random.randint(0, 255)}.{random.randint(1, 254)}", random.randint(
        1024, 65535
    )


def batches(kind: str, to: Address, phone: Address, ssrc: int) -> Iterator[Batch]:
    """What is sent in turn."""
    if kind in FORGED:
        raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
        raw.connect((to[0], 0))
        for _ in range(BATCHES):
            sources = [phone if kind == "phone" else _stranger() for _ in range(BATCH)]
            yield Batch(raw, [_forged(source, to, _rtp(random.getrandbits(32))) for source in sources])
        return
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(BATCHES if kind == "ports" else 1)]
    for udp in sockets:
        udp.bind(("127.0.0.66", 0))
        udp.connect(to)
        yield Batch(udp, [_rtp(ssrc if kind == "observer" else random.getrandbits(32)) for _ in range(BATCH)])


def main(kind: str, rate: int, to: Address, phone: Address, ssrc: int) -> None:
    """Send until standard input ends."""
    sendmmsg = ctypes.CDLL(None, use_errno=True).sendmmsg
    turns = list(batches(kind, to, phone, ssrc))
    print("ready", flush=True)
    sys.stdin.readline()
    start, sent, turn = time.monotonic(), 0, 0
    while True:
        now = time.monotonic()
        if sent >= rate * (now - start):
            time.sleep(NAP_S)
        else:
            sent += turns[turn % len(turns)].send(sendmmsg)
            turn += 1
        if turn % 16 == 0 and select.select([sys.stdin], [], [], 0)[0]:
            break
    print(json.dumps({"sent": sent, "seconds": time.monotonic() - start}), flush=True)


if __name__ == "__main__":
    main(
        sys.argv[1],
        int(sys.argv[2]),
        (sys.argv[3], int(sys.argv[4])),
        (sys.argv[5], int(sys.argv[6])),
        int(sys.argv[7]),
    )
