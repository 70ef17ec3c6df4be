"""tshark dissects the extended reports that are written here, block by block, and finds what parse_rtcp finds."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rtpcore.wire.rtcp.extended_report import ExtendedReport
from rtpcore.wire.rtcp.parse import parse_rtcp
from rtpcore.wire.rtcp.report import ReceiverReport
from rtpcore.wire.rtcp.xr_block import ExtendedReportBlock, UnknownReportBlock
from rtpcore.wire.rtcp.xr_statistics import StatisticsSummaryBlock
from rtpcore.wire.rtcp.xr_time import DlrrBlock, ReceiverReferenceTimeBlock
from rtpcore.wire.rtcp.xr_trace import DuplicateRleBlock, LossRleBlock, PacketReceiptTimesBlock
from rtpcore.wire.rtcp.xr_voip import VoipMetricsBlock
from tests.rfc.tshark import Field, Layer, dissect

Seen = dict[str, Any]
RANGE = {"ssrc": "ssrc.identifier", "begin_sequence_number": "xr.beginseq", "end_sequence_number": "xr.endseq"}
METRICS = {
    "loss_rate": "ssrc.fraction",
    "discard_rate": "ssrc.discarded",
    "burst_density": "xr.voipmetrics.burstdensity",
    "gap_density": "xr.voipmetrics.gapdensity",
    "burst_duration": "xr.voipmetrics.burstduration",
    "gap_duration": "xr.voipmetrics.gapduration",
    "round_trip_delay": "xr.voipmetrics.rtdelay",
    "end_system_delay": "xr.voipmetrics.esdelay",
    "signal_level": "xr.voipmetrics.signallevel",
    "noise_level": "xr.voipmetrics.noiselevel",
    "residual_echo_return_loss": "xr.voipmetrics.rerl",
    "gmin": "xr.voipmetrics.gmin",
    "r_factor": "xr.voipmetrics.rfactor",
    "external_r_factor": "xr.voipmetrics.extrfactor",
    "packet_loss_concealment": "xr.voipmetrics.plc",
    "jitter_buffer_adaptive": "xr.voipmetrics.jba",
    "jitter_buffer_rate": "xr.voipmetrics.jbrate",
    "jitter_buffer_nominal": "xr.voipmetrics.jbnominal",
    "jitter_buffer_maximum": "xr.voipmetrics.jbmax",
    "jitter_buffer_absolute_maximum": "xr.voipmetrics.jbabsmax",
}
OPINIONS = {"mos_lq": "xr.voipmetrics.moslq", "mos_cq": "xr.voipmetrics.moscq"}


def blocks_of(layer: Layer) -> list[Layer]:
    """The fields of each block, from its type on."""
    blocks: list[Layer] = []
    for one in layer.fields:
        if one.name == "rtcp.xr.bt":
            blocks.append(Layer("block"))
        if blocks:
            blocks[-1].fields.append(one)
    return blocks


def values(block: Layer, names: dict[str, str]) -> Seen:
    found = block.numbers(*(f"rtcp.{field}" for field in names.values()))
    return {name: found[f"rtcp.{field}"] for name, field in names.items()}


def chunk(one: Field) -> int:
    return 0 if one.name == "rtcp.xr.chunk.null_terminator" else int.from_bytes(one.octets, "big")


def four(block: Layer, kind: str) -> tuple[int, ...]:
    names = [f"rtcp.xr.stats.{which}{kind}" for which in ("min", "max", "mean", "dev")]
    return tuple(block.numbers(*names).values())


def statistics_by_tshark(block: Layer) -> Seen:
    flags = block.numbers(*(f"rtcp.xr.stats.{name}" for name in ("lrflag", "dupflag", "jitterflag", "ttl")))
    lost, duplicates, jitter, ttl = flags.values()
    return {
        "lost_packets": block.all("rtcp.xr.stats.lost")[0].number if lost else None,
        "duplicate_packets": block.all("rtcp.xr.stats.dups")[0].number if duplicates else None,
        "jitter": four(block, "jitter") if jitter else None,
        "ttl": four(block, "ttl") if ttl == 1 else None,
        "hop_limit": four(block, "ttl") if ttl == 2 else None,
    }


def seen_by_tshark(block: Layer) -> Seen:
    seen = {"block_type": block.fields[0].number, "words": block.numbers("rtcp.xr.bl")["rtcp.xr.bl"]}
    kind = seen["block_type"]
    if kind in (1, 2, 3):
        seen |= values(block, RANGE | {"thinning": "xr.tf"})
        if kind == 3:
            return seen | {"times": tuple(one.number for one in block.all("rtcp.xr.receipt_time_seq"))}
        return seen | {"chunks": tuple(chunk(one) for one in block.fields if one.name.startswith("rtcp.xr.chunk."))}
    if kind == 4:
        return seen | {"ntp_timestamp": int.from_bytes(block.octets("rtcp.xr.timestamp"), "big")}
    if kind == 5:
        columns = [block.all(f"rtcp.{name}") for name in ("ssrc.identifier", "xr.lrr", "xr.dlrr")]
        return seen | {"entries": tuple(tuple(one.number for one in row) for row in zip(*columns, strict=True))}
    if kind == 6:
        return seen | values(block, RANGE) | statistics_by_tshark(block)
    if kind == 7:
        # tshark shows opinion scores divided by ten.
        scores = {name: block.octets(f"rtcp.{field}")[0] for name, field in OPINIONS.items()}
        return seen | values(block, {"ssrc": "ssrc.identifier"} | METRICS) | scores
    return seen | {"type_specific": block.numbers("rtcp.xr.bs")["rtcp.xr.bs"]}


def seen_by_block(block: ExtendedReportBlock) -> Seen:
    seen: Seen = {"block_type": block.block_type, "words": len(block.serialize()) // 4 - 1}
    if isinstance(block, (LossRleBlock, DuplicateRleBlock)):
        names = [*RANGE, "thinning", "chunks"]
    elif isinstance(block, PacketReceiptTimesBlock):
        names = [*RANGE, "thinning"]
        seen |= {"times": block.receipt_times}
    elif isinstance(block, ReceiverReferenceTimeBlock):
        names = ["ntp_timestamp"]
    elif isinstance(block, DlrrBlock):
        names = ["entries"]
    elif isinstance(block, StatisticsSummaryBlock):
        names = [*RANGE, "lost_packets", "duplicate_packets", "jitter", "ttl", "hop_limit"]
    elif isinstance(block, VoipMetricsBlock):
        names = ["ssrc", *METRICS, *OPINIONS]
    else:
        names = ["type_specific"]
    return seen | {name: getattr(block, name) for name in names}


def maybe(chance: random.Random, make: Callable[[], Any]) -> Any:
    return make() if chance.random() < 0.5 else None


def traced(chance: random.Random) -> ExtendedReportBlock:
    begin = chance.getrandbits(16)
    count = chance.choice((1, 15, 16, 40, 200))
    common: Seen = {
        "ssrc": chance.getrandbits(32),
        "begin_sequence_number": begin,
        "end_sequence_number": (begin + count) & 0xFFFF,
    }
    kind = chance.randrange(3)
    if kind == 0:
        return PacketReceiptTimesBlock(**common, receipt_times=[chance.getrandbits(32) for _ in range(count)])
    trace = [chance.random() < chance.choice((0.5, 0.99, 0.01)) for _ in range(count)]
    return (LossRleBlock if kind == 1 else DuplicateRleBlock)(**common, trace=trace)


def statistics(chance: random.Random) -> StatisticsSummaryBlock:
    hops: Any = tuple(chance.getrandbits(8) for _ in range(4))
    return StatisticsSummaryBlock(
        ssrc=chance.getrandbits(32), begin_sequence_number=chance.getrandbits(16),
        end_sequence_number=chance.getrandbits(16), lost_packets=maybe(chance, lambda: chance.getrandbits(32)),
        duplicate_packets=maybe(chance, lambda: chance.getrandbits(32)),
        jitter=maybe(chance, lambda: tuple(chance.getrandbits(32) for _ in range(4))),
        **chance.choice(({}, {"ttl": hops}, {"hop_limit": hops})),
    )  # fmt: skip


def voip(chance: random.Random) -> VoipMetricsBlock:
    wide = ("duration", "delay", "nominal", "maximum")
    octets: Seen = {name: chance.getrandbits(16 if name.endswith(wide) else 7) for name in METRICS}
    octets |= {name: -chance.getrandbits(7) for name in ("signal_level", "noise_level")}
    octets |= {"packet_loss_concealment": chance.getrandbits(2), "jitter_buffer_adaptive": chance.getrandbits(2)}
    octets |= {"jitter_buffer_rate": chance.getrandbits(4), "r_factor": chance.randrange(101)}
    octets |= {"external_r_factor": 127, "mos_lq": chance.randint(10, 50), "mos_cq": 127}
    return VoipMetricsBlock(ssrc=chance.getrandbits(32), **octets)


def report(chance: random.Random) -> ExtendedReport:
    makers: tuple[Callable[[], ExtendedReportBlock], ...] = (
        lambda: traced(chance),
        lambda: traced(chance),
        lambda: ReceiverReferenceTimeBlock(ntp_timestamp=chance.getrandbits(64)),
        lambda: DlrrBlock(entries=[tuple(chance.getrandbits(32) for _ in "123") for _ in range(chance.randint(1, 3))]),  # type: ignore[misc]
        lambda: statistics(chance),
        lambda: voip(chance),
        lambda: UnknownReportBlock(block_type=chance.randint(20, 255), type_specific=9, contents=chance.randbytes(8)),
    )
    blocks = [chance.choice(makers)() for _ in range(chance.randrange(4))]
    # Of a trace in the last block tshark reads beyond the packet: docs/quirks.md.
    return ExtendedReport(ssrc=chance.getrandbits(32), blocks=[*blocks, voip(chance)])


def test_every_field_of_extended_reports(program: Callable[[str], str], tmp_path: Path) -> None:
    chance = random.Random(3611)
    reports = [report(chance) for _ in range(500)]
    datagrams = [ReceiverReport(ssrc=1).serialize() + one.serialize() for one in reports]
    dissected = dissect(program("tshark"), datagrams, "rtcp", tmp_path)
    for one, datagram, layers in zip(reports, datagrams, dissected, strict=True):
        packet = parse_rtcp(datagram)[1]
        assert packet == one
        assert isinstance(packet, ExtendedReport)
        assert [layer.protocol for layer in layers] == ["rtcp", "rtcp"], datagram.hex()
        assert layers[1].numbers("rtcp.senderssrc") == {"rtcp.senderssrc": packet.ssrc}
        assert [seen_by_tshark(block) for block in blocks_of(layers[1])] == [
            seen_by_block(block) for block in packet.blocks
        ], datagram.hex()
        assert layers[1].numbers("rtcp.length_check") == {"rtcp.length_check": 1}
