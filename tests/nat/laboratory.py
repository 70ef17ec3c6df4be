"""A small internet in network namespaces: a phone behind a masquerading router, a relay, a peer and an attacker.

    phone 10.0.0.10 -- nat 198.51.100.10 -- internet -+- relay    203.0.113.7
                                                      +- peer     192.0.2.20
                                                      +- attacker 192.0.2.66

Each host is a namespace of a name used once; close() ends the processes started here, each by its own id, and then
deletes the namespaces. Needs root, ip and nft.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Self

from tests.process import LIMIT_S, Process

PHONE, NAT, RELAY, PEER, ATTACKER = "10.0.0.10", "198.51.100.10", "203.0.113.7", "192.0.2.20", "192.0.2.66"

# host: (namespace of its router, its address, the router's address, prefix length)
LINKS = {
    "phone": ("nat", PHONE, "10.0.0.1", 24),
    "nat": ("internet", NAT, "198.51.100.1", 26),
    "relay": ("internet", RELAY, "203.0.113.1", 26),
    "peer": ("internet", PEER, "192.0.2.1", 26),
    "attacker": ("internet", ATTACKER, "192.0.2.65", 26),
}

MASQUERADE = """
table ip laboratory {{
  chain outbound {{ type nat hook postrouting priority srcnat; oifname "uplink" masquerade {mode}; }}
}}
"""


class Laboratory:
    """The network of this module's figure; a context manager.

    `masquerade` is what nft's statement gets: "" keeps the phone's port where it can, "fully-random" never does.
    """

    def __init__(self, masquerade: str) -> None:
        self.prefix = f"rtp{os.getpid()}{secrets.token_hex(3)}"
        self._masquerade = masquerade
        self._namespaces: list[str] = []
        self._processes: list[Process] = []

    def __enter__(self) -> Self:
        try:
            self._build()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _name(self, host: str) -> str:
        return f"{self.prefix}-{host}"

    def _build(self) -> None:
        for host in ("internet", "nat", "phone", "relay", "peer", "attacker"):
            _run(f"ip netns add {self._name(host)}")
            self._namespaces.append(self._name(host))
            _run(f"ip -n {self._name(host)} link set dev lo up")
        for host, (router, address, gateway, length) in LINKS.items():
            here, there = self._name(host), self._name(router)
            _run(f"ip link add name uplink netns {here} type veth peer name to-{host} netns {there}")
            _run(f"ip -n {here} addr add {address}/{length} dev uplink")
            _run(f"ip -n {there} addr add {gateway}/{length} dev to-{host}")
            _run(f"ip -n {here} link set dev uplink up")
            _run(f"ip -n {there} link set dev to-{host} up")
            _run(f"ip -n {here} route add default via {gateway}")
        for router in ("internet", "nat"):
            _run(f"ip netns exec {self._name(router)} sysctl -qw net.ipv4.ip_forward=1")
        _run(f"ip netns exec {self._name('nat')} nft -f -", MASQUERADE.format(mode=self._masquerade))

    def start(self, host: str, *command: str | Path) -> Process:
        """Run a program in a host's namespace; it ends with the laboratory at the latest."""
        process = Process("ip", "netns", "exec", self._name(host), *command)
        self._processes.append(process)
        return process

    def endpoint(self, host: str, bind: str, *to: str, ssrc: int, count: int = 0, options: str = "") -> Process:
        """Start endpoint.py there and return when its sockets are bound; count 0 sends until told to stop."""
        script = Path(__file__).with_name("endpoint.py")
        command = [f"--bind={bind}", f"--ssrc={ssrc}", f"--count={count}", *options.split()]
        process = self.start(host, sys.executable, script, *command, *to)
        process.wait_for(lambda line: line == "ready")
        return process

    def close(self) -> None:
        """End every process and delete every namespace that was made here."""
        while self._processes:
            self._processes.pop().close()
        while self._namespaces:
            subprocess.run(["ip", "netns", "del", self._namespaces.pop()], check=False, timeout=LIMIT_S)


def _run(command: str, given: str = "") -> None:
    done = subprocess.run(command.split(), input=given, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    if done.returncode:
        raise RuntimeError(f"{command}: {done.stderr.strip()}")
