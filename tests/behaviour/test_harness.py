"""The scenarios' own tests: the figures tell what went wrong, and no scenario passes because nothing happened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.behaviour import loopback, virtual
from tests.behaviour.figures import Arrival, Figures, faults, measure
from tests.behaviour.octets import GOOD
from tests.behaviour.scenario import ANSWER, ANY, MID, PEER, PHONE, Bounds, Clock, Role, Scenario, Signal
from tests.behaviour.table import SCENARIOS, TABLES
from tests.behaviour.timeline import Cast, Send, sends

CAST = Cast(virtual.HOSTS, virtual.LEGS)
CLOCKS: tuple[Clock, Clock] = ("virtual", "udp")
CALL = SCENARIOS["N02"]


def over_udp(scenario: Scenario) -> Figures:
    return loopback.play([scenario])[scenario.id].figures


PLAYERS: list[Callable[[Scenario], Figures]] = [virtual.play, over_udp]


def test_every_scenario_has_a_name_of_its_own() -> None:
    assert len(SCENARIOS) == sum(map(len, TABLES))


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=list(SCENARIOS))
@pytest.mark.parametrize("clock", CLOCKS)
def test_everybody_in_a_scenario_speaks(scenario: Scenario, clock: Clock) -> None:
    sent = sends(scenario, clock, CAST)
    for stream in scenario.streams:
        if stream.stop is not None and stream.stop.on(clock) <= stream.start.on(clock):
            continue  # somebody who only listens
        source = CAST.address(stream.source)
        assert any(send.source == source and send.role is stream.role for send in sent)
    media = [send.octets for send in sent if send.is_media and send.role is not Role.ATTACKER]
    copies = max(stream.copies for stream in scenario.streams)
    assert len(media) <= copies * len(set(media)), "two packets cannot be told apart"


@pytest.mark.parametrize("play", PLAYERS, ids=CLOCKS)
def test_a_call_that_is_taken_shows_in_all_four_figures(play: Callable[[Scenario], Figures]) -> None:
    # A neighbour who talked before publish, and a policy that does not mind.
    taken = replace(SCENARIOS["A15"], policy={"profile": "open"}, end=ANSWER.after(1.2))
    figures = play(taken)
    assert figures.inj > 20
    assert figures.bleed_ms > 400
    assert figures.lost == 45
    assert figures.dead_ms > 500
    assert len(faults(taken, "udp", figures)) == 4


@pytest.mark.parametrize(("play", "packets"), [(virtual.play, 25), (over_udp, 1)], ids=CLOCKS)
def test_media_to_where_nobody_listens_is_bleed(play: Callable[[Scenario], Figures], packets: int) -> None:
    # Over UDP ICMP says so after the first packet, and no other follows within a second.
    elsewhere = PHONE._replace(port=49999)
    astray = replace(
        CALL, id="astray", declared=elsewhere, policy={"profile": "declared"}, phone=(), end=ANSWER.after(0.5)
    )
    assert play(astray).bleed_ms == packets * 20


@pytest.mark.parametrize("play", PLAYERS, ids=CLOCKS)
def test_a_phone_that_is_not_heard_is_lost_and_dead(play: Callable[[Scenario], Figures]) -> None:
    deaf = replace(CALL, policy={"profile": "declared"}, end=ANSWER.after(1.0))
    figures = play(deaf)
    assert (figures.inj, figures.bleed_ms, figures.lost) == (0, 0, 35)
    assert figures.dead_ms == 30 * 20
    assert "no event latched" in faults(replace(deaf, raises=frozenset({"latched"})), "udp", figures)


@pytest.mark.parametrize("play", PLAYERS, ids=CLOCKS)
def test_events_are_told(play: Callable[[Scenario], Figures]) -> None:
    refused = replace(CALL, signals=(Signal(ANSWER.after(0.6), "close"),), end=ANSWER.after(0.8))
    figures = play(refused)
    assert figures.events == ("latched", "expired")
    assert faults(replace(refused, silent=frozenset({"expired"})), "udp", figures)[-1] == "event expired"


LAPSES: dict[str, dict[str, Any]] = {
    "P01": {"attack": tuple(replace(stream, series=(GOOD,)) for stream in SCENARIOS["P01"].attack)},
    "P02": {"attack": tuple(replace(stream, series=(GOOD,)) for stream in SCENARIOS["P02"].attack)},
    "P03-stray": {"attack": tuple(replace(stream, payload_type=8) for stream in SCENARIOS["P03-stray"].attack)},
    "P03-mux": {"said": {}},
    "P07-latching": {"policy": {}},
    "F02": {"attack": tuple(replace(stream, every_s=0.01) for stream in SCENARIOS["F02"].attack)},
    "D01": {"phone": (replace(SCENARIOS["D01"].phone[0], silences=((MID.after(-1.5), MID.after(0.3)),)),)},
    "D02-unreachable": {"attack": ()},
}
"""What would break a row's bounds if the relay took it so."""


@pytest.mark.parametrize("name", LAPSES)
def test_these_rows_would_tell(name: str) -> None:
    lapse = replace(SCENARIOS[name], **LAPSES[name])
    assert any(" is " in fault for fault in faults(lapse, "virtual", virtual.play(lapse)))


# The figures by hand -----------------------------------------------------------------------------------------------


def by_hand(*arrivals: tuple[str, int, int], unseen: int = 0) -> Figures:
    """Figures of three packets each of phone, peer and attacker, of which (role, number, port) arrived."""
    roles = {"phone": Role.PHONE, "peer": Role.PEER, "attacker": Role.ATTACKER}
    sent = [
        Send(1.0 + 0.02 * number, role, number, ("127.0.0.9", 9), "near", "rtp", True, f"{name}{number}".encode())
        for number in range(3)
        for name, role in roles.items()
    ]
    sent.insert(0, Send(0.0, Role.PHONE, 9, ("127.0.0.9", 9), "near", "rtp", True, b"phone9"))
    places = {1: CAST.address(PHONE), 2: CAST.address(PEER), 3: ("127.0.2.66", 7777)}
    found = [Arrival(places[port], f"{name}{number}".encode()) for name, number, port in arrivals]
    return measure(CALL, "virtual", CAST, sent, found, [], unseen)


PERFECT = [
    ("phone", 9, 2),
    *(("phone", number, 2) for number in range(3)),
    *(("peer", number, 1) for number in range(3)),
]


def test_a_perfect_call_has_no_fault() -> None:
    figures = by_hand(*PERFECT)
    assert (figures.inj, figures.bleed_ms, figures.lost, figures.dead_ms) == (0, 0, 0, 0)
    assert faults(CALL, "virtual", figures) == []


def test_an_attackers_packet_is_injected_wherever_it_arrives() -> None:
    for place in (1, 2, 3):
        figures = by_hand(*PERFECT, ("attacker", 0, place))
        assert figures.inj == 1
        assert figures.bleed_ms == 0


def test_a_packet_of_the_call_at_the_attacker_is_bleed() -> None:
    assert by_hand(*PERFECT, ("peer", 0, 3)).bleed_ms == 20
    assert by_hand(*PERFECT, ("phone", 0, 3), ("phone", 0, 3)).bleed_ms == 40
    assert by_hand(*PERFECT, unseen=3).bleed_ms == 60


def test_a_packet_that_comes_twice_makes_up_for_no_other() -> None:
    figures = by_hand(*[arrival for arrival in PERFECT if arrival[1] != 1], ("phone", 0, 2), ("peer", 0, 1))
    assert (figures.lost, figures.dead_ms) == (1, 20)


def test_a_packet_at_the_wrong_party_does_not_count() -> None:
    figures = by_hand(*[(name, number, 3 - port) for name, number, port in PERFECT])
    assert (figures.lost, figures.dead_ms) == (4, 60)


@pytest.mark.parametrize("clock", CLOCKS)
def test_bounds_are_upper_bounds(clock: Clock) -> None:
    figures = Figures(inj=5, bleed_ms=40, lost=2, dead_ms=120, reports_lost=0, events=(), sent=0)
    assert len(faults(CALL, clock, figures)) == 4
    assert faults(replace(CALL, bounds=Bounds(5, 40, 2, 120)), clock, figures) == []
    assert len(faults(replace(CALL, bounds=Bounds(4, 39, 1, 119)), clock, figures)) == 4
    assert faults(replace(CALL, bounds=Bounds(ANY, ANY, ANY, ANY)), clock, replace(figures, reports_lost=1)) != []
