"""RFC 4585 6 and RFC 5104 4: feedback messages, field by field as the figures have them."""

from __future__ import annotations

from typing import Any

import pytest

from rtpcore.wire.rtcp.application_layer import ApplicationLayerFeedback, ReceiverEstimatedMaximumBitrate
from rtpcore.wire.rtcp.feedback import PayloadFeedback, TransportFeedback
from rtpcore.wire.rtcp.maximum_bit_rate import TemporaryMaximumBitRateNotification, TemporaryMaximumBitRateRequest
from rtpcore.wire.rtcp.nack import GenericNack
from rtpcore.wire.rtcp.parse import parse_rtcp
from rtpcore.wire.rtcp.picture import (
    FullIntraRequest,
    PictureLossIndication,
    ReferencePictureSelection,
    SliceLossIndication,
)

SENDER, MEDIA = 0x89ABCDEF, 0x01234567


def figure(*fields: tuple[int, int]) -> bytes:
    """Octets of (value, bits) fields, from left to right."""
    text = "".join(f"{value:0{width}b}" for value, width in fields)
    return int(text, 2).to_bytes(len(text) // 8, "big") if text else b""


def feedback(packet_type: int, form: int, media_ssrc: int, fci: bytes) -> bytes:
    length = 2 + len(fci) // 4
    return figure((2, 2), (0, 1), (form, 5), (packet_type, 8), (length, 16), (SENDER, 32), (media_ssrc, 32)) + fci


def both_ways(kind: Any, form: int, media_ssrc: int, fci: bytes, value: Any) -> Any:
    octets = feedback(205 if kind is TransportFeedback else 206, form, media_ssrc, fci)
    packet: Any = parse_rtcp(octets, reduced_size=True)[0]
    assert type(packet) is kind
    assert (packet.message_type, packet.ssrc, packet.media_ssrc, packet.fci) == (form, SENDER, media_ssrc, fci)
    assert kind(ssrc=SENDER, media_ssrc=media_ssrc, feedback=value).serialize() == octets
    assert packet.feedback == value
    return packet


def test_6_2_1_generic_nack() -> None:
    # "If bit i of the mask is set to 1, then packet (PID + i) is lost", bit 1 being the least significant one.
    nack = GenericNack(entries=[(0xFFF0, 0b1000_0000_0000_0101), (7, 0)])
    fci = figure((0xFFF0, 16), (0b1000_0000_0000_0101, 16), (7, 16), (0, 16))
    both_ways(TransportFeedback, 1, MEDIA, fci, nack)
    assert nack.lost == (0xFFF0, 0xFFF1, 0xFFF3, 0x0000, 7)


def test_6_3_1_picture_loss_indication() -> None:
    packet = both_ways(PayloadFeedback, 1, MEDIA, b"", PictureLossIndication())
    assert packet.serialize()[2:4] == b"\0\x02"


def test_6_3_2_slice_loss_indication() -> None:
    fci = figure((99, 13), (22, 13), (5, 6), (8191, 13), (1, 13), (63, 6))
    both_ways(PayloadFeedback, 2, MEDIA, fci, SliceLossIndication(slices=[(99, 22, 5), (8191, 1, 63)]))


@pytest.mark.parametrize(("bits", "padding"), [(16, 0), (13, 3), (8, 8), (1, 15), (0, 16)])
def test_6_3_3_reference_picture_selection_indication(bits: int, padding: int) -> None:
    text = (1 << bits) - 1 << padding
    octets = figure((text, 16))[: (bits + 7) // 8]
    selection = ReferencePictureSelection(payload_type=101, bit_string=octets, unused_bits=-bits % 8)
    both_ways(PayloadFeedback, 3, MEDIA, figure((padding, 8), (0, 1), (101, 7), (text, 16)), selection)


def test_6_4_application_layer_feedback() -> None:
    both_ways(PayloadFeedback, 15, MEDIA, b"anything", ApplicationLayerFeedback(data=b"anything"))


def test_rfc5104_4_2_1_temporary_maximum_bit_rate_request() -> None:
    fci = figure((MEDIA, 32), (5, 6), (100_000, 17), (40, 9), (1, 32), (63, 6), (0x1FFFF, 17), (511, 9))
    entries = [(MEDIA, 100_000 << 5, 40), (1, 0x1FFFF << 63, 511)]
    both_ways(TransportFeedback, 3, 0, fci, TemporaryMaximumBitRateRequest(entries=entries))


def test_rfc5104_4_2_2_temporary_maximum_bit_rate_notification() -> None:
    fci = figure((SENDER, 32), (1, 6), (0x10000, 17), (0, 9))
    value = TemporaryMaximumBitRateNotification(entries=[(SENDER, 0x20000, 0)])
    both_ways(TransportFeedback, 4, 0, fci, value)
    both_ways(TransportFeedback, 4, 0, b"", TemporaryMaximumBitRateNotification())


def test_rfc5104_4_3_1_full_intra_request() -> None:
    fci = figure((MEDIA, 32), (200, 8), (0, 24), (1, 32), (0, 8), (0, 24))
    both_ways(PayloadFeedback, 4, 0, fci, FullIntraRequest(entries=[(MEDIA, 200), (1, 0)]))


def test_draft_alvestrand_rmcat_remb_2_2() -> None:
    fci = b"REMB" + figure((2, 8), (3, 6), (200_000, 18), (MEDIA, 32), (1, 32))
    both_ways(PayloadFeedback, 15, 0, fci, ReceiverEstimatedMaximumBitrate(bit_rate=200_000 << 3, ssrcs=[MEDIA, 1]))


@pytest.mark.parametrize(
    "octets",
    [
        # as browsers send them: a picture loss indication, a REMB of 1 source
        "81ce0002 00000001 72a4ce5b",
        "8fce0005 00000001 00000000 52454d42 011a20df 72a4ce5b",
    ],
)
def test_what_browsers_send(octets: str) -> None:
    (packet,) = parse_rtcp(bytes.fromhex(octets), reduced_size=True)
    assert isinstance(packet, PayloadFeedback)
    value = packet.feedback
    assert not isinstance(value, bytes)
    if isinstance(value, ReceiverEstimatedMaximumBitrate):
        assert (value.bit_rate, value.ssrcs) == (0x220DF << 6, (0x72A4CE5B,))
    else:
        assert (value, packet.media_ssrc) == (PictureLossIndication(), 0x72A4CE5B)
