"""Events of a latch: one list in the .pxd and in Python, at most one a second of a kind, and the others counted."""

from __future__ import annotations

import importlib.resources
import itertools
import re

from rtpcore import events
from tests.behaviour.media import sender_report
from tests.unit.track.line import (
    MS,
    NEIGHBOUR,
    PHONE,
    PHONE_SSRC,
    STRANGER,
    STRANGER_SSRC,
    Line,
    answered,
)


def test_every_kind_in_the_declaration_has_a_class_and_no_other() -> None:
    text = importlib.resources.files("rtpcore.track").joinpath("event.pxd").read_text()
    declared = re.findall(r"^    EVENT_([A-Z_]+) = \d+", text, re.MULTILINE)
    assert declared.pop() == "KIND_COUNT"
    classes = [
        kind.name.upper()
        for name in events.__all__
        if name not in ("Address", "Event")
        for kind in [getattr(events, name)]
    ]
    assert sorted(declared) == sorted(classes)


def test_an_event_shows_the_packet_that_led_to_it() -> None:
    line = answered()
    line.talk(0, PHONE, 2, first=77)
    (event,) = line.events()
    assert event == events.Latched(
        time_ns=20 * MS,
        session=None,
        leg=None,
        count=1,
        source=PHONE,
        previous_source=None,
        ssrc=PHONE_SSRC,
        previous_ssrc=0,
        sequence_number=78,
        detail="T3",
    )


def test_of_one_kind_there_is_one_event_a_second_that_counts_the_others() -> None:
    line = answered()
    line.talk(1000, STRANGER, 300, ssrc=STRANGER_SSRC)  # six seconds
    told = line.events()
    assert [event.name for event in told] == ["scope_miss"] * 6
    assert [event.count for event in told] == [1, 50, 50, 50, 50, 50]
    assert [later.time_ns - earlier.time_ns for earlier, later in itertools.pairwise(told)] == [1000 * MS] * 5


def test_what_no_later_one_follows_is_told_when_the_second_is_over() -> None:
    line = answered()
    line.talk(1000, STRANGER, 10, ssrc=STRANGER_SSRC)
    assert [event.count for event in line.events()] == [1]
    assert line.tick(2000).events() == []
    (event,) = line.tick(60_000).events()
    assert (event.name, event.count, event.time_ns) == ("scope_miss", 9, 2000 * MS)
    assert (event.source, event.sequence_number) == (STRANGER, 9)
    assert line.tick(90_000).events() == []


def test_of_other_kinds_that_were_withheld_the_number_is_told() -> None:
    line = answered()
    for at_ms in range(5):
        line.receive(at_ms, STRANGER, at_ms)
        line.receive_rtcp(at_ms, STRANGER, sender_report(1))
    line.events()
    told = {event.name: event for event in line.tick(5000).events()}
    assert {name: event.count for name, event in told.items()} == {"scope_miss": 4, "rtcp_invalid": 4}
    assert told["scope_miss"].source is None
    assert told["rtcp_invalid"].source == STRANGER


def test_the_end_tells_what_was_withheld() -> None:
    line = answered()
    line.talk(1000, STRANGER, 10, ssrc=STRANGER_SSRC)
    line.signal(1300, "close")
    assert [(event.name, event.count) for event in line.events()] == [
        ("scope_miss", 1),
        ("scope_miss", 9),
        ("expired", 1),
    ]


def test_kinds_do_not_hold_each_other_back() -> None:
    line = Line()
    line.receive(1, NEIGHBOUR, 1)
    line.publish(2).answer(2)
    line.receive(3, STRANGER, 1)
    line.receive_rtcp(4, STRANGER, sender_report(1))
    line.talk(5, PHONE, 2)
    assert line.event_names() == ["prepublish_talker", "scope_miss", "rtcp_invalid", "latched"]


def test_events_are_given_once() -> None:
    line = answered()
    line.talk(0, PHONE, 2)
    assert line.event_names() == ["latched"]
    assert line.event_names() == []


def test_a_flood_of_strangers_leaves_as_many_events_as_seconds() -> None:
    line = answered()
    for index in range(10_000):
        line.receive(index / 5, (STRANGER[0], 1024 + index % 60_000), index, ssrc=index)
    assert len(line.events()) == 2
