"""Binds the pair of ports of a leg, and says in one sentence why it cannot."""

from __future__ import annotations

import errno

from rtpcore.errors import (
    AddressInUse,
    AddressNotAvailable,
    ConfigurationError,
    DescriptorsExhausted,
    PermissionDenied,
    RelayError,
)
from rtpcore.forward.control import Worker
from rtpcore.forward.worker_leg import WorkerLeg
from rtpcore.track.latch.policy import LatchPolicy

__all__ = ["bind_leg", "check_ports", "check_whole", "relay_error"]

HIGHEST_PORT = 65535


def bind_leg(
    worker: Worker,
    number: int,
    policy: LatchPolicy,
    host: str,
    advertise: str,
    receive_buffer_octets: int,
    port: int,
    rtcp_port: int | None = None,
) -> WorkerLeg:
    """A leg with both ports bound, in the hands of its worker. Raises RelayError, and nothing stays bound."""
    rtp, rtcp = (host, port), (host, port + 1 if rtcp_port is None else rtcp_port)
    try:
        return WorkerLeg(worker, number, policy, rtp, rtcp, (advertise, port), receive_buffer_octets)
    except OSError as error:
        raise relay_error(error, error.filename or host) from None


def check_ports(port: int | None, rtcp_port: int | None) -> None:
    """Raises TypeError or ConfigurationError for ports that a caller cannot mean."""
    if port is None:
        if rtcp_port is not None:
            raise ConfigurationError(f"rtcp_port is {rtcp_port!r}, but without port the relay chooses both.")
        return
    check_whole("port", port, 1, HIGHEST_PORT)
    if rtcp_port is not None:
        check_whole("rtcp_port", rtcp_port, 1, HIGHEST_PORT)
        if rtcp_port == port:
            raise ConfigurationError(f"port and rtcp_port are both {port}; with rtcp-mux the RTCP port stays reserved.")
    elif port == HIGHEST_PORT:
        raise ConfigurationError(f"port is {port}, so that there is none above it for RTCP.")


def check_whole(name: str, value: int, low: int, high: int) -> int:
    """`value`, an int from `low` to `high`. Raises TypeError or ConfigurationError."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be an int, not {type(value).__name__} {value!r}.")
    if not low <= value <= high:
        raise ConfigurationError(f"{name} is {value}, but must be {low} to {high}.")
    return value


def relay_error(error: OSError, what: str) -> RelayError:
    """The kernel's error as one of this package's, in one sentence."""
    kind = _KINDS.get(error.errno or 0)
    if kind is None:
        return RelayError(f"{what} cannot be used: {error.strerror}.")
    exception, sentence = kind
    made = exception(sentence.format(what=what))
    if isinstance(made, OSError):
        made.errno = error.errno
    return made


_KINDS: dict[int, tuple[type[RelayError], str]] = {
    errno.EADDRINUSE: (AddressInUse, "{what} is in use by another program."),
    errno.EADDRNOTAVAIL: (AddressNotAvailable, "{what} cannot be bound: the address is not one of this machine's."),
    errno.EACCES: (PermissionDenied, "{what} cannot be bound: this user may not use it."),
    errno.EPERM: (PermissionDenied, "{what} cannot be bound: this user may not use it."),
    errno.EMFILE: (
        DescriptorsExhausted,
        "{what} cannot be opened: the process has no file descriptor left; raise its limit (ulimit -n).",
    ),
    errno.ENFILE: (DescriptorsExhausted, "{what} cannot be opened: the system has no file descriptor left."),
}
