"""A crowd at one latch for a long time: a phone that moves, pauses and changes, strangers, neighbours and observers,
and signalling at any moment. RTPCORE_CROWD_PACKETS sets how many packets there are (20,000)."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from rtpcore import Action, Latch, LatchPolicy, LatchState
from rtpcore.events import Address
from tests.behaviour.media import receiver_report, rtp
from tests.property.latch_model import DECLARED, HOSTS, MS, PHONE, PRIVATE, RELAY, SOURCES, Operation
from tests.property.test_latch_invariants import Watched

PACKETS = int(os.environ.get("RTPCORE_CROWD_PACKETS", "20000"))
PROFILES = ("guarded", "strict", "mobile", "open", "declared")
HOME: tuple[Address, ...] = (PHONE, ("198.51.100.10", 40002), ("203.0.113.200", 42000), ("2001:db8:5::10", 5555))


@dataclass
class Talker:
    """One stream, with what networks and people do to it."""

    chance: random.Random
    source: Address
    ssrc: int
    number: int
    copies: Talker | None = None
    talks: bool = True

    def packet(self, now_ms: int) -> Operation:
        if self.copies is not None:
            self.ssrc, self.number = self.copies.ssrc, self.copies.number + self.chance.choice((0, 1, 1, 2, 40, 3000))
        else:
            self.number += self.chance.choice((1,) * 30 + (2, 4, 0))
        made = rtp(self.number, self.ssrc, bytes([self.chance.randrange(256)]) * 20, timestamp=now_ms * 8)
        return Operation(0, "rtp", self.source, made)


@dataclass
class Crowd:
    """What happens next; `now_ms` is the time."""

    chance: random.Random
    now_ms: int = 10_000
    talkers: list[Talker] = field(default_factory=list)

    def __post_init__(self) -> None:
        phone = Talker(self.chance, PHONE, 1, 60_000)
        others = [Talker(self.chance, self.chance.choice(SOURCES), ssrc, 0, talks=False) for ssrc in (2, 3)]
        observer = Talker(self.chance, self.chance.choice(SOURCES), 1, 0, copies=phone, talks=False)
        self.talkers = [phone, *others, observer]

    def change(self) -> None:
        phone, chance = self.talkers[0], self.chance
        talker = chance.choice(self.talkers)
        talker.talks = chance.random() < (0.8 if talker is phone else 0.5)
        if talker is not phone:
            talker.source = chance.choice((*SOURCES, phone.source))
        elif chance.random() < 0.4:
            phone.source = chance.choice(HOME)
        elif chance.random() < 0.2:
            phone.ssrc, phone.number = chance.randrange(1 << 32), chance.randrange(1 << 16)

    def signal(self) -> Operation:
        chance = self.chance
        event = chance.choice(("refresh", "reinvite", "reinvite", "hold", "resume", "resume"))
        said = {
            "declared": chance.choice((None, PRIVATE, PRIVATE, *DECLARED)),
            "signalling": chance.choice(((), (PHONE[0],), (self.talkers[0].source[0],), tuple(HOSTS[:2]))),
            "payload_types": {0: 8000, 13: 8000},
            "direction": chance.choice(("sendrecv", "sendrecv", "sendrecv", "sendonly", "inactive")),
        }
        return Operation(0, "signal", event=event, said=said)

    def turns(self) -> Iterator[tuple[int, list[Operation]]]:
        """20 ms each, now and then a pause."""
        while True:
            self.now_ms += (
                20 if self.chance.random() < 0.995 else self.chance.choice((60, 210, 700, 3000, 6000, 12_000))
            )
            if self.chance.random() < 0.02:
                self.change()
            found = [talker.packet(self.now_ms) for talker in self.talkers if talker.talks]
            self.chance.shuffle(found)
            if self.chance.random() < 0.002:
                found.append(self.signal())
            if self.chance.random() < 0.02:
                report = receiver_report(self.talkers[0].ssrc)
                found.append(Operation(0, "rtcp", self.chance.choice(SOURCES), report))
            yield self.now_ms, found


@pytest.mark.parametrize("profile", PROFILES)
def test_nobody_unqualified_is_heard_or_sent_to_in_a_crowd(profile: str) -> None:
    crowd = Crowd(random.Random(f"crowd {profile}"))
    policy = LatchPolicy(profile, learn_window_ms=1000)
    watched = Watched(policy, Latch(policy, RELAY))
    said = {"declared": PRIVATE, "signalling": (PHONE[0],), "payload_types": {0: 8000, 13: 8000}}
    if profile == "declared":
        said["declared"] = PHONE
    watched.carry_out(9_000 * MS, Operation(0, "publish"))
    watched.carry_out(9_000 * MS, Operation(0, "signal", event="answer", said=said))
    packets = forwarded = 0
    states: set[LatchState] = set()
    rows: set[int] = set()
    for now_ms, operations in crowd.turns():
        for operation in operations:
            watched.carry_out(now_ms * MS, operation)
            packets += 1
            rows.add(watched.row)
            forwarded += watched.last is Action.FORWARD
        states.add(watched.latch.state)
        watched.waiting = {key: octets[-80:] for key, octets in watched.waiting.items()}
        if packets >= PACKETS // len(PROFILES):
            break
    tally = watched.tally()
    print(
        f"{profile}: {packets:,} packets, reports and signals,", ", ".join(f"{n:,} {name}" for name, n in tally.items())
    )
    if profile != "declared":
        assert tally["held then released"] > 0
        assert tally["held then discarded"] > 0
    assert forwarded > (0 if profile == "declared" else packets // 20)
    assert states >= {LatchState.PROVISIONAL, LatchState.LOCKED, LatchState.HELD, LatchState.RELEARNING}
    if profile == "guarded":
        assert rows >= {6, 8, 9, 12, 14}
    watched.carry_out(crowd.now_ms * MS, Operation(0, "signal", event="close"))
    watched.check_conservation()
    assert watched.latch.holding == 0
