"""The E-model of ITU-T G.107 at its published points."""

from __future__ import annotations

import pytest

from rtpcore import CODECS, Codec, ConfigurationError, mos, r_factor


def test_the_default_rating_and_its_mos() -> None:
    assert r_factor(0, 0) == pytest.approx(93.2)
    assert mos(93.2) == pytest.approx(4.41, abs=0.005)


def test_a_codec_costs_its_equipment_impairment() -> None:
    assert r_factor(0, 0, "G.729A") == pytest.approx(82.2)
    assert mos(82.2) == pytest.approx(4.10, abs=0.01)


def test_loss_costs_what_the_robustness_leaves() -> None:
    assert r_factor(2, 0, "G.711") == pytest.approx(93.2 - 95 * 2 / (2 + 4.3))
    assert r_factor(4.3, 0, Codec(0, 4.3)) == pytest.approx(93.2 - 95 / 2)


def test_delay_costs_nothing_up_to_a_tenth_of_a_second_and_much_beyond() -> None:
    assert r_factor(0, 100) == pytest.approx(93.2)
    assert r_factor(0, 400) == pytest.approx(93.2 - 24.07, abs=0.01)


@pytest.mark.parametrize("codec", CODECS)
def test_quality_never_rises_with_loss_or_delay(codec: str) -> None:
    ratings = [r_factor(loss, delay, codec) for loss in (0, 1, 5, 20, 100) for delay in (0, 150, 300, 3000)]
    by_loss = [ratings[index::4] for index in range(4)]
    by_delay = [ratings[index : index + 4] for index in range(0, 20, 4)]
    for series in by_loss + by_delay:
        assert series == sorted(series, reverse=True)
        assert all(0 <= rating <= 93.2 for rating in series)


def test_mos_stays_between_one_and_four_and_a_half() -> None:
    scores = [mos(rating) for rating in range(101)]
    assert min(scores) == 1
    assert max(scores) == pytest.approx(4.5)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((-1, 0), "loss_percent is -1"),
        ((101, 0), "loss_percent is 101"),
        ((0, -1), "one_way_delay_ms is -1"),
        ((0, 0, "G.999"), "'G.999'"),
        ((0, 0, "G.711", 0.5), "burst_ratio is 0.5"),
    ],
)
def test_a_value_out_of_range_is_named(arguments: tuple[object, ...], named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        r_factor(*arguments)  # type: ignore[arg-type]
