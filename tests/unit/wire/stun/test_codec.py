"""Reading STUN in place: every field, every truncation, every rule that a message may break, and no octet beyond it."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import pytest

COOKIE = 0x2112A442
TRANSACTION = bytes(range(12))
PASSWORD = b"VOkJxbRl1RmTxUk/WvJxBt"


def attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)


def message(*attributes: bytes, kind: int = 0x0001, cookie: int = COOKIE) -> bytes:
    body = b"".join(attributes)
    return struct.pack("!HHI", kind, len(body), cookie) + TRANSACTION + body


def with_fingerprint(octets: bytes) -> bytes:
    longer = octets[:2] + struct.pack("!H", len(octets) - 12) + octets[4:]
    return longer + attribute(0x8028, struct.pack("!I", zlib.crc32(longer) ^ 0x5354554E))


CHECK = with_fingerprint(
    message(
        attribute(0x0006, b"abcd:efghi"),
        attribute(0x0024, struct.pack("!I", 0x6E0001FF)),
        attribute(0x0025, b""),
        attribute(0x802A, struct.pack("!Q", 0x0102030405060708)),
        attribute(0xC057, b"\0\x01\0\x02"),
    )
)


def test_every_field_of_a_check(consumer: Any) -> None:
    status, fields = consumer.parse_stun(CHECK)
    assert status == 0
    assert fields["message_class"] == 0
    assert fields["method"] == 1
    assert CHECK[fields["username"] :][: fields["username_size"]] == b"abcd:efghi"
    assert fields["priority"] == 0x6E0001FF
    assert (fields["use_candidate"], fields["controlling"], fields["controlled"]) == (1, 1, 0)
    assert fields["tie_breaker"] == 0x0102030405060708
    assert fields["fingerprint"] == len(CHECK) - 4
    assert (fields["integrity"], fields["mapped"], fields["error_code"], fields["unknown_count"]) == (0, 0, 0, 0)


@pytest.mark.parametrize("size", range(len(CHECK)))
def test_no_part_of_a_message_is_one(consumer: Any, size: int) -> None:
    assert consumer.parse_stun(CHECK[:size])[0] == (1 if size < 20 else 2)


@pytest.mark.parametrize("size", range(0, len(CHECK) - 20, 4))
def test_no_part_under_a_length_of_its_own_has_the_fingerprint(consumer: Any, size: int) -> None:
    cut = CHECK[:2] + struct.pack("!H", size) + CHECK[4 : 20 + size]
    status, fields = consumer.parse_stun(cut)
    assert status in (0, 3)
    assert status == 3 or not fields["fingerprint"]


@pytest.mark.parametrize("at", range(len(CHECK)))
def test_a_changed_octet_is_found_by_the_fingerprint_or_before(consumer: Any, at: int) -> None:
    changed = bytearray(CHECK)
    changed[at] ^= 0x01
    status, fields = consumer.parse_stun(bytes(changed))
    assert status != 0 or fields["fingerprint"] == 0


@pytest.mark.parametrize(
    ("octets", "status"),
    [
        (message(kind=0x4001), 2),
        (message(kind=0x8001), 2),
        (message(cookie=0x2112A443), 2),
        (message() + b"\0\0\0\0", 2),
        (message(attribute(0x0006, b"a"))[:-1], 2),
        (message(b"\0\x06\0\x05abcd"), 3),
        (message(b"\0\x06\xff\xff"), 3),
        (message(attribute(0x0024, b"abc")), 3),
        (message(attribute(0x0025, b"a")), 3),
        (message(attribute(0x8029, bytes(4))), 3),
        (message(attribute(0x0008, bytes(19))), 3),
        (message(attribute(0x0009, bytes(4))), 3),
        (message(attribute(0x0009, b"\0\0\x07\0")), 3),
        (message(attribute(0x0009, b"\0\0\x04\x64")), 3),
        (message(attribute(0x0020, b"\0\x01\0\0\0\0\0")), 3),
        (message(attribute(0x0020, b"\0\x02" + bytes(6))), 3),
        (message(attribute(0x0020, b"\0\x03" + bytes(6))), 3),
        (message(attribute(0x0020, b"")), 3),
        (message(attribute(0x8028, bytes(4))), 4),
        (with_fingerprint(message())[:20] + attribute(0x8028, bytes(4)) + attribute(0x8022, b"late"), 2),
    ],
)
def test_what_a_message_may_not_be(consumer: Any, octets: bytes, status: int) -> None:
    assert consumer.parse_stun(octets)[0] == status


def test_nothing_stands_behind_the_fingerprint(consumer: Any) -> None:
    octets = with_fingerprint(message()) + attribute(0x8022, b"late")
    octets = octets[:2] + struct.pack("!H", len(octets) - 20) + octets[4:]
    status, fields = consumer.parse_stun(octets)
    assert (status, fields["fault"]) == (3, 28)


def test_the_first_of_two_counts(consumer: Any) -> None:
    octets = message(attribute(0x0006, b"ab:cd"), attribute(0x0006, b"ef:gh"), attribute(0x8029, bytes(7) + b"\x01"),
                     attribute(0x802A, bytes(8)))  # fmt: skip
    _, fields = consumer.parse_stun(octets)
    assert octets[fields["username"] :][:5] == b"ab:cd"
    assert (fields["controlled"], fields["controlling"], fields["tie_breaker"]) == (1, 0, 1)


def test_behind_the_integrity_only_the_fingerprint_counts(consumer: Any) -> None:
    octets = message(attribute(0x0008, bytes(20)), attribute(0x0025, b""), attribute(0x0002, b""))
    status, fields = consumer.parse_stun(with_fingerprint(octets))
    assert status == 0
    assert (fields["use_candidate"], fields["unknown_count"]) == (0, 0)
    assert fields["fingerprint"]


def test_what_must_be_understood_and_is_not_is_listed(consumer: Any) -> None:
    _, fields = consumer.parse_stun(message(*(attribute(kind, b"") for kind in (2, 0x7FFF, 0x8000, 3, 4, 5))))
    assert fields["unknown_count"] == 4
    assert fields["unknown"] == [2, 0x7FFF, 3, 4]


@pytest.mark.parametrize(
    ("kind", "method", "message_class"),
    [(0x0001, 1, 0), (0x0011, 1, 1), (0x0101, 1, 2), (0x0111, 1, 3), (0x3EEF, 0xFFF, 0), (0x3FFF, 0xFFF, 3)],
)
def test_class_and_method_share_the_type(consumer: Any, kind: int, method: int, message_class: int) -> None:
    status, fields = consumer.parse_stun(message(kind=kind))
    assert (status, fields["method"], fields["message_class"]) == (0, method, message_class)


@pytest.mark.parametrize("capacity", range(140))
def test_what_does_not_fit_is_not_written(consumer: Any, capacity: int) -> None:
    sizes = {"begin": 20, "put": 12, "mapped": 24, "error": 8, "integrity": 24, "fingerprint": 8}
    expected: list[str] = []
    used = 0
    for name, size in sizes.items():
        if used + size <= capacity and (expected or name == "begin"):
            expected.append(name)
            used += size
    written, octets = consumer.write_stun(TRANSACTION, ("2001:db8::1", 5004), PASSWORD, capacity)
    assert written == expected
    assert octets[used:] == b"\xee" * (len(octets) - used)
