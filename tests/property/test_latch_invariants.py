"""What a latch never does, whatever it is given: an independent model of the scope is the oracle."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from rtpcore import Action, Latch, LatchPolicy, LatchState, LatchVerdict, Reason
from rtpcore.events import Address
from tests.property.latch_model import (
    RELAY,
    Operation,
    Said,
    eligible,
    in_scope,
    policies,
    routable,
    sequences,
    timed,
)


@dataclass
class Watched:
    """A latch, what signalling has told it, and every datagram that it holds."""

    policy: LatchPolicy
    latch: Latch
    said: Said = field(default_factory=Said)
    published: bool = False
    closed: bool = False
    waiting: dict[tuple[str, Address], list[bytes]] = field(default_factory=dict)
    accepted: Address | None = None
    destination: Address | None = None
    ssrc: int | None = None
    state: LatchState = LatchState.CLOSED
    row: int = 0
    last: Action | None = None
    accepted_once: set[Address] = field(default_factory=set)
    received: int = 0
    forwarded: int = 0
    released: int = 0
    refused: Counter[Reason] = field(default_factory=Counter)

    def carry_out(self, now_ns: int, operation: Operation) -> None:
        if operation.kind == "publish":
            self.latch.publish(now_ns)
            self.published = True
        elif operation.kind == "signal":
            self.latch.signal(now_ns, operation.event, **operation.said)
            if not self.closed:
                self.said = self.said.after(operation.event, operation.said)
            self.closed |= operation.event == "close"
        elif operation.kind == "tick":
            self.latch.tick(now_ns)
        elif operation.kind == "loop":
            self.latch.add_sent_ssrc(operation.ssrc)
        else:
            judge = self.latch.receive if operation.kind == "rtp" else self.latch.receive_rtcp
            self.check_verdict(operation, judge(now_ns, operation.source, operation.octets))
            self.check_conservation()
        self.check_state()

    def check_conservation(self) -> None:
        """Each packet is forwarded, held and then released, refused, held and then discarded, or still held."""
        assert self.latch.holding >= 0
        assert self.refused <= Counter(self.latch.dropped)
        assert sum(self.tally().values()) == self.received

    def check_verdict(self, operation: Operation, verdict: LatchVerdict) -> None:
        self.row, self.last = verdict.row, verdict.action
        self.received += 1
        self.forwarded += verdict.action is Action.FORWARD
        self.released += len(verdict.released)
        if verdict.action is Action.DROP:
            self.refused[verdict.reason] += 1
        assert (verdict.reason is Reason.NONE) == (verdict.action is not Action.DROP)
        assert verdict.action is Action.FORWARD or verdict.released == ()
        is_rtcp = operation.kind == "rtcp" or (self.said.mux and operation.octets[1:2] >= b"\xc0")
        key = ("rtcp" if is_rtcp else "rtp", operation.source)
        if verdict.action is Action.HOLD:
            self.waiting.setdefault(key, []).append(operation.octets)
        if verdict.action is not Action.FORWARD:
            return
        assert self.published
        assert not self.closed
        assert eligible(operation.source)
        if is_rtcp:
            accepted = self.latch.accepted_source
            assert operation.source == self.said.rtcp or (accepted and operation.source[0] == accepted[0])
            assert operation.source == self.latch.rtcp_accepted_source
        else:
            assert operation.source == self.latch.accepted_source
        # What is released was held, came from the same source, and is released once, in order of arrival.
        held = self.waiting.get(key, [])
        place = 0
        for octets in verdict.released:
            place = held.index(octets, place)
            del held[place]

    def tally(self) -> dict[str, int]:
        """What became of the packets; the sum is `received`."""
        refused = self.refused.total()
        return {
            "forwarded": self.forwarded,
            "held then released": self.released,
            "dropped": refused,
            "held then discarded": sum(self.latch.dropped.values()) - refused,
            "still held": self.latch.holding,
        }

    def check_takeover(self, accepted: Address) -> None:
        """By which right another address is accepted."""
        assert eligible(accepted)
        if self.row in (10, 11):
            # The same stream from another port, or from another host and never while on hold.
            assert self.accepted is not None
            assert (self.row == 10) == (accepted[0] == self.accepted[0])
            assert self.latch.ssrc == self.ssrc
            assert self.policy.receive_from != "declared"
            assert self.row == 10 or (self.policy.roam_max_gap_ms and self.state is not LatchState.HELD)
        elif self.row == 12:
            assert accepted in self.accepted_once
        else:
            assert self.row in (5, 6, 13)
            assert in_scope(self.policy, self.said, accepted)
        self.accepted_once.add(accepted)

    def check_state(self) -> None:
        accepted, destination = self.latch.accepted_source, self.latch.destination
        if accepted is not None and accepted != self.accepted:
            self.check_takeover(accepted)
        self.accepted, self.ssrc = accepted, self.latch.ssrc
        assert self.closed or (accepted is not None) == (self.latch.ssrc is not None)
        assert (accepted is not None) == (
            self.latch.state
            in (
                LatchState.PROVISIONAL,
                LatchState.LOCKED,
                LatchState.HELD,
                LatchState.RELEARNING,
                LatchState.ROAMING,
            )
        )
        if destination is not None:
            assert destination != RELAY
            declared = destination == self.said.declared and routable(destination)
            # On hold nothing moves, and to another host media does not follow at once.
            waits = self.latch.state in (LatchState.HELD, LatchState.ROAMING, LatchState.RELEARNING)
            assert destination == accepted or declared or (waits and destination == self.destination)
            assert self.published
            assert not self.closed
        self.destination, self.state = destination, self.latch.state
        reports_to = self.latch.rtcp_destination
        if reports_to is not None:
            # A NAT that rebinds the media's port leaves that of RTCP as it was.
            same_host = destination is not None and reports_to[0] == destination[0]
            assert reports_to in (self.latch.rtcp_accepted_source, self.said.rtcp, destination) or same_host
            assert self.published
            assert not self.closed


@settings(max_examples=300, deadline=None)
@given(policies(), sequences())
def test_nothing_out_of_scope_is_ever_forwarded_and_media_goes_nowhere_else(
    policy: LatchPolicy, operations: list[Operation]
) -> None:
    watched = Watched(policy, Latch(policy, RELAY))
    for now_ns, operation in timed(operations):
        watched.carry_out(now_ns, operation)
    watched.latch.explain()
    watched.latch.events()


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_random_octets_from_anywhere_never_crash_it(data: st.DataObject) -> None:
    latch = Latch(LatchPolicy("open"), RELAY)
    latch.publish(0)
    latch.signal(0, "answer", declared=("192.0.2.20", 6000), reduced_size=data.draw(st.booleans()))
    for now_ns in range(0, 50 * 20_000_000, 20_000_000):
        octets = data.draw(st.binary(max_size=64))
        source = (str(data.draw(st.ip_addresses(v=4) | st.ip_addresses(v=6))), data.draw(st.integers(0, 65535)))
        judge = data.draw(st.sampled_from([latch.receive, latch.receive_rtcp]))
        verdict = judge(now_ns, source, octets)
        assert (verdict.reason is Reason.NONE) == (verdict.action is not Action.DROP)
