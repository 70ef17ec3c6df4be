"""The generator is what all loss-free claims rest on: it must see every fault that a relay can make."""

from __future__ import annotations

import json
import select
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from loopback import build
from loopback.load import open_ends

PROOF_PACKETS = 8  # four on each of the two streams of one session

# What the relay sends on for the packet of that number, in order; the number counts both directions together.
Fault = Callable[[int, bytes], list[bytes]]


@contextmanager
def _relay(peers: list[tuple[str, int]], fault: Fault, *, swap: bool = False) -> Iterator[list[socket.socket]]:
    """A relay of one session with a fault; with `swap` it sends from the port that it received on."""
    legs = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in peers]
    for leg in legs:
        leg.bind(("127.0.0.1", 0))
    ended, end = socket.socketpair()

    def run() -> None:
        number = 0
        while ended not in (ready := select.select([*legs, ended], [], [])[0]):
            for leg in ready:
                datagram = leg.recv(2048)
                other = 1 - legs.index(leg)
                for each in fault(number, datagram):
                    legs[1 - other if swap else other].sendto(each, peers[other])
                number += 1

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield legs
    finally:
        end.send(b".")
        thread.join()
        for each in (*legs, ended, end):
            each.close()


def _generate(tmp_path: Path, fault: Fault, *, swap: bool = False, load: tuple[str, str] = ("--window", "8")) -> Any:
    with open_ends() as ends, _relay([end.getsockname() for end in ends], fault, swap=swap) as legs:
        listing = tmp_path / "sessions.txt"
        listing.write_text(" ".join(f"{host} {port}" for host, port in (leg.getsockname() for leg in legs)) + "\n")
        descriptors = [end.fileno() for end in ends]
        words = [
            *(str(build.generator()), "--sessions", str(listing), "--fds", ",".join(map(str, descriptors))),
            *("--seconds", "0.2", "--warm-up", "0.05", *load),
        ]
        shown = subprocess.run(words, pass_fds=descriptors, capture_output=True, text=True, check=False, timeout=30)
    result = json.loads(shown.stdout.splitlines()[-1])
    assert shown.returncode == (0 if result["proven"] else 1)
    assert result["sent"] == result["received"] + result["lost"]
    return result


def _faults(result: Any) -> set[str]:
    return {name for name in ("lost", "reordered", "duplicated", "corrupt", "misrouted") if result[name]}


def _once(after: int, faulty: Callable[[bytes], list[bytes]]) -> Fault:
    return lambda number, datagram: faulty(datagram) if number == after else [datagram]


@pytest.mark.parametrize("load", [("--window", "8"), ("--rate", "2000")])
def test_no_fault(tmp_path: Path, load: tuple[str, str]) -> None:
    result = _generate(tmp_path, lambda _, datagram: [datagram], load=load)
    assert result["proven"]
    assert not _faults(result)
    assert 0 < result["latency_us"]["p50"] <= result["latency_us"]["p99"] <= result["latency_us"]["largest"]


@pytest.mark.parametrize("after", [PROOF_PACKETS - 3, PROOF_PACKETS + 50], ids=["in the proof", "later"])
def test_one_loss(tmp_path: Path, after: int) -> None:
    result = _generate(tmp_path, _once(after, lambda _: []))
    assert result["lost"] == 1
    assert result["proven"] == (after > PROOF_PACKETS)
    assert _faults(result) == {"lost"}


def test_the_window_opens_again_when_everything_is_lost(tmp_path: Path) -> None:
    result = _generate(tmp_path, lambda number, datagram: [] if 50 <= number < 60 else [datagram])
    assert result["lost"] == 10
    assert result["received"] > 100


@pytest.mark.parametrize("octet", [0, 1, 3, 7, 11, 12, 20, 24, 30, 36, 171])
def test_one_changed_octet(tmp_path: Path, octet: int) -> None:
    def change(datagram: bytes) -> list[bytes]:
        return [datagram[:octet] + bytes([datagram[octet] ^ 1]) + datagram[octet + 1 :]]

    result = _generate(tmp_path, _once(100, change))
    assert result["corrupt"] == 1
    assert _faults(result) == {"corrupt", "lost"}


@pytest.mark.parametrize("change", [lambda datagram: datagram[:-1], lambda datagram: datagram + b"\0"])
def test_another_size(tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    assert _generate(tmp_path, _once(100, lambda datagram: [change(datagram)]))["corrupt"] == 1


def test_a_duplicate(tmp_path: Path) -> None:
    result = _generate(tmp_path, _once(100, lambda datagram: [datagram, datagram]))
    assert result["duplicated"] == 1
    assert _faults(result) == {"duplicated"}


def test_a_late_packet_is_reordered_and_not_lost(tmp_path: Path) -> None:
    kept: list[bytes] = []

    def delay(number: int, datagram: bytes) -> list[bytes]:
        if number == 100:
            kept.append(datagram)
            return []
        late = kept and kept[0][8:12] == datagram[8:12]  # the next packet of the same stream overtakes it
        return [datagram, kept.pop()] if late else [datagram]

    result = _generate(tmp_path, delay)
    assert result["reordered"] == 1
    assert _faults(result) == {"reordered"}


def test_a_packet_from_the_wrong_port(tmp_path: Path) -> None:
    result = _generate(tmp_path, lambda _, datagram: [datagram], swap=True)
    assert not result["proven"]
    assert result["misrouted"] == result["sent"] == PROOF_PACKETS
