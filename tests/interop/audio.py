"""Test audio, and whether a recording is it."""

from __future__ import annotations

import subprocess
import wave
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = 4
# 200 Hz to 3400 Hz: no part of it resembles another, so it correlates with itself at one place only.
CHIRP = f"0.5*sin(2*PI*(200*t+{(3400 - 200) / (2 * SECONDS)}*t*t))"

Samples = np.ndarray[Any, np.dtype[np.float64]]


def generate(ffmpeg: str, path: Path, rate: int) -> None:
    """Write SECONDS of the chirp, mono, 16 bits, `rate` samples a second."""
    chirp = f"aevalsrc='{CHIRP}':s={rate}:d={SECONDS}"
    command = [ffmpeg, "-v", "error", "-f", "lavfi", "-i", chirp, "-c:a", "pcm_s16le", str(path)]
    subprocess.run(command, check=True, timeout=20, stdin=subprocess.DEVNULL)


def load(path: Path) -> tuple[Samples, int]:
    """Return the samples of a mono 16-bit file, and its rate."""
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        octets = file.readframes(file.getnframes())
        return np.frombuffer(octets, dtype="<i2").astype(np.float64), file.getframerate()


def correlation(source: Samples, recording: Samples) -> float:
    """Return the highest normalised cross-correlation over all shifts: 1 for the same audio, however loud or late."""
    size = 1 << (len(source) + len(recording)).bit_length()
    product = np.fft.rfft(recording, size) * np.conj(np.fft.rfft(source, size))
    energy = np.sqrt(np.dot(source, source) * np.dot(recording, recording))
    return float(np.max(np.fft.irfft(product, size)) / energy)
