"""A small internet in network namespaces, with real NATs between the phones and the relay.

    phone     10.0.1.10 ---- home    198.51.100.10 --+
    roamer    10.0.2.10 ----+                        +-- relay    203.0.113.7  2001:db8:7::7
    roamer    100.64.2.10 --+                        +-- peer     192.0.2.20   2001:db8:2::20
    mobile    100.64.1.10 -- carrier 198.51.100.74 --+-- attacker 192.0.2.66   2001:db8:6::66
    mobile2   100.64.3.10 --+                        +-- phone6                2001:db8:10::10
    neighbour 100.64.66.66 -+

home keeps the phone's port where it can, carrier gives a random one to each destination (symmetric NAT). The roamer has
both networks. Each host is a namespace of a name used once; close() ends the processes started here, each by its own
id, and then deletes the namespaces. Needs root, ip, nft, sysctl and conntrack.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Self

from tests.process import LIMIT_S, Process

HOME, CARRIER = "198.51.100.10", "198.51.100.74"
RELAY, PEER, ATTACKER = "203.0.113.7", "192.0.2.20", "192.0.2.66"
RELAY6, PEER6, ATTACKER6, PHONE6 = "2001:db8:7::7", "2001:db8:2::20", "2001:db8:6::66", "2001:db8:10::10"


class Link(NamedTuple):
    """A cable from `device` of a host to a router, and the addresses at its ends."""

    host: str
    router: str
    address: str
    gateway: str
    length: int
    address6: str = ""
    device: str = "uplink"


LINKS = (
    Link("home", "internet", HOME, "198.51.100.1", 26),
    Link("carrier", "internet", CARRIER, "198.51.100.65", 26),
    Link("relay", "internet", RELAY, "203.0.113.1", 26, RELAY6),
    Link("peer", "internet", PEER, "192.0.2.1", 26, PEER6),
    Link("attacker", "internet", ATTACKER, "192.0.2.65", 26, ATTACKER6),
    Link("phone6", "internet", "192.0.2.130", "192.0.2.129", 26, PHONE6),
    Link("phone", "home", "10.0.1.10", "10.0.1.1", 24),
    Link("roamer", "home", "10.0.2.10", "10.0.2.1", 24),
    Link("roamer", "carrier", "100.64.2.10", "100.64.2.1", 24, device="cellular"),
    Link("mobile", "carrier", "100.64.1.10", "100.64.1.1", 24),
    Link("mobile2", "carrier", "100.64.3.10", "100.64.3.1", 24),
    Link("neighbour", "carrier", "100.64.66.66", "100.64.66.1", 24),
)
ADDRESS = {link.host: link.address for link in LINKS if link.device == "uplink"}
HOSTS = ("internet", *ADDRESS)
ROUTERS = ("internet", "home", "carrier")
NATS = {"home": "masquerade", "carrier": "masquerade fully-random"}
HOSTILE = ("attacker", "neighbour")

MASQUERADE = """
table ip laboratory
delete table ip laboratory
table ip laboratory {{
  chain outbound {{ type nat hook postrouting priority srcnat; oifname "uplink" {statement}; }}
}}
"""
# Every datagram of the relay that arrives at an attacker's, whether anybody listens there or not.
WATCH = f"""
table inet watch {{
  counter strays {{ }}
  chain arriving {{
    type filter hook prerouting priority raw;
    ip saddr {RELAY} meta l4proto udp counter name strays
    ip6 saddr {RELAY6} meta l4proto udp counter name strays
  }}
}}
"""


class Laboratory:
    """The network of this module's figure; a context manager."""

    def __init__(self) -> None:
        self.prefix = f"rtp{os.getpid()}{secrets.token_hex(3)}"
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
        for host in HOSTS:
            _run(["ip", "netns", "add", self._name(host)])
            self._namespaces.append(self._name(host))
        for host in HOSTS:
            settings = ["net.ipv4.icmp_ratelimit=0", "net.ipv4.icmp_msgs_per_sec=100000"]
            settings += ["net.ipv6.conf.all.disable_ipv6=0", "net.ipv6.conf.default.accept_dad=0"]
            settings += ["net.ipv6.conf.default.keep_addr_on_down=1"]
            if host in ROUTERS:
                settings += ["net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1"]
            self.run(host, "sysctl", "-qw", *settings)
        cables = [
            f"link add name {link.device} netns {self._name(link.host)} type veth "
            f"peer name to-{link.host} netns {self._name(link.router)}"
            for link in LINKS
        ]
        _run(["ip", "-batch", "-"], "\n".join(cables))
        for host in HOSTS:
            self.ip(host, "link set dev lo up", *_addresses(host), *_routes(host))
        for host, statement in NATS.items():
            self.masquerade(host, statement)
        for host in HOSTILE:
            self.nft(host, WATCH)

    def run(self, host: str, *command: str, given: str = "") -> str:
        """Run a program on a host to its end; its standard output."""
        return _run(["ip", "netns", "exec", self._name(host), *command], given)

    def ip(self, host: str, *commands: str) -> None:
        """Commands of ip on a host."""
        _run(["ip", "-n", self._name(host), "-batch", "-"], "\n".join(commands))

    def nft(self, host: str, rules: str) -> None:
        """Load rules of nft on a host."""
        self.run(host, "nft", "-f", "-", given=rules)

    def masquerade(self, nat: str, statement: str) -> None:
        """Give a NAT another way to choose ports, and no mappings."""
        self.nft(nat, MASQUERADE.format(statement=statement))
        self.run(nat, "conntrack", "-F")

    def forget(self, nat: str, *hosts: str) -> None:
        """A NAT loses its mappings of some hosts, as by a restart or for want of room."""
        for host in hosts:
            self.run(nat, "conntrack", "-D", "-p", "udp", "--orig-src", ADDRESS[host])

    def mappings(self, nat: str, host: str) -> int:
        """How many a NAT has of a host."""
        return len(self.run(nat, "conntrack", "-L", "-p", "udp", "--orig-src", ADDRESS[host]).splitlines())

    @contextmanager
    def impatient(self, nat: str, seconds: int) -> Iterator[None]:
        """A NAT forgets mappings that were idle for that long; it begins and ends without any."""
        names = [f"net.netfilter.nf_conntrack_udp_timeout{suffix}" for suffix in ("", "_stream")]
        before = [self.run(nat, "sysctl", "-n", name).strip() for name in names]
        self.run(nat, "sysctl", "-qw", *(f"{name}={seconds}" for name in names))
        self.run(nat, "conntrack", "-F")
        try:
            yield
        finally:
            self.run(nat, "sysctl", "-qw", *(f"{name}={value}" for name, value in zip(names, before, strict=True)))
            self.run(nat, "conntrack", "-F")

    def strays(self) -> int:
        """Datagrams of the relay that have arrived at attackers' hosts."""
        total = 0
        for host in HOSTILE:
            listed = json.loads(self.run(host, "nft", "--json", "list", "counters"))["nftables"]
            total += sum(item["counter"]["packets"] for item in listed if "counter" in item)
        return total

    def unreachable(self, host: str) -> int:
        """ICMP messages of this kind that a host has taken in so far."""
        lines = [line.split() for line in self.run(host, "cat", "/proc/net/snmp").splitlines() if "Icmp:" in line]
        return int(dict(zip(*lines, strict=True))["InDestUnreachs"])

    def start(self, host: str, *command: str | Path) -> Process:
        """Run a program on a host; it ends with the laboratory at the latest."""
        process = Process("ip", "netns", "exec", self._name(host), *command)
        self._processes.append(process)
        return process

    def close(self) -> None:
        """End every process and delete every namespace that was made here."""
        while self._processes:
            self._processes.pop().close()
        while self._namespaces:
            subprocess.run(["ip", "netns", "del", self._namespaces.pop()], check=False, timeout=LIMIT_S)


def _addresses(host: str) -> Iterator[str]:
    for link in LINKS:
        if link.host == host:
            yield f"addr add {link.address}/{link.length} dev {link.device}"
            if link.address6:
                yield f"addr add {link.address6}/64 dev {link.device} nodad"
            yield f"link set dev {link.device} up"
        if link.router == host:
            yield f"addr add {link.gateway}/{link.length} dev to-{link.host}"
            if link.address6:
                yield f"addr add {gateway6(link.address6)}/64 dev to-{link.host} nodad"
            yield f"link set dev to-{link.host} up"


def _routes(host: str) -> Iterator[str]:
    for link in LINKS:
        if link.host == host and link.device == "uplink":
            yield f"route add default via {link.gateway}"
            if link.address6:
                yield f"route add ::/0 via {gateway6(link.address6)}"


def gateway6(address: str) -> str:
    """The router's address in the network of `address`."""
    return address.rpartition("::")[0] + "::1"


def _run(command: list[str], given: str = "") -> str:
    done = subprocess.run(command, input=given, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()} {given}")
    return done.stdout
