"""wire.rtcp.application_layer: ReceiverEstimatedMaximumBitrate and ApplicationLayerFeedback."""

from __future__ import annotations

from typing import Any

import pytest

from rtpcore.errors import ConfigurationError, ParseError
from rtpcore.wire.rtcp.application_layer import ApplicationLayerFeedback, ReceiverEstimatedMaximumBitrate
from rtpcore.wire.rtcp.feedback import PayloadFeedback
from rtpcore.wire.validity import ParseReason


def read(fci: bytes) -> Any:
    return PayloadFeedback(ssrc=1, message_type=15, fci=fci).feedback


@pytest.mark.parametrize(
    ("octets", "bit_rate", "ssrcs"),
    [
        ("00 000000", 0, ()),
        ("01 03ffff 89abcdef", 0x3FFFF, (0x89ABCDEF,)),
        ("02 07ffff 00000001 ffffffff", 0x3FFFF << 1, (1, 0xFFFFFFFF)),
        ("00 ffffff", 0x3FFFF << 63, ()),
    ],
)
def test_estimates(octets: str, bit_rate: int, ssrcs: tuple[int, ...]) -> None:
    estimate = read(b"REMB" + bytes.fromhex(octets))
    assert isinstance(estimate, ReceiverEstimatedMaximumBitrate)
    assert (estimate.bit_rate, estimate.ssrcs) == (bit_rate, ssrcs)
    assert ReceiverEstimatedMaximumBitrate(bit_rate=bit_rate, ssrcs=iter(ssrcs)) == estimate
    assert repr(estimate) == f"ReceiverEstimatedMaximumBitrate(bit_rate={bit_rate}, ssrcs={ssrcs})"


def test_a_bit_rate_is_rounded_down() -> None:
    assert ReceiverEstimatedMaximumBitrate(bit_rate=0x40001).bit_rate == 0x40000
    assert ReceiverEstimatedMaximumBitrate(bit_rate=10**9).bit_rate == 999997440
    assert ReceiverEstimatedMaximumBitrate(bit_rate=(1 << 81) - 1).bit_rate == 0x3FFFF << 63


def test_any_exponent_is_read() -> None:
    assert read(b"REMB" + bytes.fromhex("00 080001")).bit_rate == 4


@pytest.mark.parametrize("size", [0, 255])
def test_the_most_and_the_fewest_sources(size: int) -> None:
    estimate = ReceiverEstimatedMaximumBitrate(bit_rate=1, ssrcs=range(size))
    assert read(estimate.serialize()).ssrcs == tuple(range(size))


@pytest.mark.parametrize("octets", ["", "01 000000", "00 000000 00000001", "02 000000 00000001"])
def test_an_estimate_of_another_size_is_told(octets: str) -> None:
    fci = b"REMB" + bytes.fromhex(octets)
    with pytest.raises(ParseError, match=f"has 8 octets and 4 an SSRC, and this one has {len(fci)}") as caught:
        read(fci)
    assert (caught.value.reason, caught.value.offset) == (ParseReason.RTCP_BAD_FEEDBACK, 12)


@pytest.mark.parametrize("data", [b"", b"REMA", b"remb" + bytes(4), b"anything at all."])
def test_other_application_layer_feedback_is_kept(data: bytes) -> None:
    feedback = read(data)
    assert isinstance(feedback, ApplicationLayerFeedback)
    assert feedback.data == feedback.serialize() == data
    assert ApplicationLayerFeedback(data=bytearray(data)) == feedback
    assert repr(feedback) == f"ApplicationLayerFeedback(data={data!r})"


@pytest.mark.parametrize(
    ("kind", "fields", "error", "message"),
    [
        (ReceiverEstimatedMaximumBitrate, {"bit_rate": -1}, ConfigurationError, "A bit rate is -1"),
        (ReceiverEstimatedMaximumBitrate, {"bit_rate": 1 << 81}, ConfigurationError, f"A bit rate is {1 << 81}"),
        (
            ReceiverEstimatedMaximumBitrate,
            {"bit_rate": None},
            TypeError,
            "A bit rate is an integer of bits/s, not None",
        ),
        (ReceiverEstimatedMaximumBitrate, {"bit_rate": 1, "ssrcs": 5}, TypeError, "ssrcs is an iterable, not 5"),
        (
            ReceiverEstimatedMaximumBitrate,
            {"bit_rate": 1, "ssrcs": [-1]},
            ConfigurationError,
            "A member of ssrcs is -1",
        ),
        (
            ReceiverEstimatedMaximumBitrate,
            {"bit_rate": 1, "ssrcs": range(256)},
            ConfigurationError,
            "ssrcs has 256 members, and at most 255 fit",
        ),
        (ApplicationLayerFeedback, {"data": b"abc"}, ConfigurationError, "data has 3 octets, which is not a multiple"),
        (ApplicationLayerFeedback, {"data": b"REMB"}, ConfigurationError, "data begins with REMB"),
        (ApplicationLayerFeedback, {"data": "abcd"}, TypeError, "data is bytes or another buffer, not str"),
    ],
)
def test_a_bad_argument_is_named(kind: Any, fields: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        kind(**fields)
