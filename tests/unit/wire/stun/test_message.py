"""StunMessage, the Python face of STUN."""

from __future__ import annotations

from typing import Any

import pytest

from rtpcore import ConfigurationError, ParseError, ParseReason
from rtpcore.wire.stun.message import StunAttribute, StunClass, StunMessage

TRANSACTION = bytes(range(12))
REQUEST = StunMessage(
    StunClass.REQUEST,
    TRANSACTION,
    [(StunAttribute.USERNAME, b"ab:cd"), (StunAttribute.PRIORITY, bytes(3) + b"\x07"), (0x25, b""), (0xC057, b"xyz")],
)


def test_what_was_made_can_be_read() -> None:
    assert (REQUEST.username, REQUEST.priority, REQUEST.use_candidate) == ("ab:cd", 7, True)
    assert (REQUEST.error_code, REQUEST.xor_mapped_address, REQUEST.has_fingerprint) == (None, None, False)
    assert (REQUEST.method, REQUEST.message_class, REQUEST.transaction_id) == (1, StunClass.REQUEST, TRANSACTION)
    assert "REQUEST" in repr(REQUEST)


@pytest.mark.parametrize("password", [None, "secret"])
@pytest.mark.parametrize("fingerprint", [True, False])
def test_what_was_serialized_is_the_same_when_parsed(password: str | None, fingerprint: bool) -> None:
    octets = REQUEST.serialize(password, fingerprint=fingerprint)
    parsed = StunMessage.parse(octets)
    assert parsed == REQUEST
    assert hash(parsed) == hash(REQUEST)
    assert parsed.has_fingerprint is fingerprint
    assert parsed.is_authentic("secret") is (password is not None)
    assert not parsed.is_authentic("other")
    assert parsed.serialize(password, fingerprint=fingerprint) == octets


def test_a_message_that_was_made_here_has_no_integrity_to_check() -> None:
    assert not REQUEST.is_authentic("secret")


@pytest.mark.parametrize("at", range(20, 60))
def test_the_integrity_covers_what_stands_before_it(at: int) -> None:
    octets = bytearray(REQUEST.serialize("secret", fingerprint=False))
    octets[at] ^= 0x20
    try:
        parsed = StunMessage.parse(octets)
    except ParseError:
        return
    assert not parsed.is_authentic("secret")


@pytest.mark.parametrize(
    ("octets", "offset", "words"),
    [
        (b"short", 5, "has 5"),
        (b"\x80" + bytes(19), 0, "octet 0"),
        (b"\0\x01\0\x04" + bytes(16), 2, "octet 2"),
        (b"\0\x01\0\0" + bytes(16), 4, "octet 4"),
        (b"\0\x01\0\x04\x21\x12\xa4\x42" + TRANSACTION + b"\0\x06\0\x01", 20, "attribute at octet 20"),
        (b"\0\x01\0\x08\x21\x12\xa4\x42" + TRANSACTION + b"\x80\x28\0\x04" + bytes(4), 24, "FINGERPRINT"),
    ],
)
def test_a_refusal_names_the_octet(octets: bytes, offset: int, words: str) -> None:
    with pytest.raises(ParseError, match=words) as refusal:
        StunMessage.parse(octets)
    assert (refusal.value.reason, refusal.value.offset) == (ParseReason.STUN_MALFORMED, offset)


@pytest.mark.parametrize(
    ("arguments", "kind", "words"),
    [
        ((StunClass.REQUEST, b"short"), ConfigurationError, "has 5 octets, not 12"),
        ((StunClass.REQUEST, "x" * 12), TypeError, "transaction_id is bytes"),
        ((7, TRANSACTION), ValueError, "7 is not a valid StunClass"),
        ((0, TRANSACTION, [(8, b"")]), ConfigurationError, "0x0008"),
        ((0, TRANSACTION, [(0x8028, b"")]), ConfigurationError, "0x8028"),
        ((0, TRANSACTION, [(65536, b"")]), ConfigurationError, "65536"),
        ((0, TRANSACTION, [5]), TypeError, "not 5"),
        ((0, TRANSACTION, [(6, bytes(65536))]), ConfigurationError, "65536 octets"),
    ],
)
def test_a_wrong_argument_is_named(arguments: Any, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        StunMessage(*arguments)


def test_what_does_not_fit_a_length_of_16_bits_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="do not fit"):
        StunMessage(StunClass.REQUEST, TRANSACTION, [(6, bytes(40000)), (6, bytes(40000))]).serialize()
