"""Addresses: the standard library's ipaddress is the oracle for text, classes and prefixes."""

from __future__ import annotations

import ipaddress
import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from hypothesis import given
from hypothesis import strategies as st

from rtpcore.wire.address import AddressClass, classify_address, normalise_address, same_prefix

groups = st.lists(st.sampled_from([0, 0, 0, 1, 0xFF, 0x1000, 0xFE80, 0xFC00, 0xFF02, 0xFFFF]), min_size=8, max_size=8)
sparse = groups.map(lambda values: IPv6Address(b"".join(value.to_bytes(2, "big") for value in values)))
ipv6 = st.one_of(st.ip_addresses(v=6), sparse)
ipv4 = st.ip_addresses(v=4)
ports = st.integers(0, 65535)

TABLE = [
    (AddressClass.FORBIDDEN, ["0.0.0.0/8", "224.0.0.0/4", "240.0.0.0/4", "::/128", "ff00::/8"]),
    (AddressClass.LOOPBACK, ["127.0.0.0/8", "::1/128"]),
    (AddressClass.PRIVATE, ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]),
    (AddressClass.SHARED, ["100.64.0.0/10"]),
    (AddressClass.LINK_LOCAL, ["169.254.0.0/16", "fe80::/10"]),
    (AddressClass.UNIQUE_LOCAL, ["fc00::/7"]),
]
NETWORKS = [(kind, ipaddress.ip_network(text)) for kind, texts in TABLE for text in texts]


def plain(host: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    return (isinstance(host, IPv6Address) and host.ipv4_mapped) or host


def text_of(host: IPv4Address | IPv6Address) -> str:
    """RFC 5952 in hexadecimal groups; newer versions of ipaddress write the end of some addresses as IPv4."""
    host = plain(host)
    if isinstance(host, IPv4Address):
        return str(host)
    words = [f"{int.from_bytes(host.packed[at : at + 2], 'big'):x}" for at in range(0, 16, 2)]
    text = ":".join(words)
    runs = list(re.finditer(r"(?<![0-9a-f])0(?::0)+(?![0-9a-f])", text))
    if not runs:
        return text
    run = max(runs, key=lambda found: len(found[0]))  # the first of equals
    return f"{text[: run.start()].removesuffix(':')}::{text[run.end() :].removeprefix(':')}"


@given(st.one_of(ipv4, ipv6), ports)
def test_text_is_canonical(host: IPv4Address | IPv6Address, port: int) -> None:
    written, same_port = normalise_address((str(host), port))
    assert written == text_of(host)
    assert same_port == port
    assert ipaddress.ip_address(written) == plain(host)


@given(ipv6)
def test_every_spelling_is_one_address(host: IPv6Address) -> None:
    assert normalise_address((host.exploded.upper(), 1)) == normalise_address((host.compressed, 1))


@given(ipv4)
def test_a_mapped_host_is_its_ipv4_form(host: IPv4Address) -> None:
    assert normalise_address((f"::ffff:{host}", 1)) == (str(host), 1)


@given(st.one_of(ipv4, ipv6))
def test_classes(host: IPv4Address | IPv6Address) -> None:
    bare = plain(host)
    found = [kind for kind, network in NETWORKS if bare.version == network.version and bare in network]
    assert classify_address(str(host)) is (found[0] if found else AddressClass.GLOBAL)


@given(ipv4, st.integers(0, 0xFFFFFFFF), st.integers(0, 32))
def test_ipv4_prefixes(host: IPv4Address, flips: int, prefix: int) -> None:
    other = IPv4Address(int(host) ^ (flips >> prefix))
    expected = other in IPv4Network((host, prefix), strict=False)
    assert same_prefix(str(host), str(other), prefix4=prefix) is expected


@given(ipv6, st.integers(0, 2**128 - 1), st.integers(0, 128))
def test_ipv6_prefixes(host: IPv6Address, flips: int, prefix: int) -> None:
    other = IPv6Address(int(host) ^ (flips >> prefix))
    if host.ipv4_mapped or other.ipv4_mapped:
        return
    expected = other in IPv6Network((host, prefix), strict=False)
    assert same_prefix(str(host), str(other), prefix6=prefix) is expected
