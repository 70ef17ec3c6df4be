from __future__ import annotations

from dataclasses import replace

import pytest

from rtpcore.cli.verdict import Flow, Outcome

FLOW = Flow(sent=100, delivered=100, reports_sent=2, reports_delivered=2, surplus=0, injected=0)
CLEAN = Outcome(
    profile="guarded",
    phone_to_peer=FLOW,
    peer_to_phone=FLOW,
    attack_sent=400,
    attack_returned=0,
    stolen=0,
    unaccounted=0,
)


def test_a_clean_call_passes() -> None:
    assert CLEAN.passed
    assert CLEAN.sentences()[-1] == "PASSED: nothing leaked and nothing was lost."


@pytest.mark.parametrize(
    "fault",
    [
        {"phone_to_peer": replace(FLOW, delivered=99)},
        {"peer_to_phone": replace(FLOW, delivered=99)},
        {"peer_to_phone": replace(FLOW, reports_delivered=1)},
        {"phone_to_peer": replace(FLOW, surplus=1)},
        {"phone_to_peer": replace(FLOW, injected=1)},
        {"peer_to_phone": replace(FLOW, injected=1)},
        {"attack_returned": 1},
        {"stolen": 1},
        {"unaccounted": 1},
    ],
)
def test_one_packet_is_enough_to_fail(fault: dict[str, Flow | int]) -> None:
    outcome = replace(CLEAN, **fault)  # type: ignore[arg-type]
    assert not outcome.passed
    assert outcome.sentences()[-1].startswith("FAILED: ")


@pytest.mark.parametrize(
    "missing",
    [
        {"phone_to_peer": replace(FLOW, sent=0, delivered=0)},
        {"peer_to_phone": replace(FLOW, sent=0, delivered=0)},
        {"attack_sent": 0},
    ],
)
def test_what_was_not_played_proves_nothing(missing: dict[str, Flow | int]) -> None:
    outcome = replace(CLEAN, **missing)  # type: ignore[arg-type]
    assert not outcome.passed
    assert outcome.sentences()[-1].startswith("INCONCLUSIVE: ")


def test_the_figures_are_in_the_sentences() -> None:
    outcome = replace(CLEAN, phone_to_peer=replace(FLOW, delivered=93, injected=5), stolen=17)
    said = " ".join(outcome.sentences())
    assert "The peer heard 93 of 100 packets and 2 of 2 RTCP reports." in said
    assert "The attacker sent 400 packets; 5 of them were forwarded." in said
    assert "17 packets of the call reached the attacker." in said
    assert "FAILED: 22 packets leaked and 7 were lost." in said


def test_json_carries_the_verdict() -> None:
    plain = CLEAN.as_json()
    assert plain["passed"] is True
    assert plain["lost"] == 0
    assert plain["phone_to_peer"]["sent"] == 100
