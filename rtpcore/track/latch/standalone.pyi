import enum
from collections.abc import Callable, Iterable, Mapping
from typing import Literal, final

from typing_extensions import Buffer

from rtpcore.events import Address, Event
from rtpcore.track.authentication.credentials import IceCredentials
from rtpcore.track.latch.policy import LatchPolicy
from rtpcore.track.latch.verdict import LatchVerdict
from rtpcore.track.reason import Reason

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

@final
class Latch:
    @property
    def policy(self) -> LatchPolicy: ...
    def __init__(self, policy: LatchPolicy, interface: Address | None = None) -> None: ...
    def publish(self, now_ns: int) -> None: ...
    def signal(
        self,
        now_ns: int,
        event: str,
        declared: Address | None = None,
        signalling: Iterable[str] = (),
        payload_types: Mapping[int, int] | None = None,
        comfort_noise: Iterable[int] = (13,),
        rtcp: Address | None = None,
        rtcp_mux: bool | None = None,
        reduced_size: bool = False,
        ptime_ms: int = 20,
        direction: str = "sendrecv",
        ssrcs: Iterable[int] = (),
        branch: str | None = None,
        encrypted: bool | None = None,
        ice: IceCredentials | Literal[False] | None = None,
        verify: Callable[[bytes], bool] | Literal[False] | None = None,
        passthrough: Iterable[str] | None = None,
        media: str = "rtp",
    ) -> None: ...
    def receive(self, now_ns: int, source: Address, data: Buffer) -> LatchVerdict: ...
    def receive_rtcp(self, now_ns: int, source: Address, data: Buffer) -> LatchVerdict: ...
    def tick(self, now_ns: int) -> None: ...
    def may_send(self, now_ns: int, octets: int = 172) -> Reason: ...
    def may_send_rtcp(self, now_ns: int, octets: int = 100) -> Reason: ...
    def note_sent(self, now_ns: int, data: Buffer) -> None: ...
    def unreachable(self, now_ns: int, destination: Address) -> None: ...
    def events(self) -> list[Event]: ...
    def add_own_address(self, address: Address) -> None: ...
    def add_sent_ssrc(self, ssrc: int) -> None: ...
    @property
    def state(self) -> LatchState: ...
    @property
    def accepted_source(self) -> Address | None: ...
    @property
    def destination(self) -> Address | None: ...
    @property
    def rtcp_accepted_source(self) -> Address | None: ...
    @property
    def rtcp_destination(self) -> Address | None: ...
    @property
    def ssrc(self) -> int | None: ...
    @property
    def holding(self) -> int: ...
    @property
    def dropped(self) -> dict[Reason, int]: ...
    def explain(self) -> str: ...
