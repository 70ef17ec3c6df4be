"""tshark dissects compounds that the RTCP classes write, and finds in them what parse_rtcp finds."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rtpcore.wire.rtcp.goodbye import Goodbye
from rtpcore.wire.rtcp.packet import RtcpPacket
from rtpcore.wire.rtcp.parse import parse_rtcp
from rtpcore.wire.rtcp.report import ReceiverReport, ReportBlock, SenderReport
from rtpcore.wire.rtcp.source_description import SourceDescription, SourceDescriptionItem
from tests.rfc.tshark import Layer, dissect

SENDER = {
    "rtp_timestamp": "rtcp.timestamp.rtp",
    "packet_count": "rtcp.sender.packetcount",
    "octet_count": "rtcp.sender.octetcount",
}
BLOCK = {
    "ssrc": "rtcp.ssrc.identifier",
    "fraction_lost": "rtcp.ssrc.fraction",
    "cumulative_lost": "rtcp.ssrc.cum_nr",
    "extended_highest_sequence_number": "rtcp.ssrc.ext_high",
    "interarrival_jitter": "rtcp.ssrc.jitter",
    "last_sr": "rtcp.ssrc.lsr",
    "delay_since_last_sr": "rtcp.ssrc.dlsr",
}
Seen = dict[str, Any]


def blocks_of(layer: Layer) -> list[Seen]:
    columns = {name: [one.number for one in layer.all(field)] for name, field in BLOCK.items()}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def report_by_tshark(layer: Layer) -> Seen:
    seen: Seen = {"blocks": blocks_of(layer), "ssrc": layer.all("rtcp.senderssrc")[0].number}
    seen["extension"] = b"".join(one.octets for one in layer.all("rtcp.profile-specific-extension"))
    for name, field in SENDER.items():
        if layer.all(field):
            seen |= {name: layer.numbers(field)[field]}
    msw, lsw = (sum(one.number for one in layer.all(f"rtcp.timestamp.ntp.{half}")) for half in ("msw", "lsw"))
    return seen | {"ntp_timestamp": msw << 32 | lsw}


def report_by_packet(packet: SenderReport | ReceiverReport) -> Seen:
    seen: Seen = {"blocks": [{name: getattr(one, name) for name in BLOCK} for one in packet.reports]}
    seen |= {"ssrc": packet.ssrc, "extension": packet.profile_extensions[4:], "ntp_timestamp": 0}
    if isinstance(packet, SenderReport):
        seen |= {name: getattr(packet, name) for name in ("ntp_timestamp", *SENDER)}
    return seen


def chunks_by_tshark(layer: Layer) -> Seen:
    """Items as (type, octets); what tshark splits into the parts of PRIV is put together again."""
    chunks: list[tuple[int, list[tuple[int, bytes]]]] = []
    for one in layer.fields:
        if one.name == "rtcp.ssrc.identifier":
            chunks.append((one.number, []))
        elif one.name == "rtcp.sdes.type" and one.number != 0:
            chunks[-1][1].append((one.number, b""))
        elif one.name in ("rtcp.sdes.prefix.length", "rtcp.sdes.prefix.string", "rtcp.sdes.text"):
            kind, octets = chunks[-1][1][-1]
            chunks[-1][1][-1] = (kind, octets + one.octets)
    return {"chunks": chunks}


def goodbye_by_tshark(layer: Layer) -> Seen:
    ssrcs = [one.number for one in layer.all("rtcp.ssrc.identifier")]
    return {"ssrcs": ssrcs, "reason": layer.octets("rtcp.sdes.text") if layer.all("rtcp.sdes.length") else None}


def seen_by_tshark(layer: Layer) -> Seen:
    seen: Seen = layer.numbers("rtcp.version", "rtcp.padding", "rtcp.pt", "rtcp.length")
    seen["count"] = sum(one.number for name in ("rtcp.rc", "rtcp.sc") for one in layer.all(name))
    seen["padding size"] = sum(one.number for one in layer.all("rtcp.padding.count"))
    reader = {200: report_by_tshark, 201: report_by_tshark, 202: chunks_by_tshark, 203: goodbye_by_tshark}
    return seen | reader[seen["rtcp.pt"]](layer)


def seen_by_packet(packet: RtcpPacket) -> Seen:
    octets = packet.serialize()
    seen: Seen = {"rtcp.version": 2, "rtcp.padding": int(packet.padding_size > 0), "rtcp.pt": packet.packet_type}
    seen |= {"rtcp.length": len(octets) // 4 - 1, "count": packet.count, "padding size": packet.padding_size}
    if isinstance(packet, (SenderReport, ReceiverReport)):
        return seen | report_by_packet(packet)
    if isinstance(packet, SourceDescription):
        return seen | {"chunks": [(chunk.ssrc, list(chunk.items)) for chunk in packet.chunks]}
    assert isinstance(packet, Goodbye)
    return seen | {"ssrcs": list(packet.ssrcs), "reason": packet.reason}


def report(chance: random.Random) -> SenderReport | ReceiverReport:
    extension = chance.randbytes(4 * chance.choice((0, 0, 1, 3)))
    common: Seen = {
        "ssrc": chance.getrandbits(32),
        "reports": [
            ReportBlock(
                ssrc=chance.getrandbits(32), fraction_lost=chance.randrange(256),
                cumulative_lost=chance.randrange(-(2**23), 2**23),
                extended_highest_sequence_number=chance.getrandbits(32), interarrival_jitter=chance.getrandbits(32),
                last_sr=chance.getrandbits(32), delay_since_last_sr=chance.getrandbits(32),
            )
            for _ in range(chance.choice((0, 1, 2, 31)))
        ],
        # The only form that tshark knows, with a type that nobody has: docs/quirks.md.
        "profile_extensions": b"\xff\xff\x00" + bytes([len(extension) + 4]) + extension if extension else b"",
    }  # fmt: skip
    if chance.random() < 0.5:
        return ReceiverReport(**common)
    return SenderReport(
        ntp_timestamp=chance.getrandbits(64), rtp_timestamp=chance.getrandbits(32),
        packet_count=chance.getrandbits(32), octet_count=chance.getrandbits(32), **common,
    )  # fmt: skip


def description(chance: random.Random, padding_size: int = 0) -> SourceDescription:
    def item() -> tuple[int, bytes]:
        kind = chance.choice((*range(1, 9), 9, 200))
        octets = chance.randbytes(chance.choice((0, 1, 2, 3, 20, 240)))
        if kind == SourceDescriptionItem.PRIV:
            octets = bytes([len(octets) // 2]) + octets
        return kind, octets

    return SourceDescription(
        chunks=[
            (chance.getrandbits(32), [item() for _ in range(chance.randrange(5))])
            for _ in range(chance.choice((0, 1, 2, 31)))
        ],
        padding_size=padding_size,
    )


def goodbye(chance: random.Random, padding_size: int) -> Goodbye:
    # Without a reason tshark takes padding for one: docs/quirks.md.
    reason = chance.choice((b"" if padding_size else None, b"", chance.randbytes(chance.randrange(256))))
    ssrcs = [chance.getrandbits(32) for _ in range(chance.choice((0, 1, 2, 31)))]
    return Goodbye(ssrcs=ssrcs, reason=reason, padding_size=padding_size)


def compound(chance: random.Random) -> list[RtcpPacket]:
    packets: list[RtcpPacket] = [report(chance) for _ in range(chance.choice((1, 1, 2)))]
    packets += [description(chance) for _ in range(chance.randrange(3))]
    # Padding of a report tshark takes for a profile-specific extension: docs/quirks.md.
    return [*packets, chance.choice((goodbye, description))(chance, chance.choice((0, 4, 252)))]


def test_every_field_of_reports_descriptions_and_goodbyes(program: Callable[[str], str], tmp_path: Path) -> None:
    chance = random.Random(3550)
    compounds = [compound(chance) for _ in range(800)]
    datagrams = [b"".join(packet.serialize() for packet in packets) for packets in compounds]
    dissected = dissect(program("tshark"), datagrams, "rtcp", tmp_path)
    for packets, datagram, layers in zip(compounds, datagrams, dissected, strict=True):
        assert parse_rtcp(datagram) == packets
        assert [layer.protocol for layer in layers] == ["rtcp"] * len(packets), datagram.hex()
        assert [seen_by_tshark(layer) for layer in layers] == [seen_by_packet(packet) for packet in packets]
        assert layers[-1].numbers("rtcp.length_check") == {"rtcp.length_check": 1}
