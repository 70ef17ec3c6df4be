"""What the commands accept on their command line, and how they refuse it: one sentence and exit status 2."""

from __future__ import annotations

import argparse
import ipaddress
import math
from typing import NoReturn

from rtpcore.events import Address

__all__ = ["Parser", "format_address", "host", "seconds", "transport_address"]


class Parser(argparse.ArgumentParser):
    """An argument parser whose refusals are one sentence, without the usage lines."""

    def __init__(self, *args: object, **options: object) -> None:
        options.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(*args, **options)  # type: ignore[arg-type]

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message.rstrip('.')}.\n")


def host(text: str) -> str:
    """An IPv4 or IPv6 address; link-local IPv6 with its scope, as fe80::1%eth0."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not an IP address") from None
    return text


def transport_address(text: str) -> Address:
    """HOST:PORT, IPv6 in brackets."""
    name, colon, port = text.rpartition(":")
    if not colon or (":" in name and not (name.startswith("[") and name.endswith("]"))):
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT (IPv6 as [::1]:4000)")
    if not (port.isascii() and port.isdecimal() and 0 < int(port) < 65536):
        raise argparse.ArgumentTypeError(f"the port of {text!r} is not a number from 1 to 65535")
    return host(name[1:-1] if name.startswith("[") else name), int(port)


def seconds(text: str) -> float:
    """A positive, finite number of seconds."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (0 < value < math.inf):
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive number of seconds")
    return value


def format_address(address: Address | None) -> str:
    """The text that `transport_address` reads; a dash for none."""
    if address is None:
        return "-"
    name, port = address
    return f"[{name}]:{port}" if ":" in name else f"{name}:{port}"
