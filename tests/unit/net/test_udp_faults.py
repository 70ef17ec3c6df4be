"""What goes wrong on a socket costs one datagram at most, and never blocks, spins or ends the rest of its batch."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

LOOPBACK = ("127.0.0.1", 0)
TOO_LONG = bytes(65_508)  # one octet more than UDP over IPv4 carries

Namespace = Callable[[Callable[[], None]], None]
Filter = Callable[[Callable[[], None], dict[int, int]], None]


def drain(s: Any) -> list[bytes]:
    taken: list[bytes] = []
    while received := s.receive():
        taken += [d for d, _, _ in received]
    return taken


def closed_port() -> tuple[str, int]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(LOOPBACK)
        host, port = s.getsockname()
        return str(host), int(port)


@pytest.mark.parametrize("bad", [[0], [15], [7], [0, 1, 2], [0, 5, 15], [14, 15], [*range(0, 16, 2)], [*range(16)]])
def test_a_bad_message_is_skipped_and_the_rest_goes(consumer: Any, bad: list[int]) -> None:
    sender, receiver = consumer.Socket().open(LOOPBACK), consumer.Socket().open(LOOPBACK)
    datagrams = [TOO_LONG if i in bad else b"%d" % i for i in range(16)]
    expected = [errno.EMSGSIZE if i in bad else 0 for i in range(16)]
    for _ in range(3):
        assert sender.send([(d, receiver.address) for d in datagrams]) == (16 - len(bad), expected)
        assert drain(receiver) == [d for d in datagrams if d is not TOO_LONG]


def test_each_bad_message_has_its_own_error(consumer: Any) -> None:
    sender, receiver = consumer.Socket().open(LOOPBACK), consumer.Socket().open(LOOPBACK)
    batch = [
        (b"a", receiver.address),
        (b"b", ("127.0.0.1", 0)),
        (b"c", receiver.address),
        (b"d", ("255.255.255.255", 9)),
        (TOO_LONG, receiver.address),
        (b"e", receiver.address),
    ]
    assert sender.send(batch) == (3, [0, errno.EINVAL, 0, errno.EACCES, errno.EMSGSIZE, 0])
    assert drain(receiver) == [b"a", b"c", b"e"]
    assert sender.send([(b"alone", ("127.0.0.1", 0))]) == (0, [errno.EINVAL])
    assert sender.send([(b"alone", receiver.address)]) == (1, [0])


def test_a_closed_socket_sends_nothing(consumer: Any) -> None:
    s = consumer.Socket().open(LOOPBACK)
    s.close()
    assert s.send([(b"x", ("127.0.0.1", 9))] * 16) == (0, [errno.EBADF] * 16)


def test_a_refused_port_does_not_disturb_other_peers(consumer: Any) -> None:
    sender, receiver = consumer.Socket().open(LOOPBACK), consumer.Socket().open(LOOPBACK)
    nobody = closed_port()
    for i in range(50):
        assert sender.send([(b"x", nobody), (b"%d" % i, receiver.address), (b"y", nobody)]) == (3, [0, 0, 0])
        assert receiver.receive() == [(b"%d" % i, sender.address, False)]
        assert receiver.send([(b"back", sender.address)]) == (1, [0])
        assert sender.receive() == [(b"back", receiver.address, False)]


def test_a_pending_refusal_is_consumed_and_what_came_is_received(consumer: Any) -> None:
    nobody = closed_port()
    for batch in (1, 16):
        s = consumer.Socket().open(LOOPBACK)
        with socket.socket(fileno=os.dup(s.fileno())) as same:
            same.connect(nobody)
            same.send(b"x")
            s.batch = batch
            assert s.receive() == []
            assert s.pending_errno == errno.ECONNREFUSED
            assert s.receive() == []
            assert s.pending_errno == 0

            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
                same.send(b"nobody is there yet")
                peer.bind(nobody)
                peer.sendto(b"now I am", s.address)
                s.batch = batch
                assert s.receive() == [(b"now I am", nobody, False)]
                assert s.pending_errno == errno.ECONNREFUSED


def test_a_pending_refusal_does_not_cost_the_next_message(consumer: Any) -> None:
    nobody = closed_port()
    s = consumer.Socket().open(LOOPBACK)
    with (
        socket.socket(fileno=os.dup(s.fileno())) as same,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer,
    ):
        same.connect(nobody)
        for count in (1, 16):
            same.send(b"refused")
            if count == 1:
                peer.bind(nobody)
            assert s.send([(b"%d" % i, nobody) for i in range(count)]) == (count, [0] * count)


def test_a_peer_that_always_refuses_costs_a_bounded_number_of_calls(consumer: Any) -> None:
    nobody = closed_port()
    s = consumer.Socket().open(LOOPBACK)
    with socket.socket(fileno=os.dup(s.fileno())) as same:
        same.connect(nobody)
        for _ in range(20):
            sent, errors = s.send([(b"x", nobody)] * 16)
            assert sent == errors.count(0)
            assert set(errors) <= {0, errno.ECONNREFUSED}
            assert sent >= 8


# Sandboxes and signals -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("denial", [errno.EPERM, errno.ENOSYS])
def test_where_batches_are_denied_single_calls_are_used(consumer: Any, with_calls_failing: Filter, denial: int) -> None:
    sender, receiver = consumer.Socket().open(LOOPBACK), consumer.Socket().open(LOOPBACK)

    def work() -> None:
        datagrams = [b"%d" % i for i in range(16)]
        assert sender.send([(d, receiver.address) for d in datagrams]) == (16, [0] * 16)
        mixed = [(b"a", receiver.address), (TOO_LONG, receiver.address), (b"b", receiver.address)]
        assert sender.send(mixed)[0] == 2
        receiver.batch = 16
        assert drain(receiver) == [*datagrams, b"a", b"b"]

    constants = consumer.CONSTANTS
    with_calls_failing(work, {constants["SYS_recvmmsg"]: denial, constants["SYS_sendmmsg"]: denial})


def test_endless_signals_do_not_hold_a_batch(consumer: Any, with_calls_failing: Filter) -> None:
    s = consumer.Socket().open(LOOPBACK)

    def work() -> None:
        s.batch = 16
        assert s.receive() == []
        assert s.pending_errno == 0
        assert s.send([(b"x", s.address)] * 3) == (1, [errno.EINTR, errno.EINTR, 0])

    constants = consumer.CONSTANTS
    with_calls_failing(work, {constants["SYS_recvmmsg"]: errno.EINTR, constants["SYS_sendmmsg"]: errno.EINTR})


# Faults of the network, in a namespace of its own ----------------------------------------------------------------


@pytest.mark.nat
def test_a_full_send_buffer_costs_datagrams_and_never_blocks(
    consumer: Any, in_network_namespace: Namespace, program: Callable[[str], str]
) -> None:
    ip, tc = program("ip"), program("tc")

    def work() -> None:
        subprocess.run([ip, "link", "set", "lo", "up"], check=True)
        shape = ("qdisc", "add", "dev", "lo", "root", "tbf", "rate", "64kbit", "burst", "1540", "limit", "1000000")
        shaped = subprocess.run([tc, *shape], capture_output=True, text=True, check=False)
        if shaped.returncode != 0:
            pytest.skip(f"this kernel has no tbf ({shaped.stderr.strip()})")
        sender, receiver = consumer.Socket().open(LOOPBACK), consumer.Socket().open(LOOPBACK)
        with socket.socket(fileno=os.dup(sender.fileno())) as same:
            same.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4608)
        sent, errors = sender.send([(bytes(1000), receiver.address)] * 16)
        assert 0 < sent < 16
        assert errors == [0] * sent + [errno.EAGAIN] * (16 - sent)
        assert sender.send([(bytes(1000), receiver.address)] * 2) == (0, [errno.EAGAIN] * 2)

    in_network_namespace(work)


@pytest.mark.nat
def test_a_filter_that_drops_one_peer_costs_that_peer_only(
    consumer: Any, in_network_namespace: Namespace, program: Callable[[str], str]
) -> None:
    ip, nft = program("ip"), program("nft")

    def work() -> None:
        subprocess.run([ip, "link", "set", "lo", "up"], check=True)
        sender, denied, allowed = (consumer.Socket().open(LOOPBACK) for _ in range(3))
        chain = "add table ip t; add chain ip t o { type filter hook output priority 0; }"
        subprocess.run([nft, f"{chain}; add rule ip t o udp dport {denied.address[1]} drop"], check=True)
        batch = [(b"%d" % i, (denied, allowed)[i % 2].address) for i in range(16)]
        assert sender.send(batch) == (8, [errno.EPERM, 0] * 8)
        assert drain(allowed) == [b"%d" % i for i in range(1, 16, 2)]
        assert sender.send([(b"x", denied.address)] * 16) == (0, [errno.EPERM] * 16)

    in_network_namespace(work)


@pytest.mark.nat
def test_a_lost_route_costs_its_own_datagrams_until_it_is_back(
    consumer: Any, in_network_namespace: Namespace, program: Callable[[str], str]
) -> None:
    ip = program("ip")

    def work() -> None:
        subprocess.run([ip, "link", "set", "lo", "up"], check=True)
        sender, receiver = consumer.Socket().open(("0.0.0.0", 0)), consumer.Socket().open(LOOPBACK)
        batch = [(b"far", ("192.0.2.1", 5004)), (b"near", receiver.address)]
        assert sender.send(batch) == (1, [errno.ENETUNREACH, 0])
        subprocess.run([ip, "route", "add", "192.0.2.0/24", "dev", "lo"], check=True)
        assert sender.send(batch) == (2, [0, 0])
        subprocess.run([ip, "route", "delete", "192.0.2.0/24"], check=True)
        assert sender.send(batch) == (1, [errno.ENETUNREACH, 0])
        assert drain(receiver) == [b"near"] * 3

    in_network_namespace(work)
