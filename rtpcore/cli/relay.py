"""`rtpcore relay`: relays between two local ports without signalling, and counts in words a person understands."""

from __future__ import annotations

import argparse
import math
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rtpcore.cli.arguments import Parser, format_address, host, seconds, transport_address
from rtpcore.cli.report import Reporter, open_reporter
from rtpcore.errors import ConfigurationError
from rtpcore.events import Address
from rtpcore.interface import Interface
from rtpcore.relay import Relay
from rtpcore.session import Leg, Session
from rtpcore.track.latch.policy import LatchPolicy

__all__ = ["add_to"]

POLL_S = 0.1
NO_RANGE = range(30000, 30002)  # every port is named on the command line, so none is taken from a range

DESCRIPTION = """Relays RTP and RTCP between two local ports, until it is stopped: SIGINT or SIGTERM end it with a
last report and exit status 0. RTCP uses the next port up.

A leg accepts packets from the hosts that --peer and --signalling name and from nobody else; the peer's own port
is preferred. A leg for which neither is given runs with the profile open: whoever sends to it first gets the
media of the other."""

EXAMPLES = """
examples:
  rtpcore relay --local-a 127.0.0.1:4000 --local-b 127.0.0.1:4002 --peer-a 127.0.0.1:5004 --peer-b 127.0.0.1:6000
  rtpcore relay --local-a 203.0.113.7:4000 --peer-a 192.168.1.10:5004 --signalling-a 198.51.100.10 \\
                --local-b 203.0.113.7:4002 --peer-b 192.0.2.20:6000 --duration 60 --json
  rtpcore relay --local-a [::1]:4000 --local-b [::1]:4002 --events
"""


def add_to(commands: argparse._SubParsersAction[Parser]) -> None:
    """Add the subcommand to the command line."""
    parser = commands.add_parser(
        "relay", help="relay between two local ports", description=DESCRIPTION, epilog=EXAMPLES
    )
    for name in ("a", "b"):
        leg = parser.add_argument_group(f"leg {name}")
        leg.add_argument(
            f"--local-{name}", type=transport_address, required=True, metavar="HOST:PORT", help="where it listens"
        )
        leg.add_argument(
            f"--peer-{name}", type=transport_address, metavar="HOST:PORT", help="its party's address, as SDP would say"
        )
        leg.add_argument(
            f"--signalling-{name}", type=host, metavar="IP", help="where its party's signalling comes from"
        )
    parser.add_argument("--rtcp-mux", action="store_true", help="RTCP on the RTP ports (RFC 5761)")
    parser.add_argument(
        "--profile",
        choices=("guarded", "strict", "mobile", "open", "declared"),
        help="latching profile of both legs (default: guarded; open for a leg with neither --peer nor --signalling)",
    )
    parser.add_argument("--duration", type=seconds, metavar="S", help="stop by itself after S seconds")
    parser.add_argument(
        "--interval", type=seconds, default=1.0, metavar="S", help="seconds between reports (default: 1)"
    )
    parser.add_argument("--events", action="store_true", help="show events as they happen")
    parser.add_argument("--json", action="store_true", help="JSON, one object a line")
    parser.set_defaults(run=run)


@dataclass(frozen=True)
class LegOptions:
    """What the command line says of one leg."""

    name: str
    local: Address
    peer: Address | None
    signalling: str | None
    profile: str

    @classmethod
    def of(cls, name: str, options: argparse.Namespace) -> LegOptions:
        peer, signalling = getattr(options, f"peer_{name}"), getattr(options, f"signalling_{name}")
        profile = options.profile or ("guarded" if peer or signalling else "open")
        if profile != "open" and not (peer or signalling):
            raise ConfigurationError(
                f"leg {name} has neither --peer-{name} nor --signalling-{name}, so {profile} would accept nobody."
            )
        if profile == "declared" and not peer:
            raise ConfigurationError(f"profile declared needs --peer-{name}.")
        return cls(name, getattr(options, f"local_{name}"), peer, signalling, profile)

    def warnings(self, leg: Leg) -> Iterator[str]:
        """What must be said aloud of the running leg."""
        local = format_address(self.local)
        if self.profile == "open":
            yield f"leg {self.name} runs with profile open: whoever sends to {local} first gets its media."
        if self.peer and leg.stats().destination is None:
            peer = format_address(self.peer)
            wait = (
                f"it waits for packets from {self.signalling}" if self.signalling else f"name --signalling-{self.name}"
            )
            yield f"leg {self.name} cannot reach {peer}, an address of another network than {local}: {wait}."

    def open(self, session: Session, rtcp_mux: bool) -> Leg:
        """Bind, publish and signal the leg."""
        # Whoever names an address on the command line vouches for it: it is sent to without a budget.
        policy = LatchPolicy(self.profile, early_budget_ms=None) if self.peer else LatchPolicy(self.profile)
        leg = session.add_leg(self.name, interface=self.local[0], policy=policy, port=self.local[1])
        leg.publish()
        signalling = [self.signalling] if self.signalling else []
        leg.signal("answer", self.peer, signalling, rtcp_mux=rtcp_mux)
        return leg


def run(options: argparse.Namespace, stop: threading.Event) -> int:
    """Relay until the end of the duration or `stop`."""
    plans = [LegOptions.of(name, options) for name in ("a", "b")]
    hosts = dict.fromkeys(plan.local[0] for plan in plans)
    with Relay([Interface(host, name=host) for host in hosts], NO_RANGE) as relay:
        session = relay.create_session("relay")
        legs = {plan.name: plan.open(session, options.rtcp_mux) for plan in plans}
        for plan in plans:
            for warning in plan.warnings(legs[plan.name]):
                print(f"rtpcore relay: {warning}", file=sys.stderr, flush=True)
        with open_reporter(options.json) as reporter:
            watch(relay, legs, reporter, options, stop)
    return 0


def watch(
    relay: Relay, legs: Mapping[str, Leg], reporter: Reporter, options: argparse.Namespace, stop: threading.Event
) -> None:
    """Report until the end."""
    start = time.monotonic()
    end = start + options.duration if options.duration else math.inf
    due = start + options.interval
    reporter.listening(legs)
    while (now := time.monotonic()) < end and not stop.is_set():
        if now >= due:
            reporter.figures(now - start, {name: leg.stats() for name, leg in legs.items()})
            due += options.interval
        if options.events:
            for event in relay.events(timeout=0):
                reporter.event(time.monotonic() - start, event)
        wake = min(due, end, now + POLL_S) if options.events else min(due, end)
        stop.wait(max(0.0, wake - time.monotonic()))
    reporter.final(time.monotonic() - start, {name: leg.stats() for name, leg in legs.items()})
