"""RTP headers as numpy arrays. Imported only where an array is asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from rtpcore.errors import ConfigurationError
from rtpcore.wire.rtp import header_fields

__all__ = ["HEADER_DTYPE", "empty_headers", "integers"]


def _native_dtype() -> np.dtype[np.void]:
    fields, size = header_fields()
    names, formats, offsets = zip(*fields, strict=True)
    return np.dtype({"names": names, "formats": formats, "offsets": offsets, "itemsize": size})


HEADER_DTYPE: np.dtype[np.void] = _native_dtype()
"""One row a packet, in the memory order of the core's own header; the columns are listed in docs/statistics.md."""


def empty_headers(count: int) -> npt.NDArray[Any]:
    """An array of HEADER_DTYPE whose rows are still to be written."""
    return np.empty(count, dtype=HEADER_DTYPE)


def integers(values: npt.ArrayLike, name: str) -> npt.NDArray[np.int64]:
    """A contiguous copy of `values` as 64-bit integers; those above 2**63 - 1 become negative, which no offset is."""
    try:
        array = np.asarray(values)
    except ValueError:
        raise TypeError(f"{name} is an array of integers, not rows of unequal length.") from None
    if array.ndim != 1:
        raise ConfigurationError(f"{name} has {array.ndim} dimensions, and 1 is needed.")
    if array.dtype.kind not in "iu" and len(array) > 0:
        raise TypeError(f"{name} is an array of integers, not of {array.dtype}.")
    return array.astype(np.int64)
