"""Speech quality from loss and delay: the E-model of ITU-T G.107 with its default values, and its MOS."""

from __future__ import annotations

import math
from dataclasses import dataclass

from rtpcore.errors import ConfigurationError

__all__ = ["CODECS", "Codec", "mos", "r_factor"]

R_DEFAULT = 93.2
"""R0 - Is with all parameters of G.107 at their defaults."""


@dataclass(frozen=True, slots=True)
class Codec:
    """How a codec takes loss: equipment impairment Ie and packet-loss robustness Bpl (ITU-T G.113 appendix I)."""

    equipment_impairment: float
    loss_robustness: float


CODECS: dict[str, Codec] = {
    "G.711": Codec(0.0, 4.3),
    "G.711-PLC": Codec(0.0, 25.1),
    "G.723.1": Codec(15.0, 16.1),
    "G.729A": Codec(11.0, 19.0),
    "GSM-EFR": Codec(5.0, 10.0),
}
"""Narrowband codecs with published values. G.711-PLC: with the packet loss concealment of G.711 appendix I."""


def _in_range(name: str, value: float, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{name} must be a number, not {type(value).__name__}.")
    if not low <= value <= high:
        raise ConfigurationError(f"{name} is {value}, but must be {low} to {high}.")
    return float(value)


def _delay_impairment(delay_ms: float) -> float:
    # Idd of G.107 clause 7.4; echo is taken as cancelled.
    if delay_ms <= 100:
        return 0.0
    x = math.log2(delay_ms / 100)
    return 25 * (math.pow(1 + x**6, 1 / 6) - 3 * math.pow(1 + (x / 3) ** 6, 1 / 6) + 2)


def r_factor(
    loss_percent: float, one_way_delay_ms: float, codec: Codec | str = "G.711-PLC", burst_ratio: float = 1.0
) -> float:
    """The transmission rating R, 0 to 93.2 (ITU-T G.107 clause 7, no echo).

    loss_percent: packets that did not arrive in time to be played, 0 to 100. one_way_delay_ms: mouth to ear, the jitter
    buffer included, 0 to 60,000. codec: a Codec, or a name of CODECS. burst_ratio: 1 for random loss, above for
    bursts, up to 100. Raises ConfigurationError naming the value.
    """
    if isinstance(codec, str):
        if codec not in CODECS:
            raise ConfigurationError(f"codec is {codec!r}, but must be one of {', '.join(CODECS)}.")
        codec = CODECS[codec]
    loss = _in_range("loss_percent", loss_percent, 0, 100)
    delay = _in_range("one_way_delay_ms", one_way_delay_ms, 0, 60_000)
    burst = _in_range("burst_ratio", burst_ratio, 1, 100)
    impairment = codec.equipment_impairment
    effective = impairment + (95 - impairment) * loss / (loss / burst + codec.loss_robustness)
    return min(R_DEFAULT, max(0.0, R_DEFAULT - effective - _delay_impairment(delay)))


def mos(rating: float) -> float:
    """The mean opinion score, 1 to 4.5, that G.107 annex B expects for a rating R."""
    rating = _in_range("rating", rating, 0, 100)
    return max(1.0, 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6)
