from collections.abc import Callable, Iterable, Mapping
from typing import Literal, final

from rtpcore.events import Address
from rtpcore.forward.control import Worker
from rtpcore.track.authentication.credentials import IceCredentials
from rtpcore.track.latch.policy import LatchPolicy
from rtpcore.track.leg_stats import LegStats

def snapshot_legs(worker: Worker, legs: list[WorkerLeg]) -> bytes: ...

@final
class WorkerLeg:
    @property
    def owner(self) -> Worker: ...
    @property
    def number(self) -> int: ...
    @property
    def local(self) -> Address: ...
    @property
    def local_rtcp(self) -> Address: ...
    def __init__(
        self,
        owner: Worker,
        number: int,
        policy: LatchPolicy,
        rtp: Address,
        rtcp: Address,
        advertised: Address,
        receive_buffer_octets: int,
    ) -> None: ...
    def link(self, other: WorkerLeg) -> None: ...
    def publish(self) -> None: ...
    def signal(
        self,
        event: str,
        declared: Address | None,
        signalling: Iterable[str],
        payload_types: Mapping[int, int] | None,
        comfort_noise: Iterable[int],
        rtcp: Address | None,
        rtcp_mux: bool | None,
        reduced_size: bool,
        ptime_ms: int,
        direction: str,
        ssrcs: Iterable[int],
        branch: str | None,
        encrypted: bool | None,
        ice: IceCredentials | Literal[False] | None = None,
        verify: Callable[[bytes], bool] | Literal[False] | None = None,
        passthrough: Iterable[str] | None = None,
        media: str = "rtp",
    ) -> None: ...
    def explain(self) -> str: ...
    def stats(self, name: str) -> LegStats: ...
    def close(self, name: str) -> LegStats | None: ...
    def disown(self) -> None: ...
