"""tshark dissects the feedback and APP packets that are written here, and finds in them what parse_rtcp finds."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rtpcore.wire.rtcp.application import ApplicationDefined
from rtpcore.wire.rtcp.application_layer import ReceiverEstimatedMaximumBitrate
from rtpcore.wire.rtcp.feedback import PayloadFeedback, TransportFeedback
from rtpcore.wire.rtcp.maximum_bit_rate import TemporaryMaximumBitRateNotification, TemporaryMaximumBitRateRequest
from rtpcore.wire.rtcp.nack import GenericNack
from rtpcore.wire.rtcp.packet import RtcpPacket
from rtpcore.wire.rtcp.parse import parse_rtcp
from rtpcore.wire.rtcp.picture import (
    FullIntraRequest,
    PictureLossIndication,
    ReferencePictureSelection,
    SliceLossIndication,
)
from rtpcore.wire.rtcp.report import ReceiverReport
from rtpcore.wire.rtcp.transport_wide import TransportWideFeedback
from tests.rfc.tshark import Layer, dissect

Seen = dict[str, Any]


def columns(layer: Layer, *names: str) -> list[tuple[int, ...]]:
    """Fields that stand once an entry, as one tuple an entry."""
    return list(zip(*([one.number for one in layer.all(f"rtcp.{name}")] for name in names), strict=True))


def nack(layer: Layer) -> list[tuple[int, int]]:
    # Each packet that the mask names has a PID of its own there, at the place of the mask.
    pids = [one.number for one in layer.all("rtcp.rtpfb.nack_pid") if one.offset % 4 == 0]
    return list(zip(pids, (one.number for one in layer.all("rtcp.rtpfb.nack_blp")), strict=True))


def bit_rates(layer: Layer) -> list[tuple[int, int, int]]:
    fields = [f"rtpfb.tmmbr.fci.{name}" for name in ("ssrc", "mantissa", "exp", "measuredoverhead")]
    return [(ssrc, mantissa << exponent, overhead) for ssrc, mantissa, exponent, overhead in columns(layer, *fields)]


def transport_wide(layer: Layer) -> tuple[int, ...]:
    head = columns(layer, *(f"rtpfb.transportcc.{name}" for name in ("baseseq", "statuscount", "reftime", "pktcount")))
    deltas = [one.octets for one in layer.all("rtcp.rtpfb.transportcc.recv_delta")]
    return (*head[0], *(int.from_bytes(octets, "big", signed=len(octets) == 2) for octets in deltas))


def maximum_bit_rate(layer: Layer) -> tuple[int, list[int]]:
    ((mantissa, exponent),) = columns(layer, "psfb.remb.fci.br_mantissa", "psfb.remb.fci.br_exp")
    return mantissa << exponent, [one.number for one in layer.all("rtcp.psfb.remb.fci.ssrc")]


def content_by_tshark(layer: Layer, kind: int, message_type: int) -> object:
    readers: dict[tuple[int, int], Callable[[Layer], object]] = {
        (205, 1): nack,
        (205, 3): bit_rates,
        (205, 4): bit_rates,
        (205, 15): transport_wide,
        (206, 2): lambda layer: columns(layer, *(f"psfb.fir.sli.{name}" for name in ("first", "number", "picture_id"))),
        (206, 4): lambda layer: columns(layer, "psfb.fir.fci.ssrc", "psfb.fir.fci.csn"),
        (206, 15): maximum_bit_rate,
    }
    reader = readers.get((kind, message_type))
    return reader(layer) if reader else layer.octets("rtcp.fci")


def content_by_packet(packet: TransportFeedback | PayloadFeedback) -> object:
    said = packet.feedback
    if isinstance(said, (GenericNack, TemporaryMaximumBitRateRequest, TemporaryMaximumBitRateNotification)):
        return list(said.entries)
    if isinstance(said, TransportWideFeedback):
        head = (said.base_sequence_number, said.packet_status_count, said.reference_time, said.feedback_packet_count)
        return (*head, *(delta for delta in said.receive_deltas if delta is not None))
    if isinstance(said, (SliceLossIndication, FullIntraRequest)):
        return list(said.slices if isinstance(said, SliceLossIndication) else said.entries)
    if isinstance(said, ReceiverEstimatedMaximumBitrate):
        return said.bit_rate, list(said.ssrcs)
    return packet.fci


def seen_by_tshark(layer: Layer) -> Seen:
    seen: Seen = layer.numbers("rtcp.version", "rtcp.padding", "rtcp.pt", "rtcp.length")
    if seen["rtcp.pt"] == 204:
        seen |= {"count": layer.numbers("rtcp.app.subtype")["rtcp.app.subtype"]}
        seen |= {"ssrc": layer.numbers("rtcp.ssrc.identifier")["rtcp.ssrc.identifier"]}
        seen |= {"name": layer.octets("rtcp.app.name")}
        return seen | {"content": layer.octets("rtcp.app.data") + layer.octets("rtcp.app.data_str")}
    (kind,) = [one.number for name in ("rtpfb", "psfb") for one in layer.all(f"rtcp.{name}.fmt")]
    ((ssrc, media_ssrc),) = columns(layer, "senderssrc", "mediassrc")
    seen |= {"count": kind, "ssrc": ssrc, "media_ssrc": media_ssrc}
    return seen | {"content": content_by_tshark(layer, seen["rtcp.pt"], kind)}


def seen_by_packet(packet: RtcpPacket) -> Seen:
    words = len(packet.serialize()) // 4 - 1
    seen: Seen = {"rtcp.version": 2, "rtcp.padding": 0, "rtcp.pt": packet.packet_type, "rtcp.length": words}
    seen |= {"count": packet.count}
    if isinstance(packet, ApplicationDefined):
        return seen | {"ssrc": packet.ssrc, "name": packet.name, "content": packet.data}
    assert isinstance(packet, (TransportFeedback, PayloadFeedback))
    seen |= {"ssrc": packet.ssrc, "media_ssrc": packet.media_ssrc}
    return seen | {"content": content_by_packet(packet)}


def entries(chance: random.Random, *bits: int, least: int = 1) -> list[Any]:
    return [tuple(chance.getrandbits(one) for one in bits) for _ in range(chance.randint(least, 5))]


def transport_feedback(chance: random.Random) -> TransportFeedback:
    # Of an overhead tshark shows eight bits of the nine: docs/quirks.md.
    rates = [
        (ssrc, mantissa << exponent, overhead) for ssrc, mantissa, exponent, overhead in entries(chance, 32, 17, 6, 8)
    ]
    deltas = [chance.choice((None, None, 0, 1, 255, 256, -1, -0x8000, 0x7FFF)) for _ in range(chance.randrange(60))]
    feedback = chance.choice(
        (
            GenericNack(entries=entries(chance, 16, 16)),
            TemporaryMaximumBitRateRequest(entries=rates),
            TemporaryMaximumBitRateNotification(entries=rates),
            TransportWideFeedback(
                base_sequence_number=chance.getrandbits(16), reference_time=chance.randrange(-(2**23), 2**23),
                feedback_packet_count=chance.getrandbits(8), receive_deltas=[1, *deltas],
            ),
        )
    )  # fmt: skip
    return TransportFeedback(ssrc=chance.getrandbits(32), media_ssrc=chance.getrandbits(32), feedback=feedback)


def payload_feedback(chance: random.Random) -> PayloadFeedback:
    addressed: Seen = {"ssrc": chance.getrandbits(32), "media_ssrc": chance.getrandbits(32)}
    if chance.random() < 0.2:
        fci = chance.randbytes(4 * chance.randint(1, 5))
        return PayloadFeedback(**addressed, message_type=chance.randint(5, 14), fci=fci)
    feedback = chance.choice(
        (
            PictureLossIndication(),
            SliceLossIndication(slices=entries(chance, 13, 13, 6)),
            ReferencePictureSelection(payload_type=chance.randrange(128), bit_string=chance.randbytes(7)),
            FullIntraRequest(entries=entries(chance, 32, 8)),
            ReceiverEstimatedMaximumBitrate(
                bit_rate=chance.getrandbits(18) << chance.randrange(46),
                ssrcs=[chance.getrandbits(32) for _ in range(chance.randrange(4))],
            ),
        )
    )
    return PayloadFeedback(**addressed, feedback=feedback)


def application(chance: random.Random) -> ApplicationDefined:
    data = chance.randbytes(4 * chance.randrange(5))
    return ApplicationDefined(ssrc=chance.getrandbits(32), name=b"test", subtype=chance.randrange(32), data=data)


def test_every_field_of_feedback(program: Callable[[str], str], tmp_path: Path) -> None:
    chance = random.Random(4585)
    compounds = [
        [ReceiverReport(ssrc=1), *(chance.choice((transport_feedback, payload_feedback))(chance) for _ in range(3))]
        for _ in range(400)
    ] + [[ReceiverReport(ssrc=1), application(chance)] for _ in range(50)]
    datagrams = [b"".join(packet.serialize() for packet in packets) for packets in compounds]
    dissected = dissect(program("tshark"), datagrams, "rtcp", tmp_path)
    for packets, datagram, layers in zip(compounds, datagrams, dissected, strict=True):
        assert parse_rtcp(datagram) == packets
        assert [layer.protocol for layer in layers] == ["rtcp"] * len(packets), datagram.hex()
        seen = [seen_by_packet(packet) for packet in parse_rtcp(datagram)[1:]]
        assert [seen_by_tshark(layer) for layer in layers[1:]] == seen, datagram.hex()
        assert layers[-1].numbers("rtcp.length_check") == {"rtcp.length_check": 1}
