"""What signal() takes of authentication, what it refuses, and what a refusal leaves as it was."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest

from rtpcore import ConfigurationError, Reason
from tests.checks import CREDENTIALS, check
from tests.unit.track.line import FORWARD, MS, PHONE, STRANGER, Line


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        ({"ice": ("fragment", "password")}, TypeError, "ice must be IceCredentials, False or None, not tuple"),
        ({"ice": True}, TypeError, "not bool"),
        ({"verify": 5}, TypeError, "verify must be callable, False or None, not int 5"),
        ({"passthrough": "dtls"}, TypeError, "passthrough must be a sequence of protocols, not str 'dtls'"),
        ({"passthrough": [5]}, TypeError, "by str, not int 5"),
        ({"passthrough": ["sip"]}, ConfigurationError, "names 'sip', but must be of dtls, stun, zrtp"),
        ({"ice": CREDENTIALS, "passthrough": ["stun"]}, ConfigurationError, "the relay answers it itself"),
    ],
)
def test_a_wrong_argument_is_named_and_changes_nothing(said: dict[str, Any], kind: type[Exception], words: str) -> None:
    line = Line().publish().answer(declared=PHONE)
    with pytest.raises(kind, match=words):
        line.answer(1, declared=("192.0.2.1", 5), **said)
    assert line.latch.destination == PHONE
    assert line.receive(2, PHONE, 1).action is FORWARD
    assert line.latch.receive(3 * MS, PHONE, check()).answer is None


def test_a_wrong_argument_beside_right_ones_changes_nothing() -> None:
    line = Line().publish().answer(declared=PHONE)
    with pytest.raises(ConfigurationError, match="ptime_ms"):
        line.answer(1, declared=PHONE, ice=CREDENTIALS, ptime_ms=0)
    assert line.receive(2, PHONE, 1).action is FORWARD


def test_what_is_left_out_stays() -> None:
    line = Line().publish().answer(ice=CREDENTIALS, passthrough=["dtls"], verify=bool)
    line.latch.receive(MS, STRANGER, check())
    line.answer(2)
    assert line.latch.destination == STRANGER
    assert line.receive(3, PHONE, 1).reason is Reason.NOT_VALIDATED
    assert line.receive(4, STRANGER, 2).action is FORWARD
    line.answer(5, passthrough=[])
    assert line.receive(6, STRANGER, 3).action is FORWARD, "credentials and pairs stay when something else changes"


def test_a_callable_lives_as_long_as_it_is_used() -> None:
    class Verify:
        def __call__(self, packet: bytes) -> bool:
            return True

    first, second = Verify(), Verify()
    gone = weakref.ref(first), weakref.ref(second)
    line = Line().publish().answer(verify=first)
    del first
    gc.collect()
    assert line.receive(1, STRANGER, 1).action is FORWARD
    line.answer(2, verify=second)
    del second
    gc.collect()
    assert [one() is None for one in gone] == [True, False]
    assert line.receive(3, STRANGER, 2).action is FORWARD
    del line
    gc.collect()
    assert [one() is None for one in gone] == [True, True]
