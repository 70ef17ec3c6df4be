"""ffmpeg plays through `rtpcore relay` to an ffmpeg that records: the recording is the whole audio."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.interop import audio
from tests.interop.ffmpeg import record, send
from tests.process import Process, console_script, free_ports

RTP_HEADER = 12

pytestmark = pytest.mark.interop


@dataclass(frozen=True)
class Codec:
    """What one run sends."""

    encoding: str
    payload_type: int
    rate: int
    encoder: tuple[str, ...]
    correlation: float
    packet: str = ""


PCMU = Codec("PCMU/8000", 0, 8000, ("-c:a", "pcm_mulaw"), 0.99, "pkt_size=172&")
OPUS = Codec(
    *("opus/48000/2", 97, 48000),
    ("-c:a", "libopus", "-b:a", "32k", "-frame_duration", "20", "-payload_type", "97"),
    0.98,
)


@pytest.mark.parametrize(
    ("codec", "declared"), [(PCMU, False), (OPUS, True)], ids=["pcmu-from-learnt-address", "opus-from-declared-address"]
)
def test_the_recording_is_the_source(
    program: Callable[[str], str], tmp_path: Path, codec: Codec, declared: bool
) -> None:
    ffmpeg = program("ffmpeg")
    source, recording = tmp_path / "source.wav", tmp_path / "recording.wav"
    audio.generate(ffmpeg, source, codec.rate)
    local_a, local_b, sender, recorder = free_ports(4)
    peer_a = f"--peer-a=127.0.0.1:{sender}" if declared else "--signalling-a=127.0.0.1"
    with ExitStack() as stack:
        relay = stack.enter_context(
            Process(
                *(console_script(), "relay", "--json", f"--local-a=127.0.0.1:{local_a}", peer_a),
                *(f"--local-b=127.0.0.1:{local_b}", f"--peer-b=127.0.0.1:{recorder}"),
            )
        )
        relay.wait_for(lambda line: json.loads(line)["type"] == "listening")
        taker = stack.enter_context(record(ffmpeg, recording, recorder, codec.payload_type, codec.encoding))
        to = f"rtp://127.0.0.1:{local_a}?{codec.packet}localrtpport={sender}&localrtcpport={sender + 1}"
        send(ffmpeg, source, to, codec.encoder)
        assert taker.wait() == 0, str(taker)
        relay.signal(15)
        final = relay.report()

    played, rate = audio.load(source)
    recorded, recorded_rate = audio.load(recording)
    assert recorded_rate == rate == codec.rate
    assert audio.correlation(played, recorded) >= codec.correlation
    check_books(codec, final, len(recorded))


def check_books(codec: Codec, final: dict[str, Any], samples: int) -> None:
    """All that came was forwarded, and it is what was recorded."""
    leg = final["legs"]["a"]
    rtp, rtcp = leg["rtp"], leg["rtcp"]
    refused = sum(leg["dropped"].values())
    assert rtp["received"] + rtcp["received"] == rtp["forwarded"] + rtcp["forwarded"] + refused + leg["holding"]
    assert rtp["received"] == rtp["forwarded"]
    assert leg["cumulative_lost"] == 0
    if codec is PCMU:
        assert samples == audio.SECONDS * codec.rate == rtp["received_octets"] - RTP_HEADER * rtp["received"]
    else:
        # Each packet holds 20 ms, and the encoder's delay makes one more.
        assert rtp["forwarded"] == audio.SECONDS * 50 + 1
        assert samples == rtp["forwarded"] * codec.rate // 50


def test_correlation_tells_other_audio_apart(program: Callable[[str], str], tmp_path: Path) -> None:
    source = tmp_path / "source.wav"
    audio.generate(program("ffmpeg"), source, 8000)
    played, rate = audio.load(source)
    late = np.concatenate([np.zeros(rate // 4), 0.1 * played])
    with_a_gap = np.concatenate([played[:rate], played[rate + rate // 50 :]])
    assert audio.correlation(played, late) > 0.999
    assert audio.correlation(played, with_a_gap) < 0.8
    assert audio.correlation(played, played[::-1]) < 0.1
