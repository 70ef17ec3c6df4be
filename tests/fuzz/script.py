"""Octets of a fuzzer as the choices of a scenario: reads on for ever, with zeros where there is nothing left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

MS = 1_000_000
STEPS_MS = (0, 1, 5, 19, 20, 20, 20, 21, 40, 60, 100, 199, 400, 1000, 5001, 31_000)
SEQUENCE_STEPS = (1, 1, 1, 1, 0, 2, 6, -1, -3, 50, 101, 3000, 32768, -16, 7, 1)
SSRCS = (0, 1, 0x11111111, 0x22222222, 0xDEADBEEF, 0xFFFFFFFF)


class Script:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def ended(self) -> bool:
        return self._at >= len(self._data)

    def octet(self) -> int:
        self._at += 1
        return self._data[self._at - 1] if self._at <= len(self._data) else 0

    def octets(self, count: int) -> bytes:
        self._at += count
        return self._data[self._at - count : self._at]

    def choice(self, options: Sequence[T]) -> T:
        return options[self.octet() % len(options)]


class Streams:
    """RTP as senders make it, one stream for each key, bent where the script says so."""

    def __init__(self) -> None:
        self._next: dict[object, tuple[int, int]] = {}

    def next(self, key: object, ssrc: int) -> bytes:
        """The packet that follows, as it should."""
        sequence, timestamp = self._next.get((key, ssrc), (65530, 0))
        self._next[key, ssrc] = ((sequence + 1) & 0xFFFF, (timestamp + 160) & 0xFFFFFFFF)
        return (
            b"\x80\0"
            + sequence.to_bytes(2, "big")
            + timestamp.to_bytes(4, "big")
            + ssrc.to_bytes(4, "big")
            + b"\xd5" * 160
        )

    def packet(self, script: Script, key: object, ssrc: int) -> bytes:
        how = script.octet()
        sequence, timestamp = self._next.get((key, ssrc), (65530, 0))
        sequence = (sequence + SEQUENCE_STEPS[how & 15]) & 0xFFFF
        timestamp = (timestamp + (0, 160, 160, 160, 80, 16000, 0x80000000, 320)[how >> 4 & 7]) & 0xFFFFFFFF
        self._next[key, ssrc] = (sequence, timestamp)
        shape = script.octet()
        payload_type = (0, 0, 0, 0, 8, 101, 13, 72)[shape & 7]
        payload = b"\xd5" * (160, 160, 0, 1, 320, 20, 160, 1400)[shape >> 3 & 7]
        first = 0xA0 if shape & 0x40 else 0x80
        if shape & 0x40:
            payload = payload[:-1] + b"\x04"
        header = bytes([first, payload_type | shape & 0x80]) + sequence.to_bytes(2, "big")
        return header + timestamp.to_bytes(4, "big") + ssrc.to_bytes(4, "big") + payload
