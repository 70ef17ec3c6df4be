"""Canaries: which ports, how many, and that they are closed, given up and counted."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from rtpcore import AddressNotAvailable, Closed, Interface, PortsExhausted, Reason, Relay
from rtpcore.forward.control import Worker
from rtpcore.forward.watch import unwatch, watch
from rtpcore.track.strangers.own_ports import OwnPorts
from tests.party import Party, descriptors, own_host, wait_until
from tests.unit.forward.test_stranger import bound_ports


@pytest.fixture
def worker() -> Iterator[tuple[Worker, str]]:
    host = own_host()
    event_fd = os.eventfd(0)
    made = Worker(64, event_fd, "worker", OwnPorts([[host]]))
    yield made, host
    made.stop()
    os.close(event_fd)


@pytest.mark.parametrize(("size", "expected"), [(1022, 0), (1023, 0), (1024, 16), (4000, 16)])
@pytest.mark.parametrize("workers", [1, 3])
def test_sixteen_of_a_large_range_are_kept(size: int, expected: int, workers: int) -> None:
    host, ports, before = own_host(), range(40000, 40000 + size), descriptors()
    with Relay([Interface(host)], ports, workers):
        found = bound_ports(host, ports)
        assert len(found) == expected
        assert all(port % 2 == 0 and port + 1 in found for port in found[::2])
    assert bound_ports(host, ports) == []
    assert descriptors() == before


def test_each_interface_has_its_own_and_they_differ_from_relay_to_relay() -> None:
    first, second, ports = own_host(), own_host(), range(40000, 44000)
    with Relay([Interface(first), Interface(second)], ports):
        kept = {tuple(bound_ports(host, ports)) for host in (first, second)}
        assert len(kept) == 2


def test_a_canary_is_given_up_before_a_call_is_refused() -> None:
    host, ports = own_host(), range(40000, 41024)
    with Relay([Interface(host)], ports) as relay:
        for index in range(512):
            relay.create_session(str(index)).add_leg("leg")
        assert len(bound_ports(host, ports)) == 1024
        with pytest.raises(PortsExhausted):
            relay.create_session("one too many").add_leg("leg")
        with Party() as party:
            leg = relay.sessions["511"].legs["leg"]  # on what was a canary before
            leg.publish()
            leg.signal("answer", declared=party.address)
            party.send(leg.address)
            wait_until(lambda: leg.stats().dropped == {Reason.NO_ROUTE: 1})


def test_what_another_program_has_bound_is_no_canary() -> None:
    host, ports = own_host(), range(40000, 41024)
    with Relay([Interface(host)], ports), Relay([Interface(host)], ports):
        assert len(bound_ports(host, ports)) == 32


def test_a_canary_is_watched_until_it_is_not(worker: tuple[Worker, str]) -> None:
    made, host = worker
    before = descriptors()
    watch(made, (host, 40000))
    assert descriptors() == before + 1
    with pytest.raises(OSError, match="Address already in use") as caught:
        watch(made, (host, 40000))
    assert caught.value.filename == f"{host} port 40000, a canary,"
    assert unwatch(made, (host, 40000))
    assert not unwatch(made, (host, 40000))
    assert not unwatch(made, (host, 40001))
    assert descriptors() == before
    watch(made, (host, 40000))
    made.stop()
    assert not unwatch(made, (host, 40000))
    with pytest.raises(Closed):
        watch(made, (host, 40002))


def test_there_are_not_more_than_256(worker: tuple[Worker, str]) -> None:
    made, host = worker
    for port in range(40000, 40256):
        watch(made, (host, port))
    with pytest.raises(OSError, match="Too many open files"):
        watch(made, (host, 40256))


def test_an_address_that_is_not_ours_is_an_error_and_nothing_stays_open() -> None:
    before = descriptors()
    with pytest.raises(AddressNotAvailable, match="a canary, cannot be bound"):
        Relay([Interface("192.0.2.1")], range(40000, 42000))
    assert descriptors() == before
