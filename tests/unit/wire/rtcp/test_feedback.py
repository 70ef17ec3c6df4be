"""wire.rtcp.feedback: TransportFeedback and PayloadFeedback."""

from __future__ import annotations

from typing import Any

import pytest

from rtpcore.errors import ConfigurationError
from rtpcore.wire.rtcp.application_layer import ApplicationLayerFeedback, ReceiverEstimatedMaximumBitrate
from rtpcore.wire.rtcp.feedback import FeedbackPacket, PayloadFeedback, TransportFeedback
from rtpcore.wire.rtcp.maximum_bit_rate import TemporaryMaximumBitRateNotification, TemporaryMaximumBitRateRequest
from rtpcore.wire.rtcp.nack import GenericNack
from rtpcore.wire.rtcp.parse import parse_rtcp
from rtpcore.wire.rtcp.picture import (
    FullIntraRequest,
    PictureLossIndication,
    ReferencePictureSelection,
    SliceLossIndication,
)
from rtpcore.wire.rtcp.transport_wide import TransportWideFeedback

KINDS: list[Any] = [TransportFeedback, PayloadFeedback]
FEEDBACK: list[tuple[Any, int, Any]] = [
    (TransportFeedback, 1, GenericNack(lost=[1])),
    (TransportFeedback, 3, TemporaryMaximumBitRateRequest(entries=[(1, 2, 3)])),
    (TransportFeedback, 4, TemporaryMaximumBitRateNotification()),
    (
        TransportFeedback,
        15,
        TransportWideFeedback(
            base_sequence_number=1, reference_time=2, feedback_packet_count=3, receive_deltas=[4, None]
        ),
    ),
    (PayloadFeedback, 1, PictureLossIndication()),
    (PayloadFeedback, 2, SliceLossIndication(slices=[(1, 2, 3)])),
    (PayloadFeedback, 3, ReferencePictureSelection(payload_type=96, bit_string=b"a")),
    (PayloadFeedback, 4, FullIntraRequest(entries=[(1, 2)])),
    (PayloadFeedback, 15, ReceiverEstimatedMaximumBitrate(bit_rate=1, ssrcs=[2])),
    (PayloadFeedback, 15, ApplicationLayerFeedback(data=b"abcd")),
]


def parsed(datagram: bytes) -> Any:
    (packet,) = parse_rtcp(datagram, reduced_size=True)
    assert isinstance(packet, FeedbackPacket)
    return packet


@pytest.mark.parametrize(("kind", "form", "feedback"), FEEDBACK)
def test_feedback_by_its_message_type(kind: Any, form: int, feedback: Any) -> None:
    packet = kind(ssrc=0x89ABCDEF, media_ssrc=7, feedback=feedback, padding_size=8)
    assert (packet.message_type, packet.count, packet.ssrc, packet.media_ssrc) == (form, form, 0x89ABCDEF, 7)
    assert packet.packet_type == (205 if kind is TransportFeedback else 206)
    assert packet.fci == feedback.serialize()
    assert packet.padding_size == 8
    again = parsed(packet.serialize())
    assert again == packet
    assert again.feedback == feedback
    assert type(again.feedback) is type(feedback)
    assert kind(ssrc=0x89ABCDEF, media_ssrc=7, message_type=form, fci=packet.fci, padding_size=8) == packet


def test_feedback_outlives_its_packet() -> None:
    packets = parse_rtcp(bytes.fromhex("80c90001 00000001 81cd0003 00000001 00000002 00070001"))
    feedback: Any = packets[1].feedback  # type: ignore[attr-defined]
    del packets
    assert feedback.lost == (7, 8)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", [0, 5, 6, 7, 8, 11, 14, 16, 31])
@pytest.mark.parametrize("fci", [b"", b"whatever"])
def test_a_message_type_without_a_class_keeps_its_octets(kind: Any, form: int, fci: bytes) -> None:
    packet = parsed(kind(ssrc=1, media_ssrc=2, message_type=form, fci=fci).serialize())
    assert type(packet) is kind
    assert packet.feedback == packet.fci == fci
    assert type(packet.feedback) is bytes


@pytest.mark.parametrize("padding_size", [1, 2, 3, 5, 251])
def test_transport_wide_feedback_may_be_padded_to_a_word(padding_size: int) -> None:
    fci = bytes.fromhex("00010001 00000000 2001 07") + bytes(-(11 + padding_size) % 4)
    packet = TransportFeedback(ssrc=1, media_ssrc=2, message_type=15, fci=fci, padding_size=padding_size)
    again = parsed(packet.serialize())
    assert (again.fci, again.padding_size) == (fci, padding_size)
    assert again.feedback.receive_deltas == (7,)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"ssrc": -1}, ConfigurationError, "ssrc is -1"),
        ({"media_ssrc": 1 << 32}, ConfigurationError, "media_ssrc is 4294967296"),
        ({"message_type": None}, ConfigurationError, "Neither feedback nor message_type is given"),
        ({"message_type": 32}, ConfigurationError, "message_type is 32, which is not between 0 and 31"),
        ({"message_type": "1"}, TypeError, "message_type is an integer, not '1'"),
        ({"fci": b"abc"}, ConfigurationError, "fci has 3 octets, which is not a multiple of 4"),
        ({"fci": "abcd"}, TypeError, "fci is bytes or another buffer, not str"),
        ({"padding_size": 3}, ConfigurationError, "padding_size is 3, which is not a multiple of 4"),
        ({"feedback": b"abcd"}, TypeError, r"or another of the (transport|payload), not b'abcd'"),
        ({"feedback": 5}, TypeError, r"or another of the (transport|payload), not 5"),
    ],
)
def test_a_bad_argument_is_named(kind: Any, changes: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        kind(**({"ssrc": 1, "media_ssrc": 2, "message_type": 1} | changes))


@pytest.mark.parametrize(("kind", "form", "feedback"), FEEDBACK)
@pytest.mark.parametrize("changes", [{"message_type": 1}, {"fci": b"abcd"}])
def test_feedback_and_its_octets_exclude_each_other(kind: Any, form: int, feedback: Any, changes: Any) -> None:
    with pytest.raises(ConfigurationError, match="feedback is given with message_type or fci"):
        kind(ssrc=1, feedback=feedback, **changes)


@pytest.mark.parametrize(("kind", "form", "feedback"), FEEDBACK)
def test_feedback_of_the_other_kind_is_refused(kind: Any, form: int, feedback: Any) -> None:
    other = TransportFeedback if kind is PayloadFeedback else PayloadFeedback
    with pytest.raises(TypeError, match="or another of the"):
        other(ssrc=1, feedback=feedback)


@pytest.mark.parametrize(("kind", "form", "feedback"), FEEDBACK)
def test_feedback_that_was_never_initialised_says_so(kind: Any, form: int, feedback: Any) -> None:
    made: Any = type(feedback)
    empty = made.__new__(made)
    sentence = f"The {made.__name__} has not been initialised"
    names = [name for name in dir(empty) if not name.startswith("_") and name != "serialize"]
    for name in names:
        with pytest.raises(TypeError, match=sentence):
            getattr(empty, name)
    for call in (empty.serialize, lambda: repr(empty), lambda: kind(ssrc=1, feedback=empty)):
        with pytest.raises(TypeError, match=sentence):
            call()


@pytest.mark.parametrize("kind", KINDS)
def test_repr_names_every_field(kind: Any) -> None:
    assert repr(kind(ssrc=1, media_ssrc=2, message_type=9, fci=b"abcd")) == (
        f"{kind.__name__}(ssrc=0x00000001, media_ssrc=0x00000002, message_type=9, fci=b'abcd', padding_size=0)"
    )
