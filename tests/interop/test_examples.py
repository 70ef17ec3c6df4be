"""The README's example and those of examples/ run as they stand."""

from __future__ import annotations

import ast
import re
import shlex
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.process import Process, console_script, free_ports

CHECKOUT = Path(__file__).resolve().parents[2]
README = (CHECKOUT / "README.md").read_text(encoding="utf-8")
LIMIT_S = 20.0


def readme_blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def test_the_example_of_the_readme_runs() -> None:
    (example,) = readme_blocks("python")
    done = subprocess.run(
        [sys.executable, "-P", "-c", example], capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "192.168.1.10:5004" in done.stdout, "what the leg explains of itself"


def test_the_relay_command_of_the_readme_runs() -> None:
    (line,) = [line for line in README.splitlines() if line.startswith("rtpcore relay ")]
    ports = iter(free_ports(line.count(":")))
    command = shlex.split(re.sub(r":\d+", lambda _: f":{next(ports)}", line))
    with Process(console_script(), *command[1:], "--duration=0.1") as relay:
        assert relay.wait() == 0, str(relay)
        assert relay.errors == ""


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#:]+)\)", README))))
def test_links_of_the_readme_lead_somewhere(target: str) -> None:
    assert (CHECKOUT / target).is_file()


def test_asyncio_relay() -> None:
    peers = free_ports(2)
    arguments = [f"127.0.0.1:{port}" for port in peers]
    with ExitStack() as stack:
        relay = stack.enter_context(Process(sys.executable, "-P", CHECKOUT / "examples/asyncio_relay.py", *arguments))
        udp = [stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in peers]
        local = []
        for name, here, port in zip(("caller", "callee"), udp, peers, strict=True):
            here.bind(("127.0.0.1", port))
            here.settimeout(LIMIT_S)
            line = relay.wait_for(lambda line, name=name: line.startswith(name))  # type: ignore[misc]
            local.append(ast.literal_eval(line.partition(" sends to ")[2]))
        packet = bytes.fromhex("80000001000000a011111111") + bytes(160)
        udp[0].sendto(packet, local[0])
        assert udp[1].recv(2048) == packet
        relay.wait_for(lambda line: line == f"caller latched ('127.0.0.1', {peers[0]})")
        relay.signal(signal.SIGINT)
        assert relay.wait() == 0, str(relay)
        assert relay.errors == ""
