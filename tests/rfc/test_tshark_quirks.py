"""tshark reads some octets otherwise: each case of docs/quirks.md, with what both sides say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rtpcore.errors import ParseError
from rtpcore.wire.rtcp.application_layer import ApplicationLayerFeedback
from rtpcore.wire.rtcp.extended_report import ExtendedReport
from rtpcore.wire.rtcp.feedback import PayloadFeedback, TransportFeedback
from rtpcore.wire.rtcp.goodbye import Goodbye
from rtpcore.wire.rtcp.maximum_bit_rate import TemporaryMaximumBitRateRequest
from rtpcore.wire.rtcp.parse import parse_rtcp
from rtpcore.wire.rtcp.report import ReceiverReport
from rtpcore.wire.rtcp.xr_trace import LossRleBlock
from rtpcore.wire.rtp import RtpPacket
from rtpcore.wire.validity import ParseReason
from tests.rfc.quirks import quirks_of
from tests.rfc.tshark import Layer, dissect

TITLES = {
    "rtp": (
        "Padding that reaches into the header",
        "Extension longer than the packet",
        "Two-byte element longer than its extension",
        "Two-byte element without octets at the end",
        "One-byte element 0 that has a length",
    ),
    "rtcp": (
        "Padding of a report",
        "Padding of a goodbye without a reason",
        "Profile-specific extension of any form",
        "Source description whose list of items does not end",
        "Version of a later packet",
        "Compound that starts with neither report",
        "Measured overhead of nine bits",
        "Application layer feedback of any form",
        "Trace at the end of an extended report",
    ),
}


@pytest.fixture
def quirk(program: Callable[[str], str], tmp_path: Path) -> Callable[[str], tuple[bytes, list[Layer]]]:
    """The octets of a quirk, and what tshark makes of them."""

    def find(title: str) -> tuple[bytes, list[Layer]]:
        octets = quirks_of("tshark")[title]
        (protocol,) = [name for name, titles in TITLES.items() if title in titles]
        return octets, dissect(program("tshark"), [octets], protocol, tmp_path)[0]

    return find


Quirk = Callable[[str], tuple[bytes, list[Layer]]]


def complaints(layers: list[Layer]) -> list[Layer]:
    return [layer for layer in layers if layer.protocol.startswith("_ws.")]


def refusal(parse: Callable[[bytes], object], octets: bytes) -> ParseReason:
    with pytest.raises(ParseError) as caught:
        parse(octets)
    return caught.value.reason


def test_every_quirk_is_told_and_tested() -> None:
    assert list(quirks_of("tshark")) == [*TITLES["rtp"], *TITLES["rtcp"]]
    text = Path(__file__).read_text(encoding="utf-8")
    assert all(text.count(f'"{title}"') == 2 for title in quirks_of("tshark"))


def test_padding_that_reaches_into_the_header(quirk: Quirk) -> None:
    octets, layers = quirk("Padding that reaches into the header")
    assert not complaints(layers)
    assert layers[0].numbers("rtp.padding.count") == {"rtp.padding.count": 5}
    assert refusal(RtpPacket.parse, octets) is ParseReason.RTP_BAD_PADDING


def test_an_extension_longer_than_the_packet(quirk: Quirk) -> None:
    octets, layers = quirk("Extension longer than the packet")
    assert not complaints(layers)
    assert layers[0].numbers("rtp.ext.len") == {"rtp.ext.len": 6}
    assert refusal(RtpPacket.parse, octets) is ParseReason.RTP_EXTENSION_OVERRUN


def test_a_two_byte_element_longer_than_its_extension(quirk: Quirk) -> None:
    octets, layers = quirk("Two-byte element longer than its extension")
    assert complaints(layers)
    packet = RtpPacket.parse(octets)
    assert (packet.extension_elements, packet.payload) == ((), b"\xaa\xbb\xcc\xdd")


def test_a_two_byte_element_without_octets_at_the_end(quirk: Quirk) -> None:
    octets, layers = quirk("Two-byte element without octets at the end")
    assert [one.number for one in layers[0].all("rtp.ext.rfc5285.id")] == [1]
    assert RtpPacket.parse(octets).extension_elements == ((1, b""), (5, b""))


def test_a_one_byte_element_0_that_has_a_length(quirk: Quirk) -> None:
    octets, layers = quirk("One-byte element 0 that has a length")
    assert [one.number for one in layers[0].all("rtp.ext.rfc5285.id")] == [1, 0]
    assert RtpPacket.parse(octets).extension_elements == ((1, b"\xaa"),)


def test_padding_of_a_report(quirk: Quirk) -> None:
    octets, layers = quirk("Padding of a report")
    assert complaints(layers)
    assert layers[0].all("rtcp.profile-specific-extension.type")
    (report,) = parse_rtcp(octets)
    assert isinstance(report, ReceiverReport)
    assert (report.profile_extensions, report.padding_size) == (b"", 4)


def test_padding_of_a_goodbye_without_a_reason(quirk: Quirk) -> None:
    octets, layers = quirk("Padding of a goodbye without a reason")
    assert complaints(layers)
    assert layers[1].numbers("rtcp.sdes.length") == {"rtcp.sdes.length": 0}
    goodbye = parse_rtcp(octets)[1]
    assert isinstance(goodbye, Goodbye)
    assert (goodbye.reason, goodbye.padding_size) == (None, 4)


def test_a_profile_specific_extension_of_any_form(quirk: Quirk) -> None:
    octets, layers = quirk("Profile-specific extension of any form")
    assert layers[0].numbers("rtcp.profile-specific-extension.type").popitem()[1] == 0xDEAD
    assert layers[0].octets("rtcp.profile-specific-extension") == b""
    (report,) = parse_rtcp(octets)
    assert isinstance(report, ReceiverReport)
    assert report.profile_extensions == b"\xde\xad\xbe\xef"


def test_a_source_description_whose_list_of_items_does_not_end(quirk: Quirk) -> None:
    octets, layers = quirk("Source description whose list of items does not end")
    assert not complaints(layers)
    assert layers[1].octets("rtcp.sdes.text") == b"ab"
    assert refusal(parse_rtcp, octets) is ParseReason.RTCP_PACKET_TOO_SHORT


def test_the_version_of_a_later_packet(quirk: Quirk) -> None:
    octets, layers = quirk("Version of a later packet")
    assert not complaints(layers)
    assert layers[1].numbers("rtcp.version") == {"rtcp.version": 1}
    assert refusal(parse_rtcp, octets) is ParseReason.RTCP_BAD_VERSION


def test_a_compound_that_starts_with_neither_report(quirk: Quirk) -> None:
    octets, layers = quirk("Compound that starts with neither report")
    assert not complaints(layers)
    assert refusal(parse_rtcp, octets) is ParseReason.RTCP_BAD_FIRST_TYPE
    assert len(parse_rtcp(octets, reduced_size=True)) == 1


def test_a_measured_overhead_of_nine_bits(quirk: Quirk) -> None:
    octets, layers = quirk("Measured overhead of nine bits")
    assert layers[1].numbers("rtcp.rtpfb.tmmbr.fci.measuredoverhead").popitem()[1] == 0
    packet = parse_rtcp(octets)[1]
    assert isinstance(packet, TransportFeedback)
    assert packet.feedback == TemporaryMaximumBitRateRequest(entries=[(6, 1 << 40, 256)])


def test_application_layer_feedback_of_any_form(quirk: Quirk) -> None:
    octets, layers = quirk("Application layer feedback of any form")
    assert layers[1].numbers("rtcp.psfb.ms.afb_type").popitem()[1] == 0x6162
    packet = parse_rtcp(octets)[1]
    assert isinstance(packet, PayloadFeedback)
    assert packet.feedback == ApplicationLayerFeedback(data=b"abcd1234")


def test_a_trace_at_the_end_of_an_extended_report(quirk: Quirk) -> None:
    octets, layers = quirk("Trace at the end of an extended report")
    assert complaints(layers)
    report = parse_rtcp(octets)[1]
    assert isinstance(report, ExtendedReport)
    (block,) = report.blocks
    assert isinstance(block, LossRleBlock)
    assert block.chunks == (0xD555, 1)
