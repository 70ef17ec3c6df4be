"""Sends RTP to ports of one host as fast as it can, until its input ends. Usage: flood.py HOST FIRST_PORT COUNT"""

from __future__ import annotations

import select
import socket
import sys


def main(host: str, first: int, count: int) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as udp:
        udp.bind((host, 0))
        print(udp.getsockname()[1], flush=True)
        sequence_number = 0
        while not select.select([sys.stdin], [], [], 0)[0]:
            for _ in range(64):
                sequence_number = (sequence_number + 1) & 0xFFFF
                packet = b"\x80\0" + sequence_number.to_bytes(2, "big") + bytes(7) + b"\x42" + b"audio"
                for port in range(first, first + count):
                    udp.sendto(packet, (host, port))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
