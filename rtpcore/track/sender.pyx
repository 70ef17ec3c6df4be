# Sending as RFC 3550 sees it, without sockets: what our sender reports say, and what the answers tell.

from __future__ import annotations

cimport cython
from cpython.buffer cimport PyBuffer_Release
from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.string cimport memset

from rtpcore.track.rtcp.report cimport report_note_sent, report_round_trip, report_state
from rtpcore.wire.argument cimport argument_buffer, argument_signed, argument_unsigned
from rtpcore.wire.rtp cimport rtp_header, rtp_parse
from rtpcore.wire.validity cimport PARSE_OK, parse_reason, validity_raise

from rtpcore.errors import ConfigurationError
from rtpcore.wire.rtcp.report import ReceiverReport, SenderReport


cdef enum:
    NS_PER_S = 1000000000
    NTP_EPOCH_S = 2208988800        # 1970 in seconds since 1900


@cython.final
cdef class RtpSender:
    """What we send with one SSRC: counts for sender reports, and the round-trip time from their answers.

    Args: ssrc; clock_rate of its timestamps in Hz.
    Raises: TypeError or ConfigurationError, naming the value. To be used from one thread at a time. RFC 3550 6.4.1.
    """

    cdef readonly uint32_t ssrc
    cdef readonly uint32_t clock_rate
    cdef readonly uint64_t packet_count
    cdef readonly uint64_t octet_count
    cdef report_state reports
    cdef uint32_t timestamp
    cdef uint64_t sent_ns

    def __init__(self, ssrc, clock_rate=8000):
        self.ssrc = <uint32_t>argument_unsigned(ssrc, "ssrc", 0xFFFFFFFF)
        self.clock_rate = <uint32_t>argument_signed(clock_rate, "clock_rate", 1, 10_000_000)
        self.packet_count = 0
        self.octet_count = 0
        memset(&self.reports, 0, sizeof(self.reports))

    def sent(self, datagram, now_ns):
        """Count one RTP packet of this SSRC. Raises ParseError, or ConfigurationError for another SSRC."""
        cdef uint64_t time_ns = argument_unsigned(now_ns, "now_ns", 0x7FFFFFFFFFFFFFFF)
        cdef rtp_header header
        cdef parse_reason reason
        cdef Py_buffer view
        argument_buffer(datagram, "A datagram", &view)
        try:
            reason = rtp_parse(<const uint8_t*>view.buf, <size_t>view.len, False, &header)
            if reason != PARSE_OK:
                validity_raise(reason, <const uint8_t*>view.buf, <size_t>view.len, header.payload_offset)
        finally:
            PyBuffer_Release(&view)
        if header.ssrc != self.ssrc:
            raise ConfigurationError(f"the packet has SSRC {header.ssrc:#010x}, but this sender is {self.ssrc:#010x}.")
        self.packet_count += 1
        self.octet_count += header.payload_size
        self.timestamp = header.timestamp
        self.sent_ns = time_ns

    def report(self, now_ns, wall_ns, reports=()):
        """Our next report: a SenderReport when something has been sent, else a ReceiverReport.

        Args: now_ns, monotonic; wall_ns, the same moment in nanoseconds since 1970, for the NTP timestamp; reports, the
        ReportBlocks of SsrcTable.report_blocks. The RTP timestamp is that of the last packet carried on to now.
        """
        cdef uint64_t time_ns = argument_unsigned(now_ns, "now_ns", 0x7FFFFFFFFFFFFFFF)
        cdef uint64_t wall = argument_unsigned(wall_ns, "wall_ns", 0x7FFFFFFFFFFFFFFF)
        cdef uint64_t seconds, elapsed_us
        cdef bytes octets
        if self.packet_count == 0:
            return ReceiverReport(ssrc=self.ssrc, reports=reports)
        if time_ns < self.sent_ns:
            raise ConfigurationError(f"now_ns is {time_ns}, but a packet was sent at {self.sent_ns}.")
        seconds = wall // NS_PER_S
        elapsed_us = (time_ns - self.sent_ns) // 1000
        report = SenderReport(
            ssrc=self.ssrc,
            ntp_timestamp=(((seconds + NTP_EPOCH_S) & 0xFFFFFFFF) << 32
                           | ((wall - seconds * NS_PER_S) << 32) // NS_PER_S),
            rtp_timestamp=<uint32_t>(self.timestamp + elapsed_us * self.clock_rate // 1_000_000),
            packet_count=<uint32_t>self.packet_count,
            octet_count=<uint32_t>self.octet_count,
            reports=reports,
        )
        octets = report.serialize()
        report_note_sent(&self.reports, <const uint8_t*>octets, <uint32_t>len(octets), time_ns)
        return report

    def round_trip_ns(self, block, now_ns):
        """The round-trip time in nanoseconds that a ReportBlock about us shows; None unless it answers our last three.

        Args: now_ns, when the block came, monotonic. RFC 3550 6.4.1: arrival - LSR - DLSR.
        """
        cdef uint64_t time_ns = argument_unsigned(now_ns, "now_ns", 0x7FFFFFFFFFFFFFFF)
        cdef uint64_t round_trip
        if block.ssrc != self.ssrc:
            raise ConfigurationError(
                f"the block is about SSRC {block.ssrc:#010x}, but this sender is {self.ssrc:#010x}.")
        round_trip = report_round_trip(&self.reports, block.last_sr, block.delay_since_last_sr, time_ns)
        return round_trip if round_trip else None
