"""ICE credentials of a leg, as they stand in a=ice-ufrag and a=ice-pwd."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import Self

from rtpcore.errors import ConfigurationError

__all__ = ["IceCredentials"]

CHARACTERS = re.compile(r"[A-Za-z0-9+/]*")
LEAST = {"fragment": 4, "password": 22}
MOST = 256
FRAGMENT_OCTETS = 6
PASSWORD_OCTETS = 18


def check(end: str, pair: object) -> None:
    if not isinstance(pair, tuple):
        raise TypeError(f"{end} must be a tuple of fragment and password, not {type(pair).__name__}.")
    if len(pair) != 2:
        raise ConfigurationError(f"{end} must be a tuple of fragment and password, and has {len(pair)} members.")
    for kind, text in zip(LEAST, pair, strict=True):
        if not isinstance(text, str):
            raise TypeError(f"the {kind} of {end} must be a str, not {type(text).__name__}.")
        # A password is not shown.
        shown = f" {text!r}" if kind == "fragment" else ""
        if not LEAST[kind] <= len(text) <= MOST:
            raise ConfigurationError(
                f"the {kind}{shown} of {end} has {len(text)} characters, but must have {LEAST[kind]} to {MOST}."
            )
        if CHARACTERS.fullmatch(text) is None:
            raise ConfigurationError(f"the {kind}{shown} of {end} has characters other than letters, digits, + and /.")


def text(octets: int) -> str:
    # 4 characters for 3 octets, of ICE's alphabet (RFC 8445 5.3, RFC 8839 5.4).
    return secrets.token_urlsafe(octets).replace("-", "+").replace("_", "/")


@dataclass(frozen=True, slots=True)
class IceCredentials:
    """What authenticates the connectivity checks of a leg (RFC 8445 5.3).

    local: `(fragment, password)` that stand in the SDP sent to this party. remote: those of the party's own SDP, as
    soon as it is there: of several branches of a fork, which all know the local ones, it names the one that counts.

    Raises ConfigurationError or TypeError, naming what is wrong, but never showing a password.
    """

    local: tuple[str, str]
    remote: tuple[str, str] | None = None

    def __post_init__(self) -> None:
        check("local", self.local)
        if self.remote is not None:
            check("remote", self.remote)

    @classmethod
    def generate(cls, remote: tuple[str, str] | None = None) -> Self:
        """New local credentials, of 48 and 144 random bits."""
        return cls((text(FRAGMENT_OCTETS), text(PASSWORD_OCTETS)), remote)

    def __repr__(self) -> str:
        remote = None if self.remote is None else self.remote[0]
        return f"IceCredentials(local fragment {self.local[0]!r}, remote fragment {remote!r})"
