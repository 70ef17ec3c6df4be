"""The event types: frozen values with one set of fields, named as docs/latching.md names them."""

from __future__ import annotations

import dataclasses
import pickle
import re

import pytest

import rtpcore
from rtpcore import events

KINDS = [getattr(events, name) for name in events.__all__ if name not in ("Address", "Event")]
FIELDS = [
    "time_ns",
    "session",
    "leg",
    "count",
    "source",
    "previous_source",
    "ssrc",
    "previous_ssrc",
    "sequence_number",
    "detail",
    "silent_ns",
]


def make(kind: type[events.Event]) -> events.Event:
    return kind(1, "call", "caller", 2, ("192.0.2.1", 5004), None, 3, 4, 5, "T1")


def test_every_kind_is_listed() -> None:
    assert {kind.__name__ for kind in events.Event.__subclasses__()} == {kind.__name__ for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_named_after_its_class(kind: type[events.Event]) -> None:
    assert kind.name == re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()
    assert kind.__doc__
    assert issubclass(kind, events.Event)


@pytest.mark.parametrize("kind", KINDS)
def test_an_event_is_a_frozen_value(kind: type[events.Event]) -> None:
    event = make(kind)
    assert [field.name for field in dataclasses.fields(event)] == FIELDS
    assert event == make(kind)
    assert hash(event) == hash(make(kind))
    assert not hasattr(event, "__dict__")
    with pytest.raises(dataclasses.FrozenInstanceError):
        event.count = 3  # type: ignore[misc]


@pytest.mark.parametrize("kind", KINDS)
def test_an_event_survives_pickle_and_replace(kind: type[events.Event]) -> None:
    event = make(kind)
    assert pickle.loads(pickle.dumps(event)) == event
    assert dataclasses.replace(event, session="other").session == "other"
    assert type(dataclasses.replace(event, session="other")) is kind


def test_events_of_different_kinds_differ() -> None:
    assert make(events.Latched) != make(events.Relatched)


def test_a_latch_makes_them() -> None:
    latch = rtpcore.Latch(rtpcore.LatchPolicy())
    datagram = rtpcore.RtpPacket(payload_type=0, sequence_number=7, timestamp=0, ssrc=9, payload=b"\x00").serialize()
    latch.receive(5, ("203.0.113.9", 4000), datagram)
    (event,) = latch.events()
    assert event == events.PrepublishTalker(5, None, None, 1, ("203.0.113.9", 4000), None, 9, 0, 7, "")
