from collections.abc import Iterable
from typing import Any, overload

import numpy.typing as npt
from typing_extensions import Buffer

@overload
def parse_batch(buffer: Iterable[Buffer]) -> npt.NDArray[Any]: ...
@overload
def parse_batch(buffer: Buffer, offsets: npt.ArrayLike, sizes: npt.ArrayLike) -> npt.NDArray[Any]: ...
