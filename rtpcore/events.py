"""What a session tells its owner: one frozen dataclass an event, with the evidence that led to it.

Events of one kind and leg come at most once a second; `count` says how many occurrences one event stands for.
Addresses are `(host, port)`. `session` and `leg` are names, or None for a `Latch` used on its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

__all__ = [
    "Address",
    "ConsentLost",
    "Contest",
    "DownlinkNotReceived",
    "Event",
    "Expired",
    "HijackSuspected",
    "InjectionSuspected",
    "Latched",
    "Loop",
    "MediaTimeout",
    "PrepublishTalker",
    "Relatched",
    "Reverted",
    "RtcpInvalid",
    "ScopeEmpty",
    "ScopeMiss",
    "Sprayer",
    "SsrcChanged",
    "SsrcContest",
]

Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all events: when (monotonic ns), where, how often, and the packet that showed it."""

    name: ClassVar[str] = "event"

    time_ns: int
    session: str | None
    leg: str | None
    count: int
    source: Address | None
    """The source the event is about."""
    previous_source: Address | None
    """The source that was accepted before, where there was one."""
    ssrc: int
    previous_ssrc: int
    sequence_number: int
    detail: str
    """What kind of change, reason or tier, in a word."""
    silent_ns: int = 0
    """For how long nothing had come: `ConsentLost` and `MediaTimeout`; 0 with all others."""


class Latched(Event):
    """The first source qualified; media flows."""

    __slots__ = ()
    name = "latched"


class Relatched(Event):
    """Another source took over; `detail` says by which rule."""

    __slots__ = ()
    name = "relatched"


class Contest(Event):
    """Two sources in scope qualify side by side."""

    __slots__ = ()
    name = "contest"


class SsrcChanged(Event):
    """The accepted source sends another SSRC and it was accepted."""

    __slots__ = ()
    name = "ssrc_changed"


class SsrcContest(Event):
    """SSRCs change more often than a phone's would; further ones are refused."""

    __slots__ = ()
    name = "ssrc_contest"


class ScopeMiss(Event):
    """RTP came from a source that is neither declared nor a signalling address."""

    __slots__ = ()
    name = "scope_miss"


class ScopeEmpty(Event):
    """The signalling names no address that media could come from."""

    __slots__ = ()
    name = "scope_empty"


class PrepublishTalker(Event):
    """Somebody talked to the port before anyone could know it; it is barred from learning."""

    __slots__ = ()
    name = "prepublish_talker"


class Loop(Event):
    """A packet that is sent to this leg came back from somewhere else."""

    __slots__ = ()
    name = "loop"


class RtcpInvalid(Event):
    """RTCP that is malformed, or comes from where no RTP comes from; `detail` is the drop reason."""

    __slots__ = ()
    name = "rtcp_invalid"


class Expired(Event):
    """The leg is closed."""

    __slots__ = ()
    name = "expired"


class Reverted(Event):
    """The displaced source came back and has its place again."""

    __slots__ = ()
    name = "reverted"


class HijackSuspected(Event):
    """A source took over while the one that it displaced was only silent: it came back."""

    __slots__ = ()
    name = "hijack_suspected"


class Sprayer(Event):
    """An address that talks to ports at random; its strangers' tiers are barred for a minute."""

    __slots__ = ()
    name = "sprayer"


class InjectionSuspected(Event):
    """One SSRC and sequence number came twice with different payloads: somebody forges packets."""

    __slots__ = ()
    name = "injection_suspected"


class DownlinkNotReceived(Event):
    """The party's reports stand still while media is sent to it."""

    __slots__ = ()
    name = "downlink_not_received"


class ConsentLost(Event):
    """Nothing has come from the destination's host for the consent time."""

    __slots__ = ()
    name = "consent_lost"


class MediaTimeout(Event):
    """No media has come from the accepted source for the time that the policy gives."""

    __slots__ = ()
    name = "media_timeout"
