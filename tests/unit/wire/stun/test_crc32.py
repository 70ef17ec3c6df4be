"""CRC-32: the check value of its catalogue entry, and zlib for anything."""

from __future__ import annotations

import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtpcore.wire.stun.crc32 import crc32


def test_the_check_value() -> None:
    assert crc32(b"123456789") == 0xCBF43926
    assert crc32(b"") == 0


@given(st.binary(max_size=500))
def test_it_is_what_zlib_says(octets: bytes) -> None:
    assert crc32(octets) == zlib.crc32(octets)


@given(st.binary(max_size=100), st.binary(max_size=100))
def test_it_goes_on_from_what_came_before(first: bytes, second: bytes) -> None:
    assert crc32(second, crc32(first)) == zlib.crc32(first + second)


@pytest.mark.parametrize("value", ["text", 5])
def test_anything_but_a_buffer_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="data is bytes"):
        crc32(value)
