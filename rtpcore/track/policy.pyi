from collections.abc import Sequence
from typing import final

@final
class LatchPolicy:
    @property
    def profile(self) -> str: ...
    @property
    def receive_from(self) -> str: ...
    @property
    def send_to(self) -> str: ...
    @property
    def ssrc_change(self) -> str: ...
    @property
    def pre_answer(self) -> str: ...
    @property
    def probation(self) -> tuple[int, ...]: ...
    @property
    def prefix4(self) -> int: ...
    @property
    def prefix6(self) -> int: ...
    @property
    def learn_window_ms(self) -> int: ...
    @property
    def early_budget_ms(self) -> int | None: ...
    @property
    def consent_ms(self) -> int | None: ...
    @property
    def kernel_lock(self) -> str: ...
    def __init__(
        self,
        profile: str = "guarded",
        *,
        receive_from: str | None = None,
        send_to: str | None = None,
        ssrc_change: str | None = None,
        pre_answer: str = "hold",
        probation: Sequence[int] = (1, 1, 2, 2, 4, 5),
        prefix4: int = 32,
        prefix6: int = 64,
        learn_window_ms: int = 5000,
        early_budget_ms: int | None = 10000,
        consent_ms: int | None = 30000,
        kernel_lock: str = "auto",
    ) -> None: ...
