from dataclasses import dataclass
from enum import IntEnum

class SourceVerdict(IntEnum):
    """What one packet was to the source that sent it (RFC 3550 A.1)."""

    PROBATION = 0
    IN_ORDER = 1
    REORDERED = 2
    DUPLICATE = 3
    BAD_SEQUENCE = 4
    RESTARTED = 5
    REFUSED = 6
    COLLISION = 7
    LOOP = 8

class SourceState(IntEnum):
    """Where a source stands: in probation, valid, gone by its own BYE (RFC 3550 6.2.1), or not heard (6.3.5)."""

    PROBATION = 0
    VALID = 1
    BYE = 2
    INACTIVE = 3

@dataclass(frozen=True, slots=True)
class SourceStats:
    """What is known of one source: the values of a report block (RFC 3550 6.4.1), and what it does not hold."""

    ssrc: int
    state: SourceState
    extended_highest_sequence_number: int
    packets_received: int
    cumulative_lost: int
    fraction_lost: int
    interarrival_jitter: int
    duplicates: int
    reordered: int
    octets: int
    first_ns: int
    last_ns: int
