"""A relay and Python's signal handlers. Usage: signals.py HOST MODE"""

from __future__ import annotations

import faulthandler
import signal
import socket
import sys
import threading
import types
from pathlib import Path

import rtpcore


def interrupted(relay: rtpcore.Relay) -> None:
    """SIGINT ends the wait for events, and the `with` closes the relay."""
    print("ready", flush=True)
    for _ in relay.events():
        pass


def closed_by_handler(relay: rtpcore.Relay) -> None:
    """A handler closes the relay, and the wait for events ends by itself."""
    signal.signal(signal.SIGTERM, lambda *_: relay.close())
    print("ready", flush=True)
    for _ in relay.events():
        pass
    assert relay.closed


def closed_by_handler_at_work(_: rtpcore.Relay) -> None:
    """A handler closes the relay in the midst of whatever its thread is doing, and nothing is left of it."""
    faulthandler.dump_traceback_later(30, exit=True)
    before = descriptors()
    for turn in range(400):
        with rtpcore.Relay([rtpcore.Interface(HOST)], range(41000, 41400), quarantine_s=0) as relay:
            signal.signal(signal.SIGALRM, lambda *_, relay=relay: relay.close())
            signal.setitimer(signal.ITIMER_REAL, 0.0002 + 0.00001 * turn)
            work_until_closed(relay)
        assert descriptors() == before, f"{descriptors() - before} descriptors were lost in turn {turn}"
    faulthandler.cancel_dump_traceback_later()


def work_until_closed(relay: rtpcore.Relay) -> None:
    number = 0
    while True:
        number += 1
        try:
            session = relay.create_session(str(number))
            session.add_leg("caller").publish()
            session.add_leg("callee").signal("answer", declared=(HOST, 5004))
            session.stats()
            session.close()
            for _ in relay.events(timeout=0):
                pass
        except rtpcore.Closed:
            return


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def timer(relay: rtpcore.Relay) -> None:
    """A signal every millisecond interrupts no call and costs no packet."""
    count = 0

    def handler(number: int, frame: types.FrameType | None) -> None:
        nonlocal count
        count += 1

    signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    with socket.socket(type=socket.SOCK_DGRAM) as caller, socket.socket(type=socket.SOCK_DGRAM) as callee:
        for turn in range(20):
            session = relay.create_session(str(turn))
            for name, party in (("caller", caller), ("callee", callee)):
                party.bind((HOST, 0)) if turn == 0 else None
                party.settimeout(10)
                leg = session.add_leg(name)
                leg.publish()
                leg.signal("answer", declared=party.getsockname())
            for number in range(100):
                packet = b"\x80\0" + number.to_bytes(2, "big") + bytes(8) + b"audio"
                caller.sendto(packet, session.legs["caller"].address)
                assert callee.recv(2000) == packet
            last = session.close()
            assert last is not None
            assert last.legs["caller"].forwarded == 100
            assert [event.name for event in relay.events(timeout=0.02)].count("latched") == 1
    signal.setitimer(signal.ITIMER_REAL, 0)
    assert count > 20, count


HOST = sys.argv[1]

if __name__ == "__main__":
    with rtpcore.Relay([rtpcore.Interface(HOST)], range(40000, 40400), quarantine_s=0) as the_relay:
        globals()[sys.argv[2]](the_relay)
    assert threading.active_count() == 1
    print("over", flush=True)
