from collections.abc import Iterable
from typing import Any

import numpy.typing as npt
from typing_extensions import Buffer

def parse_batch(
    buffer: Buffer | Iterable[Buffer], offsets: npt.ArrayLike | None = None, sizes: npt.ArrayLike | None = None
) -> npt.NDArray[Any]: ...
