"""Forks with a relay open, in every way a child may end. Usage: fork.py HOST"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable

import rtpcore

LIMIT_S = 10


class Call:
    """A session, its parties, and a proof that it works."""

    def __init__(self, relay: rtpcore.Relay, host: str) -> None:
        self.session = relay.create_session("call")
        self.parties = [socket.socket(type=socket.SOCK_DGRAM) for _ in range(2)]
        self.legs = [self.session.add_leg("0", port=4000), self.session.add_leg("1", port=4002)]
        self.number = 0
        for party, leg in zip(self.parties, self.legs, strict=True):
            party.bind((host, 0))
            party.settimeout(LIMIT_S)
            leg.publish()
            leg.signal("answer", declared=party.getsockname())

    def works(self) -> None:
        for _ in range(5):
            self.number += 1
            packet = b"\x80\0" + self.number.to_bytes(2, "big") + bytes(8) + b"audio"
            self.parties[0].sendto(packet, self.legs[0].address)
            assert self.parties[1].recv(2000) == packet

    def close(self) -> None:
        for party in self.parties:
            party.close()


def in_child(relay: rtpcore.Relay, call: Call) -> None:
    """Whatever the child does with what it inherited ends at once, with Closed or with nothing."""
    signal.alarm(LIMIT_S)
    session, leg = call.session, call.legs[0]
    assert relay.closed
    assert session.closed
    for use in (
        leg.publish,
        leg.stats,
        leg.explain,
        session.stats,
        relay.stats_array,
        lambda: relay.create_session("x"),
    ):
        try:
            use()
        except rtpcore.Closed:
            continue
        raise AssertionError(use)
    assert list(relay.events()) == []
    assert session.close() is None
    relay.close()


def alive_with_nothing(relay: rtpcore.Relay, call: Call) -> None:
    """Stays while the parent closes and binds again."""
    signal.alarm(LIMIT_S)
    os.write(READY[1], b".")
    os.read(HOLD[0], 1)


def wait_for(child: int, name: str) -> None:
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(f"{name}: {status}", flush=True)


def main(host: str) -> None:
    # Other threads use the relay all the time: a child must not inherit a lock that one of them holds.
    stop = threading.Event()
    with rtpcore.Relay([rtpcore.Interface(host)], range(40000, 40400), quarantine_s=0) as relay:
        call = Call(relay, host)
        busy = [threading.Thread(target=use_all_the_time, args=(relay, stop)) for _ in range(2)]
        busy.append(threading.Thread(target=lambda: list(relay.events())))
        for thread in busy:
            thread.start()
        call.works()
        for name, work, end in CHILDREN:
            for _ in range(5):
                child = os.fork()
                if child == 0:
                    os.close(HOLD[1])
                    work(relay, call)
                    end()
                call.works()
                if work is alive_with_nothing:
                    os.read(READY[0], 1)
                else:
                    wait_for(child, name)
        holder = child
        stop.set()
        call.session.close()
        with socket.socket(type=socket.SOCK_DGRAM) as probe:
            probe.bind((host, 4000))  # no child has kept it
        call.close()
    for thread in busy:
        thread.join()
    os.close(HOLD[1])
    wait_for(holder, "the last holder")
    print("parent: as before", flush=True)


def use_all_the_time(relay: rtpcore.Relay, stop: threading.Event) -> None:
    number = 0
    while not stop.is_set():
        number += 1
        session = relay.create_session(f"{threading.get_ident()} {number}")
        session.add_leg("leg").publish()
        session.stats()
        session.close()


def nothing(_relay: rtpcore.Relay, _call: Call) -> None:
    """The child only ends."""


def leave() -> None:
    os._exit(0)


def leave_properly() -> None:
    raise SystemExit(0)  # through the `with` of the relay, and Python's own end


HOLD, READY = os.pipe(), os.pipe()
CHILDREN: list[tuple[str, Callable[[rtpcore.Relay, Call], None], Callable[[], None]]] = [
    ("_exit", nothing, leave),
    ("use and _exit", in_child, leave),
    ("exit through with", nothing, leave_properly),
    ("use and exit through with", in_child, leave_properly),
    ("stay", alive_with_nothing, leave),
]

if __name__ == "__main__":
    main(sys.argv[1])
