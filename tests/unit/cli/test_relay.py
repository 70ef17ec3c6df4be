from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from rtpcore.cli.endpoint import Endpoint, rtp, sender_report
from tests.process import Process, console_script, free_ports

LIMIT_S = 10.0

Run = Callable[..., Process]


@pytest.fixture
def run() -> Iterator[Run]:
    """Start `rtpcore relay` with these arguments; it is ended after the test."""
    with ExitStack() as stack:
        yield lambda *arguments: stack.enter_context(Process(console_script(), "relay", *arguments))


@pytest.fixture
def ports() -> list[int]:
    """Even ports: local a, local b, peer a, peer b."""
    return free_ports(4)


def of_type(kind: str) -> Callable[[str], bool]:
    return lambda line: json.loads(line)["type"] == kind


def exchange(ports: list[int], packets: int) -> tuple[list[bytes], list[bytes]]:
    """Two endpoints on peer a and peer b send `packets` each, one after the other; what they heard."""
    heard: tuple[list[bytes], list[bytes]] = ([], [])
    local_a, local_b, peer_a, peer_b = ports
    with ExitStack() as stack:
        udp = [stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in range(2)]
        for here, port in zip(udp, (peer_a, peer_b), strict=True):
            here.bind(("127.0.0.1", port))
            here.settimeout(LIMIT_S)
        for number in range(packets):
            for sender, local in ((0, local_a), (1, local_b)):
                udp[sender].sendto(rtp(sender + 1, number), ("127.0.0.1", local))
                heard[1 - sender].append(udp[1 - sender].recv(2048))
    return heard


def declared(ports: list[int]) -> list[str]:
    local_a, local_b, peer_a, peer_b = ports
    return [
        f"--local-a=127.0.0.1:{local_a}",
        f"--peer-a=127.0.0.1:{peer_a}",
        f"--local-b=127.0.0.1:{local_b}",
        f"--peer-b=127.0.0.1:{peer_b}",
    ]


def test_it_relays_between_declared_peers_and_counts(run: Run, ports: list[int]) -> None:
    relay = run("--json", "--interval=0.05", *declared(ports))
    listening = json.loads(relay.wait_for(of_type("listening")))
    assert listening["legs"]["a"] == {
        "address": ["127.0.0.1", ports[0]],
        "rtcp_address": ["127.0.0.1", ports[0] + 1],
    }
    heard_a, heard_b = exchange(ports, 10)
    assert heard_a == [rtp(2, number) for number in range(10)]
    assert heard_b == [rtp(1, number) for number in range(10)]
    relay.signal(signal.SIGTERM)
    final = relay.report()
    assert final["type"] == "final"
    for leg, peer in (("a", ports[2]), ("b", ports[3])):
        figures = final["legs"][leg]
        assert figures["rtp"]["received"] == figures["rtp"]["forwarded"] == 10
        assert figures["dropped"] == {}
        assert figures["accepted_source"] == figures["destination"] == ["127.0.0.1", peer]
    assert relay.errors == ""


def test_a_stranger_is_refused_and_counted(run: Run, ports: list[int]) -> None:
    relay = run("--json", "--interval=0.05", *declared(ports))
    relay.wait_for(of_type("listening"))
    stranger = Endpoint("127.0.0.9", 0, 9)
    for _ in range(5):
        stranger.send_media(("127.0.0.1", ports[0]))
    refused = json.loads(relay.wait_for(lambda line: dropped(line) == 5))
    stranger.close()
    assert refused["legs"]["a"]["dropped"] == {"out_of_scope": 5}
    assert refused["legs"]["a"]["accepted_source"] is None


def dropped(line: str) -> int:
    report: dict[str, Any] = json.loads(line)
    return sum(report["legs"]["a"]["dropped"].values()) if report["type"] == "report" else 0


def test_undeclared_legs_are_open_and_that_is_said_aloud(run: Run, ports: list[int]) -> None:
    relay = run("--json", f"--local-a=127.0.0.1:{ports[0]}", f"--local-b=127.0.0.1:{ports[1]}", "--duration=0.1")
    assert relay.wait() == 0
    assert relay.errors == (
        f"rtpcore relay: leg a runs with profile open: whoever sends to 127.0.0.1:{ports[0]} first gets its media.\n"
        f"rtpcore relay: leg b runs with profile open: whoever sends to 127.0.0.1:{ports[1]} first gets its media.\n"
    )


def test_it_relays_ipv6(run: Run) -> None:
    local_a, local_b, peer_a, peer_b = free_ports(4, "::1")
    relay = run(
        *("--json", f"--local-a=[::1]:{local_a}", f"--peer-a=[::1]:{peer_a}"),
        *(f"--local-b=[0:0::1]:{local_b}", f"--peer-b=[::1]:{peer_b}"),
    )
    relay.wait_for(of_type("listening"))
    with ExitStack() as stack:
        udp = [stack.enter_context(socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)) for _ in range(2)]
        for here, port in zip(udp, (peer_a, peer_b), strict=True):
            here.bind(("::1", port))
            here.settimeout(LIMIT_S)
        udp[0].sendto(rtp(1, 0), ("::1", local_a))
        assert udp[1].recv(2048) == rtp(1, 0)


def test_rtcp_mux_puts_both_on_one_port(run: Run, ports: list[int]) -> None:
    local_a, _, peer_a, peer_b = ports
    relay = run("--json", "--rtcp-mux", *declared(ports))
    listening = json.loads(relay.wait_for(of_type("listening")))
    assert listening["legs"]["a"]["rtcp_address"] == listening["legs"]["a"]["address"]
    with ExitStack() as stack:
        a, b = (stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in range(2))
        a.bind(("127.0.0.1", peer_a))
        b.bind(("127.0.0.1", peer_b))
        b.settimeout(LIMIT_S)
        for packet in (rtp(1, 0), sender_report(1, 1, 160)):
            a.sendto(packet, ("127.0.0.1", local_a))
            assert b.recv(2048) == packet
    relay.signal(signal.SIGTERM)
    leg = relay.report()["legs"]["a"]
    assert (leg["rtp"]["forwarded"], leg["rtcp"]["forwarded"]) == (1, 1)


def test_a_peer_that_cannot_be_reached_is_said_aloud(run: Run, ports: list[int]) -> None:
    common = [f"--local-a=127.0.0.1:{ports[0]}", "--peer-a=192.168.1.10:5004", f"--local-b=127.0.0.1:{ports[1]}"]
    common += [f"--peer-b=127.0.0.1:{ports[3]}", "--duration=0.1", "--json"]
    for extra, said in (
        ([], "name --signalling-a"),
        (["--signalling-a=127.0.0.9"], "it waits for packets from 127.0.0.9"),
    ):
        relay = run(*common, *extra)
        assert relay.wait() == 0
        assert relay.errors == (
            "rtpcore relay: leg a cannot reach 192.168.1.10:5004, an address of another network than"
            f" 127.0.0.1:{ports[0]}: {said}.\n"
        )


def test_events_are_lines_of_their_own(run: Run, ports: list[int]) -> None:
    relay = run("--json", "--events", *declared(ports))
    relay.wait_for(of_type("listening"))
    exchange(ports, 2)
    event = json.loads(relay.wait_for(of_type("event")))
    assert event["event"] == "latched"
    assert event["leg"] in {"a", "b"}
    assert event["source"][0] == "127.0.0.1"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_person_gets_lines_and_a_last_report(run: Run, ports: list[int], number: signal.Signals) -> None:
    relay = run("--interval=0.05", "--events", *declared(ports))
    relay.wait_for(lambda line: line == f"Leg b listens on 127.0.0.1:{ports[1]}, RTCP on 127.0.0.1:{ports[1] + 1}.")
    exchange(ports, 3)
    relay.wait_for(lambda line: " s, leg b: latched from " in line)
    relay.signal(number)
    assert relay.wait() == 0
    assert relay.lines[-2] == (
        f"Leg a took media from 127.0.0.1:{ports[2]}: it received 3 RTP and 0 RTCP packets, forwarded 3, dropped 0,"
        " and 0 never came."
    )
    assert any(line.startswith("seconds  leg  state") for line in relay.lines)


def refusal(*arguments: str) -> str:
    done = subprocess.run(
        [console_script(), "relay", *arguments], capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
    assert done.returncode == 2, done
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.endswith(".\n")
    return done.stderr


def test_a_port_in_use_is_one_sentence(ports: list[int]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", ports[1]))
        assert f"{ports[1]}" in refusal(*declared(ports))


def test_an_rtcp_port_in_use_is_one_sentence(ports: list[int]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", ports[1] + 1))
        assert f"{ports[1] + 1}" in refusal(*declared(ports))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--local-a=127.0.0.1", "--local-b=127.0.0.1:4002"], "'127.0.0.1' is not HOST:PORT"),
        (["--local-a=127.0.0.1:4000"], "the following arguments are required: --local-b"),
        (["--local-a=192.0.2.1:4000", "--local-b=127.0.0.1:4002"], "192.0.2.1"),
        (["--local-a=127.0.0.1:4000", "--local-b=127.0.0.1:4002", "--profile=lax"], "invalid choice: 'lax'"),
        (["--local-a=127.0.0.1:4000", "--local-b=127.0.0.1:4002", "--profile=strict"], "--peer-a nor --signalling-a"),
        (["--local-a=127.0.0.1:4000", "--local-b=127.0.0.1:4002", "--interval=0"], "'0' is not a positive number"),
        (
            ["--local-a=127.0.0.1:4000", "--signalling-a=::1", "--local-b=127.0.0.1:4002", "--profile=declared"],
            "needs --peer-a",
        ),
        (["--local-a=127.0.0.1:65535", "--local-b=127.0.0.1:4002"], "65535"),
    ],
)
def test_what_cannot_be_is_one_sentence(arguments: list[str], said: str) -> None:
    assert said in refusal(*arguments)


def test_a_privileged_port_is_one_sentence() -> None:
    if int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text()) <= 80:
        pytest.skip("this system lets everybody bind port 80")
    command = ["setpriv", "--bounding-set=-net_bind_service"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*command, console_script(), "relay", "--local-a=127.0.0.1:80", "--local-b=127.0.0.1:4002"],
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "127.0.0.1 port 80" in done.stderr
