"""Between the kernel's socket addresses and ours, in both directions."""

from __future__ import annotations

import socket
import struct
from typing import Any

import pytest


def name4(host: str, port: int) -> bytes:
    return struct.pack("=H", socket.AF_INET) + struct.pack("!H", port) + socket.inet_aton(host) + bytes(8)


def name6(host: str, port: int, scope: int = 0, flow: int = 0) -> bytes:
    packed = socket.inet_pton(socket.AF_INET6, host)
    return struct.pack("=H", socket.AF_INET6) + struct.pack("!HI", port, flow) + packed + struct.pack("=I", scope)


@pytest.mark.parametrize("port", [0, 1, 5004, 65535])
@pytest.mark.parametrize("host", ["0.0.0.0", "127.0.0.1", "192.0.2.200", "255.255.255.255"])
def test_ipv4_both_ways(consumer: Any, host: str, port: int) -> None:
    assert consumer.kernel_name((host, port), socket.AF_INET) == name4(host, port)
    assert consumer.address_of(name4(host, port)) == ((host, port), 0)


@pytest.mark.parametrize("host", ["::", "::1", "2001:db8::1", "fd00:1:2:3:4:5:6:7"])
def test_ipv6_both_ways(consumer: Any, host: str) -> None:
    assert consumer.kernel_name((host, 40000), socket.AF_INET6) == name6(host, 40000)
    assert consumer.address_of(name6(host, 40000)) == ((host, 40000), 0)


def test_ipv4_peer_of_an_ipv6_socket_is_mapped(consumer: Any) -> None:
    mapped = name6("::ffff:198.51.100.7", 6000)
    assert consumer.kernel_name(("198.51.100.7", 6000), socket.AF_INET6) == mapped
    assert consumer.address_of(mapped) == (("198.51.100.7", 6000), 0)
    assert consumer.address_of(name6("::ffff:198.51.100.7", 6000, scope=3)) == (("198.51.100.7", 6000), 0)


def test_ipv4_socket_cannot_reach_ipv6(consumer: Any) -> None:
    assert consumer.kernel_name(("2001:db8::1", 6000), socket.AF_INET) == b""


def test_other_families_are_neither_written_nor_read(consumer: Any) -> None:
    assert consumer.kernel_name(("192.0.2.1", 6000), socket.AF_UNIX) == b""
    assert consumer.address_of(struct.pack("=H", socket.AF_UNIX) + b"\xff" * 26) == (("::", 0), 0)


def test_scope_is_kept_for_link_local_addresses_only(consumer: Any) -> None:
    loopback = socket.if_nametoindex("lo")
    local = name6("fe80::1", 5004, scope=loopback)
    assert consumer.address_of(local) == (("fe80::1%lo", 5004), loopback)
    assert consumer.kernel_name(("fe80::1%lo", 5004), socket.AF_INET6) == local
    assert consumer.address_of(name6("febf::1", 5004, scope=loopback))[1] == loopback
    for host in ("fec0::1", "fe7f::1", "2001:db8::1", "::1"):
        assert consumer.address_of(name6(host, 5004, scope=loopback)) == ((host, 5004), 0)


def test_flow_label_is_not_part_of_an_address(consumer: Any) -> None:
    assert consumer.address_of(name6("2001:db8::1", 5004, flow=0xFFFFF)) == (("2001:db8::1", 5004), 0)
