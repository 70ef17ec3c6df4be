"""What a latch decided about one datagram, for Latch."""

import enum

cimport cython

from rtpcore.track.reason import Reason

from rtpcore.track.latch.state cimport ACTION_DROP, ACTION_FORWARD, ACTION_HOLD


class Action(enum.IntEnum):
    """What becomes of a packet."""

    FORWARD = ACTION_FORWARD
    HOLD = ACTION_HOLD
    DROP = ACTION_DROP


@cython.final
cdef class LatchVerdict:
    """What a latch decided about one datagram.

    action: Action; reason: Reason, NONE unless dropped; row: of the transition table, 0 where none applies;
    released: tuple of datagrams held before, to be forwarded now and before this one; answer: what is to be sent to
    where it came from (the response to a check of ICE), or None.
    """

    def __repr__(self):
        return (f"LatchVerdict(action={self.action.name}, reason={self.reason.name}, row={self.row}, "
                f"released={len(self.released)})")


cdef tuple ACTIONS = tuple(Action)
cdef tuple REASONS = tuple(Reason)


cdef LatchVerdict verdict_to_python(int action, int reason, int row, tuple released):
    cdef LatchVerdict result = LatchVerdict.__new__(LatchVerdict)
    result.action = ACTIONS[action]
    result.reason = REASONS[reason]
    result.row = row
    result.released = released
    return result
