from __future__ import annotations

import json
import signal
import threading

import pytest

from rtpcore.cli.demo import measure, rows
from rtpcore.cli.scene import Plan, Scene
from rtpcore.cli.verdict import Outcome
from rtpcore.track.latch.state import LatchState
from tests.process import Process, console_script

DURATION_S = 1.2


def play(plan: Plan) -> Outcome:
    with Scene(plan) as scene:
        scene.play(threading.Event())
        return measure(scene)


@pytest.mark.parametrize("private_sdp", [True, False], ids=["private-sdp", "right-sdp"])
@pytest.mark.parametrize("attack_starts_s", [-0.3, 0.2], ids=["attacker-first", "attacker-later"])
def test_nothing_leaks_and_nothing_is_lost(private_sdp: bool, attack_starts_s: float) -> None:
    outcome = play(Plan(DURATION_S, "guarded", private_sdp, attack_starts_s))
    assert outcome.passed, outcome
    assert outcome.attack_sent >= 4 * 50 * (DURATION_S - attack_starts_s) * 0.95
    assert outcome.phone_to_peer.sent == 45
    assert outcome.peer_to_phone.sent == 35


def test_the_verdict_turns_when_the_profile_is_open() -> None:
    outcome = play(Plan(DURATION_S, "open", attack_starts_s=-0.3))
    assert not outcome.passed
    assert outcome.attack_forwarded > 0


def test_the_verdict_turns_when_the_call_is_lost() -> None:
    outcome = play(Plan(DURATION_S, "declared"))
    assert not outcome.passed
    assert outcome.lost > 0
    assert outcome.attack_forwarded == outcome.stolen == 0


def test_the_table_says_who_sends_and_what_was_decided() -> None:
    with Scene(Plan(DURATION_S, attack_starts_s=0.0)) as scene:
        scene.play(threading.Event())
        phone, peer, attacker = rows(scene)
        assert scene.phone_leg.stats().state is LatchState.PROVISIONAL
    assert phone[:2] == ["phone", f"127.0.1.10:{scene.phone.address[1]} (SDP: 192.168.1.10:5004)"]
    assert phone[2:4] == ["45", "35"]
    assert phone[4] == f"provisional, media goes to 127.0.1.10:{scene.phone.address[1]}"
    assert peer[:4] == ["peer", f"127.0.3.20:{scene.peer.address[1]}", "35", "45"]
    assert attacker[0] == "attacker"
    assert "out_of_scope" in attacker[4]


def test_the_command_reports_its_verdict_as_json() -> None:
    with Process(console_script(), "demo", "--json", "--duration", "1") as demo:
        report = demo.report()
        assert demo.lines[:-1] == []
        assert demo.errors == ""
    assert report["passed"] is True
    assert report["lost"] == report["attack_forwarded"] == report["stolen"] == 0
    assert report["legs"]["phone"]["accepted_source"][0] == "127.0.1.10"
    assert report["legs"]["phone"]["dropped"]["out_of_scope"] > 0


def test_the_command_fails_when_something_leaked() -> None:
    with Process(console_script(), "demo", "--json", "--duration", "1", "--profile", "open") as demo:
        assert demo.wait() == 1
        assert json.loads(demo.lines[-1])["passed"] is False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_early_with_the_verdict_so_far(number: signal.Signals) -> None:
    with Process(console_script(), "demo", "--duration", "60") as demo:
        # The phone's and the peer's packets have arrived on the other side.
        demo.wait_for(lambda line: line.startswith("peer ") and int(line.split()[3]) > 5)
        demo.signal(number)
        assert demo.wait() == 0, str(demo)
        assert demo.lines[-1] == "PASSED: nothing leaked and nothing was lost."
        assert demo.errors == ""


def test_ended_before_anybody_spoke_it_proves_nothing() -> None:
    with Scene(Plan()) as scene:
        stop = threading.Event()
        stop.set()
        scene.play(stop)
        outcome = measure(scene)
    assert not outcome.passed
    assert not outcome.complete
