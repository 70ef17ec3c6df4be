"""Statistics as numpy arrays. Imported only where an array is asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from rtpcore.track.stats import snapshot_fields

__all__ = ["STATS_DTYPE", "stats_from_octets"]


def _native_dtype() -> np.dtype[np.void]:
    fields, size = snapshot_fields()
    names, formats, offsets = zip(*fields, strict=True)
    return np.dtype({"names": names, "formats": formats, "offsets": offsets, "itemsize": size})


_NATIVE = _native_dtype()

STATS_DTYPE: np.dtype[np.void] = np.dtype(
    [("session", "O"), ("leg", "O")] + [(name, _NATIVE[name]) for name in _NATIVE.names or ()]
)
"""One row a leg, that is, a received stream; the columns are listed in docs/statistics.md."""


def stats_from_octets(octets: bytes, names: dict[int, tuple[str, str]]) -> npt.NDArray[Any]:
    """An array of STATS_DTYPE from snapshots as a worker copies them out; `names` gives session and leg by number."""
    native = np.frombuffer(octets, dtype=_NATIVE)
    rows = np.zeros(len(native), dtype=STATS_DTYPE)
    for column in _NATIVE.names or ():
        rows[column] = native[column]
    for index, number in enumerate(native["leg_number"].tolist()):
        rows["session"][index], rows["leg"][index] = names.get(number, ("", ""))
    return rows
