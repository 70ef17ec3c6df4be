"""wire.rtcp.picture: PictureLossIndication, SliceLossIndication, ReferencePictureSelection and FullIntraRequest."""

from __future__ import annotations

from typing import Any

import pytest

from rtpcore.errors import ConfigurationError, ParseError
from rtpcore.wire.rtcp.feedback import PayloadFeedback
from rtpcore.wire.rtcp.picture import (
    FullIntraRequest,
    PictureLossIndication,
    ReferencePictureSelection,
    SliceLossIndication,
)
from rtpcore.wire.validity import ParseReason


def read(form: int, fci: str) -> Any:
    return PayloadFeedback(ssrc=1, media_ssrc=2, message_type=form, fci=bytes.fromhex(fci)).feedback


def test_picture_loss() -> None:
    indication = read(1, "")
    assert indication == PictureLossIndication()
    assert indication.serialize() == b""
    assert hash(indication) == hash(PictureLossIndication())
    assert repr(indication) == "PictureLossIndication()"


def test_slice_loss() -> None:
    slices = ((0, 0, 0), (1, 2, 3), (8191, 8191, 63))
    indication = read(2, "00000000 00080083 ffffffff")
    assert indication.slices == slices
    assert SliceLossIndication(slices=iter(slices)) == indication
    assert repr(indication) == f"SliceLossIndication(slices={slices})"


@pytest.mark.parametrize(
    ("fci", "payload_type", "bit_string", "unused_bits"),
    [
        ("1060 0000", 96, b"", 0),
        ("0860 6100", 96, b"a", 0),
        ("0f7f 8000", 127, b"\x80", 7),
        ("0000 6162", 0, b"ab", 0),
        ("1b60 6162 63000000", 96, b"abc", 3),
        ("0360 6162 63640000", 96, b"abcd\0\0", 3),
    ],
)
def test_reference_picture_selection(fci: str, payload_type: int, bit_string: bytes, unused_bits: int) -> None:
    selection = read(3, fci)
    assert isinstance(selection, ReferencePictureSelection)
    assert (selection.payload_type, selection.bit_string) == (payload_type, bit_string)
    assert selection.unused_bits == unused_bits
    again = ReferencePictureSelection(payload_type=payload_type, bit_string=bit_string, unused_bits=unused_bits)
    assert again == selection
    assert repr(selection) == (
        f"ReferencePictureSelection(payload_type={payload_type}, bit_string={bit_string!r}, unused_bits={unused_bits})"
    )


def test_the_zero_bit_of_a_reference_picture_selection_is_ignored() -> None:
    assert read(3, "00e0 6162").payload_type == 96


def test_full_intra_request() -> None:
    entries = ((0x89ABCDEF, 7), (1, 255))
    request = read(4, "89abcdef 07000000 00000001 ff000000")
    assert request.entries == entries
    assert FullIntraRequest(entries=iter(entries)) == request
    assert read(4, "00000001 ff123456").entries == ((1, 255),)
    assert repr(request) == f"FullIntraRequest(entries={entries})"


@pytest.mark.parametrize(
    ("form", "fci", "message"),
    [
        (1, "00000000", "picture loss indication has no octets, and this one has 4"),
        (2, "", "slice loss indication has entries of 4 octets, and this one has 0"),
        (3, "", "reference picture selection has at least 4 octets"),
        (3, "1160 6162", "padding of a reference picture selection is 17 bits, and 16 follow"),
        (4, "", "full intra request has entries of 8 octets, and this one has 0"),
        (4, "00000001", "full intra request has entries of 8 octets, and this one has 4"),
        (4, "00000001 01000000 00000002", "full intra request has entries of 8 octets, and this one has 12"),
    ],
)
def test_what_is_not_of_the_form_is_told(form: int, fci: str, message: str) -> None:
    with pytest.raises(ParseError, match=message) as caught:
        read(form, fci)
    assert (caught.value.reason, caught.value.offset) == (ParseReason.RTCP_BAD_FEEDBACK, 12)


@pytest.mark.parametrize(
    ("kind", "fields", "error", "message"),
    [
        (SliceLossIndication, {"slices": ()}, ConfigurationError, "slices has no members"),
        (SliceLossIndication, {"slices": 5}, TypeError, "slices is an iterable, not 5"),
        (SliceLossIndication, {"slices": [5]}, TypeError, "A member of slices is a tuple of first, number and picture"),
        (
            SliceLossIndication,
            {"slices": [(8192, 0, 0)]},
            ConfigurationError,
            "The first macroblock of a slice is 8192",
        ),
        (
            SliceLossIndication,
            {"slices": [(0, 8192, 0)]},
            ConfigurationError,
            "The number of macroblocks of a slice is",
        ),
        (SliceLossIndication, {"slices": [(0, 0, 64)]}, ConfigurationError, "The picture identifier of a slice is 64"),
        (
            ReferencePictureSelection,
            {"payload_type": 128, "bit_string": b""},
            ConfigurationError,
            "payload_type is 128",
        ),
        (
            ReferencePictureSelection,
            {"payload_type": 1, "bit_string": "a"},
            TypeError,
            "bit_string is bytes or another",
        ),
        (
            ReferencePictureSelection,
            {"payload_type": 1, "bit_string": b"a", "unused_bits": 8},
            ConfigurationError,
            "unused_bits is 8, which is not between 0 and 7",
        ),
        (
            ReferencePictureSelection,
            {"payload_type": 1, "bit_string": b"", "unused_bits": 1},
            ConfigurationError,
            "unused_bits is 1, and bit_string has no octets",
        ),
        (FullIntraRequest, {"entries": ()}, ConfigurationError, "entries has no members"),
        (FullIntraRequest, {"entries": [5]}, TypeError, "A member of entries is a tuple of SSRC and sequence number"),
        (FullIntraRequest, {"entries": [(-1, 0)]}, ConfigurationError, "The SSRC of an entry is -1"),
        (FullIntraRequest, {"entries": [(1, 256)]}, ConfigurationError, "The sequence number of an entry is 256"),
    ],
)
def test_a_bad_argument_is_named(kind: Any, fields: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        kind(**fields)
