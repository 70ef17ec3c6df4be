"""Whether a demo leaked or lost anything: by what its parties sent and heard, not by what the relay says of itself."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from rtpcore.cli.endpoint import Endpoint

__all__ = ["Flow", "Outcome", "measure_flow"]


@dataclass(frozen=True)
class Flow:
    """One direction of the call."""

    sent: int
    delivered: int
    """Distinct packets that arrived as they were sent."""
    reports_sent: int
    reports_delivered: int
    surplus: int
    """Arrived altered, or more than once."""
    injected: int
    """Datagrams the listener got that the speaker did not send."""

    @property
    def lost(self) -> int:
        return self.sent - self.delivered + self.reports_sent - self.reports_delivered


def measure_flow(speaker: Endpoint, listener: Endpoint) -> Flow:
    """What of `speaker`'s packets reached `listener`, and what else did."""
    heard = listener.heard_of(speaker.ssrc)
    reports_delivered = min(heard.reports, speaker.reports_sent)
    return Flow(
        sent=speaker.sent,
        delivered=len(heard.intact),
        reports_sent=speaker.reports_sent,
        reports_delivered=reports_delivered,
        surplus=heard.media + heard.reports - len(heard.intact) - reports_delivered,
        injected=listener.total_heard() - heard.media - heard.reports,
    )


@dataclass(frozen=True)
class Outcome:
    """The figures of one demo and what they mean."""

    profile: str
    phone_to_peer: Flow
    peer_to_phone: Flow
    attack_sent: int
    attack_returned: int
    """The attacker's own datagrams, forwarded back to it."""
    stolen: int
    """Other datagrams that reached the attacker."""
    unaccounted: int
    """Datagrams the relay received and neither forwarded, nor dropped with a reason, nor holds."""

    @property
    def attack_forwarded(self) -> int:
        return self.phone_to_peer.injected + self.peer_to_phone.injected + self.attack_returned

    @property
    def lost(self) -> int:
        return self.phone_to_peer.lost + self.peer_to_phone.lost

    @property
    def surplus(self) -> int:
        return self.phone_to_peer.surplus + self.peer_to_phone.surplus

    @property
    def complete(self) -> bool:
        """Both parties spoke and so did the attacker: without that nothing is shown."""
        return bool(self.phone_to_peer.sent and self.peer_to_phone.sent and self.attack_sent)

    @property
    def passed(self) -> bool:
        faults = (self.attack_forwarded, self.stolen, self.lost, self.surplus, self.unaccounted)
        return self.complete and not any(faults)

    def sentences(self) -> list[str]:
        """The verdict, a sentence a line."""
        out, back = self.phone_to_peer, self.peer_to_phone
        said = [
            f"The peer heard {heard(out)}.",
            f"The phone heard {heard(back)}.",
            f"The attacker sent {self.attack_sent} packets; {self.attack_forwarded} of them were forwarded.",
            f"{self.stolen} packets of the call reached the attacker.",
        ]
        if self.surplus:
            said.append(f"{self.surplus} packets arrived altered or twice.")
        if self.unaccounted:
            said.append(f"The relay's counters do not add up: {self.unaccounted} packets have no fate.")
        if not self.complete:
            said.append("INCONCLUSIVE: it ended before everybody had spoken.")
        elif self.passed:
            said.append("PASSED: nothing leaked and nothing was lost.")
        else:
            said.append(f"FAILED: {self.attack_forwarded + self.stolen} packets leaked and {self.lost} were lost.")
        return said

    def as_json(self) -> dict[str, Any]:
        """The same for a program to read."""
        return {
            **asdict(self),
            "attack_forwarded": self.attack_forwarded,
            "lost": self.lost,
            "passed": self.passed,
            "sentences": self.sentences(),
        }


def heard(flow: Flow) -> str:
    return f"{flow.delivered} of {flow.sent} packets and {flow.reports_delivered} of {flow.reports_sent} RTCP reports"
