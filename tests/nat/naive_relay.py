"""A relay as none should be: whoever sends first to a port gets its media. It shows that the attack is a real one."""

from __future__ import annotations

import argparse
import select
import socket
import sys


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("host")
    parser.add_argument("ports", type=int, nargs=2)
    options = parser.parse_args()
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in options.ports]
    for udp, port in zip(sockets, options.ports, strict=True):
        udp.bind((options.host, port))
    other = {sockets[0]: sockets[1], sockets[1]: sockets[0]}
    latched: dict[socket.socket, tuple[str, int]] = {}
    print("ready", flush=True)
    while True:
        ready, _, _ = select.select([*sockets, sys.stdin], [], [])
        if sys.stdin in ready:
            break
        for udp in other.keys() & ready:
            data, source = udp.recvfrom(2048)
            if udp not in latched:
                latched[udp] = source
                print(udp.getsockname()[1], *source, flush=True)
            if other[udp] in latched and latched[udp] == source:
                other[udp].sendto(data, latched[other[udp]])
    print("{}", flush=True)


if __name__ == "__main__":
    main()
