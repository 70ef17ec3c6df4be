"""draft-holmer-rmcat-transport-wide-cc-extensions-01 3.1: the feedback, chunk by chunk, and how Chrome pads it."""

from __future__ import annotations

import pytest

from rtpcore.wire.rtcp.compound import validate_rtcp
from rtpcore.wire.rtcp.feedback import TransportFeedback
from rtpcore.wire.rtcp.parse import parse_rtcp
from rtpcore.wire.rtcp.transport_wide import TransportWideFeedback
from rtpcore.wire.validity import ParseReason

NOT, SMALL, LARGE = 0, 1, 2


def packet(count: int, chunks: str, deltas: str = "") -> bytes:
    """chunks: in binary, blanks between them. The packet is padded with zeros to a word."""
    words = "".join(f"{int(chunk.replace('_', ''), 2):04x}" for chunk in chunks.split())
    fci = bytes.fromhex(f"0005 {count:04x} 00000a 03" + words + deltas)
    fci += bytes(-len(fci) % 4)
    return b"\x8f\xcd" + (2 + len(fci) // 4).to_bytes(2, "big") + bytes.fromhex("00000001 00000002") + fci


def read(octets: bytes) -> TransportWideFeedback:
    (parsed,) = parse_rtcp(octets, reduced_size=True)
    assert isinstance(parsed, TransportFeedback)
    assert isinstance(parsed.feedback, TransportWideFeedback)
    assert parsed.serialize() == octets
    return parsed.feedback


def test_3_1_the_fixed_part() -> None:
    feedback = read(packet(1, "0_01_0000000000001", "28"))
    assert (feedback.base_sequence_number, feedback.packet_status_count) == (5, 1)
    assert (feedback.reference_time, feedback.feedback_packet_count) == (10, 3)
    assert feedback.receive_deltas == (40,)  # 10 ms


@pytest.mark.parametrize(
    ("octets", "time"), [("000000", 0), ("7fffff", 0x7FFFFF), ("800000", -0x800000), ("ffffff", -1)]
)
def test_3_1_the_reference_time_is_signed(octets: str, time: int) -> None:
    datagram = packet(0, "")
    assert read(datagram[:16] + bytes.fromhex(octets) + datagram[19:]).reference_time == time


def test_3_1_3_run_length_chunks() -> None:
    # The draft's examples: a run of 221 packets not received, and one of 24 that were, with small deltas.
    assert read(packet(221, "0_00_0000011011101")).statuses == (NOT,) * 221
    feedback = read(packet(24, "0_01_0000000011000", "01" * 24))
    assert (feedback.statuses, feedback.receive_deltas) == ((SMALL,) * 24, (1,) * 24)


def test_3_1_4_status_vector_chunks() -> None:
    # The draft's examples: 1 not received, 5 received, 3 not, 3 received, 2 not; and with two bits 1 not received,
    # 1 received without its time, of which the draft has since made a large delta, 3 received, 2 not.
    one_bit = read(packet(14, "1_0_01111100011100", "01" * 8))
    assert one_bit.statuses == (NOT,) + (SMALL,) * 5 + (NOT,) * 3 + (SMALL,) * 3 + (NOT,) * 2
    two_bits = read(packet(7, "1_1_00_10_01_01_01_00_00", "ff38 010203"))
    assert two_bits.statuses == (NOT, LARGE, SMALL, SMALL, SMALL, NOT, NOT)
    assert two_bits.receive_deltas == (None, -200, 1, 2, 3, None, None)


def test_3_1_5_deltas_are_in_the_order_of_the_packets() -> None:
    feedback = read(packet(6, "1_1_01_10_00_10_01_01_00", "00 7fff 8000 ff 80"))
    assert feedback.receive_deltas == (0, 32767, None, -32768, 255, 128)


@pytest.mark.parametrize("padding", [1, 2, 3])
def test_chrome_pads_to_the_word_with_the_p_bit(padding: int) -> None:
    # libwebrtc writes the count of 1 to 3 octets into the last one; RFC 3550 6.4.1 wants a multiple of four.
    received = (1 - padding) % 4 + 1
    octets = bytearray(packet(received, "1_0_11111111111111", "01" * received))
    octets[0] |= 0x20
    octets[-1] = padding
    (parsed,) = parse_rtcp(bytes(octets), reduced_size=True)
    assert isinstance(parsed, TransportFeedback)
    assert parsed.padding_size == padding
    assert isinstance(parsed.feedback, TransportWideFeedback)
    assert parsed.feedback.receive_deltas == (1,) * received
    assert parsed.serialize() == octets
    assert validate_rtcp(bytes.fromhex("80c90001 00000001") + octets) is ParseReason.OK


@pytest.mark.parametrize("first", ["afcd", "a1cd", "afce"])
def test_no_other_packet_is_padded_so(first: str) -> None:
    octets = bytes.fromhex(first + "0003 00000001 00000002 00000001")
    expected = ParseReason.OK if first == "afcd" else ParseReason.RTCP_BAD_PADDING
    assert validate_rtcp(octets, reduced_size=True) is expected


@pytest.mark.parametrize(("count", "reason"), [(0, 10), (1, 0), (8, 0), (9, 12), (16, 12), (17, 10), (255, 10)])
def test_padding_leaves_what_feedback_needs(count: int, reason: int) -> None:
    octets = bytes.fromhex("afcd0004 00000001 00000002 00000000 000000") + bytes([count])
    assert validate_rtcp(octets, reduced_size=True) is ParseReason(reason)
