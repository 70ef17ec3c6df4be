"""wire.extension, through RtpPacket: how elements are written, and what cannot be."""

from __future__ import annotations

from typing import Any

import pytest

from rtpcore.errors import ConfigurationError
from rtpcore.wire.rtp import RtpPacket

FIELDS: dict[str, Any] = {"payload_type": 96, "sequence_number": 1, "timestamp": 2, "ssrc": 3}


@pytest.mark.parametrize(
    ("elements", "profile", "data"),
    [
        ([(1, b"a")], 0xBEDE, b"\x10a\0\0"),
        ([(14, bytes(16))], 0xBEDE, b"\xef" + bytes(19)),
        ([(1, b"abc"), (2, b"abc")], 0xBEDE, b"\x12abc\x22abc"),
        ([(15, b"a")], 0x1000, b"\x0f\x01a\0"),
        ([(1, b"")], 0x1000, b"\x01\0\0\0"),
        ([(1, bytes(17))], 0x1000, b"\x01\x11" + bytes(18)),
        ([(1, b"a"), (255, b"b")], 0x1000, b"\x01\x01a\xff\x01b\0\0"),
        ([(7, bytes(255))], 0x1000, b"\x07\xff" + bytes(256 + 2)[:255] + bytes(3)),
    ],
)
def test_the_shortest_form_that_holds_all_is_taken(
    elements: list[tuple[int, bytes]], profile: int, data: bytes
) -> None:
    packet = RtpPacket(**FIELDS, extension_elements=elements)
    assert packet.extension_profile == profile
    assert packet.extension_data == data
    assert packet.extension_elements == tuple(elements)


@pytest.mark.parametrize("profile", [0x1000, 0x1005, 0x100F])
def test_a_two_byte_profile_is_kept(profile: int) -> None:
    packet = RtpPacket(**FIELDS, extension_profile=profile, extension_elements=[(1, b"a")])
    assert packet.extension_profile == profile
    assert packet.extension_data == b"\x01\x01a\0"


def test_no_elements_make_no_extension() -> None:
    assert RtpPacket(**FIELDS, extension_elements=()).extension is False


def test_no_elements_of_a_profile_make_an_empty_extension() -> None:
    packet = RtpPacket(**FIELDS, extension_profile=0xBEDE, extension_elements=())
    assert (packet.extension, packet.extension_data, packet.extension_elements) == (True, b"", ())


def test_a_generator_of_elements_will_do() -> None:
    packet = RtpPacket(**FIELDS, extension_elements=((n, bytes([n])) for n in (1, 2)))
    assert packet.extension_elements == ((1, b"\x01"), (2, b"\x02"))


@pytest.mark.parametrize(
    ("profile", "elements", "error", "message"),
    [
        (None, [(0, b"a")], ConfigurationError, "identifier of an extension element is 0, which means padding"),
        (None, [(256, b"a")], ConfigurationError, "identifier of an extension element is 256"),
        (None, [("1", b"a")], TypeError, "identifier of an extension element is an integer, not '1'"),
        (None, [(1, bytes(256))], ConfigurationError, "Extension element 1 has 256 octets, and at most 255 fit"),
        (None, [(1, "a")], TypeError, "The value of extension element 1 is bytes or another buffer, not str"),
        (None, [(1, b"a", 2)], TypeError, "An extension element is a tuple of identifier and octets"),
        (None, [1], TypeError, "An extension element is a tuple of identifier and octets, not 1"),
        (None, 1, TypeError, "extension_elements is an iterable, not 1"),
        (0xBEDE, [(15, b"a")], ConfigurationError, r"one-byte form .* not \[\(15, 1\)\]"),
        (0xBEDE, [(1, b"")], ConfigurationError, r"one-byte form .* not \[\(1, 0\)\]"),
        (0xBEDE, [(1, bytes(17))], ConfigurationError, r"one-byte form .* not \[\(1, 17\)\]"),
        (0x1010, [(1, b"a")], ConfigurationError, "extension_profile is 0x1010, and only 0xbede and 0x1000 to 0x100f"),
        (0xBEDF, [], ConfigurationError, "extension_profile is 0xbedf"),
        (70000, [(1, b"a")], ConfigurationError, "extension_profile is 70000"),
        (None, [(1, bytes(255))] * 256, ConfigurationError, "The extension has 65792 octets"),
    ],
)
def test_what_cannot_be_written_is_named(
    profile: int | None, elements: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        RtpPacket(**FIELDS, extension_profile=profile, extension_elements=elements)
