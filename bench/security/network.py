"""A network of this process's own, in which any host of the scenarios is here and nobody else is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from tests.behaviour.loopback import hosts as loopback_hosts
from tests.behaviour.scenario import PHONE, PRIVATE

__all__ = ["RELAY", "NetworkFailed", "enter", "hosts", "own"]

INSIDE = "RTPCORE_BENCH_NETWORK"
PUBLIC = "198.18.0.0/15"
"""For benchmarks (RFC 2544), so that nothing takes it for private, for loopback or for a documentation network."""
RELAY = "198.18.255.1"
LAN = "192.168.0.0/16"
NETWORKS = 200
TEMPLATE = loopback_hosts()
NEAR = TEMPLATE[PHONE.host].rpartition(".")[0]


class NetworkFailed(Exception):
    """There is no network of one's own to be had."""


def hosts(number: int) -> dict[str, str]:
    """The hosts of the call of that number, in networks that no other call uses; neighbours stay neighbours."""
    if not 0 <= number < NETWORKS:
        raise ValueError(f"There is room for {NETWORKS} calls at a time, not for number {number}.")
    found = {}
    for name, address in TEMPLATE.items():
        network, _, last = address.rpartition(".")
        first = "192.168" if name == PRIVATE.host else "198.18" if network == NEAR else "198.19"
        found[name] = f"{first}.{number}.{last}"
    return found


def _ip(*words: str) -> None:
    try:
        subprocess.run(["ip", *words], check=True, capture_output=True, text=True)
    except FileNotFoundError:
        raise NetworkFailed("The program ip is not installed (Debian: iproute2).") from None
    except subprocess.CalledProcessError as failure:
        raise NetworkFailed(f"ip {' '.join(words)}: {failure.stderr.strip()}") from None


def enter() -> None:
    """Run this program again in a namespace of its own, as root or as the root of a user namespace; set that up."""
    if INSIDE not in os.environ:
        program = shutil.which("unshare")
        if program is None:
            raise NetworkFailed("The program unshare is not installed (Debian: util-linux).")
        words = [program, "--net", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"])]
        probe = subprocess.run([*words, "true"], check=False, capture_output=True, text=True)
        if probe.returncode:
            raise NetworkFailed(f"No network namespace can be made: {probe.stderr.strip()}")
        sys.stdout.flush()
        os.execve(program, [*words, sys.executable, *sys.argv], os.environ | {INSIDE: "1"})
    _ip("link", "set", "lo", "up")
    _ip("address", "add", f"{RELAY}/32", "dev", "lo")
    _ip("route", "add", "local", PUBLIC, "dev", "lo")
    # What goes to an address that cannot be reached vanishes, as it does in the world.
    _ip("link", "add", "nowhere", "type", "veth", "peer", "name", "nobody")
    _ip("link", "set", "nobody", "up")
    _ip("link", "set", "nowhere", "arp", "off", "up")
    _ip("route", "add", LAN, "dev", "nowhere")


def own(host: str) -> None:
    """Somebody has that private address, on the relay's own network."""
    _ip("route", "replace", "local", f"{host}/32", "dev", "lo")
