"""rtp.io, which is RTPProxy as a Python package, driven through its command socket (U: offer, L: answer)."""

from __future__ import annotations

import importlib
import os
import socket

from protocol import Announcer, Arguments, Endpoint, read_arguments, wait_for_end

REPLY_SECONDS = 5


def _ask(control: socket.socket, command: str) -> Endpoint:
    control.sendall(command.encode() + b"\n")
    words = control.recv(4096).decode().split()
    if len(words) < 2 or not words[0].isdecimal() or words[0] == "0":
        raise SystemExit(f"rtp.io answered {' '.join(words)!r} to {command!r}.")
    return words[1], int(words[0])


def make_call(control: socket.socket, number: int, arguments: Arguments) -> tuple[Endpoint, Endpoint]:
    """Offer and answer one call; return the ports that (the caller, the callee) sends to."""
    host, port = arguments.caller
    for_callee = _ask(control, f"UL127.0.0.1 bench-{number} {host} {port} caller;1")
    host, port = arguments.callee
    for_caller = _ask(control, f"LL127.0.0.1 bench-{number} {host} {port} caller;1 callee;1")
    return for_caller, for_callee


def main() -> None:
    """Run the proxy inside this process until stdin ends."""
    arguments = read_arguments("rtp.io, as a yardstick.")
    announcer = Announcer()
    proxy = importlib.import_module("rtp.io").rtpproxy(
        ttl=3600, port_min=arguments.ports[0], port_max=arguments.ports[-1]
    )
    announcer.started(os.getpid())
    control = proxy.rtpp_sock
    control.settimeout(REPLY_SECONDS)
    announcer.ready([make_call(control, number, arguments) for number in range(arguments.sessions)])
    wait_for_end()


if __name__ == "__main__":
    main()
