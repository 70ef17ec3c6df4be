"""wire.rtcp.maximum_bit_rate: TemporaryMaximumBitRateRequest and TemporaryMaximumBitRateNotification."""

from __future__ import annotations

from typing import Any

import pytest

from rtpcore.errors import ConfigurationError, ParseError
from rtpcore.wire.rtcp.feedback import TransportFeedback
from rtpcore.wire.rtcp.maximum_bit_rate import TemporaryMaximumBitRateNotification, TemporaryMaximumBitRateRequest
from rtpcore.wire.validity import ParseReason

BOTH = [(TemporaryMaximumBitRateRequest, 3), (TemporaryMaximumBitRateNotification, 4)]
# 0b000010 exponent, 0b1_1111_1111_1111_1111 mantissa, 0b1_0000_0001 overhead
ENTRIES = ((0x89ABCDEF, 0x1FFFF << 2, 0x101), (1, 0, 0))
FCI = bytes.fromhex("89abcdef 0bffff01 00000001 00000000")


@pytest.mark.parametrize(("kind", "form"), BOTH)
def test_entries(kind: Any, form: int) -> None:
    feedback: Any = TransportFeedback(ssrc=1, message_type=form, fci=FCI).feedback
    assert isinstance(feedback, kind)
    assert feedback.entries == ENTRIES
    assert kind(entries=iter(ENTRIES)) == feedback
    assert feedback.serialize() == FCI
    assert repr(feedback) == f"{kind.__name__}(entries={ENTRIES})"


@pytest.mark.parametrize(
    ("bit_rate", "kept"),
    [
        (0, 0),
        (1, 1),
        (0x1FFFF, 0x1FFFF),
        (0x20000, 0x20000),
        (0x20001, 0x20000),
        (10**9, 999997440),
        (0x1FFFF << 63, 0x1FFFF << 63),
        ((1 << 80) - 1, 0x1FFFF << 63),
    ],
)
def test_a_bit_rate_is_rounded_down(bit_rate: int, kept: int) -> None:
    assert TemporaryMaximumBitRateRequest(entries=[(1, bit_rate, 40)]).entries == ((1, kept, 40),)


def test_any_exponent_is_read() -> None:
    feedback = TransportFeedback(ssrc=1, message_type=3, fci=bytes.fromhex("00000001 fc000200")).feedback
    assert isinstance(feedback, TemporaryMaximumBitRateRequest)
    assert feedback.entries == ((1, 1 << 63, 0),)
    assert feedback.serialize() == bytes.fromhex("00000001 fc000200")


def test_a_notification_may_be_empty_and_a_request_not() -> None:
    assert TransportFeedback(ssrc=1, message_type=4).feedback == TemporaryMaximumBitRateNotification()
    assert TemporaryMaximumBitRateNotification().entries == ()
    with pytest.raises(ParseError, match="request has no entry") as caught:
        _ = TransportFeedback(ssrc=1, message_type=3).feedback
    assert (caught.value.reason, caught.value.offset) == (ParseReason.RTCP_BAD_FEEDBACK, 12)


@pytest.mark.parametrize("form", [3, 4])
@pytest.mark.parametrize("size", [4, 12])
def test_an_entry_that_is_cut_off(form: int, size: int) -> None:
    with pytest.raises(ParseError, match=f"entries of 8 octets, and this one has {size}") as caught:
        _ = TransportFeedback(ssrc=1, message_type=form, fci=bytes(size)).feedback
    assert (caught.value.reason, caught.value.offset) == (ParseReason.RTCP_BAD_FEEDBACK, 12)


@pytest.mark.parametrize(("kind", "form"), BOTH)
@pytest.mark.parametrize(
    ("entries", "error", "message"),
    [
        (5, TypeError, "entries is an iterable, not 5"),
        ([5], TypeError, "A member of entries is a tuple of SSRC, bit rate and overhead, not 5"),
        ([(1 << 32, 0, 0)], ConfigurationError, "The SSRC of an entry is 4294967296"),
        ([(1, 1 << 80, 0)], ConfigurationError, f"A bit rate is {1 << 80}, which is not between 0 and"),
        ([(1, -1, 0)], ConfigurationError, "A bit rate is -1"),
        ([(1, 1.5, 0)], TypeError, r"A bit rate is an integer of bits/s, not 1\.5"),
        ([(1, True, 0)], TypeError, "A bit rate is an integer of bits/s, not True"),
        ([(1, 0, 512)], ConfigurationError, "The overhead of an entry is 512, which is not between 0 and 511"),
    ],
)
def test_a_bad_argument_is_named(kind: Any, form: int, entries: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        kind(entries=entries)


def test_a_request_without_entries_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="entries has no members, and a request names at least one"):
        TemporaryMaximumBitRateRequest(entries=())
