"""F04: strangers flood one port, the phone is heard; with the lock they cost the relay nothing, without it they may."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.party import Party, own_host, wait_until
from tests.process import Process

CHECKOUT = Path(__file__).parents[2]
BENCH = CHECKOUT / "bench"
LOCKED = CHECKOUT / "tests" / "unit" / "programs" / "locked.py"
STRANGERS, PACKETS = 20_000, 50
SECONDS = 2.0
TALKED = 5


@pytest.fixture
def flood(tmp_path: Path) -> Callable[[str, str], dict[str, Any]]:
    """`flood(kind, victim)` makes one run of bench/flood.py in short."""

    def run(kind: str, victim: str) -> dict[str, Any]:
        result = tmp_path / "result.json"
        words = ["--seconds", str(SECONDS), "--kinds", kind, "--victims", victim, "--json", str(result)]
        paths = [str(BENCH), *filter(None, [os.environ.get("PYTHONPATH")])]
        with Process(sys.executable, BENCH / "flood.py", *words, environment={"PYTHONPATH": ":".join(paths)}) as bench:
            assert bench.wait(60) in (0, 1), bench
        (found,) = json.loads(result.read_text())
        assert found["offered"] > 10_000, f"this was no flood: {found}"
        assert found["conserved"], found
        return dict(found)

    return run


@pytest.mark.parametrize("kind", ["stranger", "ports", "hosts"])
def test_a_locked_port_hears_the_phone_and_nobody_else(flood: Callable[[str, str], dict[str, Any]], kind: str) -> None:
    if kind == "hosts" and os.geteuid() != 0:
        pytest.skip("forging addresses needs root")
    found = flood(kind, "locked")
    assert found["delivered"] == found["legitimate"] == found["read"], found
    assert found["kernel_dropped"] == found["offered"], found
    assert found["resident_growth_kib"] < 1024, found


def test_a_flooded_port_that_is_learning_starves_no_other_session(
    flood: Callable[[str, str], dict[str, Any]],
) -> None:
    """Nobody is locked there, so that the relay has to look at every one of them: a batch a turn."""
    found = flood("stranger", "learning")
    assert found["delivered"] == found["legitimate"], found
    assert found["forwarded"] == 0, found
    assert found["read"] > 10_000, found
    assert found["latency_p50_us"] < 20_000, found
    assert found["resident_growth_kib"] < 4096, found


@pytest.mark.parametrize("lock", ["auto", "off"])
def test_while_the_relay_stands_still_strangers_take_no_place_in_the_queue(lock: str) -> None:
    with Party() as phone, Party() as stranger, socket.socket(type=socket.SOCK_DGRAM) as peer:
        peer.bind((phone.address[0], 4000))
        peer.settimeout(10)
        words = ("-P", str(LOCKED), own_host(), phone.address[0], str(phone.address[1]), lock)
        with Process(sys.executable, *words) as relay:
            to = tuple(json.loads(relay.wait_for(lambda line: line.startswith("["))))
            phone.send(to, TALKED)
            relay.write_line("talked")
            relay.wait_for(lambda line: line == "locked")
            assert [peer.recv(2048) for _ in range(TALKED)]
            relay.signal(signal.SIGSTOP)
            sent = []
            for number in range(STRANGERS):
                stranger.send(to)
                if number % (STRANGERS // PACKETS) == STRANGERS // PACKETS - 1:
                    sent += phone.send(to)
            relay.signal(signal.SIGCONT)
            counted: list[int] = []

            def all_counted() -> bool:
                relay.write_line("figures")
                counted[:] = json.loads(relay.wait_for(lambda line: line.startswith("[")))
                return sum(counted[:2]) == TALKED + STRANGERS + PACKETS

            wait_until(all_counted, f"{counted}")
            received, dropped, forwarded = counted
            if lock == "auto":
                assert [peer.recv(2048) for _ in sent] == sent
                assert (received, dropped, forwarded) == (TALKED + PACKETS, STRANGERS, TALKED + PACKETS)
            else:
                assert forwarded < TALKED + PACKETS // 2, "this was no flood, so that the lock proves nothing"
