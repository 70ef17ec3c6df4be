"""Two parties of a call, apart from the relay's process. Usage: call.py HOST SECONDS

Prints the two addresses; reads the leg that the first one sends to; prints [sent_s, arrived_s or null] of each packet,
on the monotonic clock.
"""

from __future__ import annotations

import json
import selectors
import socket
import sys
import time

INTERVAL_S = 0.005


def main(host: str, duration_s: float) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as speaker, socket.socket(type=socket.SOCK_DGRAM) as listener:
        speaker.bind((host, 0))
        listener.bind((host, 0))
        listener.setblocking(False)
        print(json.dumps([speaker.getsockname(), listener.getsockname()]), flush=True)
        leg = tuple(json.loads(sys.stdin.readline()))
        print(json.dumps(talk(speaker, listener, leg, duration_s)), flush=True)


def talk(
    speaker: socket.socket, listener: socket.socket, leg: tuple[str, int], duration_s: float
) -> list[tuple[float, float | None]]:
    sent: list[float] = []
    arrived: dict[int, float] = {}
    start = due = time.monotonic()
    with selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        while (now := time.monotonic()) < start + duration_s or (len(arrived) < len(sent) and now < due + 2):
            if now >= due and now < start + duration_s:
                number = len(sent)
                sent.append(now)
                speaker.sendto(b"\x80\0" + number.to_bytes(2, "big") + bytes(8) + b"audio", leg)
                due = now + INTERVAL_S
            if selector.select(max(0.0, due - time.monotonic()) if now < start + duration_s else 0.1):
                arrived[int.from_bytes(listener.recv(2000)[2:4], "big")] = time.monotonic()
    return [(when, arrived.get(number)) for number, when in enumerate(sent)]


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
