"""wire.rtcp.transport_wide: TransportWideFeedback and PacketStatus."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import rtpcore.wire
from rtpcore.errors import ConfigurationError, ParseError
from rtpcore.wire.rtcp.feedback import TransportFeedback
from rtpcore.wire.rtcp.transport_wide import PacketStatus, TransportWideFeedback
from rtpcore.wire.validity import ParseReason

FIELDS: dict[str, Any] = {"base_sequence_number": 65530, "reference_time": -2, "feedback_packet_count": 255}
HEAD = "fffa {:04x} fffffe ff"


def read(fci: bytes) -> TransportWideFeedback:
    packet = TransportFeedback(ssrc=1, media_ssrc=2, message_type=15, fci=fci, padding_size=-len(fci) % 4)
    feedback = packet.feedback
    assert isinstance(feedback, TransportWideFeedback)
    return feedback


@pytest.mark.parametrize(
    ("deltas", "chunks"),
    [
        ((), ""),
        ((0,), "2001 00"),
        ((255,), "2001 ff"),
        ((256,), "4001 0100"),
        ((-1,), "4001 ffff"),
        ((-32768, 32767), "4002 8000 7fff"),
        ((None,), "0001"),
        ((None,) * 8192, "1fff 0001"),
        ((1,) * 14 + (None,), "200e 0001" + "01" * 14),
        ((1, None, 2), "a800 01 02"),
        ((1, None) * 7, "aaaa" + "01" * 7),
        ((1, 256, None, 0, None, 0, None), "d844 01 0100 00 00"),
        ((1,) * 7 + (256,), "2007 4001" + "01" * 7 + "0100"),
    ],
)
def test_deltas_become_chunks(deltas: tuple[int | None, ...], chunks: str) -> None:
    feedback = TransportWideFeedback(**FIELDS, receive_deltas=iter(deltas))
    octets = bytes.fromhex(HEAD.format(len(deltas)) + chunks)
    assert feedback.serialize() == octets + bytes(-len(octets) % 4)
    assert feedback.receive_deltas == deltas
    assert feedback.packet_status_count == len(deltas)
    assert {name: getattr(feedback, name) for name in FIELDS} == FIELDS
    assert read(feedback.serialize()) == feedback
    assert read(octets).receive_deltas == deltas


def test_statuses() -> None:
    feedback = TransportWideFeedback(**FIELDS, receive_deltas=[None, 0, 255, 256, -1])
    assert feedback.statuses == (
        PacketStatus.NOT_RECEIVED,
        PacketStatus.SMALL_DELTA,
        PacketStatus.SMALL_DELTA,
        PacketStatus.LARGE_DELTA,
        PacketStatus.LARGE_DELTA,
    )


@pytest.mark.parametrize(
    ("count", "chunks", "deltas"),
    [
        (2, "2000 0000 4000 2001 2001 07 08", (7, 8)),  # runs of no packet
        (2, "3fff 07 08", (7, 8)),  # a run beyond the count
        (3, "b800 07 08 09", (7, 8, 9)),
        (3, "bfff 07 08 09", (7, 8, 9)),  # symbols beyond the count
        (3, "d800 07 0100", (7, 256, None)),
        (0, "", ()),
        (0, "ffff", ()),  # chunks of no packet
        (1, "2001 07 ffffff", (7,)),  # octets after the deltas
    ],
)
def test_what_a_sender_need_not_write_is_read(count: int, chunks: str, deltas: tuple[int | None, ...]) -> None:
    feedback = read(bytes.fromhex(HEAD.format(count) + chunks))
    assert feedback.receive_deltas == deltas
    assert len(feedback.statuses) == count


@pytest.mark.parametrize(
    ("fci", "offset", "message"),
    [
        ("", 12, "at least 8 octets, and this has 0"),
        ("0001 0000", 12, "at least 8 octets, and this has 4"),
        ("0001 0001 000000 00", 20, "end before 1 of the 1 packets"),
        ("0001 0010 000000 00 8000", 22, "end before 2 of the 16 packets"),
        ("0001 2000 000000 00 1fff", 22, "end before 1 of the 8192 packets"),
        ("0001 0001 000000 00 6001 0000", 20, "chunk 0x6001 holds the reserved status 3"),
        ("0001 0008 000000 00 0001 c003 0000", 22, "chunk 0xc003 holds the reserved status 3"),
        ("0001 0003 000000 00 2003 0000", 22, "deltas have 3 octets, and 2 are left"),
        ("0001 0002 000000 00 4002 0000 00", 22, "deltas have 4 octets, and 3 are left"),
    ],
)
def test_what_is_not_of_the_form_is_told(fci: str, offset: int, message: str) -> None:
    with pytest.raises(ParseError, match=message) as caught:
        read(bytes.fromhex(fci))
    assert (caught.value.reason, caught.value.offset) == (ParseReason.RTCP_BAD_FEEDBACK, offset)


def test_the_reserved_status_beyond_the_count_is_nobodys() -> None:
    assert read(bytes.fromhex("0001 0001 000000 00 dfff 0700")).receive_deltas == (7,)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"base_sequence_number": 65536}, ConfigurationError, "base_sequence_number is 65536"),
        ({"reference_time": 0x800000}, ConfigurationError, "reference_time is 8388608"),
        ({"reference_time": -0x800001}, ConfigurationError, "reference_time is -8388609"),
        ({"feedback_packet_count": 256}, ConfigurationError, "feedback_packet_count is 256"),
        ({"receive_deltas": 5}, TypeError, "receive_deltas is an iterable, not 5"),
        ({"receive_deltas": [0.5]}, TypeError, r"A member of receive_deltas is an integer, not 0\.5"),
        ({"receive_deltas": [32768]}, ConfigurationError, "A member of receive_deltas is 32768"),
        ({"receive_deltas": [None] * 65536}, ConfigurationError, "receive_deltas has 65536 members"),
    ],
)
def test_a_bad_argument_is_named(changes: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        TransportWideFeedback(**(FIELDS | {"receive_deltas": ()} | changes))


def test_the_python_enum_agrees_with_the_c_enum() -> None:
    text = (Path(rtpcore.wire.__file__).parent / "rtcp" / "transport_wide.pxd").read_text()
    declared = {name: int(value) for name, value in re.findall(r"^    PACKET_(\w+) = (\d+)", text, re.MULTILINE)}
    assert declared == {member.name: member.value for member in PacketStatus}


def test_repr_names_every_field() -> None:
    assert repr(TransportWideFeedback(**FIELDS, receive_deltas=[None, 1])) == (
        "TransportWideFeedback(base_sequence_number=65530, reference_time=-2, feedback_packet_count=255, "
        "receive_deltas=(None, 1))"
    )
