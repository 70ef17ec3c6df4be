"""tshark dissects what RtpPacket writes, whole and mangled, and finds in it what RtpPacket and parse_batch find."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rtpcore.errors import ParseError
from rtpcore.wire.batch import parse_batch
from rtpcore.wire.demux import PacketKind, classify
from rtpcore.wire.rtp import RtpPacket
from rtpcore.wire.validity import ParseReason
from tests.rfc.tshark import Layer, dissect

FIXED = ("version", "padding", "ext", "cc", "marker", "p_type", "seq", "timestamp", "ssrc")
ELEMENT_FORMS = (0xBEDE, *range(0x1000, 0x1010))


def elements_of(layer: Layer) -> tuple[tuple[int, bytes], ...]:
    found: list[tuple[int, bytes]] = []
    for one in layer.fields:
        if one.name == "rtp.ext.rfc5285.id":
            found.append((one.number, b""))
        elif one.name == "rtp.ext.rfc5285.data":
            found[-1] = (found[-1][0], one.octets)
    return tuple(found)


def seen_by_tshark(layer: Layer) -> dict[str, Any]:
    seen: dict[str, Any] = layer.numbers(*(f"rtp.{name}" for name in FIXED))
    seen["csrcs"] = [one.number for one in layer.all("rtp.csrc.item")]
    seen["profile"] = [one.number for one in layer.all("rtp.ext.profile")]
    seen["words"] = [one.number for one in layer.all("rtp.ext.len")]
    seen["elements"] = elements_of(layer)
    seen["payload"] = layer.octets("rtp.payload")
    seen["padding size"] = sum(one.number for one in layer.all("rtp.padding.count"))
    return seen


def seen_by_packet(p: RtpPacket) -> dict[str, Any]:
    fixed = (p.version, p.padding, p.extension, len(p.csrcs), p.marker, p.payload_type, p.sequence_number, p.timestamp,
             p.ssrc)  # fmt: skip
    seen: dict[str, Any] = {f"rtp.{name}": int(value) for name, value in zip(FIXED, fixed, strict=True)}
    seen["csrcs"] = list(p.csrcs)
    seen["profile"] = [] if p.extension_profile is None else [p.extension_profile]
    seen["words"] = [len(p.extension_data) // 4] * p.extension
    # tshark overlooks an empty two-byte element at the end: docs/quirks.md.
    elements = p.extension_elements
    data = p.extension_data
    seen["elements"] = elements[:-1] if elements and not elements[-1][1] and not data[-1] and data[-2] else elements
    seen["payload"] = bytes(p.payload)
    seen["padding size"] = p.padding_size
    return seen


def generated(chance: random.Random) -> RtpPacket:
    extension: dict[str, Any] = {}
    form = chance.choice(("none", "none", "one", "two", "raw"))
    if form == "one":
        pairs = [(chance.randint(1, 14), chance.randbytes(chance.randint(1, 16))) for _ in range(chance.randint(1, 5))]
        extension = {"extension_elements": pairs}
    elif form == "two":
        pairs = [(chance.randint(1, 255), chance.randbytes(chance.randint(0, 40))) for _ in range(chance.randint(0, 5))]
        extension = {"extension_profile": 0x1000 + chance.randrange(16), "extension_elements": pairs}
    elif form == "raw":
        octets = chance.randbytes(4 * chance.randint(0, 5))
        extension = {"extension_profile": chance.choice((0, 1, 0xABAC, 0xFFFF)), "extension_data": octets}
    return RtpPacket(
        payload_type=chance.randrange(128), marker=chance.random() < 0.5, sequence_number=chance.randrange(65536),
        timestamp=chance.getrandbits(32), ssrc=chance.choice((0, chance.getrandbits(32))),
        csrcs=[chance.getrandbits(32) for _ in range(chance.choice((0, 0, 1, 3, 15)))],
        payload=chance.randbytes(chance.choice((0, 1, 20, 160))), padding_size=chance.choice((0, 0, 1, 4, 255)),
        **extension,
    )  # fmt: skip


def mangled(chance: random.Random) -> bytes:
    octets = bytearray(generated(chance).serialize())
    kind = chance.randrange(4)
    if kind == 0:
        del octets[chance.randint(0, min(len(octets), 60)) :]
    elif kind == 1:
        octets[0] = chance.randrange(256)
    elif kind == 2:
        for _ in range(chance.randint(1, 4)):
            octets[chance.randrange(min(len(octets), 90))] = chance.randrange(256)
    else:
        del octets[chance.randint(0, len(octets)) :]
    return bytes(octets)


def judged(datagram: bytes) -> RtpPacket | ParseReason:
    try:
        return RtpPacket.parse(datagram)
    except ParseError as error:
        return error.reason


def test_every_field_of_what_is_written(program: Callable[[str], str], tmp_path: Path) -> None:
    chance = random.Random(3550)
    packets = [generated(chance) for _ in range(2500)]
    datagrams = [packet.serialize() for packet in packets]
    rows = parse_batch(datagrams)
    told_apart = 0
    for packet, datagram, row, layers in zip(
        packets, datagrams, rows, dissect(program("tshark"), datagrams, "rtp", tmp_path), strict=True
    ):
        if classify(datagram) is PacketKind.RTCP:
            assert not layers or layers[0].protocol == "rtcp"
            told_apart += 1
            continue
        layer = layers[0]
        assert seen_by_tshark(layer) == seen_by_packet(packet) == seen_by_packet(RtpPacket.parse(datagram))
        assert not any(one.protocol == "_ws.malformed" for one in layers)
        assert row["status"] == 0
        for name in ("seq", "timestamp", "ssrc", "p_type", "marker"):
            (one,) = layer.all(f"rtp.{name}")
            long_name = {"seq": "sequence_number", "p_type": "payload_type"}.get(name, name)
            assert row[long_name] == one.number
        for field, offset, size in (
            ("rtp.payload", "payload_offset", "payload_size"),
            ("rtp.hdr_exts", "extension_offset", "extension_size"),
        ):
            assert [(row[offset], row[size])] * bool(row[size]) == [
                (one.offset, len(one.octets) or row[size]) for one in layer.all(field)
            ]
    assert 150 < told_apart < 600, "RFC 5761: a marker and a payload type of 64 to 95 look like RTCP"


def complains(layers: list[Layer]) -> bool:
    return any(one.protocol == "_ws.malformed" for one in layers)


def test_what_is_mangled_is_judged_alike(program: Callable[[str], str], tmp_path: Path) -> None:
    chance = random.Random(7983)
    datagrams = [one for one in (mangled(chance) for _ in range(4000)) if classify(one) is not PacketKind.RTCP]
    verdicts: Counter[ParseReason] = Counter()
    for datagram, layers in zip(datagrams, dissect(program("tshark"), datagrams, "rtp", tmp_path), strict=True):
        verdict = judged(datagram)
        shown = f"{verdict!r}: {datagram.hex()}"
        verdicts[verdict if isinstance(verdict, ParseReason) else ParseReason.OK] += 1
        if verdict is ParseReason.RTP_TOO_SHORT:
            assert complains(layers) or not datagram, shown
        elif verdict is ParseReason.RTP_BAD_VERSION:
            assert not any(one.all("rtp.seq") for one in layers), shown
        elif verdict is ParseReason.RTP_CSRC_OVERRUN:
            assert complains(layers), shown
        elif verdict is ParseReason.RTP_EXTENSION_OVERRUN:
            # Of the RFC 8285 forms tshark follows the elements and not the length: docs/quirks.md.
            assert complains(layers) or layers[0].numbers("rtp.ext.profile")["rtp.ext.profile"] in ELEMENT_FORMS, shown
        elif verdict is ParseReason.RTP_BAD_PADDING:
            # A count that reaches into the header is padding to the first octet of the payload: docs/quirks.md.
            assert (
                complains(layers)
                or layers[0].numbers("rtp.padding.count")["rtp.padding.count"]
                > len(layers[0].octets("rtp.padding.data")) + 1
            ), shown
        elif complains(layers):
            # An element that does not fit ends the walk here and the dissection there: docs/quirks.md.
            assert isinstance(verdict, RtpPacket)
            assert verdict.extension_profile in ELEMENT_FORMS, shown
            assert elements_of(layers[0]) == verdict.extension_elements, shown
        else:
            assert isinstance(verdict, RtpPacket)
            seen = seen_by_tshark(layers[0])
            # An element 0 with a length ends the walk here and counts there: docs/quirks.md.
            beyond = seen["elements"][len(verdict.extension_elements) :]
            assert not beyond or beyond[0][0] == 0, shown
            seen["elements"] = seen["elements"][: len(seen["elements"]) - len(beyond)]
            assert seen == seen_by_packet(verdict), shown
    assert all(verdicts[reason] > 100 for reason in ParseReason if reason <= ParseReason.RTP_BAD_PADDING), verdicts
