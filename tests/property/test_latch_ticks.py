"""Results do not depend on how often a latch ticks: the same calls with and without ticks between them."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from rtpcore import Latch, LatchPolicy
from tests.property.latch_model import RELAY, Operation, policies, sequences, timed


def call(latch: Latch, now_ns: int, operation: Operation) -> str:
    """The verdict as text, with the released datagrams."""
    if operation.kind == "publish":
        latch.publish(now_ns)
    elif operation.kind == "signal":
        latch.signal(now_ns, operation.event, **operation.said)
    elif operation.kind == "tick":
        latch.tick(now_ns)
    elif operation.kind == "loop":
        latch.add_sent_ssrc(operation.ssrc)
    else:
        verdict = (latch.receive if operation.kind == "rtp" else latch.receive_rtcp)(
            now_ns, operation.source, operation.octets
        )
        return f"{verdict} {verdict.released}"
    return ""


def state(latch: Latch) -> tuple[Any, ...]:
    return (
        latch.state,
        latch.accepted_source,
        latch.destination,
        latch.rtcp_accepted_source,
        latch.rtcp_destination,
        latch.ssrc,
    )


# Nothing comes before publish: the filter for such talkers is keyed at random, so that two latches may differ about it.
@settings(max_examples=300, deadline=None)
@given(policies(), sequences(published=True), st.lists(st.integers(1, 400_000_000), min_size=1, max_size=20))
def test_ticks_change_nothing(policy: LatchPolicy, operations: list[Operation], periods: list[int]) -> None:
    quiet, busy = Latch(policy, RELAY), Latch(policy, RELAY)
    last_ns = 0
    for index, (now_ns, operation) in enumerate(timed(operations)):
        if operation.kind == "tick":
            continue  # time passes for both; only one notices
        period = periods[index % len(periods)]
        for tick_ns in range(max(last_ns, now_ns - 50 * period), now_ns, period):
            busy.tick(tick_ns)
        last_ns = now_ns
        assert call(quiet, now_ns, operation) == call(busy, now_ns, operation)
        if operation.kind != "loop":
            assert state(quiet) == state(busy)
    for latch in (quiet, busy):
        latch.tick(last_ns)
    assert quiet.events() == busy.events()
    assert quiet.explain() == busy.explain() or operations[-1].kind in ("tick", "loop")
