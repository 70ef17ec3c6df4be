"""One UDP endpoint, a program of its own: sends numbered RTP packets at a steady pace and reports what it received.

Says "ready" once bound and "sent" after its last packet; the end of its input stops it, and its last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import select
import socket
import struct
import sys
import time
from typing import Any

INTERVAL_NS = 20_000_000
REPORT_EVERY = 10  # packets between two sender reports


def address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host, int(port)


def rtp(ssrc: int, number: int) -> bytes:
    header = struct.pack("!BBHII", 0x80, 0, number & 0xFFFF, (number * 160) & 0xFFFFFFFF, ssrc)
    return header + struct.pack("!I", number).ljust(160, b"\xd5")


def sender_report(ssrc: int, number: int) -> bytes:
    return struct.pack("!BBHIQIII", 0x80, 200, 6, ssrc, number << 32, number * 160, number, number * 160)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--bind", type=address, required=True)
    parser.add_argument("--ssrc", type=int, required=True)
    parser.add_argument("--count", type=int, default=0)
    parser.add_argument("--rtcp", action="store_true")
    parser.add_argument("--listen-first", action="store_true", help="say nothing until something was heard")
    parser.add_argument("to", type=address, nargs="+")
    options = parser.parse_args()

    media = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    media.bind(options.bind)
    control = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    control.bind((options.bind[0], options.bind[1] + 1))
    print("ready", flush=True)

    numbers: dict[int, list[int]] = {}
    reports: dict[int, int] = {}
    sources: set[tuple[str, int]] = set()
    sent = 0
    due = 0
    while True:
        sending = (not options.count or sent < options.count) and (numbers or not options.listen_first)
        timeout = max(0, due - time.monotonic_ns()) / 1e9 if sending else None
        ready, _, _ = select.select([media, control, sys.stdin], [], [], timeout)
        for readable in ready:
            if readable is media:
                data, source = media.recvfrom(2048)
                ssrc, number = struct.unpack_from("!II", data, 8)
                numbers.setdefault(ssrc, []).append(number)
                sources.add(source)
            elif readable is control:
                data, _ = control.recvfrom(2048)
                ssrc = struct.unpack_from("!I", data, 4)[0]
                reports[ssrc] = reports.get(ssrc, 0) + 1
        if sys.stdin in ready:
            break
        if not sending or time.monotonic_ns() < due:
            continue
        for target in options.to:
            media.sendto(rtp(options.ssrc, sent), target)
            if options.rtcp and sent % REPORT_EVERY == REPORT_EVERY - 1:
                control.sendto(sender_report(options.ssrc, sent), (target[0], target[1] + 1))
        sent += 1
        # A pause of this process moves the timetable: a burst afterwards would not be what a phone sends.
        due = max(due + INTERVAL_NS, time.monotonic_ns())
        if sent == options.count:
            print("sent", flush=True)

    report: dict[str, Any] = {
        "sent": sent,
        "numbers": {str(ssrc): seen for ssrc, seen in numbers.items()},
        "reports": {str(ssrc): seen for ssrc, seen in reports.items()},
        "sources": sorted(sources),
    }
    print(json.dumps(report), flush=True)


if __name__ == "__main__":
    main()
