"""Debian's rtpengine in user space, one worker thread, its calls made through the NG protocol.

Endpoint learning is off and the exact addresses are in the SDP, so that it forwards from the first packet: with its
default it would hold the call's media back, or send it astray, for the first three seconds.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import bencode
from protocol import Announcer, Arguments, Endpoint, read_arguments, wait_for_end

NG_TIMEOUT_SECONDS = 0.5
NG_ATTEMPTS = 20


def sdp(peer: Endpoint, kind: str, direction: str = "sendrecv") -> str:
    """Describe one PCMU stream at `peer`."""
    lines = [
        "v=0",
        f"o={kind} 1 1 IN IP4 {peer[0]}",
        "s=-",
        f"c=IN IP4 {peer[0]}",
        "t=0 0",
        f"m=audio {peer[1]} RTP/AVP 0",
        "a=rtpmap:0 PCMU/8000",
        f"a={direction}",
    ]
    return "".join(line + "\r\n" for line in lines)


def media_address(description: bytes) -> Endpoint:
    """The address and port of the first stream of an SDP."""
    host = re.search(rb"^c=IN IP4 (\S+)", description, re.MULTILINE)
    port = re.search(rb"^m=audio (\d+) ", description, re.MULTILINE)
    if not host or not port:
        raise SystemExit(f"rtpengine answered with an SDP without address: {description!r}.")
    return host[1].decode(), int(port[1])


class NgClient:
    """Asks one question at a time and repeats it, with the same cookie, until there is an answer."""

    def __init__(self, port: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.settimeout(NG_TIMEOUT_SECONDS)
        self._socket.connect(("127.0.0.1", port))
        self._count = 0

    def ask(self, **question: bencode.Value) -> dict[str, bencode.Value]:
        """Send a command and return its reply; end the process in one sentence when there is none, or an error."""
        self._count += 1
        cookie = b"%d_%d" % (os.getpid(), self._count)
        message = cookie + b" " + bencode.encode({key.replace("_", "-"): value for key, value in question.items()})
        for _ in range(NG_ATTEMPTS):
            try:
                self._socket.send(message)
                reply_cookie, _, body = self._socket.recv(65536).partition(b" ")
            except TimeoutError:
                continue
            except ConnectionRefusedError:
                signal.sigtimedwait((), 0.05)
                continue
            reply = bencode.decode(body)
            if reply_cookie != cookie or not isinstance(reply, dict):
                continue
            if reply.get("result") not in (b"ok", b"pong"):
                raise SystemExit(f"rtpengine refused {question['command']!r}: {reply.get('error-reason', reply)!r}.")
            return reply
        raise SystemExit(f"rtpengine does not answer to {question['command']!r}.")


def make_call(client: NgClient, number: int, arguments: Arguments) -> tuple[Endpoint, Endpoint]:
    """Offer and answer one call; return the ports that (the caller, the callee) sends to."""
    call: dict[str, bencode.Value] = {
        "call_id": f"bench-{number}",
        "from_tag": "caller",
        "flags": ["trust-address", "asymmetric"],
        "replace": ["origin", "session-connection"],
        "ICE": "remove",
        "rtcp-mux": ["demux"],
    }
    offered = client.ask(command="offer", sdp=sdp(arguments.caller, "caller"), **call)["sdp"]
    answered = client.ask(command="answer", to_tag="callee", sdp=sdp(arguments.callee, "callee"), **call)["sdp"]
    assert isinstance(offered, bytes) and isinstance(answered, bytes)
    return media_address(answered), media_address(offered)


def start(
    ng_port: int, ports: range, folder: Path, interface: str = "127.0.0.1", learning: str = "off"
) -> subprocess.Popen[bytes]:
    """Start the daemon; the kernel ends it when this process dies."""
    configuration = folder / "rtpengine.conf"
    configuration.write_text("[rtpengine]\n")
    words = [
        *("setpriv", "--pdeathsig", "TERM", "rtpengine", f"--config-file={configuration}"),
        *("--foreground", "--table=-1", f"--interface={interface}", f"--listen-ng=127.0.0.1:{ng_port}"),
        *(f"--port-min={ports[0]}", f"--port-max={ports[-1]}", "--num-threads=1", f"--endpoint-learning={learning}"),
        *("--timeout=3600", "--silent-timeout=3600", "--delete-delay=0"),
        *("--log-level=3", "--log-stderr", "--no-log-timestamps"),
    ]
    with (folder / "rtpengine.log").open("wb") as log:
        return subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def stop(daemon: subprocess.Popen[bytes]) -> None:
    """End the daemon, in order if it lets itself be ended so."""
    daemon.terminate()
    try:
        daemon.wait(10)
    except subprocess.TimeoutExpired:
        daemon.kill()
        daemon.wait()


def main() -> None:
    """Run rtpengine with its calls until stdin ends."""
    arguments = read_arguments("rtpengine in user space, as a yardstick.")
    for program in ("rtpengine", "setpriv"):
        if not shutil.which(program):
            raise SystemExit(f"The program {program} is not installed.")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        ng_port = probe.getsockname()[1]
    announcer = Announcer()
    folder = Path(__file__).resolve().parents[2] / "build" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    daemon = start(ng_port, arguments.ports, folder)
    try:
        client = NgClient(ng_port)
        client.ask(command="ping")
        announcer.started(daemon.pid)
        announcer.ready([make_call(client, number, arguments) for number in range(arguments.sessions)])
        wait_for_end()
    finally:
        stop(daemon)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    main()
