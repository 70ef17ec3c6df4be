"""Statistics of one leg: what the relay counted, as values that stay valid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rtpcore.track.latch.state import LatchState
    from rtpcore.track.reason import Reason

__all__ = ["FlowStats", "LegStats", "Reported"]


@dataclass(frozen=True, slots=True)
class FlowStats:
    """RTP or RTCP of one leg, in datagrams and octets of UDP payload."""

    received: int
    received_octets: int
    forwarded: int
    """Of those received, how many were sent on."""
    sent: int
    """Datagrams sent to this leg's peer."""
    sent_octets: int


@dataclass(frozen=True, slots=True)
class Reported:
    """What the party's RTCP says of the media sent to it (RFC 3550 6.4.1); the relay did not count this itself."""

    time_ns: int
    """When the report came, monotonic."""
    fraction_lost: float
    """0 to 1, over the party's last report interval."""
    cumulative_lost: int
    extended_highest_sequence_number: int
    interarrival_jitter: int
    """RTP timestamp units."""
    round_trip_ns: int | None
    """Between the relay and the party; None until the party has answered a sender report."""


@dataclass(frozen=True, slots=True)
class LegStats:
    """One leg at one moment. `received == forwarded + sum(dropped.values()) + holding` always holds."""

    leg: str
    state: LatchState
    accepted_source: tuple[str, int] | None
    destination: tuple[str, int] | None
    rtcp_accepted_source: tuple[str, int] | None
    rtcp_destination: tuple[str, int] | None
    rtp: FlowStats
    rtcp: FlowStats
    dropped: dict[Reason, int]
    """Datagrams not forwarded, by reason; reasons that never occurred are left out."""
    keepalives_sent: int
    """Datagrams that the relay made itself to keep NAT mappings open (RFC 6263); `sent` leaves them out."""
    holding: int
    """Datagrams held until their source qualifies."""
    kernel_dropped: int
    """Datagrams that the kernel dropped before the relay could read them."""
    kernel_locked: bool
    """The kernel drops strangers: they are in `kernel_dropped`, no longer in `dropped`."""
    ssrc: int | None
    """The pinned SSRC; the fields below are about it (RFC 3550 6.4.1)."""
    payload_type: int
    packets_expected: int
    packets_received: int
    cumulative_lost: int
    interarrival_jitter: int
    """RTP timestamp units."""
    extended_highest_sequence_number: int
    duplicates: int
    reordered: int
    reported: Reported | None
    """What the party reports of the media sent to it; None until it has."""

    @property
    def received(self) -> int:
        """Datagrams received, RTP and RTCP."""
        return self.rtp.received + self.rtcp.received

    @property
    def forwarded(self) -> int:
        """Datagrams received and sent on, RTP and RTCP."""
        return self.rtp.forwarded + self.rtcp.forwarded
