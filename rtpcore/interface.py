"""Interface: where a relay binds, and what it calls itself towards its parties."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rtpcore.errors import ConfigurationError
from rtpcore.wire.address import AddressClass, classify_address, normalise_address

__all__ = ["Interface", "named_interfaces"]


@dataclass(frozen=True, slots=True, init=False)
class Interface:
    """A local address: `bind` is where sockets are bound, `advertise` what goes into SDP (behind a static NAT)."""

    bind: str
    advertise: str
    name: str

    def __init__(self, bind: str, advertise: str | None = None, name: str | None = None) -> None:
        host = normalise_address((bind, 0))[0]
        if advertise is not None and classify_address(advertise) == AddressClass.FORBIDDEN:
            raise ConfigurationError(f"advertise is {advertise!r}, but no host can be reached there.")
        if name is not None and not isinstance(name, str):
            raise TypeError(f"the name of an interface must be a str, not {type(name).__name__} {name!r}.")
        if name == "":
            raise ConfigurationError("the name of an interface is empty.")
        object.__setattr__(self, "bind", host)
        object.__setattr__(self, "advertise", host if advertise is None else normalise_address((advertise, 0))[0])
        object.__setattr__(self, "name", host if name is None else name)


def named_interfaces(interfaces: Sequence[Interface]) -> dict[str, Interface]:
    """The interfaces by name. Raises ConfigurationError where two share one or there is none, or TypeError."""
    if isinstance(interfaces, Interface) or not isinstance(interfaces, Iterable):
        raise TypeError(f"interfaces must be a sequence, not {type(interfaces).__name__} {interfaces!r}.")
    named: dict[str, Interface] = {}
    for interface in interfaces:
        if not isinstance(interface, Interface):
            raise TypeError(f"interfaces must hold Interface objects, not {type(interface).__name__} {interface!r}.")
        if interface.name in named:
            raise ConfigurationError(f"two interfaces are named {interface.name!r}.")
        named[interface.name] = interface
    if not named:
        raise ConfigurationError("a relay needs at least one interface.")
    return named
