"""`rtpcore demo`: plays the scene, shows what the relay decides and says whether anything leaked or was lost."""

from __future__ import annotations

import argparse
import json
import threading
from concurrent.futures import ThreadPoolExecutor, wait

from rtpcore.cli.arguments import Parser, format_address, seconds
from rtpcore.cli.display import open_display
from rtpcore.cli.figures import drops_in_words, leg_as_json, unaccounted
from rtpcore.cli.scene import Plan, Scene
from rtpcore.cli.verdict import Outcome, measure_flow

__all__ = ["add_to"]

HEADINGS = ("party", "sends from", "sent", "heard of the call", "what the relay decided")

DESCRIPTION = """Relays a call on this machine's loopback, without root and without any other program: a phone
behind a (simulated) NAT whose SDP has a private address, a public peer, and an attacker who sprays every port
of the call at 50 packets/s from one second before it to its end.

Exit status: 0 only if nothing leaked and nothing was lost, else 1."""

EXAMPLES = """
examples:
  rtpcore demo
  rtpcore demo --duration 20
  rtpcore demo --profile open      without protection: the attacker is heard, exit status 1
  rtpcore demo --json | jq .passed
"""


def add_to(commands: argparse._SubParsersAction[Parser]) -> None:
    """Add the subcommand to the command line."""
    parser = commands.add_parser(
        "demo", help="a call on loopback, with an attacker", description=DESCRIPTION, epilog=EXAMPLES
    )
    parser.add_argument("--duration", type=seconds, default=6.0, metavar="S", help="seconds of call (default: 6)")
    parser.add_argument(
        "--profile",
        choices=("guarded", "strict", "mobile", "open", "declared"),
        default="guarded",
        help="latching profile of both legs (default: guarded)",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object at the end, and nothing else")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, stop: threading.Event) -> int:
    """Play the scene until its end or `stop`; return the exit status."""
    plan = Plan(duration_s=options.duration, profile=options.profile)
    with Scene(plan) as scene, ThreadPoolExecutor(1) as pool:
        playing = pool.submit(scene.play, stop)
        try:
            if not options.json:
                with open_display(HEADINGS) as display:
                    while not wait([playing], timeout=display.interval_s).done:
                        display.show(rows(scene))
                    display.show(rows(scene))
            playing.result()
        finally:
            stop.set()
        outcome = measure(scene)
        if options.json:
            legs = {name: leg_as_json(leg.stats()) for name, leg in scene.legs.items()}
            print(json.dumps({**outcome.as_json(), "legs": legs}))
        else:
            explanations = [f"{name}: {leg.explain()}" for name, leg in scene.legs.items()]
            print("\n".join(["", *explanations, "", *outcome.sentences()]))
    return 0 if outcome.passed else 1


def measure(scene: Scene) -> Outcome:
    """The figures so far."""
    attacker = scene.attacker
    returned = attacker.heard_of(attacker.ssrc)
    attack_returned = returned.media + returned.reports
    return Outcome(
        profile=scene.plan.profile,
        phone_to_peer=measure_flow(scene.phone, scene.peer),
        peer_to_phone=measure_flow(scene.peer, scene.phone),
        attack_sent=attacker.sent + attacker.reports_sent,
        attack_returned=attack_returned,
        stolen=attacker.total_heard() - attack_returned,
        unaccounted=sum(abs(unaccounted(leg.stats())) for leg in scene.legs.values()),
    )


def rows(scene: Scene) -> list[list[str]]:
    """The live table: who sends, what is heard, what the relay decided."""
    table = []
    for name, party, other in (("phone", scene.phone, scene.peer), ("peer", scene.peer, scene.phone)):
        stats = scene.legs[name].stats()
        decision = f"{stats.state.name.lower()}, media goes to {format_address(stats.destination)}"
        place = format_address(party.address)
        if name == "phone" and scene.declared != party.address:
            place += f" (SDP: {format_address(scene.declared)})"
        table.append([name, place, str(party.sent), str(party.heard_of(other.ssrc).media), decision])
    attacker = scene.attacker
    drops = drops_in_words(leg.stats() for leg in scene.legs.values())
    sent = attacker.sent + attacker.reports_sent
    stolen = str(attacker.total_heard())
    table.append(["attacker", format_address(attacker.address), str(sent), stolen, f"dropped: {drops}"])
    return table
