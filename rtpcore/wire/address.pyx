# Transport addresses as plain values: classes, prefixes, and their text (RFC 4291, RFC 5952, RFC 4007 zones).
# IPv4 and ::ffff:0:0/96 are one and the same here. Touches no socket.

from __future__ import annotations

import socket
from enum import IntEnum

from cpython.unicode cimport PyUnicode_FromFormat
from libc.stdio cimport snprintf

from rtpcore.errors import ConfigurationError
from rtpcore.wire.argument cimport argument_unsigned
from rtpcore.wire.octets cimport load_u32, load_u64


cdef enum:
    IPV4_MAPPED = 0xFFFF
    HOST_TEXT_OCTETS = 48


class AddressClass(IntEnum):
    """The kinds of host address that latching tells apart."""

    GLOBAL = ADDRESS_GLOBAL
    PRIVATE = ADDRESS_PRIVATE
    SHARED = ADDRESS_SHARED
    LINK_LOCAL = ADDRESS_LINK_LOCAL
    UNIQUE_LOCAL = ADDRESS_UNIQUE_LOCAL
    LOOPBACK = ADDRESS_LOOPBACK
    FORBIDDEN = ADDRESS_FORBIDDEN


cdef address_class classify_ipv4(uint32_t host) noexcept nogil:
    cdef uint32_t first = host >> 24
    if first == 0 or first >= 224:
        return ADDRESS_FORBIDDEN
    if first == 127:
        return ADDRESS_LOOPBACK
    if first == 10 or host >> 20 == 0xAC1 or host >> 16 == 0xC0A8:
        return ADDRESS_PRIVATE
    if host >> 22 == 0x191:
        return ADDRESS_SHARED
    if host >> 16 == 0xA9FE:
        return ADDRESS_LINK_LOCAL
    return ADDRESS_GLOBAL


cdef address_class address_classify(const transport_address* a) noexcept nogil:
    if address_is_ipv4(a):
        return classify_ipv4(<uint32_t>a.low)
    if a.high == 0 and a.low <= 1:
        return ADDRESS_LOOPBACK if a.low == 1 else ADDRESS_FORBIDDEN
    cdef uint64_t first = a.high >> 48
    if first >> 8 == 0xFF:
        return ADDRESS_FORBIDDEN
    if first >> 6 == 0x3FA:
        return ADDRESS_LINK_LOCAL
    if first >> 9 == 0x7E:
        return ADDRESS_UNIQUE_LOCAL
    return ADDRESS_GLOBAL


cdef inline bint same_bits(uint64_t a, uint64_t b, int bits) noexcept nogil:
    # A shift by the full width is undefined, so no bits and all bits stand apart.
    if bits <= 0:
        return True
    return (a ^ b) >> (64 - bits) == 0 if bits < 64 else a == b


cdef bint address_same_prefix(const transport_address* a, const transport_address* b,
                              int prefix4, int prefix6) noexcept nogil:
    if address_is_ipv4(a) != address_is_ipv4(b):
        return False
    if address_is_ipv4(a):
        return same_bits(a.low << 32, b.low << 32, prefix4)
    return a.scope == b.scope and same_bits(a.high, b.high, prefix6) and same_bits(a.low, b.low, prefix6 - 64)


cdef uint32_t scope_from_text(str zone, object host) except? 0:
    try:
        return socket.if_nametoindex(zone)
    except (OSError, ValueError):
        pass
    if zone.isascii() and zone.isdecimal() and len(zone) <= 10 and 0 < int(zone) <= 0xFFFFFFFF:
        return int(zone)
    raise ConfigurationError(f"Host {host!r} names the interface {zone!r}, which this machine does not have.")


cdef int address_from_host(object host, transport_address* out) except -1:
    if not isinstance(host, str):
        raise TypeError(f"A host is a string with an IP address, not {host!r}.")
    cdef str text, percent, zone
    text, percent, zone = host.partition("%")
    cdef bytes octets
    try:
        octets = socket.inet_pton(socket.AF_INET6 if ":" in text else socket.AF_INET, text)
    except (OSError, ValueError):
        raise ConfigurationError(f"Host {host!r} is not an IPv4 or IPv6 address.") from None
    cdef const uint8_t* data = octets
    cdef transport_address address
    address.scope = 0
    address.port = 0
    address.unused = 0
    if len(octets) == 4:
        address.high = 0
        address.low = <uint64_t>IPV4_MAPPED << 32 | load_u32(data)
    else:
        address.high = load_u64(data)
        address.low = load_u64(data + 8)
    if percent:
        if address_is_ipv4(&address) or address_classify(&address) != ADDRESS_LINK_LOCAL:
            raise ConfigurationError(f"Host {host!r} names an interface, and only a link-local IPv6 address has one.")
        address.scope = scope_from_text(zone, host)
    out[0] = address
    return 0


cdef int address_from_python(object pair, transport_address* out) except -1:
    if not isinstance(pair, (tuple, list)):
        raise TypeError(f"An address is a tuple of host and port, not {pair!r}.")
    if len(pair) != 2:
        raise ConfigurationError(f"An address is a tuple of host and port, and {pair!r} has {len(pair)} members.")
    cdef uint16_t port = <uint16_t>argument_unsigned(pair[1], "The port of an address", 0xFFFF)
    address_from_host(pair[0], out)
    out.port = port
    return 0


cdef inline uint16_t group(const transport_address* a, int index) noexcept nogil:
    return <uint16_t>((a.high if index < 4 else a.low) >> (48 - 16 * (index & 3)))


cdef void longest_zeros(const transport_address* a, int* start, int* count) noexcept nogil:
    # RFC 5952 4.2: the longest run of at least two groups, the first of equals.
    cdef int index, run = 0
    start[0] = 8
    count[0] = 1
    for index in range(8):
        run = run + 1 if group(a, index) == 0 else 0
        if run > count[0]:
            count[0] = run
            start[0] = index + 1 - run


cdef str ipv6_text(const transport_address* a):
    cdef char text[HOST_TEXT_OCTETS]
    cdef int start, count, index = 0, used = 0
    longest_zeros(a, &start, &count)
    while index < 8:
        if index == start:
            used += snprintf(text + used, HOST_TEXT_OCTETS - used, "::")
            index += count
            continue
        used += snprintf(text + used, HOST_TEXT_OCTETS - used, ":%x" if index and index != start + count else "%x",
                         <unsigned int>group(a, index))
        index += 1
    return text[:used].decode("ascii")


cdef object address_host(const transport_address* a):
    cdef uint32_t host = <uint32_t>a.low
    if address_is_ipv4(a):
        return PyUnicode_FromFormat("%u.%u.%u.%u", host >> 24, host >> 16 & 0xFF, host >> 8 & 0xFF, host & 0xFF)
    cdef str text = ipv6_text(a)
    if a.scope == 0:
        return text
    try:
        return f"{text}%{socket.if_indextoname(a.scope)}"
    except OSError:
        return f"{text}%{a.scope}"


cdef object address_to_python(const transport_address* a):
    return address_host(a), a.port


def normalise_address(address, /):
    """Write an address in the one form that rtpcore uses.

    Args: address, a tuple of host (IPv4 or IPv6 text, a link-local one perhaps with %interface) and port (0 to 65535).
    Returns: the tuple with RFC 5952 text, an IPv4-mapped host as IPv4, the interface by its name where it has one.
    Raises: TypeError or ConfigurationError, naming the value at fault.
    Thread-safe. RFC 5952, RFC 4291 2.5.5.2.
    """
    cdef transport_address value
    address_from_python(address, &value)
    return address_to_python(&value)


def classify_address(host, /):
    """Tell which kind of address a host is: one that can be routed, or what else.

    Args: host, IPv4 or IPv6 text. Returns: an AddressClass.
    Raises: TypeError or ConfigurationError, naming the value at fault.
    Thread-safe. RFC 1918, RFC 6598, RFC 4193, RFC 6890.
    """
    cdef transport_address value
    address_from_host(host, &value)
    return AddressClass(<int>address_classify(&value))


def same_prefix(host, other, /, prefix4=32, prefix6=64):
    """Tell whether two hosts share a prefix; hosts of different families never do.

    Args: host and other, IPv4 or IPv6 text; prefix4 (0 to 32) and prefix6 (0 to 128), in bits.
    Returns: a bool. Raises: TypeError or ConfigurationError, naming the value at fault. Thread-safe.
    """
    cdef transport_address a, b
    address_from_host(host, &a)
    address_from_host(other, &b)
    cdef int bits4 = <int>argument_unsigned(prefix4, "prefix4", 32)
    cdef int bits6 = <int>argument_unsigned(prefix6, "prefix6", 128)
    return bool(address_same_prefix(&a, &b, bits4, bits6))
