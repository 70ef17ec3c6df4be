from collections.abc import Sequence
from typing import final

@final
class OwnPorts:
    def __init__(self, interfaces: Sequence[Sequence[str]]) -> None: ...
