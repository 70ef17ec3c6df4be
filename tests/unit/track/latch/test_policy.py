"""What a leg permits: profiles, knobs by name, and values that cannot be used."""

from __future__ import annotations

import importlib.resources
import re
from typing import Any

import pytest

from rtpcore import LatchPolicy
from rtpcore.errors import ConfigurationError

KNOBS = [
    "profile",
    "receive_from",
    "send_to",
    "ssrc_change",
    "pre_answer",
    "probation",
    "prefix4",
    "prefix6",
    "learn_window_ms",
    "early_budget_ms",
    "consent_ms",
    "keepalive",
    "keepalive_ms",
    "keepalive_first",
    "media_timeout_ms",
    "on_media_timeout",
    "kernel_lock",
    "roam_silence_ms",
    "roam_max_gap_ms",
    "roam_confirm_ms",
    "dead_relatch_ms",
    "max_ssrc",
    "latch_on_keepalive",
]


def knobs(policy: LatchPolicy) -> dict[str, Any]:
    return {name: getattr(policy, name) for name in KNOBS}


GUARDED = knobs(LatchPolicy())


def test_guarded_is_the_default() -> None:
    assert GUARDED == {
        "profile": "guarded",
        "receive_from": "scope",
        "send_to": "accepted",
        "ssrc_change": "silence",
        "pre_answer": "hold",
        "probation": (1, 1, 2, 2, 4, 5),
        "prefix4": 32,
        "prefix6": 64,
        "learn_window_ms": 5000,
        "early_budget_ms": 10000,
        "consent_ms": 30000,
        "keepalive": "auto",
        "keepalive_ms": 15000,
        "keepalive_first": False,
        "media_timeout_ms": 60000,
        "on_media_timeout": "notify",
        "kernel_lock": "auto",
        "roam_silence_ms": 200,
        "roam_max_gap_ms": 10000,
        "roam_confirm_ms": 1000,
        "dead_relatch_ms": 5000,
        "max_ssrc": 1,
        "latch_on_keepalive": False,
    }


@pytest.mark.parametrize(
    ("profile", "sets"),
    [
        ("guarded", {}),
        ("strict", {"ssrc_change": "signal", "roam_max_gap_ms": 0}),
        ("mobile", {"roam_confirm_ms": 0}),
        ("open", {"receive_from": "any"}),
        ("declared", {"receive_from": "declared", "send_to": "declared"}),
    ],
)
def test_a_profile_sets_knobs(profile: str, sets: dict[str, Any]) -> None:
    assert knobs(LatchPolicy(profile)) == GUARDED | {"profile": profile} | sets


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("receive_from", "any"),
        ("receive_from", "declared"),
        ("send_to", "declared"),
        ("send_to", "accepted_if_private"),
        ("ssrc_change", "signal"),
        ("ssrc_change", "any"),
        ("pre_answer", "drop"),
        ("probation", (1, 2, 3, 4, 5, 16)),
        ("prefix4", 24),
        ("prefix4", 8),
        ("prefix6", 128),
        ("prefix6", 16),
        ("learn_window_ms", 100),
        ("learn_window_ms", 60000),
        ("early_budget_ms", 1),
        ("early_budget_ms", None),
        ("consent_ms", 1),
        ("consent_ms", None),
        ("keepalive", "stun"),
        ("keepalive_ms", 100),
        ("keepalive_ms", None),
        ("keepalive_first", True),
        ("media_timeout_ms", 100),
        ("media_timeout_ms", None),
        ("on_media_timeout", "close"),
        ("kernel_lock", "off"),
        ("roam_silence_ms", 60),
        ("roam_max_gap_ms", 0),
        ("roam_confirm_ms", 0),
        ("dead_relatch_ms", 0),
        ("max_ssrc", 8),
        ("latch_on_keepalive", True),
    ],
)
def test_a_knob_by_name_is_what_it_says(name: str, value: Any) -> None:
    assert knobs(LatchPolicy(**{name: value})) == GUARDED | {name: value}


def test_a_knob_by_name_overrides_the_profile() -> None:
    policy = LatchPolicy("declared", send_to="accepted", receive_from="scope")
    assert knobs(policy) == GUARDED | {"profile": "declared"}


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("profile", "lax", "lax"),
        ("receive_from", "anybody", "anybody"),
        ("send_to", "everybody", "everybody"),
        ("ssrc_change", "never", "never"),
        ("pre_answer", "open", "open"),
        ("probation", (1, 1, 2, 2, 4), "5"),
        ("probation", (1, 1, 2, 2, 4, 5, 6), "7"),
        ("probation", (0, 1, 2, 2, 4, 5), "0"),
        ("probation", (1, 1, 2, 2, 4, 17), "17"),
        ("prefix4", 7, "7"),
        ("prefix4", 33, "33"),
        ("prefix6", 15, "15"),
        ("prefix6", 129, "129"),
        ("learn_window_ms", 99, "99"),
        ("learn_window_ms", 60001, "60001"),
        ("learn_window_ms", -1, "-1"),
        ("learn_window_ms", 10**30, str(10**30)),
        ("early_budget_ms", 0, "0"),
        ("consent_ms", 0, "0"),
        ("keepalive", "ping", "'ping'"),
        ("keepalive_ms", 99, "99"),
        ("media_timeout_ms", 3_600_001, "3600001"),
        ("on_media_timeout", "ignore", "'ignore'"),
        ("early_budget_ms", 3_600_001, "3600001"),
        ("roam_silence_ms", 59, "59"),
        ("roam_max_gap_ms", -1, "-1"),
        ("roam_confirm_ms", 60_001, "60001"),
        ("dead_relatch_ms", 600_001, "600001"),
        ("max_ssrc", 0, "0"),
        ("max_ssrc", 9, "9"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(name: str, value: Any, said: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(said)) as caught:
        LatchPolicy(**{name: value})
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("profile", 1),
        ("pre_answer", b"hold"),
        ("probation", 3),
        ("probation", (1, 1, 2, 2, 4, "5")),
        ("probation", (1, 1, 2, 2, 4, True)),
        ("prefix4", 24.0),
        ("prefix6", "64"),
        ("learn_window_ms", True),
        ("early_budget_ms", 1.5),
        ("max_ssrc", "2"),
        ("latch_on_keepalive", 1),
    ],
)
def test_a_value_of_the_wrong_type_is_a_type_error(name: str, value: Any) -> None:
    with pytest.raises(TypeError):
        LatchPolicy(**{name: value})


def test_a_policy_cannot_be_changed() -> None:
    policy = LatchPolicy()
    for name in KNOBS:
        with pytest.raises(AttributeError):
            setattr(policy, name, getattr(policy, name))


def test_its_text_makes_it_again() -> None:
    policy = LatchPolicy("strict", prefix4=24, early_budget_ms=None, probation=[1, 1, 2, 3, 4, 5])
    assert knobs(eval(repr(policy), {"LatchPolicy": LatchPolicy})) == knobs(policy)


def test_there_is_a_probation_for_every_tier() -> None:
    text = importlib.resources.files("rtpcore.track.latch").joinpath("policy.pxd").read_text()
    (count,) = re.findall(r"TIER_COUNT = (\d+)", text)
    assert len(LatchPolicy().probation) == int(count)
