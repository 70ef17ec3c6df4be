from dataclasses import dataclass

from rtpcore.events import Address
from rtpcore.track.reason import Reason
from rtpcore.track.standalone import LatchState

@dataclass(frozen=True, slots=True)
class FlowStats:
    received: int
    received_octets: int
    forwarded: int
    sent: int
    sent_octets: int

@dataclass(frozen=True, slots=True)
class Reported:
    time_ns: int
    fraction_lost: float
    cumulative_lost: int
    extended_highest_sequence_number: int
    interarrival_jitter: int
    round_trip_ns: int | None

@dataclass(frozen=True, slots=True)
class LegStats:
    leg: str
    state: LatchState
    accepted_source: Address | None
    destination: Address | None
    rtcp_accepted_source: Address | None
    rtcp_destination: Address | None
    rtp: FlowStats
    rtcp: FlowStats
    dropped: dict[Reason, int]
    holding: int
    kernel_dropped: int
    ssrc: int | None
    payload_type: int
    packets_expected: int
    packets_received: int
    cumulative_lost: int
    interarrival_jitter: int
    extended_highest_sequence_number: int
    duplicates: int
    reordered: int
    reported: Reported | None
    @property
    def received(self) -> int: ...
    @property
    def forwarded(self) -> int: ...

def snapshot_fields() -> tuple[list[tuple[str, str, int]], int]: ...
