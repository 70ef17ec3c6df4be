"""SHA-1: the vectors of FIPS 180 and RFC 3174, and hashlib for every length around a block."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtpcore.wire.stun.sha1 import sha1_digest


@pytest.mark.parametrize(
    ("octets", "digest"),
    [
        (b"abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (
            b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "84983e441c3bd26ebaae4aa1f95129e5e54670f1",
        ),
        (b"a" * 1_000_000, "34aa973cd4c4daa4f61eeb2bdbad27316534016f"),
        (b"01234567" * 80, "dea356a2cddd90c7a7ecedc5ebb563934f460452"),
        (b"", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
    ],
)
def test_the_vectors_of_rfc_3174(octets: bytes, digest: str) -> None:
    assert sha1_digest(octets).hex() == digest


@pytest.mark.parametrize("size", range(200))
def test_every_length_around_a_block(size: int) -> None:
    octets = bytes(range(256))[:size]
    assert sha1_digest(octets) == hashlib.sha1(octets).digest()


@given(st.binary(max_size=2000))
def test_it_is_what_hashlib_says(octets: bytes) -> None:
    assert sha1_digest(octets) == sha1_digest(bytearray(octets)) == hashlib.sha1(octets).digest()


@pytest.mark.parametrize("value", ["text", 5, None])
def test_anything_but_a_buffer_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="data is bytes"):
        sha1_digest(value)
