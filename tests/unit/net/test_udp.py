"""UDP sockets and their batches: opening, order, sizes, families, how much a receive asks for."""

from __future__ import annotations

import errno
import os
import resource
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

LOOPBACK = ("127.0.0.1", 0)


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@contextmanager
def as_python(s: Any) -> Iterator[socket.socket]:
    """The same socket with Python's methods."""
    with socket.socket(fileno=os.dup(s.fileno())) as same:
        yield same


def drain(s: Any) -> list[Any]:
    taken = []
    while received := s.receive():
        taken += received
    return taken


def fill(sender: Any, receiver: Any, count: int) -> list[bytes]:
    """Sends `count` numbered datagrams and returns them."""
    datagrams = [b"%05d" % i for i in range(count)]
    for i in range(0, count, 16):
        part = datagrams[i : i + 16]
        assert sender.send([(d, receiver.address) for d in part]) == (len(part), [0] * len(part))
    return datagrams


# Opening ---------------------------------------------------------------------------------------------------------


def test_port_zero_takes_any_and_writes_it_back(consumer: Any, host: str) -> None:
    s = consumer.Socket().open((host, 0))
    assert s.address[0] == host
    assert s.address[1] > 0
    with as_python(s) as same:
        assert same.getsockname()[:2] == s.address
    assert not os.get_inheritable(s.fileno())
    assert not os.get_blocking(s.fileno())


def test_ipv6_socket_takes_no_ipv4(consumer: Any) -> None:
    try:
        s = consumer.Socket().open(("::", 0))
    except OSError as error:
        pytest.skip(f"there is no IPv6 here ({error})")
    with as_python(s) as same:
        assert same.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY) == 1
    beside = consumer.Socket().open(("0.0.0.0", s.address[1]))
    assert beside.address == ("0.0.0.0", s.address[1])


def test_a_port_in_use_is_an_error_even_to_those_who_would_share(consumer: Any, host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind((host, 0))
        before = descriptors()
        s = consumer.Socket()
        with pytest.raises(OSError, match="EADDRINUSE") as caught:
            s.open(other.getsockname()[:2])
        assert caught.value.errno == errno.EADDRINUSE
        assert s.fileno() == -1
        assert descriptors() == before


def test_a_foreign_address_is_an_error_and_leaves_nothing_open(consumer: Any) -> None:
    before = descriptors()
    for host in ("192.0.2.1", "2001:db8::1"):
        with pytest.raises(OSError, match=r"EADDRNOTAVAIL|EAFNOSUPPORT"):
            consumer.Socket().open((host, 0))
    assert descriptors() == before


def test_no_descriptor_left_is_an_error(consumer: Any) -> None:
    s, p = consumer.Socket(), consumer.Poller()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
    try:
        with pytest.raises(OSError, match="EMFILE"):
            s.open(LOOPBACK)
        with pytest.raises(OSError, match="EMFILE"):
            p.open()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert s.fileno() == -1


def test_closing_twice_closes_once(consumer: Any) -> None:
    before = descriptors()
    s = consumer.Socket().open(LOOPBACK)
    number = s.fileno()
    assert descriptors() == before + 1
    s.close()
    with socket.socket() as other:
        if other.fileno() != number:
            os.dup2(other.fileno(), number)
        s.close()
        assert os.fstat(number)
        if other.fileno() != number:
            os.close(number)
    assert descriptors() == before
    with pytest.raises(OSError, match="EBADF"):
        s.receive()
    assert s.kernel_dropped == 0


def test_receive_buffer_is_what_was_asked_for(consumer: Any) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plain:
        default = plain.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
    assert consumer.Socket().open(LOOPBACK).receive_buffer == default
    # The kernel doubles the figure, for its own accounting.
    assert consumer.Socket().open(LOOPBACK, 65536).receive_buffer == 131072


# Receiving -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("batch", [1, 16])
def test_datagrams_come_in_order_with_their_sources(consumer: Any, host: str, batch: int) -> None:
    a, b, receiver = (consumer.Socket().open((host, 0)) for _ in range(3))
    for i in range(0, 40, 2):
        a.send([(b"%d" % i, receiver.address)])
        b.send([(b"%d" % (i + 1), receiver.address)])
    receiver.batch = batch
    expected = [(b"%d" % i, (a, b)[i % 2].address, False) for i in range(40)]
    assert drain(receiver) == expected


def test_an_empty_socket_gives_nothing(consumer: Any) -> None:
    s = consumer.Socket().open(LOOPBACK)
    for batch in (1, 16):
        s.batch = batch
        assert s.receive() == []
        assert s.drained
        assert s.pending_errno == 0
        assert s.batch == 1


@pytest.mark.parametrize("batch", [1, 16])
def test_empty_datagrams_are_datagrams(consumer: Any, batch: int) -> None:
    sender, receiver = consumer.Socket().open(LOOPBACK), consumer.Socket().open(LOOPBACK)
    assert sender.send([(d, receiver.address) for d in (b"", b"a", b"", b"")]) == (4, [0] * 4)
    receiver.batch = batch
    assert [d for d, _, _ in drain(receiver)] == [b"", b"a", b"", b""]


@pytest.mark.parametrize("batch", [1, 16])
def test_what_is_longer_than_the_limit_is_cut_and_marked(consumer: Any, host: str, batch: int) -> None:
    limit = consumer.CONSTANTS["DATAGRAM_OCTETS"]
    sender, receiver = consumer.Socket().open((host, 0)), consumer.Socket().open((host, 0))
    pattern = bytes(range(251)) * 300
    sizes = [limit, limit + 1, 10, 60000, 9]
    assert sender.send([(pattern[:n], receiver.address) for n in sizes]) == (5, [0] * 5)
    receiver.batch = batch
    assert [(d, truncated) for d, _, truncated in drain(receiver)] == [
        (pattern[: min(n, limit)], n > limit) for n in sizes
    ]


def test_a_steady_single_stream_is_asked_for_two_only_now_and_then(consumer: Any) -> None:
    probe_after = consumer.CONSTANTS["PROBE_AFTER"]
    sender, receiver = consumer.Socket().open(LOOPBACK), consumer.Socket().open(LOOPBACK)
    asked = []
    for _ in range(2 * (probe_after + 1)):
        fill(sender, receiver, 1)
        asked.append(receiver.batch)
        assert len(receiver.receive()) == 1
        assert receiver.drained == (asked[-1] > 1)
    assert asked == ([1] * probe_after + [2]) * 2


def test_a_pause_starts_the_count_of_single_receives_anew(consumer: Any) -> None:
    probe_after = consumer.CONSTANTS["PROBE_AFTER"]
    sender, receiver = consumer.Socket().open(LOOPBACK), consumer.Socket().open(LOOPBACK)
    for _ in range(2):
        fill(sender, receiver, probe_after - 1)
        for _ in range(probe_after - 1):
            assert len(receiver.receive()) == 1
        assert receiver.receive() == []
        assert receiver.batch == 1


def test_a_full_queue_is_read_in_growing_batches(consumer: Any) -> None:
    probe_after = consumer.CONSTANTS["PROBE_AFTER"]
    sender, receiver = consumer.Socket().open(LOOPBACK, 1 << 20), consumer.Socket().open(LOOPBACK, 1 << 20)
    datagrams = fill(sender, receiver, probe_after + 2 + 4 + 8 + 16 + 16 + 9)
    counts, taken = [], []
    while received := receiver.receive():
        counts.append(len(received))
        taken += [d for d, _, _ in received]
    assert taken == datagrams
    assert counts == [1] * probe_after + [2, 4, 8, 16, 16, 9]


@pytest.mark.parametrize(("came", "next_asked"), [(16, 16), (15, 16), (8, 16), (7, 1), (1, 1), (0, 1)])
def test_a_batch_that_came_back_less_than_half_full_falls_to_one(consumer: Any, came: int, next_asked: int) -> None:
    sender, receiver = consumer.Socket().open(LOOPBACK), consumer.Socket().open(LOOPBACK)
    fill(sender, receiver, came)
    receiver.batch = 16
    assert len(receiver.receive()) == came
    assert receiver.drained == (came < 16)
    assert receiver.batch == next_asked


def test_lost_in_the_kernel_is_counted(consumer: Any) -> None:
    receiver = consumer.Socket().open(LOOPBACK, 4096)
    sender = consumer.Socket().open(LOOPBACK)
    assert receiver.kernel_dropped == 0
    fill(sender, receiver, 320)
    received = len(drain(receiver))
    assert 0 < received < 320
    assert received + receiver.kernel_dropped == 320


def test_the_kernel_s_counter_of_32_bits_may_wrap(consumer: Any) -> None:
    receiver = consumer.Socket().open(LOOPBACK, 4096)
    sender = consumer.Socket().open(LOOPBACK)
    fill(sender, receiver, 320)
    dropped = receiver.kernel_dropped
    assert 0 < dropped < 320
    receiver.kernel_dropped = before = (7 << 32) - 10  # the kernel's own counter was at 2^32 - 10
    assert receiver.kernel_dropped == before + 10 + dropped
    assert receiver.kernel_dropped == before + 10 + dropped
    receiver.close()
    assert receiver.kernel_dropped == before + 10 + dropped


# Sending ---------------------------------------------------------------------------------------------------------


def test_one_batch_goes_to_many_destinations(consumer: Any, host: str) -> None:
    sender = consumer.Socket().open((host, 0))
    receivers = [consumer.Socket().open((host, 0)) for _ in range(16)]
    assert sender.send([(b"to %d" % i, r.address) for i, r in enumerate(receivers)]) == (16, [0] * 16)
    for i, receiver in enumerate(receivers):
        assert drain(receiver) == [(b"to %d" % i, sender.address, False)]


def test_a_batch_takes_no_more_than_its_size(consumer: Any) -> None:
    sender, receiver = consumer.Socket().open(LOOPBACK), consumer.Socket().open(LOOPBACK)
    with pytest.raises(BlockingIOError, match="EAGAIN"):
        sender.send([(b"x", receiver.address)] * (consumer.CONSTANTS["BATCH_SIZE"] + 1))
    assert drain(receiver) == []


def test_an_empty_batch_sends_nothing(consumer: Any) -> None:
    assert consumer.Socket().open(LOOPBACK).send([]) == (0, [])


def test_ipv4_socket_refuses_an_ipv6_destination(consumer: Any) -> None:
    with pytest.raises(OSError, match="EAFNOSUPPORT"):
        consumer.Socket().open(LOOPBACK).send([(b"x", ("2001:db8::1", 5004))])


def test_an_ipv4_peer_of_a_dual_stack_socket_has_its_ipv4_address(consumer: Any) -> None:
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as both:
        try:
            both.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            both.bind(("::", 0))
        except OSError as error:
            pytest.skip(f"there is no IPv6 here ({error})")
        both.setblocking(False)
        s = consumer.Socket().adopt(os.dup(both.fileno()), socket.AF_INET6)
        peer = consumer.Socket().open(LOOPBACK)
        assert peer.send([(b"ping", ("127.0.0.1", both.getsockname()[1]))]) == (1, [0])
        assert s.receive() == [(b"ping", peer.address, False)]
        assert s.send([(b"pong", peer.address), (b"again", peer.address)]) == (2, [0, 0])
        answers = [(d, source[0]) for d, source, _ in drain(peer)]
        assert answers == [(b"pong", "127.0.0.1"), (b"again", "127.0.0.1")]


def test_errors_are_counted_by_number(consumer: Any) -> None:
    limit = consumer.CONSTANTS["UDP_ERRNO_LIMIT"]
    assert consumer.count_errors([errno.EPERM, errno.EAGAIN, errno.EPERM, limit - 1]) == {
        errno.EPERM: 2,
        errno.EAGAIN: 1,
        limit - 1: 1,
    }
    assert consumer.count_errors([limit, 4000, -1, 0]) == {0: 4}
    assert max(errno.errorcode) < limit
