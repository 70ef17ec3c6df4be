# The Python face of latch_state; the struct and all that it holds stand in state.pxd.

import enum


class LatchState(enum.IntEnum):
    """Where a latch stands; the transitions are those of docs/latching.md."""

    CLOSED = LATCH_CLOSED
    ARMED = LATCH_ARMED
    LEARNING = LATCH_LEARNING
    PROVISIONAL = LATCH_PROVISIONAL
    LOCKED = LATCH_LOCKED
    HELD = LATCH_HELD
    RELEARNING = LATCH_RELEARNING
    EXPIRED = LATCH_EXPIRED
    ROAMING = LATCH_ROAMING
