"""wire.address: text of addresses, their classes, and prefixes."""

from __future__ import annotations

import socket

import pytest

from rtpcore.errors import ConfigurationError
from rtpcore.wire.address import AddressClass, classify_address, normalise_address, same_prefix

LOOPBACK_INDEX = socket.if_nametoindex("lo")


@pytest.mark.parametrize(
    ("host", "text"),
    [
        ("0.0.0.0", "0.0.0.0"),
        ("203.0.113.7", "203.0.113.7"),
        ("255.255.255.255", "255.255.255.255"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("::FFFF:cb00:7107", "203.0.113.7"),
        ("::", "::"),
        ("::1", "::1"),
        ("2001:DB8::0001", "2001:db8::1"),
        ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
        ("1:0:2:0:3:0:4:0", "1:0:2:0:3:0:4:0"),
        ("1:2:3:4:5:6:0:0", "1:2:3:4:5:6::"),
        ("0:0:3:4:5:6:7:8", "::3:4:5:6:7:8"),
        ("::ffff:0:1.2.3.4", "::ffff:0:102:304"),
        ("64:ff9b::192.0.2.1", "64:ff9b::c000:201"),
        ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ],
)
def test_text_is_canonical(host: str, text: str) -> None:
    assert normalise_address((host, 5004)) == (text, 5004)
    assert normalise_address((text, 5004)) == (text, 5004)


def test_a_scope_is_named_by_its_interface() -> None:
    assert normalise_address(("fe80::1%lo", 1)) == ("fe80::1%lo", 1)
    assert normalise_address((f"fe80::1%{LOOPBACK_INDEX}", 1)) == ("fe80::1%lo", 1)


def test_a_scope_without_an_interface_stays_a_number() -> None:
    assert normalise_address(("fe80::1%4294967295", 1)) == ("fe80::1%4294967295", 1)


@pytest.mark.parametrize("port", [0, 1, 65535])
def test_port_range(port: int) -> None:
    assert normalise_address(("192.0.2.1", port)) == ("192.0.2.1", port)


def test_a_list_and_an_integer_like_port_will_do() -> None:
    class Port:
        def __index__(self) -> int:
            return 5004

    assert normalise_address(["192.0.2.1", Port()]) == ("192.0.2.1", 5004)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("address", "error", "message"),
    [
        (("192.0.2.1", -1), ConfigurationError, "port of an address is -1, which is not between 0 and 65535"),
        (("192.0.2.1", 65536), ConfigurationError, "port of an address is 65536"),
        (("192.0.2.1", 2**70), ConfigurationError, f"port of an address is {2**70}"),
        (("192.0.2.1", True), TypeError, "port of an address is an integer, not True"),
        (("192.0.2.1", "80"), TypeError, "port of an address is an integer, not '80'"),
        (("192.0.2.1", 80.0), TypeError, r"port of an address is an integer, not 80\.0"),
        (("192.0.2.1", None), TypeError, "port of an address is an integer, not None"),
        ((b"192.0.2.1", 80), TypeError, r"A host is a string with an IP address, not b'192\.0\.2\.1'"),
        ((0xC0000201, 80), TypeError, "A host is a string with an IP address, not 3221225985"),
        (("192.0.2.1",), ConfigurationError, "has 1 members"),
        (("::1", 1, 0, 0), ConfigurationError, "has 4 members"),
        ("192.0.2.1:80", TypeError, r"An address is a tuple of host and port, not '192\.0\.2\.1:80'"),
        (None, TypeError, "An address is a tuple of host and port, not None"),
    ],
)
def test_a_bad_address_is_named(address: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        normalise_address(address)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "host",
    [
        "",
        " 192.0.2.1",
        "192.0.2.1 ",
        "192.0.2",
        "192.0.2.256",
        "192.0.2.01",
        "0xc0.0.2.1",
        "192.0.2.1\0",
        "example.org",
        "\uff1192.0.2.1",
        ":",
        ":::",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "[::1]",
        "::1/128",
        "fe80::12345",
    ],
)
def test_a_bad_host_is_named(host: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        classify_address(host)
    assert str(caught.value) == f"Host {host!r} is not an IPv4 or IPv6 address."


@pytest.mark.parametrize("zone", ["", "no-such-interface", "0", "4294967296", "-1", "99999999999999999999", "1\0", "²"])
def test_an_interface_that_does_not_exist_is_named(zone: str) -> None:
    with pytest.raises(ConfigurationError, match="names the interface"):
        classify_address(f"fe80::1%{zone}")


@pytest.mark.parametrize("host", ["192.0.2.1%lo", "2001:db8::1%lo", "::1%lo", "::ffff:169.254.1.1%lo", "ff02::1%lo"])
def test_only_link_local_ipv6_has_a_scope(host: str) -> None:
    with pytest.raises(ConfigurationError, match="only a link-local IPv6 address has one"):
        classify_address(host)


@pytest.mark.parametrize(
    ("first", "last", "kind"),
    [
        ("0.0.0.0", "0.255.255.255", AddressClass.FORBIDDEN),
        ("1.0.0.0", "9.255.255.255", AddressClass.GLOBAL),
        ("10.0.0.0", "10.255.255.255", AddressClass.PRIVATE),
        ("11.0.0.0", "100.63.255.255", AddressClass.GLOBAL),
        ("100.64.0.0", "100.127.255.255", AddressClass.SHARED),
        ("100.128.0.0", "126.255.255.255", AddressClass.GLOBAL),
        ("127.0.0.0", "127.255.255.255", AddressClass.LOOPBACK),
        ("128.0.0.0", "169.253.255.255", AddressClass.GLOBAL),
        ("169.254.0.0", "169.254.255.255", AddressClass.LINK_LOCAL),
        ("169.255.0.0", "172.15.255.255", AddressClass.GLOBAL),
        ("172.16.0.0", "172.31.255.255", AddressClass.PRIVATE),
        ("172.32.0.0", "192.167.255.255", AddressClass.GLOBAL),
        ("192.168.0.0", "192.168.255.255", AddressClass.PRIVATE),
        ("192.169.0.0", "223.255.255.255", AddressClass.GLOBAL),
        ("224.0.0.0", "239.255.255.255", AddressClass.FORBIDDEN),
        ("240.0.0.0", "255.255.255.255", AddressClass.FORBIDDEN),
        ("::", "::", AddressClass.FORBIDDEN),
        ("::1", "::1", AddressClass.LOOPBACK),
        ("::2", "fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", AddressClass.GLOBAL),
        ("fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", AddressClass.UNIQUE_LOCAL),
        ("fe00::", "fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff", AddressClass.GLOBAL),
        ("fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", AddressClass.LINK_LOCAL),
        ("fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", AddressClass.GLOBAL),
        ("ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", AddressClass.FORBIDDEN),
    ],
)
def test_classes_at_their_ends(first: str, last: str, kind: AddressClass) -> None:
    assert classify_address(first) is kind
    assert classify_address(last) is kind


def test_a_mapped_host_has_the_class_of_its_ipv4_form() -> None:
    assert classify_address("::ffff:10.0.0.1") is AddressClass.PRIVATE


@pytest.mark.parametrize(
    ("host", "other", "prefix4", "prefix6", "same"),
    [
        ("192.0.2.1", "192.0.2.1", 32, 128, True),
        ("192.0.2.1", "192.0.2.0", 32, 0, False),
        ("192.0.2.1", "192.0.2.0", 31, 128, True),
        ("192.0.2.1", "192.0.3.1", 24, 0, False),
        ("192.0.2.1", "192.0.3.1", 23, 128, True),
        ("10.0.0.1", "192.0.2.1", 0, 128, True),
        ("192.0.2.1", "::ffff:192.0.2.9", 28, 128, True),
        ("192.0.2.1", "2001:db8::1", 0, 0, False),
        ("2001:db8::1", "2001:db8::2", 0, 128, False),
        ("2001:db8::1", "2001:db8::2", 0, 126, True),
        ("2001:db8::1", "2001:db8:0:0:8000::", 0, 64, True),
        ("2001:db8::1", "2001:db8:0:0:8000::", 0, 65, False),
        ("2001:db8::1", "2001:db8:0:1::1", 0, 64, False),
        ("2001:db8::1", "2001:db8:0:1::1", 0, 63, True),
        ("8000::", "::1", 0, 1, False),
        ("8000::", "::1", 0, 0, True),
        ("fe80::1%lo", "fe80::1%4294967295", 0, 64, False),
        ("fe80::1%lo", "fe80::2%lo", 0, 64, True),
    ],
)
def test_prefixes(host: str, other: str, prefix4: int, prefix6: int, same: bool) -> None:
    assert same_prefix(host, other, prefix4=prefix4, prefix6=prefix6) is same
    assert same_prefix(other, host, prefix4=prefix4, prefix6=prefix6) is same


def test_default_prefixes_are_a_host_and_a_site() -> None:
    assert not same_prefix("192.0.2.1", "192.0.2.2")
    assert same_prefix("2001:db8::1", "2001:db8::2")


@pytest.mark.parametrize(("name", "value"), [("prefix4", 33), ("prefix4", -1), ("prefix6", 129)])
def test_a_bad_prefix_length_is_named(name: str, value: int) -> None:
    with pytest.raises(ConfigurationError, match=f"{name} is {value}"):
        same_prefix("192.0.2.1", "192.0.2.1", **{name: value})
