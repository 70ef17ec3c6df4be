import enum
from typing import final

from rtpcore.track.reason import Reason

class Action(enum.IntEnum):
    FORWARD = 0
    HOLD = 1
    DROP = 2

@final
class LatchVerdict:
    @property
    def action(self) -> Action: ...
    @property
    def reason(self) -> Reason: ...
    @property
    def row(self) -> int: ...
    @property
    def released(self) -> tuple[bytes, ...]: ...
    @property
    def answer(self) -> bytes | None: ...
