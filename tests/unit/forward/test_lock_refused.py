"""The kernel lock where the kernel will not have one."""

from __future__ import annotations

import socket
from pathlib import Path

from rtpcore import Interface, LatchPolicy, Reason, Relay
from tests.party import PORTS, Address, Party, answer, own_host, wait_until
from tests.unit.forward.test_lock import MANY, WINDOW_MS, arrived

SO_LOCK_FILTER = 44


def descriptor(address: Address) -> int:
    """The relay's own file descriptor of that port; it is in this process."""
    for entry in Path("/proc/self/fd").iterdir():
        try:
            probe = socket.socket(fileno=int(entry.name))
        except OSError:
            continue
        try:
            if probe.getsockname()[:2] == address and probe.type == socket.SOCK_DGRAM:
                return probe.fileno()
        except OSError:
            continue
        finally:
            probe.detach()
    raise AssertionError(f"nobody has {address} open.")


def test_a_kernel_that_refuses_costs_nothing_but_a_counter() -> None:
    with Relay([Interface(own_host())], PORTS) as relay, Party() as phone, Party() as peer, Party() as stranger:
        refuse(relay, phone, peer, stranger)


def refuse(relay: Relay, phone: Party, peer: Party, stranger: Party) -> None:
    session = relay.create_session("call")
    near = session.add_leg("phone", policy=LatchPolicy(learn_window_ms=WINDOW_MS))
    borrowed = socket.socket(fileno=descriptor(near.address))
    borrowed.setsockopt(socket.SOL_SOCKET, SO_LOCK_FILTER, 1)
    borrowed.detach()
    far = session.add_leg("peer")
    for leg, party in ((near, phone), (far, peer)):
        answer(leg, party)
    phone.send(near.address)
    wait_until(lambda: relay.socket_errors() == {"EPERM": 1})
    stranger.send(near.address, MANY)
    phone.send(near.address, MANY)
    stats = arrived(near, 1 + 2 * MANY)
    assert (stats.kernel_locked, stats.forwarded) == (False, 1 + MANY)
    assert stats.dropped == {Reason.NOT_ACCEPTED_SOURCE: MANY}
    assert relay.socket_errors() == {"EPERM": 1}, "it was asked again"
