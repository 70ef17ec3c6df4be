"""Floods of 50,000 packets/s from a third host, with forged addresses: at random, or the phone's own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.nat.call import Call, Party, peer, talking
from tests.nat.laboratory import ADDRESS, HOME, RELAY
from tests.nat.play import Stage
from tests.process import Process

pytestmark = pytest.mark.nat

FLOOD = Path(__file__).with_name("flood.py")
PORT = 31000
COUNT, RATE = 25_000, 50_000
BUFFER_OCTETS = 64 << 20
FLAT_OCTETS = 1 << 20
SOURCES = {"strangers": None, "as the phone": f"{HOME}:5004", "as the phone's neighbours": f"{HOME}:5005"}


@pytest.fixture
def flooded(stage: Stage) -> Iterator[str]:
    """A relay whose sockets hold a second of flood, so that what is lost is the relay's fault and not the load's."""
    stage.open("flooded", RELAY, ports=(PORT, PORT + 100), receive_buffer_octets=BUFFER_OCTETS)
    yield "flooded"
    stage.relay.ask("closing", relay="flooded")


@pytest.mark.parametrize("source", SOURCES.values(), ids=list(SOURCES))
def test_a_flood_is_not_heard_and_costs_neither_memory_nor_packets(
    stage: Stage, flooded: str, source: str | None
) -> None:
    """Half RTP with SSRCs at random, half garbage. The home router keeps ports, so the phone's can be forged."""
    call = Call(Party((ADDRESS["phone"], 5004), (HOME,)), (talking("phone", 5004), peer()), end=2.1, port=PORT)
    floods: list[dict[str, float]] = []
    memory: list[int] = []
    options = [f"--count={COUNT}", f"--rate={RATE}", *([f"--source={source}"] if source else []), f"{RELAY}:{PORT}"]

    def flood() -> None:
        floods.append(stage.laboratory.start("attacker", sys.executable, "-I", "-S", FLOOD, *options).report())
        memory.append(stage.relay.ask("memory"))

    played = stage.play(call, steps=[(0.8, flood), (1.45, flood)], relay=flooded)
    assert not played.faults, (played.calls, floods)
    (figures,) = played.calls
    near = figures.legs["near"]
    assert [flood["sent"] for flood in floods[-2:]] == [COUNT, COUNT]
    assert near["received"] + near["kernel_dropped"] == 2 * COUNT + figures.said
    assert memory[-1] - memory[-2] < FLAT_OCTETS
    if source != SOURCES["as the phone"]:
        assert near["kernel_dropped"] >= 0.99 * 2 * COUNT, "the kernel lock keeps strangers from costing anything"


def test_a_wall_of_single_packets_does_not_keep_a_phone_out(stage: Stage, flooded: str) -> None:
    """In the name of the phone's host, each from another port, from before its first packet on: 250 RTP packets/s."""
    call = Call(Party((ADDRESS["phone"], 5004), (HOME,)), (talking("phone", 5004), peer()), end=1.4, port=PORT, lost=10)
    options = ("--count=600", "--rate=500", f"--source={HOME}:", f"{RELAY}:{PORT}")

    def flood() -> None:
        floods.append(stage.laboratory.start("attacker", sys.executable, "-I", "-S", FLOOD, *options))

    floods: list[Process] = []
    played = stage.play(call, steps=[(0.05, flood)], relay=flooded)
    assert [flood.report()["sent"] for flood in floods] == [600] * len(floods)
    assert not played.faults, played.calls
    assert played.calls[0].legs["near"]["accepted_source"] == [HOME, 5004]
