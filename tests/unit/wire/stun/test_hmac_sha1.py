"""HMAC-SHA1: the vectors of RFC 2202 section 3, and the standard library for any key and message."""

from __future__ import annotations

import hmac
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtpcore.wire.stun.hmac_sha1 import hmac_sha1_digest

RFC_2202 = [
    (b"\x0b" * 20, b"Hi There", "b617318655057264e28bc0b6fb378c8ef146be00"),
    (b"Jefe", b"what do ya want for nothing?", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
    (b"\xaa" * 20, b"\xdd" * 50, "125d7342b9ac11cd91a39af48aa17b4f63f175d3"),
    (bytes(range(1, 26)), b"\xcd" * 50, "4c9007f4026250c6bc8414f9bf50c86c2d7235da"),
    (b"\x0c" * 20, b"Test With Truncation", "4c1a03424b55e07fe7f27be1d58bb9324a9a5a04"),
    (
        b"\xaa" * 80,
        b"Test Using Larger Than Block-Size Key - Hash Key First",
        "aa4ae5e15272d00e95705637ce8a3b55ed402112",
    ),
    (
        b"\xaa" * 80,
        b"Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data",
        "e8e99d0f45237d786d6bbaa7965c7808bbff1a91",
    ),
]


@pytest.mark.parametrize(("key", "message", "digest"), RFC_2202)
def test_the_vectors_of_rfc_2202(key: bytes, message: bytes, digest: str) -> None:
    assert hmac_sha1_digest(key, message).hex() == digest


@given(st.binary(max_size=200), st.binary(max_size=600))
def test_it_is_what_the_standard_library_says(key: bytes, message: bytes) -> None:
    assert hmac_sha1_digest(key, message) == hmac.new(key, message, "sha1").digest()


@pytest.mark.parametrize("size", [63, 64, 65])
def test_a_key_of_about_a_block(size: int) -> None:
    assert hmac_sha1_digest(b"k" * size, b"message") == hmac.new(b"k" * size, b"message", "sha1").digest()


@pytest.mark.parametrize(("name", "pair"), [("key", ("text", b"")), ("data", (b"", 5))])
def test_anything_but_buffers_is_refused(name: str, pair: Any) -> None:
    with pytest.raises(TypeError, match=f"{name} is bytes"):
        hmac_sha1_digest(*pair)
