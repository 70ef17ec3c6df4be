"""wire.rtp: RtpPacket as a value, its constructor and its errors."""

from __future__ import annotations

import array
from typing import Any

import pytest

from rtpcore.errors import ConfigurationError, ParseError
from rtpcore.wire.rtp import RtpPacket

PLAIN: dict[str, Any] = {"payload_type": 0, "sequence_number": 1, "timestamp": 160, "ssrc": 0xDEADBEEF}
RICH = bytes.fromhex(
    "b2e0fffe 00000280 00000000"  # P, X, two CSRCs, M, 96, 65534, 640, SSRC 0
    "00000001 ffffffff"
    "bede0002 10aa 21bbcc 000000"  # elements 1 and 2
    "68656c6c6f 0000000004"
)


def test_every_field_of_a_rich_packet() -> None:
    packet = RtpPacket.parse(RICH)
    assert packet.version == 2
    assert packet.padding is True
    assert packet.extension is True
    assert packet.marker is True
    assert packet.payload_type == 96
    assert packet.sequence_number == 65534
    assert packet.timestamp == 640
    assert packet.ssrc == 0
    assert packet.csrcs == (1, 0xFFFFFFFF)
    assert packet.extension_profile == 0xBEDE
    assert packet.extension_data == bytes.fromhex("10aa21bbcc000000")
    assert packet.extension_elements == ((1, b"\xaa"), (2, b"\xbb\xcc"))
    assert bytes(packet.payload) == b"hello\0"
    assert packet.padding_size == 4
    assert packet.serialize() == RICH


def test_every_field_of_a_plain_packet() -> None:
    packet = RtpPacket.parse(b"\x80" + bytes(11))
    assert (packet.version, packet.padding, packet.extension, packet.marker) == (2, False, False, False)
    assert (packet.payload_type, packet.sequence_number, packet.timestamp, packet.ssrc) == (0, 0, 0, 0)
    assert (packet.csrcs, packet.extension_profile, packet.extension_data, packet.extension_elements) == (
        (), None, b"", (),
    )  # fmt: skip
    assert (bytes(packet.payload), packet.padding_size) == (b"", 0)


def test_every_truncation_of_a_rich_packet_is_refused_or_shorter() -> None:
    for size in range(len(RICH)):
        # From octet 33 on, what was payload or padding is the padding count, and it need not fit.
        if size > 32 and 1 <= RICH[size - 1] <= size - 32:
            packet = RtpPacket.parse(RICH[:size])
            assert packet.serialize() == RICH[:size]
            assert (len(packet.payload), packet.padding_size) == (size - 32 - RICH[size - 1], RICH[size - 1])
        else:
            with pytest.raises(ParseError) as caught:
                RtpPacket.parse(RICH[:size])
            assert 0 <= caught.value.offset <= size


def test_bytes_are_kept_and_not_copied() -> None:
    packet = RtpPacket.parse(RICH)
    assert packet.serialize() is RICH
    assert packet.payload.obj is RICH
    assert packet.payload.readonly


@pytest.mark.parametrize("wrap", [bytearray, memoryview, lambda octets: array.array("B", octets)])
def test_other_buffers_are_copied(wrap: Any) -> None:
    buffer = wrap(bytearray(RICH))
    packet = RtpPacket.parse(buffer)
    memoryview(buffer)[:] = bytes(len(RICH))
    assert packet.serialize() == RICH
    assert bytes(packet.payload) == b"hello\0"


def test_a_subclass_of_bytes_is_copied() -> None:
    class Octets(bytes):
        pass

    assert type(RtpPacket.parse(Octets(RICH)).serialize()) is bytes


def test_the_payload_outlives_the_packet() -> None:
    payload = RtpPacket.parse(bytearray(RICH)).payload
    assert bytes(payload) == b"hello\0"


@pytest.mark.parametrize("value", ["text", None, 12, [0x80]])
def test_what_is_no_buffer_is_named(value: object) -> None:
    with pytest.raises(TypeError, match=f"datagram is bytes or another buffer, not {type(value).__name__}"):
        RtpPacket.parse(value)  # type: ignore[arg-type]


def test_the_constructor_writes_every_field() -> None:
    packet = RtpPacket(
        payload_type=96, sequence_number=65534, timestamp=640, ssrc=0, marker=True, csrcs=[1, 0xFFFFFFFF],
        extension_elements=[(1, b"\xaa"), (2, bytearray(b"\xbb\xcc"))], payload=memoryview(b"hello\0"), padding_size=4,
    )  # fmt: skip
    assert packet.serialize() == RICH
    assert packet == RtpPacket.parse(RICH)


def test_the_constructor_defaults_to_a_plain_packet() -> None:
    assert RtpPacket(**PLAIN).serialize() == bytes.fromhex("80000001 000000a0 deadbeef")


def test_raw_extension_data_is_written_as_it_is() -> None:
    packet = RtpPacket(**PLAIN, extension_profile=0x1234, extension_data=b"abcd")
    assert (packet.extension_profile, packet.extension_data, packet.extension_elements) == (0x1234, b"abcd", ())
    assert packet.serialize()[12:] == b"\x12\x34\x00\x01abcd"


def test_an_extension_may_be_empty() -> None:
    packet = RtpPacket(**PLAIN, extension_profile=0)
    assert packet.extension is True
    assert (packet.extension_profile, packet.extension_data) == (0, b"")


def test_the_largest_extension() -> None:
    packet = RtpPacket(**PLAIN, extension_profile=1, extension_data=bytes(65532), payload=b"x")
    assert len(packet.extension_data) == 65532
    assert bytes(packet.payload) == b"x"


def test_a_payload_longer_than_a_datagram() -> None:
    assert len(RtpPacket(**PLAIN, payload=bytes(100_000)).payload) == 100_000


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"payload_type": 128}, ConfigurationError, "payload_type is 128, which is not between 0 and 127"),
        ({"payload_type": -1}, ConfigurationError, "payload_type is -1"),
        ({"payload_type": True}, TypeError, "payload_type is an integer, not True"),
        ({"sequence_number": 65536}, ConfigurationError, "sequence_number is 65536"),
        ({"sequence_number": 1.0}, TypeError, r"sequence_number is an integer, not 1\.0"),
        ({"timestamp": 1 << 32}, ConfigurationError, "timestamp is 4294967296"),
        ({"ssrc": 1 << 64}, ConfigurationError, "ssrc is 18446744073709551616"),
        ({"ssrc": "1"}, TypeError, "ssrc is an integer, not '1'"),
        ({"marker": 2}, TypeError, "marker is True or False, not 2"),
        ({"marker": "yes"}, TypeError, "marker is True or False, not 'yes'"),
        ({"csrcs": range(16)}, ConfigurationError, "csrcs has 16 members, and at most 15 fit"),
        ({"csrcs": [1 << 32]}, ConfigurationError, "A member of csrcs is 4294967296"),
        ({"csrcs": 5}, TypeError, "csrcs is an iterable, not 5"),
        ({"csrcs": "5"}, TypeError, "A member of csrcs is an integer, not '5'"),
        ({"padding_size": 256}, ConfigurationError, "padding_size is 256"),
        ({"payload": "text"}, TypeError, "payload is bytes or another buffer, not str"),
        ({"extension_profile": 65536}, ConfigurationError, "extension_profile is 65536"),
        ({"extension_profile": 1, "extension_data": b"abc"}, ConfigurationError, "extension has 3 octets"),
        ({"extension_profile": 1, "extension_data": bytes(65536)}, ConfigurationError, "extension has 65536 octets"),
        ({"extension_data": b"abcd"}, ConfigurationError, "has 4 octets, and there is no extension_profile"),
        ({"extension_data": 7}, TypeError, "extension_data is bytes or another buffer, not int"),
        ({"extension_data": b"abcd", "extension_elements": []}, ConfigurationError, "one excludes the other"),
    ],
)
def test_a_bad_argument_is_named(changes: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        RtpPacket(**(PLAIN | changes))
    with pytest.raises(error, match=message):
        RtpPacket(**PLAIN).replace(**changes)


@pytest.mark.parametrize("missing", sorted(PLAIN))
def test_the_four_fields_without_default_are_needed(missing: str) -> None:
    with pytest.raises(TypeError, match=missing):
        RtpPacket(**{name: value for name, value in PLAIN.items() if name != missing})


def test_serialize_into_writes_at_the_start() -> None:
    buffer = bytearray(b"\xff" * 50)
    packet = RtpPacket.parse(RICH)
    assert packet.serialize_into(buffer) == len(RICH)
    assert buffer == RICH + b"\xff" * (50 - len(RICH))
    buffer.append(0)


def test_serialize_into_a_view_leaves_the_rest() -> None:
    buffer = bytearray(len(RICH) + 2)
    assert RtpPacket.parse(RICH).serialize_into(memoryview(buffer)[1:-1]) == len(RICH)
    assert buffer == b"\0" + RICH + b"\0"


def test_serialize_into_too_small_a_buffer_writes_nothing() -> None:
    buffer = bytearray(len(RICH) - 1)
    with pytest.raises(ConfigurationError, match=f"has {len(RICH) - 1} octets, and the packet has {len(RICH)}"):
        RtpPacket.parse(RICH).serialize_into(buffer)
    assert buffer == bytes(len(RICH) - 1)


@pytest.mark.parametrize(
    ("buffer", "message"),
    [
        (bytes(100), "buffer is a bytes that is not writable"),
        (memoryview(bytearray(200))[::2], "buffer is a memoryview that is not writable and contiguous"),
        ("text", "buffer is a bytearray or another writable buffer, not str"),
    ],
)
def test_serialize_into_what_cannot_be_written(buffer: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        RtpPacket.parse(RICH).serialize_into(buffer)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("payload_type", 8), ("sequence_number", 0), ("timestamp", 7), ("ssrc", 9), ("marker", False), ("csrcs", (3,)),
        ("payload", b"other"), ("padding_size", 0), ("extension_data", b"\x00\x00\x00\x00"),
        ("extension_elements", ((3, b"xyz"),)),
    ],
)  # fmt: skip
def test_replace_changes_one_field(name: str, value: Any) -> None:
    names = ["payload_type", "sequence_number", "timestamp", "ssrc", "marker", "csrcs", "payload", "padding_size"]
    before = RtpPacket.parse(RICH)
    after = before.replace(**{name: value})
    assert getattr(after, name) == value
    assert before.serialize() == RICH
    assert all(getattr(after, other) == getattr(before, other) for other in names if other != name)
    if not name.startswith("extension"):
        assert (after.extension_profile, after.extension_data) == (before.extension_profile, before.extension_data)


def test_replace_nothing_is_equal() -> None:
    assert RtpPacket.parse(RICH).replace() == RtpPacket.parse(RICH)


def test_replace_takes_the_extension_away() -> None:
    packet = RtpPacket.parse(RICH).replace(extension_profile=None)
    assert (packet.extension, packet.extension_profile, packet.extension_data) == (False, None, b"")


def test_replaced_elements_choose_their_form_anew() -> None:
    assert RtpPacket.parse(RICH).replace(extension_elements=[(1, b"")]).extension_profile == 0x1000


def test_equality_and_hash_are_by_octets() -> None:
    packet = RtpPacket.parse(RICH)
    twin = RtpPacket.parse(bytearray(RICH))
    assert packet == twin
    assert hash(packet) == hash(twin)
    assert packet != packet.replace(ssrc=1)
    assert packet != RICH
    assert len({packet, twin}) == 1


def test_repr_names_what_is_there() -> None:
    assert repr(RtpPacket(**PLAIN)) == (
        "RtpPacket(payload_type=0, sequence_number=1, timestamp=160, ssrc=0xdeadbeef, payload=<0 octets>)"
    )
    assert repr(RtpPacket.parse(RICH)) == (
        "RtpPacket(payload_type=96, sequence_number=65534, timestamp=640, ssrc=0x00000000, marker=True, "
        "csrcs=(1, 4294967295), extension_profile=0xbede, extension_data=<8 octets>, payload=<6 octets>, "
        "padding_size=4)"
    )


def test_a_packet_cannot_be_changed() -> None:
    packet = RtpPacket.parse(RICH)
    for name in ("ssrc", "payload", "anything"):
        with pytest.raises(AttributeError):
            setattr(packet, name, 1)
    with pytest.raises(TypeError, match="cannot be initialised twice"):
        packet.__init__(**PLAIN)
    assert packet.serialize() is RICH


def test_a_packet_that_was_never_initialised_says_so() -> None:
    packet = RtpPacket.__new__(RtpPacket)
    for name in ("csrcs", "extension_data", "extension_elements", "payload"):
        with pytest.raises(TypeError, match="has not been initialised"):
            getattr(packet, name)
    for call in (packet.serialize, lambda: packet.serialize_into(bytearray(99)), lambda: hash(packet), packet.replace):
        with pytest.raises(TypeError, match="has not been initialised"):
            call()
