"""ICE credentials: lengths and characters of RFC 8445 5.3, and that no message shows a password."""

from __future__ import annotations

from typing import Any

import pytest

from rtpcore import ConfigurationError, IceCredentials

LOCAL = ("abcd", "p" * 22)


@pytest.mark.parametrize("pair", [LOCAL, ("a" * 256, "b" * 256), ("+/09", "AZaz09+/AZaz09+/AZaz09")])
def test_what_may_be(pair: tuple[str, str]) -> None:
    assert IceCredentials(pair, pair).local == pair


@pytest.mark.parametrize(
    ("arguments", "kind", "words"),
    [
        (
            (("abc", "p" * 22),),
            ConfigurationError,
            "the fragment 'abc' of local has 3 characters, but must have 4 to 256",
        ),
        ((("a" * 257, "p" * 22),), ConfigurationError, "has 257 characters"),
        ((("abcd", "p" * 21),), ConfigurationError, "the password of local has 21 characters, but must have 22 to 256"),
        ((("ab:d", "p" * 22),), ConfigurationError, "the fragment 'ab:d' of local has characters other than letters"),
        ((("abcd", "secret word " * 2),), ConfigurationError, "the password of local has characters"),
        ((("abc\n", "p" * 22),), ConfigurationError, "characters other than"),
        ((("abc\u0661", "p" * 22),), ConfigurationError, "characters other than"),
        ((LOCAL, ("abcd", 5)), TypeError, "the password of remote must be a str, not int"),
        ((LOCAL, ("abcd",)), ConfigurationError, "remote must be a tuple of fragment and password, and has 1 members"),
        (("abcd",), TypeError, "local must be a tuple of fragment and password, not str"),
        ((None,), TypeError, "not NoneType"),
    ],
)
def test_what_may_not_be_is_named(arguments: Any, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words) as refusal:
        IceCredentials(*arguments)
    assert "secret" not in str(refusal.value)
    assert "ppppp" not in str(refusal.value)


def test_generated_ones_are_valid_and_never_the_same() -> None:
    made = [IceCredentials.generate(LOCAL) for _ in range(100)]
    assert len({one.local for one in made}) == 100
    assert all(len(one.local[0]) == 8 and len(one.local[1]) == 24 and one.remote == LOCAL for one in made)


def test_a_password_is_not_shown() -> None:
    assert repr(IceCredentials(LOCAL)) == "IceCredentials(local fragment 'abcd', remote fragment None)"
