"""A scenario as datagrams: what is sent when, from which address, and whose it is."""

from __future__ import annotations

import hashlib
import itertools
import random
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from rtpcore.events import Address
from tests.behaviour.media import PCMU_CLOCK, PTIME_MS, last_sr, receiver_report, report_block, rtp, sender_report
from tests.behaviour.scenario import ANSWER, PEER, PHONE, Clock, Place, Role, Scenario, Signal, Stream
from tests.checks import check
from tests.srtp import protector

__all__ = ["Cast", "Send", "phone_place", "phone_reports", "sends", "signals"]

COMFORT_NOISE = 13
NETWORK_S = 0.05
"""An answer that is sent says what had arrived that much earlier."""
UNNEGOTIATED = 20
STUN = bytes.fromhex("000100002112a442") + bytes(12)
MEDIA = ("rtp", "udptl")
JUNK = (b"", b"\x80", b"\r\n\r\n", bytes(12), STUN, b"\x16\xfe\xfd" + bytes(30))


@dataclass(frozen=True)
class Send:
    """One datagram on its way to the relay."""

    at_s: float
    role: Role
    number: int
    """Of this role, unique in the scenario; copies share it."""
    source: Address
    leg: str
    port: str
    is_media: bool
    octets: bytes
    is_ours: bool = False
    """It is for the relay itself, and no party hears of it."""
    is_icmp: bool = False


class Cast:
    """Hosts by name as addresses."""

    def __init__(self, hosts: Mapping[str, str], legs: Mapping[str, Address]) -> None:
        self._hosts = hosts
        self._legs = legs

    def address(self, place: Place) -> Address:
        if place.host in self._legs:
            return self._legs[place.host]
        return self._hosts[place.host], place.port

    def hosts(self, names: tuple[str, ...]) -> list[str]:
        return [self._hosts[name] for name in names]


def payload(role: Role, number: int) -> bytes:
    """The role and the number, and the rest of 20 ms of PCMU that nothing else has."""
    name = f"{role.value}:{number}:".encode()
    return name + hashlib.shake_128(name).digest(160 - len(name))


def times(stream: Stream, clock: Clock, end_s: float) -> Iterator[tuple[int, float]]:
    """(index, second) of each datagram."""
    start_s = stream.start.on(clock)
    stop_s = end_s if stream.stop is None else min(end_s, stream.stop.on(clock))
    for index in itertools.count():
        at_s = start_s + index * stream.every_s
        if at_s >= stop_s - 1e-9:
            return
        yield index, at_s


def talks(stream: Stream, clock: Clock, index: int, at_s: float) -> tuple[bool, bool]:
    """Whether a packet is sent at that moment, and whether it is comfort noise."""
    if any(begin.on(clock) <= at_s < finish.on(clock) for begin, finish in stream.silences):
        return False, False
    for period_s, talk_s in stream.gaps:
        phase = index % round(period_s / stream.every_s)
        pause = round(talk_s / stream.every_s)
        return phase <= pause, phase == pause
    return True, False


def arrives(stream: Stream, clock: Clock, index: int, at_s: float, chance: random.Random) -> tuple[bool, float]:
    """Whether the network delivers a packet, and how much later."""
    if stream.lost_from is not None:
        first = round((stream.lost_from.on(clock) - stream.start.on(clock)) / stream.every_s)
        if first <= index < first + stream.lost_count:
            return False, 0.0
    if stream.until is not None and at_s < stream.until.on(clock):
        return chance.random() >= stream.loss, stream.reorder_s * chance.randrange(2)
    return True, 0.0


def answer(stream: Stream, clock: Clock, at_s: float, mark: int) -> bytes:
    """A report block: what had arrived, and which sender report, a network's delay ago."""
    heard_s = at_s - NETWORK_S
    if stream.deaf_from is not None:
        heard_s = min(heard_s, stream.deaf_from.on(clock))
    assert stream.answers is not None
    highest = stream.answers.first + sent_before(stream.answers, clock, heard_s) - 1
    middle = 0
    if stream.answered is not None and (count := sent_before(stream.answered, clock, heard_s)):
        middle = last_sr(stream.answered.first + count - 1)
    return report_block(stream.answers.ssrc or 0, highest, middle, jitter=mark)


def sent_before(stream: Stream, clock: Clock, at_s: float) -> int:
    """How many packets of the stream were sent until then."""
    return sum(talks(stream, clock, index, when_s)[0] for index, when_s in times(stream, clock, at_s))


def octets_of(
    stream: Stream, clock: Clock, position: int, at_s: float, number: int, noise: bool, chance: random.Random
) -> bytes:
    """`position`: how many datagrams of the stream were sent before."""
    if stream.kind == "junk":
        return JUNK[position % len(JUNK)]
    ssrc = stream.ssrc if stream.ssrc is not None else chance.getrandbits(32)
    if stream.kind == "octets":
        return stream.series[position % len(stream.series)] if stream.series else stream.octets
    if stream.kind == "unreachable":
        return b""
    if stream.kind == "check":
        return check(nominates=stream.nominates, transaction=chance.randbytes(12))
    mark = number | list(Role).index(stream.role) << 24
    if stream.kind == "report":
        return sender_report(ssrc, stream.first + position, octet_count=mark)
    if stream.kind == "answer":
        return receiver_report(ssrc, answer(stream, clock, at_s, mark))
    sequence_number, elapsed_s = stream.first + position * stream.step, at_s - stream.start.on(clock)
    first = stream.first
    if stream.shadows is not None:
        seen = stream.shadows
        elapsed_s = at_s - seen.start.on(clock)
        ssrc, first = seen.ssrc or 0, seen.first
        sequence_number = first + round(elapsed_s / seen.every_s)
    timestamp = first * PCMU_CLOCK * PTIME_MS // 1000 + round(elapsed_s * PCMU_CLOCK)
    payload_type = COMFORT_NOISE if noise else stream.payload_type
    made = payload(stream.role, 0 if stream.step == 0 else number)
    if stream.kind == "udptl":
        return struct.pack("!H", position * 257 & 0xFFFF) + made
    if stream.kind == "keepalive":
        return rtp(sequence_number, ssrc, b"", timestamp=timestamp, payload_type=UNNEGOTIATED)
    made = rtp(sequence_number, ssrc, made, timestamp=timestamp, payload_type=payload_type)
    return extended(made, stream.extensions[position % len(stream.extensions)]) if stream.extensions else made


def extended(packet: bytes, extension: bytes) -> bytes:
    """An RTP packet with that header extension (RFC 3550 5.3.1)."""
    return bytes((packet[0] | 0x10,)) + packet[1:12] + extension + packet[12:]


def sends(scenario: Scenario, clock: Clock, cast: Cast) -> list[Send]:
    """Everything that reaches the relay, in order."""
    found: list[Send] = []
    numbers = {role: itertools.count(1) for role in Role}
    end_s = scenario.end.on(clock)
    for place, stream in enumerate(scenario.streams):
        chance = random.Random(f"{scenario.id}/{place}")
        position = 0
        for index, at_s in times(stream, clock, end_s):
            sent, noise = talks(stream, clock, index, at_s)
            if not sent:
                continue
            number = next(numbers[stream.role])
            octets = octets_of(stream, clock, position, at_s, number, noise, chance)
            if stream.key is not None:
                octets = protector(stream.key)(octets)  # each its own, for libsrtp makes no number twice
            position += 1
            delivered, late_s = arrives(stream, clock, index, at_s, chance)
            if not delivered:
                continue
            source = cast.address(Place(stream.source.host, stream.source.port + index % stream.spread))
            send = Send(
                at_s + late_s,
                stream.role,
                number,
                source,
                stream.leg,
                stream.port,
                stream.kind in MEDIA,
                octets,
                stream.kind in ("check", "keepalive", "unreachable"),
                stream.kind == "unreachable",
            )
            found += [replace(send, at_s=send.at_s + copy * stream.copies_late_s) for copy in range(stream.copies)]
    return sorted(found, key=lambda send: send.at_s)


def signals(scenario: Scenario) -> list[Signal]:
    """The answer on both legs, and what the scenario says besides."""
    answers = [
        Signal(ANSWER, "answer", scenario.declared, scenario.signalling, said=scenario.said),
        Signal(ANSWER, "answer", PEER, ("peer",), "far", {"media": scenario.said.get("media", "rtp")}),
    ]
    return answers + list(scenario.signals)


def newest(streams: Iterable[Stream], clock: Clock, at_s: float) -> Stream | None:
    """Of those that have begun at that moment."""
    started = [stream for stream in streams if stream.start.on(clock) <= at_s]
    return max(started, key=lambda stream: stream.start.on(clock)) if started else None


def phone_place(scenario: Scenario, clock: Clock, at_s: float) -> Place:
    """Where the phone is at that moment: where its newest stream comes from, unless it listens elsewhere."""
    if scenario.listens is not None:
        return scenario.listens
    found = newest((stream for stream in scenario.phone if stream.kind in MEDIA), clock, at_s)
    return PHONE if found is None else found.source


def phone_reports(scenario: Scenario, clock: Clock, at_s: float) -> Place | None:
    """Where the phone's RTCP is at that moment, if it uses any."""
    found = newest(
        (stream for stream in scenario.phone if stream.kind not in (*MEDIA, "check", "keepalive")), clock, at_s
    )
    return None if found is None else found.source
