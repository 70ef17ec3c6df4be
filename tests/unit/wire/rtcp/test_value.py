"""wire.rtcp.value: what packets and their parts share."""

from __future__ import annotations

from typing import Any

import pytest

from rtpcore.errors import ConfigurationError
from rtpcore.wire.rtcp.application_layer import ApplicationLayerFeedback
from rtpcore.wire.rtcp.feedback import FeedbackPacket
from rtpcore.wire.rtcp.goodbye import Goodbye
from rtpcore.wire.rtcp.nack import GenericNack
from rtpcore.wire.rtcp.packet import RtcpPacket
from rtpcore.wire.rtcp.parse import parse_rtcp
from rtpcore.wire.rtcp.picture import FullIntraRequest
from rtpcore.wire.rtcp.report import ReceiverReport
from rtpcore.wire.rtcp.value import RtcpValue
from rtpcore.wire.rtcp.xr_block import ExtendedReportBlock
from rtpcore.wire.rtcp.xr_trace import SequenceRangeBlock

BASES: list[type[RtcpValue]] = [RtcpValue, RtcpPacket, FeedbackPacket, ExtendedReportBlock, SequenceRangeBlock]


def test_values_are_equal_by_class_and_octets() -> None:
    one, other = Goodbye(ssrcs=[1]), Goodbye(ssrcs=[1])
    assert one == other
    assert hash(one) == hash(other)
    assert one != Goodbye(ssrcs=[2])
    assert one != Goodbye(ssrcs=[1, 1])
    assert one != one.serialize()
    assert len({one, other}) == 1
    nack = GenericNack(entries=[(0, 5), (0, 0)])
    request = FullIntraRequest(entries=[(5, 0)])
    assert nack.serialize() == request.serialize()
    assert nack != request


def test_a_value_of_a_compound_is_equal_to_one_of_its_own() -> None:
    report, goodbye = parse_rtcp(ReceiverReport(ssrc=7).serialize() + Goodbye(ssrcs=[7]).serialize())
    assert (report, goodbye) == (ReceiverReport(ssrc=7), Goodbye(ssrcs=[7]))
    assert hash(goodbye) == hash(Goodbye(ssrcs=[7]))
    assert goodbye.serialize() == Goodbye(ssrcs=[7]).serialize()


def test_octets_are_not_copied_where_they_are_all_there_is() -> None:
    datagram = ReceiverReport(ssrc=7).serialize()
    (report,) = parse_rtcp(datagram)
    assert report.serialize() is datagram


@pytest.mark.parametrize("kind", BASES)
def test_a_base_is_no_value_by_itself(kind: type[Any]) -> None:
    with pytest.raises(TypeError, match=f"An {kind.__name__} is one of its subclasses"):
        kind()


def test_comparing_what_was_never_initialised_says_so() -> None:
    empty = GenericNack.__new__(GenericNack)
    nack = GenericNack(lost=[1])
    for one, other in ((empty, nack), (nack, empty), (empty, empty)):
        with pytest.raises(TypeError, match="The GenericNack has not been initialised"):
            _ = one == other
    assert nack != 5


def test_a_value_that_fits_into_no_packet_is_refused() -> None:
    assert len(ApplicationLayerFeedback(data=bytes(262144)).data) == 262144
    with pytest.raises(
        ConfigurationError, match="The ApplicationLayerFeedback has 262148 octets, and at most 262144 fit"
    ):
        ApplicationLayerFeedback(data=bytes(262148))


def test_values_do_not_change() -> None:
    nack = GenericNack(lost=[1])
    with pytest.raises(AttributeError):
        nack.lost = (2,)  # type: ignore[misc]
    with pytest.raises(TypeError, match="A GenericNack cannot be initialised twice"):
        nack.__init__(lost=[2])
    assert nack.lost == (1,)
