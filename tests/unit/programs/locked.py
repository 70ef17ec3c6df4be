"""A relay with one call whose first leg is locked. Usage: locked.py HOST PHONE_HOST PHONE_PORT auto|off

Prints the address that the phone sends to and where to the peer listens; reads a line from the phone's side when it has
talked; prints "locked"; then, for each line read, what the first leg has counted.
"""

from __future__ import annotations

import json
import sys
import time

from rtpcore import Interface, LatchPolicy, LatchState, Leg, Relay

PEER_PORT = 4000


def main(host: str, phone: tuple[str, int], lock: str) -> None:
    with Relay([Interface(host)], range(30000, 30100)) as relay:
        session = relay.create_session("call")
        near = session.add_leg("phone", policy=LatchPolicy(learn_window_ms=100, kernel_lock=lock))
        far = session.add_leg("peer")
        for leg, declared in ((near, phone), (far, (phone[0], PEER_PORT))):
            leg.publish()
            leg.signal("answer", declared=declared)
        print(json.dumps(near.address), flush=True)
        sys.stdin.readline()
        while not is_ready(near, lock):
            time.sleep(0.002)
        print("locked", flush=True)
        for _ in sys.stdin:
            stats = near.stats()
            print(json.dumps([stats.received, stats.kernel_dropped, stats.forwarded]), flush=True)


def is_ready(leg: Leg, lock: str) -> bool:
    stats = leg.stats()
    return stats.state is LatchState.LOCKED and stats.kernel_locked == (lock == "auto")


if __name__ == "__main__":
    main(sys.argv[1], (sys.argv[2], int(sys.argv[3])), sys.argv[4])
