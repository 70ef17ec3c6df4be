from collections.abc import Iterable
from typing import final

from typing_extensions import Buffer

from rtpcore.wire.rtcp.packet import RtcpPacket
from rtpcore.wire.rtcp.value import RtcpValue

@final
class ReportBlock(RtcpValue):
    def __init__(
        self,
        *,
        ssrc: int,
        fraction_lost: int = 0,
        cumulative_lost: int = 0,
        extended_highest_sequence_number: int = 0,
        interarrival_jitter: int = 0,
        last_sr: int = 0,
        delay_since_last_sr: int = 0,
    ) -> None: ...
    @property
    def ssrc(self) -> int: ...
    @property
    def fraction_lost(self) -> int: ...
    @property
    def cumulative_lost(self) -> int: ...
    @property
    def extended_highest_sequence_number(self) -> int: ...
    @property
    def interarrival_jitter(self) -> int: ...
    @property
    def last_sr(self) -> int: ...
    @property
    def delay_since_last_sr(self) -> int: ...

@final
class SenderReport(RtcpPacket):
    def __init__(
        self,
        *,
        ssrc: int,
        ntp_timestamp: int,
        rtp_timestamp: int,
        packet_count: int,
        octet_count: int,
        reports: Iterable[ReportBlock] = (),
        profile_extensions: Buffer = b"",
        padding_size: int = 0,
    ) -> None: ...
    @property
    def ssrc(self) -> int: ...
    @property
    def ntp_timestamp(self) -> int: ...
    @property
    def rtp_timestamp(self) -> int: ...
    @property
    def packet_count(self) -> int: ...
    @property
    def octet_count(self) -> int: ...
    @property
    def reports(self) -> tuple[ReportBlock, ...]: ...
    @property
    def profile_extensions(self) -> bytes: ...

@final
class ReceiverReport(RtcpPacket):
    def __init__(
        self,
        *,
        ssrc: int,
        reports: Iterable[ReportBlock] = (),
        profile_extensions: Buffer = b"",
        padding_size: int = 0,
    ) -> None: ...
    @property
    def ssrc(self) -> int: ...
    @property
    def reports(self) -> tuple[ReportBlock, ...]: ...
    @property
    def profile_extensions(self) -> bytes: ...
