"""wire.rtcp.xr_voip: VoipMetricsBlock."""

from __future__ import annotations

from typing import Any

import pytest

from rtpcore.errors import ConfigurationError, ParseError
from rtpcore.wire.rtcp.extended_report import ExtendedReport
from rtpcore.wire.rtcp.parse import parse_rtcp
from rtpcore.wire.rtcp.xr_voip import VoipMetricsBlock
from rtpcore.wire.validity import ParseReason

FIELDS: dict[str, Any] = {
    "ssrc": 0x89ABCDEF, "loss_rate": 1, "discard_rate": 2, "burst_density": 3, "gap_density": 255,
    "burst_duration": 0x0405, "gap_duration": 0xFFFE, "round_trip_delay": 0x0607, "end_system_delay": 0x0809,
    "signal_level": -20, "noise_level": -128, "residual_echo_return_loss": 10, "gmin": 16, "r_factor": 93,
    "external_r_factor": 127, "mos_lq": 41, "mos_cq": 40, "packet_loss_concealment": 3, "jitter_buffer_adaptive": 2,
    "jitter_buffer_rate": 13, "jitter_buffer_nominal": 60, "jitter_buffer_maximum": 120,
    "jitter_buffer_absolute_maximum": 0xFFFF,
}  # fmt: skip
OCTETS = bytes.fromhex(
    "07000008 89abcdef 010203ff 0405fffe 06070809 ec800a10 5d7f2928 ed00003c 0078ffff"
)  # fmt: skip
WIDTH = {
    "burst_duration": 16, "gap_duration": 16, "round_trip_delay": 16, "end_system_delay": 16,
    "jitter_buffer_nominal": 16, "jitter_buffer_maximum": 16, "jitter_buffer_absolute_maximum": 16, "ssrc": 32,
    "packet_loss_concealment": 2, "jitter_buffer_adaptive": 2, "jitter_buffer_rate": 4,
}  # fmt: skip
UNAVAILABLE = {
    "signal_level", "noise_level", "residual_echo_return_loss", "r_factor", "external_r_factor", "mos_lq", "mos_cq",
}  # fmt: skip


def block_of(octets: bytes) -> Any:
    body = bytes(3) + b"\x01" + octets
    (packet,) = parse_rtcp(b"\x80\xcf" + (len(body) // 4).to_bytes(2, "big") + body, reduced_size=True)
    assert isinstance(packet, ExtendedReport)
    (block,) = packet.blocks
    return block


def test_every_field() -> None:
    block = block_of(OCTETS)
    assert {name: getattr(block, name) for name in FIELDS} == FIELDS
    assert VoipMetricsBlock(**FIELDS) == block
    assert (block.block_type, block.type_specific, block.serialize()) == (7, 0, OCTETS)


@pytest.mark.parametrize("name", FIELDS)
def test_each_field_stands_alone(name: str) -> None:
    level = name in ("signal_level", "noise_level")
    most = 127 if level else (1 << WIDTH.get(name, 8)) - 1
    for value in {-128 if level else 0, most}:
        block = VoipMetricsBlock(**(FIELDS | {name: value}))
        assert {other: getattr(block_of(block.serialize()), other) for other in FIELDS} == FIELDS | {name: value}
    for value in ((-129 if level else -1), most + 1):
        with pytest.raises(ConfigurationError, match=f"{name} is {value}, which is not between"):
            VoipMetricsBlock(**(FIELDS | {name: value}))
    with pytest.raises(TypeError, match=f"{name} is an integer, not 'x'"):
        VoipMetricsBlock(**(FIELDS | {name: "x"}))


def test_what_is_not_given_is_unavailable() -> None:
    block = VoipMetricsBlock(ssrc=1)
    assert {name for name in FIELDS if getattr(block, name) == 127} == UNAVAILABLE
    assert (block.gmin, block.loss_rate, block.jitter_buffer_nominal) == (16, 0, 0)


@pytest.mark.parametrize("words", [0, 7, 9])
def test_a_block_of_another_size_is_told(words: int) -> None:
    with pytest.raises(
        ParseError, match=f"VoIP metrics block has 36 octets, and this one has {4 + 4 * words}"
    ) as caught:
        block_of(bytes([7, 0, 0, words]) + bytes(4 * words))
    assert (caught.value.reason, caught.value.offset) == (ParseReason.RTCP_BAD_BLOCK, 8)


def test_repr_names_every_field() -> None:
    fields = FIELDS | {"ssrc": "0x89abcdef"}
    assert repr(VoipMetricsBlock(**FIELDS)) == (
        f"VoipMetricsBlock({', '.join(f'{name}={value}' for name, value in fields.items())})"
    )
