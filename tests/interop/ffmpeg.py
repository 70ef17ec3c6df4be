"""ffmpeg as an RTP sender and as an RTP recorder, on 127.0.0.1."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.process import LIMIT_S, Process

if TYPE_CHECKING:
    from collections.abc import Sequence

SILENCE_S = "3"

SDP = """v=0
o=- 0 0 IN IP4 127.0.0.1
s=recording
c=IN IP4 127.0.0.1
t=0 0
m=audio {port} RTP/AVP {payload_type}
a=rtpmap:{payload_type} {encoding}
"""


def is_bound(port: int) -> bool:
    """Whether an IPv4 UDP socket of this machine has that local port."""
    rows = Path("/proc/net/udp").read_text().splitlines()[1:]
    return any(int(row.split()[1].partition(":")[2], 16) == port for row in rows)


def record(ffmpeg: str, path: Path, port: int, payload_type: int, encoding: str) -> Process:
    """Start an ffmpeg that records what reaches 127.0.0.1:port into `path`, mono, 16 bits, until SILENCE_S of silence.

    Returns once its ports, RTP and RTCP, are bound.
    """
    description = path.with_suffix(".sdp")
    description.write_text(SDP.format(port=port, payload_type=payload_type, encoding=encoding))
    source: list[str | Path] = ["-protocol_whitelist", "file,udp,rtp", "-listen_timeout", SILENCE_S, "-i", description]
    process = Process(ffmpeg, "-v", "warning", *source, "-ac", "1", "-c:a", "pcm_s16le", path)
    end = time.monotonic() + LIMIT_S
    while not (is_bound(port) and is_bound(port + 1)):
        assert time.monotonic() < end, f"{process}: did not bind port {port}"
        assert process.running, f"{process}: ended early"
        time.sleep(0.01)
    return process


def send(ffmpeg: str, source: Path, url: str, codec: Sequence[str]) -> None:
    """Play `source` in real time to an rtp:// address; return when all is sent."""
    with Process(ffmpeg, "-v", "error", "-re", "-i", source, *codec, "-f", "rtp", url) as process:
        assert process.wait() == 0, str(process)
