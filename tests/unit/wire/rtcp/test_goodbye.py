"""wire.rtcp.goodbye: Goodbye."""

from __future__ import annotations

from typing import Any

import pytest

from rtpcore.errors import ConfigurationError
from rtpcore.wire.rtcp.goodbye import Goodbye
from rtpcore.wire.rtcp.parse import parse_rtcp


def parsed(datagram: bytes) -> Goodbye:
    (packet,) = parse_rtcp(datagram, reduced_size=True)
    assert isinstance(packet, Goodbye)
    return packet


def test_sources_and_reason() -> None:
    octets = bytes.fromhex("82cb0003 00000007 fffffffe 03627965")
    packet = parsed(octets)
    assert (packet.ssrcs, packet.reason, packet.padding_size) == ((7, 0xFFFFFFFE), b"bye", 0)
    assert Goodbye(ssrcs=[7, 0xFFFFFFFE], reason=bytearray(b"bye")) == packet
    assert packet.serialize() == octets


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 7, 8, 255])
def test_a_reason_is_padded_to_a_word(size: int) -> None:
    packet = Goodbye(ssrcs=[1], reason=b"x" * size)
    assert len(packet.serialize()) == 8 + (size // 4 + 1) * 4
    assert parsed(packet.serialize()).reason == b"x" * size


def test_no_reason_is_not_an_empty_one() -> None:
    assert parsed(Goodbye(ssrcs=[1]).serialize()).reason is None
    assert parsed(Goodbye(ssrcs=[1], reason=b"").serialize()).reason == b""


def test_padding_is_not_a_reason() -> None:
    packet = parsed(Goodbye(ssrcs=[1], padding_size=4).serialize())
    assert (packet.ssrcs, packet.reason, packet.padding_size) == ((1,), None, 4)


def test_no_source_and_thirty_one() -> None:
    assert Goodbye().serialize() == bytes.fromhex("80cb0000")
    assert Goodbye().ssrcs == ()
    assert parsed(Goodbye(ssrcs=range(31)).serialize()).ssrcs == tuple(range(31))


@pytest.mark.parametrize(
    ("fields", "error", "message"),
    [
        ({"ssrcs": range(32)}, ConfigurationError, "ssrcs has 32 members, and at most 31 fit"),
        ({"ssrcs": [-1]}, ConfigurationError, "A member of ssrcs is -1"),
        ({"ssrcs": [None]}, TypeError, "A member of ssrcs is an integer, not None"),
        ({"ssrcs": 1}, TypeError, "ssrcs is an iterable, not 1"),
        ({"reason": bytes(256)}, ConfigurationError, "reason has 256 octets, and at most 255 fit"),
        ({"reason": "bye"}, TypeError, "reason is bytes or another buffer, not str"),
        ({"padding_size": 1}, ConfigurationError, "padding_size is 1, which is not a multiple of 4"),
    ],
)
def test_a_bad_argument_is_named(fields: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        Goodbye(**fields)


def test_repr_names_every_field() -> None:
    assert repr(Goodbye(ssrcs=[1], reason=b"x")) == "Goodbye(ssrcs=(1,), reason=b'x', padding_size=0)"
