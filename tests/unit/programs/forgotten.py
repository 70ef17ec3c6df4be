"""Relays that nobody closes. Usage: forgotten.py HOST MODE; what is left after main() is Python's to clear."""

from __future__ import annotations

import gc
import socket
import sys
import threading
import warnings
from contextlib import suppress
from pathlib import Path

import rtpcore

KEPT: list[object] = []


def open_relay(host: str, workers: int = 2) -> tuple[rtpcore.Relay, socket.socket]:
    relay = rtpcore.Relay([rtpcore.Interface(host)], range(40000, 40400), workers, quarantine_s=0)
    party = socket.socket(type=socket.SOCK_DGRAM)
    party.bind((host, 0))
    for number in range(4):
        session = relay.create_session(str(number))
        for name in ("caller", "callee"):
            leg = session.add_leg(name)
            leg.publish()
            leg.signal("answer", declared=party.getsockname())
            party.sendto(b"\x80\0\0\1" + bytes(8) + b"audio", leg.address)
    return relay, party


def collected(host: str) -> None:
    """Threads, ports and descriptors of a forgotten relay come back in a process that goes on."""
    before = len(list(Path("/proc/self/fd").iterdir())), threading.active_count()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(5):
            relay, party = open_relay(host)
            party.close()
            del relay
            gc.collect()
    assert (len(list(Path("/proc/self/fd").iterdir())), threading.active_count()) == before
    assert {str(warning.message) for warning in caught} == {f"the relay on {host} was left without close()."}
    assert {warning.category for warning in caught} == {ResourceWarning}


def session_kept(host: str) -> None:
    """Whoever has a leg has the relay."""
    relay, party = open_relay(host)
    leg = relay.sessions["0"].legs["caller"]
    del relay
    gc.collect()
    assert leg.stats().received == 1
    party.close()
    KEPT.append(leg)


def open_at_exit(host: str) -> None:
    KEPT.append(open_relay(host))


def in_a_cycle(host: str) -> None:
    relay, party = open_relay(host)
    cycle: list[object] = [relay, party]
    cycle.append(cycle)


def consumer_at_exit(host: str) -> None:
    """A daemon thread waits for events while the program ends."""
    relay, party = open_relay(host)
    threading.Thread(target=lambda: KEPT.extend(relay.events()), daemon=True).start()
    KEPT.append((relay, party))


def users_at_exit(host: str) -> None:
    """Daemon threads use the relay while the program ends."""
    relay, party = open_relay(host)

    def use(mine: int) -> None:
        number = 0
        with suppress(rtpcore.Closed):
            while True:
                number += 1
                session = relay.create_session(f"{mine} {number}")
                session.add_leg("leg").publish()
                relay.stats_array()
                session.close()

    for mine in range(3):
        threading.Thread(target=use, args=(mine,), daemon=True).start()
    KEPT.append((relay, party))


def exception_at_exit(host: str) -> None:
    KEPT.append(open_relay(host))
    raise SystemExit(0)


if __name__ == "__main__":
    globals()[sys.argv[2]](sys.argv[1])
    print("main is over", flush=True)
