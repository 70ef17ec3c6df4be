"""Opens and closes over and over; prints how memory and descriptors have grown. Usage: leak.py HOST"""

from __future__ import annotations

import gc
import json
import os
import socket
import sys
import threading
import time
from pathlib import Path

import rtpcore

SESSIONS = 2000
RELAYS = 300
FAILURES = 2000
# What is left behind is so after every span; an arena that malloc keeps for a thread is so once.
SPANS = 3


def resident_octets() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def state() -> tuple[int, int, int]:
    gc.collect()
    return resident_octets(), len(list(Path("/proc/self/fd").iterdir())), threading.active_count()


def sessions(relay: rtpcore.Relay, party: socket.socket, count: int) -> None:
    for number in range(count):
        session = relay.create_session(f"call {number}")
        legs = [session.add_leg(name) for name in ("caller", "callee")]
        for leg in legs:
            leg.publish()
            leg.signal("answer", declared=party.getsockname(), payload_types={0: 8000})
        party.sendto(b"\x80\0\0\1" + bytes(8) + b"audio", legs[0].address)
        session.stats()
        legs[0].explain()
        relay.stats_array()
        session.close()
        for _ in relay.events(timeout=0):
            pass


def failures(relay: rtpcore.Relay, count: int) -> None:
    session = relay.create_session("failing")
    session.add_leg("leg", port=5000)
    for _ in range(count):
        for arguments in ({"port": 5000}, {"port": 4999}, {"port": 0}, {"interface": "none"}, {"name": "leg"}):
            try:
                session.add_leg(**({"name": "other"} | arguments))
            except rtpcore.RtpcoreError:
                continue
            raise AssertionError(arguments)
    session.close()


def relays(host: str, count: int) -> None:
    for _ in range(count):
        with rtpcore.Relay([rtpcore.Interface(host)], range(40000, 40100), workers=2) as relay:
            relay.create_session("call").add_leg("leg")


def main(host: str) -> None:
    report: dict[str, object] = {}
    with socket.socket(type=socket.SOCK_DGRAM) as party:
        party.bind((host, 0))
        with rtpcore.Relay([rtpcore.Interface(host)], range(40000, 40400), quarantine_s=0) as relay:
            sessions(relay, party, SESSIONS // 4)
            before = state()
            start = time.monotonic()
            sessions(relay, party, SESSIONS)
            report["sessions_per_s"] = round(SESSIONS / (time.monotonic() - start))
            report["sessions"] = [after - then for after, then in zip(state(), before, strict=True)]
            failures(relay, FAILURES // 4)
            before = state()
            failures(relay, FAILURES)
            report["failures"] = [after - then for after, then in zip(state(), before, strict=True)]
        relays(host, RELAYS)
        grown = []
        for _ in range(SPANS):
            before = state()
            relays(host, RELAYS)
            grown.append([after - then for after, then in zip(state(), before, strict=True)])
        report["relays"] = [min(kind) for kind in zip(*grown, strict=True)]
    print(json.dumps(report))


if __name__ == "__main__":
    main(sys.argv[1])
