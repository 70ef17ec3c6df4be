"""A relay in a process that may open 80 files. Usage: few_descriptors.py HOST"""

from __future__ import annotations

import resource
import socket
import sys
import warnings
from pathlib import Path

import rtpcore

LIMIT = 80
ATTEMPTS = 300  # more than there are pairs of ports: what fails must not use them up


def main(host: str) -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (LIMIT, LIMIT))
    before = len(list(Path("/proc/self/fd").iterdir()))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        relay = rtpcore.Relay([rtpcore.Interface(host)], range(40000, 40400), quarantine_s=3600)
    for warning in caught:
        assert warning.category is RuntimeWarning
        assert warning.filename == __file__
        print(f"warning: {warning.message}")
    with relay, socket.socket(type=socket.SOCK_DGRAM) as caller, socket.socket(type=socket.SOCK_DGRAM) as callee:
        session = relay.create_session("running")
        for name, party in (("caller", caller), ("callee", callee)):
            party.bind((host, 0))
            party.settimeout(10)
            leg = session.add_leg(name)
            leg.publish()
            leg.signal("answer", declared=party.getsockname())
        use_up(relay)
        for number in range(20):
            packet = b"\x80\x00" + number.to_bytes(2, "big") + bytes(8) + b"audio"
            caller.sendto(packet, session.legs["caller"].address)
            assert callee.recv(2000) == packet
        print(f"forwarded {session.stats().legs['caller'].forwarded}")
        relay.sessions["spare"].close()
        relay.create_session("again").add_leg("leg")
        print("no pair lost")
        try:
            rtpcore.Relay([rtpcore.Interface(host)], range(40000, 40002), workers=20)
        except rtpcore.RelayError as error:
            print(f"Relay: {type(error).__name__}")
    print("as before" if len(list(Path("/proc/self/fd").iterdir())) == before else "descriptors were lost")


def use_up(relay: rtpcore.Relay) -> None:
    """Prints the first error; every one after it must be the same."""
    relay.create_session("spare").add_leg("leg")
    failures: set[str] = set()
    for number in range(ATTEMPTS):
        session = relay.create_session(str(number))
        try:
            session.add_leg("leg")
        except rtpcore.RelayError as error:
            if not failures:
                print(f"{type(error).__name__}: {error}")
            failures.add(type(error).__name__)
    assert failures == {"DescriptorsExhausted"}, failures


if __name__ == "__main__":
    main(sys.argv[1])
