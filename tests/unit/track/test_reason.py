"""Drop reasons: the Python enum, the .pxd and the parse reasons are one list."""

from __future__ import annotations

import importlib.resources
import re

from rtpcore import Action, LatchState, ParseReason, Reason
from rtpcore.track.reason import REASON_COUNT


def c_enum(module: str, prefix: str) -> dict[str, int]:
    """The members of a C enum as the .pxd of `module` declares them, without their prefix."""
    text = importlib.resources.files("rtpcore.track").joinpath(f"{module}.pxd").read_text()
    return {name: int(value) for name, value in re.findall(rf"^    {prefix}([A-Z_]+) = (\d+)", text, re.MULTILINE)}


def test_the_python_enum_agrees_with_the_declaration() -> None:
    declared = c_enum("reason", "DROP_")
    assert declared.pop("REASON_COUNT") == REASON_COUNT == len(Reason)
    # The reasons from 64 on are of parts of valid packets, which are not dropped.
    parse = {name: int(value) for name, value in ParseReason.__members__.items() if 0 < value < 64}
    assert {name: int(value) for name, value in Reason.__members__.items()} == declared | parse


def test_the_parse_reasons_come_first_and_nothing_is_left_out() -> None:
    assert sorted(Reason) == list(range(REASON_COUNT))
    text = importlib.resources.files("rtpcore.wire").joinpath("validity.pxd").read_text()
    (count,) = re.findall(r"PARSE_REASON_COUNT = (\d+)", text)
    assert [Reason(value).name for value in range(1, int(count))] == [
        ParseReason(value).name for value in range(1, int(count))
    ]
    assert Reason(int(count)) is Reason.STUN


def test_the_states_agree_with_the_declaration() -> None:
    assert {state.name: int(state) for state in LatchState} == c_enum("latch/state", "LATCH_")


def test_the_actions_agree_with_the_declaration() -> None:
    assert {action.name: int(action) for action in Action} == c_enum("latch/state", "ACTION_")
