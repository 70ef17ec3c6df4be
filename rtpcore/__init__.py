"""rtpcore: an RTP packet-processing core for Linux.

A packet on its way through a relay, by file:

    net/udp                  receives a batch from a port that net/poller found ready
    wire/demux               what it is (RFC 7983, RFC 5761)
    wire/rtp, wire/rtcp      its header, or the reason why it is none (RFC 3550)
    track/authentication     whether a key or a check vouches for it, where that was signalled
    track/latch/observation  what it is to the latch of its leg: read-only (probe)
    track/latch/transition   the row of the table that applies to it (judge), and what that row changes (commit)
    track/source             sequence, loss and jitter of the accepted stream, found by track/ssrc
    track/sending            where it goes, and what may stand in the way
    forward/path             these stages in order, and on to the other leg
    net/udp                  sends
    track/stats              what was counted

forward/worker runs the loop, relay and session are what a daemon calls. docs/data-path.md says more.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if not sys.platform.startswith("linux"):
    raise ImportError(f"rtpcore runs on Linux only, not on {sys.platform}.")

from rtpcore import errors, events
from rtpcore.abi import ABI_VERSION, get_include
from rtpcore.errors import (
    AddressInUse,
    AddressNotAvailable,
    Closed,
    ConfigurationError,
    DescriptorsExhausted,
    LegExists,
    ParseError,
    PermissionDenied,
    PortsExhausted,
    RelayError,
    RtpcoreError,
    SessionExists,
    UnknownInterface,
)
from rtpcore.interface import Interface
from rtpcore.relay import Relay
from rtpcore.session import Leg, Session, SessionStats
from rtpcore.track.authentication.credentials import IceCredentials
from rtpcore.track.latch.policy import LatchPolicy
from rtpcore.track.latch.standalone import Latch
from rtpcore.track.latch.state import LatchState
from rtpcore.track.latch.verdict import Action, LatchVerdict
from rtpcore.track.leg_stats import FlowStats, LegStats, Reported
from rtpcore.track.quality import CODECS, Codec, mos, r_factor
from rtpcore.track.reason import Reason
from rtpcore.track.reception import SsrcTable
from rtpcore.track.sender import RtpSender
from rtpcore.track.source import SourceState, SourceStats, SourceVerdict
from rtpcore.wire.batch import parse_batch
from rtpcore.wire.demux import PacketKind, classify
from rtpcore.wire.extension_value import (
    AudioLevel,
    absolute_send_time,
    decode_absolute_send_time,
    decode_audio_level,
    decode_media_identification,
    decode_stream_identification,
    decode_transport_sequence_number,
    encode_absolute_send_time,
    encode_audio_level,
    encode_media_identification,
    encode_stream_identification,
    encode_transport_sequence_number,
)
from rtpcore.wire.rtcp.application import ApplicationDefined
from rtpcore.wire.rtcp.application_layer import ApplicationLayerFeedback, ReceiverEstimatedMaximumBitrate
from rtpcore.wire.rtcp.extended_report import ExtendedReport
from rtpcore.wire.rtcp.feedback import FeedbackPacket, PayloadFeedback, TransportFeedback
from rtpcore.wire.rtcp.goodbye import Goodbye
from rtpcore.wire.rtcp.maximum_bit_rate import TemporaryMaximumBitRateNotification, TemporaryMaximumBitRateRequest
from rtpcore.wire.rtcp.nack import GenericNack
from rtpcore.wire.rtcp.packet import RtcpPacket, UnknownRtcp
from rtpcore.wire.rtcp.parse import parse_rtcp, serialize_rtcp
from rtpcore.wire.rtcp.picture import (
    FullIntraRequest,
    PictureLossIndication,
    ReferencePictureSelection,
    SliceLossIndication,
)
from rtpcore.wire.rtcp.report import ReceiverReport, ReportBlock, SenderReport
from rtpcore.wire.rtcp.source_description import (
    SourceDescription,
    SourceDescriptionChunk,
    SourceDescriptionItem,
    private_item,
)
from rtpcore.wire.rtcp.transport_wide import PacketStatus, TransportWideFeedback
from rtpcore.wire.rtcp.value import RtcpValue
from rtpcore.wire.rtcp.xr_block import ExtendedReportBlock, UnknownReportBlock
from rtpcore.wire.rtcp.xr_statistics import StatisticsSummaryBlock
from rtpcore.wire.rtcp.xr_time import DlrrBlock, ReceiverReferenceTimeBlock
from rtpcore.wire.rtcp.xr_trace import DuplicateRleBlock, LossRleBlock, PacketReceiptTimesBlock, SequenceRangeBlock
from rtpcore.wire.rtcp.xr_voip import VoipMetricsBlock
from rtpcore.wire.rtp import RtpPacket
from rtpcore.wire.validity import ParseReason

if TYPE_CHECKING:
    import numpy as np

    HEADER_DTYPE: np.dtype[np.void]
    STATS_DTYPE: np.dtype[np.void]

__version__ = "0.1.0"

__all__ = [
    "ABI_VERSION",
    "CODECS",
    "HEADER_DTYPE",
    "STATS_DTYPE",
    "Action",
    "AddressInUse",
    "AddressNotAvailable",
    "ApplicationDefined",
    "ApplicationLayerFeedback",
    "AudioLevel",
    "Closed",
    "Codec",
    "ConfigurationError",
    "DescriptorsExhausted",
    "DlrrBlock",
    "DuplicateRleBlock",
    "ExtendedReport",
    "ExtendedReportBlock",
    "FeedbackPacket",
    "FlowStats",
    "FullIntraRequest",
    "GenericNack",
    "Goodbye",
    "IceCredentials",
    "Interface",
    "Latch",
    "LatchPolicy",
    "LatchState",
    "LatchVerdict",
    "Leg",
    "LegExists",
    "LegStats",
    "LossRleBlock",
    "PacketKind",
    "PacketReceiptTimesBlock",
    "PacketStatus",
    "ParseError",
    "ParseReason",
    "PayloadFeedback",
    "PermissionDenied",
    "PictureLossIndication",
    "PortsExhausted",
    "Reason",
    "ReceiverEstimatedMaximumBitrate",
    "ReceiverReferenceTimeBlock",
    "ReceiverReport",
    "ReferencePictureSelection",
    "Relay",
    "RelayError",
    "ReportBlock",
    "Reported",
    "RtcpPacket",
    "RtcpValue",
    "RtpPacket",
    "RtpSender",
    "RtpcoreError",
    "SenderReport",
    "SequenceRangeBlock",
    "Session",
    "SessionExists",
    "SessionStats",
    "SliceLossIndication",
    "SourceDescription",
    "SourceDescriptionChunk",
    "SourceDescriptionItem",
    "SourceState",
    "SourceStats",
    "SourceVerdict",
    "SsrcTable",
    "StatisticsSummaryBlock",
    "TemporaryMaximumBitRateNotification",
    "TemporaryMaximumBitRateRequest",
    "TransportFeedback",
    "TransportWideFeedback",
    "UnknownInterface",
    "UnknownReportBlock",
    "UnknownRtcp",
    "VoipMetricsBlock",
    "absolute_send_time",
    "classify",
    "decode_absolute_send_time",
    "decode_audio_level",
    "decode_media_identification",
    "decode_stream_identification",
    "decode_transport_sequence_number",
    "encode_absolute_send_time",
    "encode_audio_level",
    "encode_media_identification",
    "encode_stream_identification",
    "encode_transport_sequence_number",
    "errors",
    "events",
    "get_include",
    "mos",
    "parse_batch",
    "parse_rtcp",
    "private_item",
    "r_factor",
    "serialize_rtcp",
]


def __getattr__(name: str) -> Any:
    # numpy is imported by those who use arrays.
    if name == "HEADER_DTYPE":
        from rtpcore.wire.header_array import HEADER_DTYPE

        return HEADER_DTYPE
    if name == "STATS_DTYPE":
        from rtpcore.track.array import STATS_DTYPE

        return STATS_DTYPE
    raise AttributeError(f"module 'rtpcore' has no attribute {name!r}")
