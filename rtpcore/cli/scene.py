"""The demo's scene on loopback: a phone behind a NAT, a public peer, an attacker, and a real relay between them.

One thread plays it by a timetable of 20 ms ticks; tick 0 is the moment at which the call is answered.
"""

from __future__ import annotations

import selectors
import threading
import time
from dataclasses import dataclass
from typing import Self

from rtpcore.cli.endpoint import PTIME_S, Endpoint
from rtpcore.events import Address
from rtpcore.interface import Interface
from rtpcore.relay import Relay
from rtpcore.session import Leg
from rtpcore.track.latch.policy import LatchPolicy

__all__ = ["Plan", "Scene"]

RELAY = "127.0.0.1"
PORTS = range(30000, 30200)
PHONE = ("127.0.1.10", 40000)  # where the NAT puts the phone
PHONE_IN_SDP = ("192.168.1.10", 5004)  # what the phone believes
PEER = ("127.0.3.20", 6000)
ATTACKER = ("127.0.2.66", 7778)

PHONE_SSRC, PEER_SSRC, ATTACKER_SSRC = 0x1111_1111, 0x2222_2222, 0x6666_6666

PHONE_STARTS_S = 0.3
PEER_STARTS_S = 0.5  # nobody can reach the phone before its first packet has shown where it is
REPORT_PERIOD_S = 1.0
SETTLE_S = 1.0
PAUSE_S = 0.06


@dataclass(frozen=True)
class Plan:
    """What is played. Times are in seconds from the answer."""

    duration_s: float = 6.0
    profile: str = "guarded"
    private_sdp: bool = True
    """The phone's SDP has its private address; otherwise the one that the NAT gives it."""
    attack_starts_s: float = -1.0


class Scene:
    """The relay and its three parties; a context manager. `play()` runs once, in one thread; others may read."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.called = False
        self._endpoints: list[Endpoint] = []
        self._selector = selectors.DefaultSelector()
        self._relay = Relay([Interface(RELAY)], PORTS)
        try:
            self.phone = self._endpoint(PHONE, PHONE_SSRC)
            self.peer = self._endpoint(PEER, PEER_SSRC)
            self.attacker = self._endpoint(ATTACKER, ATTACKER_SSRC)
            session = self._relay.create_session("demo")
            self.phone_leg = session.add_leg("phone", policy=LatchPolicy(plan.profile))
            self.peer_leg = session.add_leg("peer", policy=LatchPolicy(plan.profile))
        except BaseException:
            self.close()
            raise
        self.legs: dict[str, Leg] = {"phone": self.phone_leg, "peer": self.peer_leg}
        self.declared: Address = PHONE_IN_SDP if plan.private_sdp else self.phone.address

    def _endpoint(self, address: Address, ssrc: int) -> Endpoint:
        endpoint = Endpoint(*address, ssrc)
        self._endpoints.append(endpoint)
        for udp in (endpoint.media, endpoint.control):
            self._selector.register(udp, selectors.EVENT_READ, endpoint)
        return endpoint

    def play(self, stop: threading.Event) -> None:
        """Play the plan, or as much of it as there is time for until `stop`, and wait for what is still under way."""
        tick = ticks(min(self.plan.attack_starts_s, 0.0))
        due = time.monotonic()
        while tick < ticks(self.plan.duration_s) and not stop.is_set():
            self._receive_until(due)
            if tick == 0:
                self._answer()
            self._send(tick)
            tick += 1
            due += PTIME_S
            # After a pause of this process the timetable moves: a phone would not send a burst either.
            if time.monotonic() - due > PAUSE_S:
                due = time.monotonic()
        end = time.monotonic() + SETTLE_S
        while time.monotonic() < end and not self._all_heard():
            self._receive_until(time.monotonic() + PTIME_S)

    def _answer(self) -> None:
        self.peer_leg.publish()
        self.phone_leg.publish()
        payload_types = {0: 8000}
        phone_host, peer_host = self.phone.address[0], self.peer.address[0]
        self.phone_leg.signal("answer", self.declared, [phone_host], payload_types=payload_types)
        self.peer_leg.signal("answer", self.peer.address, [peer_host], payload_types=payload_types)
        self.called = True

    def _send(self, tick: int) -> None:
        if tick >= ticks(self.plan.attack_starts_s):
            legs = (self.phone_leg, self.peer_leg)
            self.attacker.send_media(*(leg.address for leg in legs))
            self.attacker.send_report(*(leg.rtcp_address for leg in legs))
        for party, leg, start_s in (
            (self.phone, self.phone_leg, PHONE_STARTS_S),
            (self.peer, self.peer_leg, PEER_STARTS_S),
        ):
            since = tick - ticks(start_s)
            if since >= 0:
                party.send_media(leg.address)
            if since > 0 and since % ticks(REPORT_PERIOD_S) == 0:
                party.send_report(leg.rtcp_address)

    def _receive_until(self, due: float) -> None:
        while True:
            for key, _ in self._selector.select(max(0.0, due - time.monotonic())):
                key.data.receive()
            if time.monotonic() >= due:
                return

    def _all_heard(self) -> bool:
        for speaker, listener in ((self.phone, self.peer), (self.peer, self.phone)):
            heard = listener.heard_of(speaker.ssrc)
            if heard.media < speaker.sent or heard.reports < speaker.reports_sent:
                return False
        return True

    def close(self) -> None:
        """Close the relay and every socket."""
        self._relay.close()
        self._selector.close()
        for endpoint in self._endpoints:
            endpoint.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def ticks(seconds: float) -> int:
    return round(seconds / PTIME_S)
