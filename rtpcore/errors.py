"""Every exception that rtpcore raises of its own accord. Each message is one sentence that names the value at fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rtpcore.wire.validity import ParseReason

__all__ = [
    "AddressInUse",
    "AddressNotAvailable",
    "Closed",
    "ConfigurationError",
    "DescriptorsExhausted",
    "LegExists",
    "ParseError",
    "PermissionDenied",
    "PortsExhausted",
    "RelayError",
    "RtpcoreError",
    "SessionExists",
    "UnknownInterface",
]


class RtpcoreError(Exception):
    """Base of all errors of this package."""


class ParseError(RtpcoreError, ValueError):
    """A datagram is not valid; `reason` says which rule it breaks and `offset` at which octet."""

    def __init__(self, message: str, reason: ParseReason, offset: int) -> None:
        super().__init__(message)
        self.reason = reason
        self.offset = offset

    def __reduce__(self) -> tuple[type[ParseError], tuple[str, ParseReason, int]]:
        return type(self), (str(self), self.reason, self.offset)


class ConfigurationError(RtpcoreError, ValueError):
    """An argument or setting has a value that cannot be used."""


class RelayError(RtpcoreError):
    """Base of what goes wrong while relaying."""


class SessionExists(RelayError):
    """A session of that identifier is open already."""


class LegExists(RelayError):
    """The session has a leg of that name already."""


class UnknownInterface(RelayError, LookupError):
    """The relay has no interface of that name."""


class PortsExhausted(RelayError):
    """No pair of ports of the range is free."""


class AddressInUse(RelayError, OSError):
    """A local address that was asked for is bound by somebody else."""


class AddressNotAvailable(RelayError, OSError):
    """A local address is not one of this machine's."""


class PermissionDenied(RelayError, PermissionError):
    """The kernel does not allow it."""


class DescriptorsExhausted(RelayError, OSError):
    """The process, or the system, has no file descriptor left."""


class Closed(RelayError):
    """The relay, session or leg has been closed."""
