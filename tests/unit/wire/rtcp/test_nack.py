"""wire.rtcp.nack: GenericNack."""

from __future__ import annotations

from typing import Any

import pytest

from rtpcore.errors import ConfigurationError, ParseError
from rtpcore.wire.rtcp.feedback import TransportFeedback
from rtpcore.wire.rtcp.nack import GenericNack
from rtpcore.wire.validity import ParseReason


def read(fci: bytes) -> GenericNack:
    feedback = TransportFeedback(ssrc=1, media_ssrc=2, message_type=1, fci=fci).feedback
    assert isinstance(feedback, GenericNack)
    return feedback


@pytest.mark.parametrize(
    ("lost", "fci"),
    [
        ([0], "00000000"),
        ([7, 8], "00070001"),
        ([7, 23], "00078000"),
        ([7, 24], "00070000 00180000"),
        (range(100, 117), "0064ffff"),
        (range(100, 118), "0064ffff 00750000"),
        ([65534, 65535, 0, 13, 14], "fffec003"),
        ([65535, 15], "ffff8000"),
        ([5, 4], "00050000 00040000"),
        ([5, 5], "00050000 00050000"),
    ],
)
def test_sequence_numbers_become_entries(lost: list[int], fci: str) -> None:
    nack = GenericNack(lost=lost)
    assert nack.serialize() == bytes.fromhex(fci)
    assert nack.lost == tuple(lost)
    assert read(bytes.fromhex(fci)) == nack
    assert GenericNack(entries=nack.entries) == nack


def test_entries_as_they_stand() -> None:
    nack = GenericNack(entries=[(65535, 0x8001), (1, 0)])
    assert nack.entries == ((65535, 0x8001), (1, 0))
    assert nack.lost == (65535, 0, 15, 1)


@pytest.mark.parametrize("order", [[9, 7, 8], [65535, 1, 0]])
def test_no_sequence_number_is_forgotten_whatever_the_order(order: list[int]) -> None:
    assert set(GenericNack(lost=order).lost) == set(order)


def test_feedback_without_an_entry() -> None:
    with pytest.raises(ParseError, match="at least one entry of 4 octets, and this one has 0 octets") as caught:
        read(b"")
    assert (caught.value.reason, caught.value.offset) == (ParseReason.RTCP_BAD_FEEDBACK, 12)


@pytest.mark.parametrize(
    ("fields", "error", "message"),
    [
        ({}, ConfigurationError, "lost has 0 members and entries has 0"),
        ({"lost": [1], "entries": [(1, 0)]}, ConfigurationError, "lost has 1 members and entries has 1"),
        ({"lost": [65536]}, ConfigurationError, "A member of lost is 65536"),
        ({"lost": ["1"]}, TypeError, "A member of lost is an integer, not '1'"),
        ({"lost": 1}, TypeError, "lost is an iterable, not 1"),
        ({"lost": [0] * 65537}, ConfigurationError, "lost has 65537 members, and at most 65536 fit"),
        ({"entries": [1]}, TypeError, "A member of entries is a tuple of packet identifier and bitmask, not 1"),
        ({"entries": [(-1, 0)]}, ConfigurationError, "The packet identifier of an entry is -1"),
        ({"entries": [(0, 65536)]}, ConfigurationError, "The bitmask of an entry is 65536"),
    ],
)
def test_a_bad_argument_is_named(fields: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        GenericNack(**fields)


def test_repr_names_what_is_lost() -> None:
    assert repr(GenericNack(lost=[1, 2])) == "GenericNack(lost=(1, 2))"
