"""The `rtpcore` command: finds the subcommand, turns signals into an orderly end and errors into one sentence."""

from __future__ import annotations

import importlib.metadata
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from rtpcore.cli import demo, relay
from rtpcore.cli.arguments import Parser
from rtpcore.errors import RtpcoreError

__all__ = ["main"]

SIGNALS = (signal.SIGINT, signal.SIGTERM)

EXAMPLES = """
examples:
  rtpcore demo
  rtpcore relay --local-a 127.0.0.1:4000 --local-b 127.0.0.1:4002 --peer-b 127.0.0.1:6000

`rtpcore COMMAND --help` has more.
"""


def parser() -> Parser:
    """The whole command line."""
    root = Parser(prog="rtpcore", description="An RTP relay that a stranger cannot hijack.", epilog=EXAMPLES)
    root.add_argument("--version", action="version", version=f"rtpcore {importlib.metadata.version('rtpcore')}")
    commands = root.add_subparsers(title="commands", metavar="COMMAND", required=True)
    demo.add_to(commands)
    relay.add_to(commands)
    return root


@contextmanager
def stopped_by_signals() -> Iterator[threading.Event]:
    """An event that SIGINT and SIGTERM set; the second of the same kind ends the process as if nothing caught it."""
    stop = threading.Event()

    def handle(number: int, _: FrameType | None) -> None:
        stop.set()
        signal.signal(number, signal.SIG_DFL)

    before = {number: signal.signal(number, handle) for number in SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status: 0, 1 where a check failed, 2 for an error."""
    options = parser().parse_args(arguments)
    try:
        with stopped_by_signals() as stop:
            status: int = options.run(options, stop)
            sys.stdout.flush()
            return status
    except BrokenPipeError:
        # Whoever read the output has gone; the flush at exit must not fail over it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (RtpcoreError, OSError) as error:
        print(f"rtpcore: {sentence(error)}", file=sys.stderr)
        return 2


def sentence(error: Exception) -> str:
    """What an error says, with a full stop at its end."""
    text = error.strerror if isinstance(error, OSError) and error.strerror and error.filename is None else str(error)
    return text if text.endswith(".") else f"{text}."
