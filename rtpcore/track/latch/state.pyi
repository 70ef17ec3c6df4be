import enum

class LatchState(enum.IntEnum):
    CLOSED = 0
    ARMED = 1
    LEARNING = 2
    PROVISIONAL = 3
    LOCKED = 4
    HELD = 5
    RELEARNING = 6
    EXPIRED = 7
    ROAMING = 8
