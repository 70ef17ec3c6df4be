"""Socket filters: what the program says by an interpreter of its own, and what the kernel makes of it over loopback."""

from __future__ import annotations

import ipaddress
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.net.classic_bpf import accepts

Address = tuple[str, int]

SSRC, OTHER_SSRC = 0x1122_3344, 0x5566_7788
RTCP_OFFSET, RTP_OFFSET = 4, 8
LIMIT_S = 5.0


def network_header(source: str) -> bytes:
    """The IP header of a packet from there, as far as a filter looks at it."""
    address = ipaddress.ip_address(source)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if address.version == 4:
        return bytes([0x45]) + bytes(11) + address.packed + bytes(4)
    return bytes([0x60]) + bytes(7) + address.packed + bytes(16)


def kept(program: Any, source: Address, payload: bytes) -> bool:
    datagram = struct.pack("!HHHH", source[1], 30000, 8 + len(payload), 0) + payload
    return accepts(program.instructions, network_header(source[0]), datagram)


def rtp(ssrc: int) -> bytes:
    return struct.pack("!BBHII", 0x80, 0, 7, 160, ssrc) + bytes(160)


def rtcp(ssrc: int) -> bytes:
    return struct.pack("!BBHI", 0x80, 201, 1, ssrc)


def expected(payload: bytes, ssrcs: list[int]) -> bool:
    """The SSRC rule, said the other way round."""
    found = [payload[offset : offset + 4] for offset in (RTCP_OFFSET, RTP_OFFSET)]
    return any(octets == struct.pack("!I", ssrc) for octets in found for ssrc in ssrcs)


# The program -------------------------------------------------------------------------------------------------------

hosts4 = st.ip_addresses(v=4).map(str)
hosts6 = st.integers(1 << 64, (1 << 128) - 1).map(lambda number: str(ipaddress.IPv6Address(number)))
ports = st.integers(1, 65535)
sources = st.tuples(hosts4 | hosts6, ports)
numbers = st.integers(0, 0xFFFF_FFFF)
coins = st.booleans()


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[Address], list[str], list[int], Address, bytes]:
    """Accepted sources, hosts and SSRCs, and a datagram that is often near one of them."""
    accepted = draw(st.lists(sources, max_size=2))
    hosts = draw(st.lists(hosts4 | hosts6, max_size=3))
    ssrcs = draw(st.lists(numbers, max_size=17))
    near = [host for host, _ in accepted] + hosts
    near_host, near_port, near_ssrc = draw(st.tuples(coins, coins, coins))
    host = draw(st.sampled_from(near) if near and near_host else hosts4 | hosts6)
    near_ports = [port for _, port in accepted]
    port = draw(st.sampled_from(near_ports) if near_ports and near_port else ports)
    payload = bytearray(draw(st.binary(max_size=24)))
    if ssrcs and near_ssrc:
        offset = draw(st.sampled_from([RTCP_OFFSET, RTP_OFFSET, RTP_OFFSET + 4, 3]))
        payload[offset : offset + 4] = struct.pack("!I", draw(st.sampled_from(ssrcs)))[: draw(st.integers(3, 4))]
    return accepted, hosts, ssrcs, (host, port), bytes(payload)


@given(cases())
def test_the_program_keeps_what_it_is_told_to_and_nothing_else(
    consumer: Any, case: tuple[list[Address], list[str], list[int], Address, bytes]
) -> None:
    accepted, hosts, ssrcs, source, payload = case
    program = consumer.Filter(accepted, hosts, ssrcs)
    wanted = source in accepted or source[0] in hosts or expected(payload, ssrcs)
    assert kept(program, source, payload) == wanted


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1"])
def test_each_part_of_an_address_counts(consumer: Any, host: str) -> None:
    program = consumer.Filter([(host, 4000)])
    assert kept(program, (host, 4000), b"")
    assert not kept(program, (host, 4001), b"")
    packed = ipaddress.ip_address(host).packed
    for index in range(len(packed)):
        other = bytearray(packed)
        other[index] ^= 1
        assert not kept(program, (str(ipaddress.ip_address(bytes(other))), 4000), b"")


def test_an_ipv6_address_with_the_octets_of_an_ipv4_header_is_another(consumer: Any) -> None:
    program = consumer.Filter([("192.0.2.1", 4000)])
    source = ipaddress.IPv6Address(bytes(4) + socket.inet_aton("192.0.2.1") + bytes(8))
    assert not kept(program, (str(source), 4000), bytes(40))


@pytest.mark.parametrize("size", range(13))
def test_a_short_datagram_is_kept_only_for_its_source(consumer: Any, size: int) -> None:
    program = consumer.Filter([("192.0.2.1", 4000)], (), [SSRC])
    assert kept(program, ("192.0.2.1", 4000), rtp(SSRC)[:size])
    assert kept(program, ("192.0.2.2", 4000), rtp(SSRC)[:size]) == (size >= 12)
    assert kept(program, ("192.0.2.2", 4000), rtcp(SSRC)[:size]) == (size >= 8)


def test_the_largest_lock_fits(consumer: Any) -> None:
    hosts = [f"2001:db8::{number}" for number in range(4)]
    program = consumer.Filter([(hosts[0], 4000)], hosts[1:], list(range(16)))
    assert program.count <= consumer.CONSTANTS["FILTER_INSTRUCTIONS"]


def test_what_does_not_fit_is_not_attached(consumer: Any) -> None:
    program = consumer.Filter((), [f"2001:db8::{number}" for number in range(40)])
    with pytest.raises(OSError, match="E2BIG"):
        program.attach(consumer.Socket().open(("127.0.0.1", 0)))


# The kernel --------------------------------------------------------------------------------------------------------


class Pair:
    """A filtered socket, and the address that strangers and friends send to."""

    def __init__(self, consumer: Any, udp: socket.socket, to: Address) -> None:
        self.udp, self.to = udp, to
        self.filtered = consumer.Socket().adopt(udp.detach(), udp.family)

    def passes(self, sender: socket.socket, payload: bytes) -> bool:
        """Loopback delivers before sendto returns, so that what is not there has been dropped."""
        before = self.filtered.kernel_dropped
        sender.sendto(payload, self.to)
        got = self.filtered.receive()
        assert len(got) + self.filtered.kernel_dropped - before == 1
        assert got in ([], [(payload, got and got[0][1], False)])
        return bool(got)


@pytest.fixture(params=["127.0.0.1", "::1", "mapped"])
def kind(request: pytest.FixtureRequest) -> str:
    if request.param != "127.0.0.1":
        try:
            with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
                probe.bind(("::1", 0))
        except OSError as error:
            pytest.skip(f"there is no IPv6 loopback here ({error})")
    return str(request.param)


@pytest.fixture
def pair(consumer: Any, kind: str) -> Pair:
    udp = socket.socket(socket.AF_INET if kind == "127.0.0.1" else socket.AF_INET6, socket.SOCK_DGRAM)
    if kind == "mapped":  # IPv4 over an IPv6 socket
        udp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    udp.setblocking(False)
    udp.bind(("::" if kind == "mapped" else kind, 0))
    return Pair(consumer, udp, ("127.0.0.1" if kind == "mapped" else kind, udp.getsockname()[1]))


@pytest.fixture
def senders(kind: str) -> Iterator[list[socket.socket]]:
    """Two of one host, and one of another where there is one."""
    hosts = ["::1", "::1"] if kind == "::1" else ["127.0.0.1", "127.0.0.1", "127.0.0.2"]
    made = [socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM) for host in hosts]
    for udp, host in zip(made, hosts, strict=True):
        udp.bind((host, 0))
    yield made
    for udp in made:
        udp.close()


def address_of(udp: socket.socket) -> Address:
    host, port = udp.getsockname()[:2]
    return str(host), int(port)


def test_the_kernel_keeps_the_source_and_drops_the_rest(
    consumer: Any, pair: Pair, senders: list[socket.socket]
) -> None:
    friend, *strangers = senders
    consumer.Filter([address_of(friend)]).attach(pair.filtered)
    for payload in (b"", b"\r\n", rtcp(1), rtp(1), bytes(9000)):
        assert pair.passes(friend, payload)
        assert [pair.passes(stranger, payload) for stranger in strangers] == [False] * len(strangers)


def test_the_kernel_keeps_a_host_whatever_its_port(consumer: Any, pair: Pair, senders: list[socket.socket]) -> None:
    consumer.Filter((), [address_of(senders[0])[0]]).attach(pair.filtered)
    assert [pair.passes(sender, b"") for sender in senders] == [True, True, False][: len(senders)]


def test_the_kernel_keeps_an_ssrc_from_anywhere(consumer: Any, pair: Pair, senders: list[socket.socket]) -> None:
    consumer.Filter([("192.0.2.1", 4000)], (), [SSRC, OTHER_SSRC]).attach(pair.filtered)
    for sender in senders:
        for ssrc in (SSRC, OTHER_SSRC):
            assert pair.passes(sender, rtp(ssrc))
            assert pair.passes(sender, rtcp(ssrc))
            assert pair.passes(sender, rtp(ssrc)[:12])
        for payload in (rtp(1), rtcp(1), rtp(SSRC)[:11], rtcp(SSRC)[:7], b"", os.urandom(3)):
            assert not pair.passes(sender, payload)


def test_the_kernel_agrees_with_the_interpreter(consumer: Any, pair: Pair, senders: list[socket.socket]) -> None:
    program = consumer.Filter([address_of(senders[0])], (), [SSRC])
    program.attach(pair.filtered)
    for sender in senders:
        for size in range(24):
            for payload in (rtp(SSRC)[:size], (rtcp(SSRC) + bytes(16))[:size], os.urandom(size)):
                assert pair.passes(sender, payload) == kept(program, address_of(sender), payload)


def test_a_filter_is_replaced_in_one_step_and_taken_off(
    consumer: Any, pair: Pair, senders: list[socket.socket]
) -> None:
    consumer.Filter([address_of(senders[0])]).attach(pair.filtered)
    consumer.Filter([address_of(senders[1])]).attach(pair.filtered)
    assert [pair.passes(sender, b"") for sender in senders[:2]] == [False, True]
    consumer.Filter.detach(pair.filtered)
    assert [pair.passes(sender, b"") for sender in senders[:2]] == [True, True]


def test_what_was_queued_before_is_still_read(consumer: Any, pair: Pair, senders: list[socket.socket]) -> None:
    senders[1].sendto(b"before", pair.to)
    consumer.Filter([address_of(senders[0])]).attach(pair.filtered)
    assert [octets for octets, _, _ in pair.filtered.receive()] == [b"before"]


def test_the_kernel_s_errors_are_returned(consumer: Any) -> None:
    with closing(consumer.Socket().open(("127.0.0.1", 0))) as udp, pytest.raises(OSError, match="ENOENT"):
        consumer.Filter.detach(udp)
    for call in (consumer.Filter().attach, consumer.Filter.detach):
        with pytest.raises(OSError, match="EBADF"):
            call(udp)
