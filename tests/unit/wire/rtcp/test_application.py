"""wire.rtcp.application: ApplicationDefined."""

from __future__ import annotations

from typing import Any

import pytest

from rtpcore.errors import ConfigurationError
from rtpcore.wire.rtcp.application import ApplicationDefined
from rtpcore.wire.rtcp.parse import parse_rtcp

OCTETS = bytes.fromhex("a5cc0005 89abcdef") + b"PoC1" + b"whatever" + b"\0\0\0\x04"
FIELDS: dict[str, Any] = {
    "ssrc": 0x89ABCDEF, "name": b"PoC1", "subtype": 5, "data": b"whatever", "padding_size": 4,
}  # fmt: skip


def parsed(datagram: bytes) -> ApplicationDefined:
    (packet,) = parse_rtcp(datagram, reduced_size=True)
    assert isinstance(packet, ApplicationDefined)
    return packet


def test_every_field() -> None:
    packet = parsed(OCTETS)
    assert {name: getattr(packet, name) for name in FIELDS} == FIELDS
    assert (packet.packet_type, packet.count) == (204, 5)
    assert ApplicationDefined(**FIELDS) == packet
    assert packet.serialize() == OCTETS


def test_no_data() -> None:
    packet = ApplicationDefined(ssrc=1, name=b"name")
    assert packet.serialize() == bytes.fromhex("80cc0002 00000001") + b"name"
    assert (parsed(packet.serialize()).data, packet.subtype) == (b"", 0)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"ssrc": 1 << 32}, ConfigurationError, "ssrc is 4294967296"),
        ({"name": b"abc"}, ConfigurationError, "name is b'abc', which has 3 octets instead of 4"),
        ({"name": "name"}, TypeError, "name is bytes or another buffer, not str"),
        ({"subtype": 32}, ConfigurationError, "subtype is 32, which is not between 0 and 31"),
        ({"data": b"abc"}, ConfigurationError, "data has 3 octets, which is not a multiple of 4"),
        ({"data": 5}, TypeError, "data is bytes or another buffer, not int"),
        ({"padding_size": 5}, ConfigurationError, "padding_size is 5, which is not a multiple of 4"),
    ],
)
def test_a_bad_argument_is_named(changes: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        ApplicationDefined(**(FIELDS | changes))


def test_repr_names_every_field() -> None:
    assert repr(ApplicationDefined(**FIELDS)) == (
        "ApplicationDefined(ssrc=0x89abcdef, name=b'PoC1', subtype=5, data=b'whatever', padding_size=4)"
    )
