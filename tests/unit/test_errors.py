"""The exception tree: one base, the built-in kinds that callers expect, and nothing lost on the way through pickle."""

from __future__ import annotations

import errno
import pickle

import pytest

import rtpcore
from rtpcore import errors

ALL = [getattr(errors, name) for name in errors.__all__]


@pytest.mark.parametrize("kind", ALL)
def test_every_error_has_the_one_base_and_a_sentence_about_itself(kind: type[Exception]) -> None:
    assert issubclass(kind, rtpcore.RtpcoreError)
    assert kind.__doc__ is not None
    assert kind.__doc__.endswith(".")


def test_every_error_is_public() -> None:
    assert set(errors.__all__) <= set(rtpcore.__all__)
    assert [name for name in errors.__all__ if getattr(rtpcore, name) is not getattr(errors, name)] == []


def test_no_error_is_left_out_of_the_list() -> None:
    defined = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, Exception) and value.__module__ == errors.__name__
    }
    assert defined == set(errors.__all__)


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [
        (rtpcore.ParseError, ValueError),
        (rtpcore.ConfigurationError, ValueError),
        (rtpcore.UnknownInterface, LookupError),
        (rtpcore.AddressInUse, OSError),
        (rtpcore.AddressNotAvailable, OSError),
        (rtpcore.PermissionDenied, PermissionError),
        (rtpcore.DescriptorsExhausted, OSError),
    ],
)
def test_an_error_is_also_the_builtin_kind_that_a_caller_expects(
    kind: type[Exception], builtin: type[Exception]
) -> None:
    assert issubclass(kind, builtin)


@pytest.mark.parametrize(
    "kind",
    [
        rtpcore.AddressInUse,
        rtpcore.AddressNotAvailable,
        rtpcore.Closed,
        rtpcore.DescriptorsExhausted,
        rtpcore.LegExists,
        rtpcore.PermissionDenied,
        rtpcore.PortsExhausted,
        rtpcore.SessionExists,
        rtpcore.UnknownInterface,
    ],
)
def test_what_goes_wrong_while_relaying_is_a_relay_error(kind: type[Exception]) -> None:
    assert issubclass(kind, rtpcore.RelayError)


def test_a_parse_error_survives_pickle() -> None:
    with pytest.raises(rtpcore.ParseError) as caught:
        rtpcore.RtpPacket.parse(b"\x40" + bytes(11))
    again = pickle.loads(pickle.dumps(caught.value))
    assert type(again) is rtpcore.ParseError
    assert (str(again), again.reason, again.offset) == (str(caught.value), caught.value.reason, caught.value.offset)


def test_a_bind_error_keeps_its_sentence_and_number() -> None:
    with (
        rtpcore.Relay([rtpcore.Interface("192.0.2.1")], range(40000, 40002)) as relay,
        pytest.raises(rtpcore.AddressNotAvailable) as caught,
    ):
        relay.create_session("call").add_leg("caller")
    assert caught.value.errno == errno.EADDRNOTAVAIL
    assert str(caught.value) == ("192.0.2.1 port 40000 cannot be bound: the address is not one of this machine's.")
    assert caught.value.__cause__ is None
