"""wire.extension_value: what header extension elements hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from rtpcore.errors import ConfigurationError, ParseError
from rtpcore.wire.extension_value import (
    AudioLevel,
    absolute_send_time,
    decode_absolute_send_time,
    decode_audio_level,
    decode_media_identification,
    decode_stream_identification,
    decode_transport_sequence_number,
    encode_absolute_send_time,
    encode_audio_level,
    encode_media_identification,
    encode_stream_identification,
    encode_transport_sequence_number,
)
from rtpcore.wire.rtp import RtpPacket
from rtpcore.wire.validity import ParseReason

Decode = Callable[[Any], object]


@pytest.mark.parametrize(("value", "octets"), [(0, "000000"), (1 << 18, "040000"), (0xFFFFFF, "ffffff"), (5, "000005")])
def test_absolute_send_time(value: int, octets: str) -> None:
    assert decode_absolute_send_time(bytes.fromhex(octets)) == value
    assert encode_absolute_send_time(value) == bytes.fromhex(octets)


@pytest.mark.parametrize(
    ("ntp_timestamp", "value"),
    [
        (0, 0),
        (1 << 32, 1 << 18),
        (63 << 32, 63 << 18),
        (64 << 32, 0),
        ((1 << 64) - 1, 0xFFFFFF),
        ((1 << 14) - 1, 0),
        (1 << 14, 1),
        (0xE4E4E4E4_80000000, (0xE4E4E4E4 % 64 << 18) + (1 << 17)),
    ],
)
def test_absolute_send_time_of_an_ntp_time(ntp_timestamp: int, value: int) -> None:
    assert absolute_send_time(ntp_timestamp) == value


@pytest.mark.parametrize("level", [0, 1, 126, 127])
@pytest.mark.parametrize("voice", [False, True])
def test_audio_level(level: int, voice: bool) -> None:
    octets = bytes([level + 128 * voice])
    decoded = decode_audio_level(octets)
    assert decoded == AudioLevel(level, voice)
    assert (decoded.level, decoded.voice) == (level, voice)
    assert type(decoded.voice) is bool
    assert encode_audio_level(*decoded) == octets
    assert encode_audio_level(level) == bytes([level])


@pytest.mark.parametrize(("number", "octets"), [(0, "0000"), (258, "0102"), (65535, "ffff")])
def test_transport_sequence_number(number: int, octets: str) -> None:
    assert decode_transport_sequence_number(memoryview(bytes.fromhex(octets))) == number
    assert encode_transport_sequence_number(number) == bytes.fromhex(octets)


@pytest.mark.parametrize("mid", ["0", "audio", "{a1-B2}", "!#$%&'*+-.^_`{|}~", "x" * 255])
def test_media_identification(mid: str) -> None:
    assert decode_media_identification(mid.encode()) == mid
    assert encode_media_identification(mid) == mid.encode()


@pytest.mark.parametrize("rid", ["0", "hi", "Low-3_x", "x" * 255])
def test_stream_identification(rid: str) -> None:
    assert decode_stream_identification(bytearray(rid.encode())) == rid
    assert encode_stream_identification(rid) == rid.encode()


@pytest.mark.parametrize(
    ("decode", "element", "offset", "message"),
    [
        (decode_absolute_send_time, bytes(2), 2, "An absolute send time has 3 octets, and this one has 2"),
        (decode_absolute_send_time, bytes(4), 3, "An absolute send time has 3 octets, and this one has 4"),
        (decode_audio_level, b"", 0, "An audio level has 1 octets, and this one has 0"),
        (decode_audio_level, bytes(2), 1, "An audio level has 1 octets, and this one has 2"),
        (decode_transport_sequence_number, bytes(1), 1, "A transport-wide sequence number has 2 octets, and"),
        (decode_transport_sequence_number, bytes(4), 2, "A transport-wide sequence number has 2 octets, and"),
        (decode_media_identification, b"", 0, "A MID has 1 to 255 octets, and this one has 0"),
        (decode_media_identification, b"x" * 256, 0, "A MID has 1 to 255 octets, and this one has 256"),
        (decode_media_identification, b"a b", 1, "A MID is b'a b', and octet 1 is not allowed"),
        (decode_media_identification, b"ab\xff", 2, r"A MID is b'ab\\xff', and octet 2 is not allowed"),
        (decode_media_identification, b"\0", 0, r"A MID is b'\\x00', and octet 0 is not allowed"),
        (decode_stream_identification, b"", 0, "A stream identification has 1 to 255 octets, and this one has 0"),
        (decode_stream_identification, b"hi!", 2, "A stream identification is b'hi!', and octet 2 is not allowed"),
    ],
)
def test_what_is_not_of_the_form_is_told(decode: Decode, element: bytes, offset: int, message: str) -> None:
    with pytest.raises(ParseError, match=message) as caught:
        decode(element)
    assert (caught.value.reason, caught.value.offset) == (ParseReason.EXTENSION_BAD_VALUE, offset)


@pytest.mark.parametrize(
    "decode",
    [
        decode_absolute_send_time,
        decode_audio_level,
        decode_transport_sequence_number,
        decode_media_identification,
        decode_stream_identification,
    ],
)
@pytest.mark.parametrize("value", ["text", None, 8])
def test_what_is_no_buffer_is_named(decode: Decode, value: Any) -> None:
    with pytest.raises(TypeError, match=f"element is bytes or another buffer, not {type(value).__name__}"):
        decode(value)


@pytest.mark.parametrize(
    ("encode", "arguments", "error", "message"),
    [
        (encode_absolute_send_time, (1 << 24,), ConfigurationError, "send_time is 16777216, which is not between"),
        (encode_absolute_send_time, ("0",), TypeError, "send_time is an integer, not '0'"),
        (absolute_send_time, (1 << 64,), ConfigurationError, "ntp_timestamp is 18446744073709551616"),
        (encode_audio_level, (128,), ConfigurationError, "level is 128, which is not between 0 and 127"),
        (encode_audio_level, (1.5,), TypeError, r"level is an integer, not 1\.5"),
        (encode_audio_level, (1, "yes"), TypeError, "voice is True or False, not 'yes'"),
        (encode_transport_sequence_number, (65536,), ConfigurationError, "sequence_number is 65536"),
        (encode_media_identification, ("",), ConfigurationError, "A MID is '', which is not 1 to 255"),
        (encode_media_identification, ("x" * 256,), ConfigurationError, "A MID is 'xxxx"),
        (encode_media_identification, ("a b",), ConfigurationError, "A MID is 'a b', which is not 1 to 255"),
        (encode_media_identification, ("\u00e4",), ConfigurationError, "A MID is '\u00e4'"),
        (encode_media_identification, ("\ud800",), ConfigurationError, "A MID is '"),
        (encode_media_identification, (b"0",), TypeError, "A MID is a str, not b'0'"),
        (encode_stream_identification, ("{}",), ConfigurationError, "A stream identification is '{}'"),
        (encode_stream_identification, (5,), TypeError, "A stream identification is a str, not 5"),
    ],
)
def test_a_bad_argument_is_named(
    encode: Callable[..., bytes], arguments: tuple[Any, ...], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        encode(*arguments)


def test_elements_of_a_packet() -> None:
    packet = RtpPacket(
        payload_type=111, sequence_number=1, timestamp=2, ssrc=3,
        extension_elements=[
            (1, encode_audio_level(30, voice=True)),
            (2, encode_absolute_send_time(absolute_send_time(1 << 32))),
            (3, encode_transport_sequence_number(7)),
            (4, encode_media_identification("0")),
            (10, encode_stream_identification("hi")),
        ],
    )  # fmt: skip
    elements = dict(RtpPacket.parse(packet.serialize()).extension_elements)
    assert decode_audio_level(elements[1]) == (30, True)
    assert decode_absolute_send_time(elements[2]) == 1 << 18
    assert decode_transport_sequence_number(elements[3]) == 7
    assert decode_media_identification(elements[4]) == "0"
    assert decode_stream_identification(elements[10]) == "hi"
