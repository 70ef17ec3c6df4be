# The VoIP metrics block (RFC 3611 4.7): how a call sounds to the one who sends it.
# Carries what the block says; computing it is the tracker's work.

from __future__ import annotations

cimport cython
from libc.stdint cimport int8_t, uint8_t, uint16_t

from rtpcore.wire.argument cimport argument_signed, argument_unsigned
from rtpcore.wire.octets cimport load_u16, load_u32, store_u16, store_u32
from rtpcore.wire.rtcp.value cimport rtcp_value_data
from rtpcore.wire.rtcp.xr_block cimport (XR_BLOCK_HEADER_OCTETS, XR_VOIP_METRICS, xr_block_build, xr_block_refuse,
                                         xr_block_show)


cdef enum:
    OFFSET_SSRC = 4
    OFFSET_LOSS_RATE = 8
    OFFSET_DISCARD_RATE = 9
    OFFSET_BURST_DENSITY = 10
    OFFSET_GAP_DENSITY = 11
    OFFSET_BURST_DURATION = 12
    OFFSET_GAP_DURATION = 14
    OFFSET_ROUND_TRIP_DELAY = 16
    OFFSET_END_SYSTEM_DELAY = 18
    OFFSET_SIGNAL_LEVEL = 20
    OFFSET_NOISE_LEVEL = 21
    OFFSET_RESIDUAL_ECHO_RETURN_LOSS = 22
    OFFSET_GMIN = 23
    OFFSET_R_FACTOR = 24
    OFFSET_EXTERNAL_R_FACTOR = 25
    OFFSET_MOS_LQ = 26
    OFFSET_MOS_CQ = 27
    OFFSET_RECEIVER_CONFIGURATION = 28      # PLC and JBA of two bits, JB rate of four
    OFFSET_RESERVED = 29
    OFFSET_JITTER_BUFFER_NOMINAL = 30
    OFFSET_JITTER_BUFFER_MAXIMUM = 32
    OFFSET_JITTER_BUFFER_ABSOLUTE_MAXIMUM = 34
    BLOCK_OCTETS = 36


cdef VoipMetricsBlock voip_metrics_read(RtcpPacket packet, uint32_t offset, uint32_t size):
    cdef VoipMetricsBlock block = VoipMetricsBlock.__new__(VoipMetricsBlock)
    if size != BLOCK_OCTETS:
        xr_block_refuse("VoIP metrics", "36", offset, size)
    xr_block_show(block, packet, offset, size)
    return block


cdef inline uint8_t octet(object value, str name) except? 0xFF:
    return <uint8_t>argument_unsigned(value, name, 0xFF)


cdef inline uint16_t half(object value, str name) except? 0xFFFF:
    return <uint16_t>argument_unsigned(value, name, 0xFFFF)


cdef inline uint8_t level(object value, str name) except? 0xFF:
    return <uint8_t>argument_signed(value, name, -0x80, 0x7F)


@cython.final
cdef class VoipMetricsBlock(ExtendedReportBlock):
    """How a call sounds (block type 7); fractions, durations and levels are those of RFC 3611 4.7.

    Args (keywords only): ssrc, 32 bits; every property below by its name, in its unit and width; what is not given is
    unavailable where the RFC has a value for that, 16 for gmin, else 0.
    Raises: TypeError or ConfigurationError, naming the value at fault. Thread-safe. RFC 3611 4.7.
    """

    def __init__(self, *, ssrc, loss_rate=0, discard_rate=0, burst_density=0, gap_density=0, burst_duration=0,
                 gap_duration=0, round_trip_delay=0, end_system_delay=0, signal_level=127, noise_level=127,
                 residual_echo_return_loss=127, gmin=16, r_factor=127, external_r_factor=127, mos_lq=127, mos_cq=127,
                 packet_loss_concealment=0, jitter_buffer_adaptive=0, jitter_buffer_rate=0, jitter_buffer_nominal=0,
                 jitter_buffer_maximum=0, jitter_buffer_absolute_maximum=0):
        cdef uint8_t out[BLOCK_OCTETS]
        store_u32(out + OFFSET_SSRC, <uint32_t>argument_unsigned(ssrc, "ssrc", 0xFFFFFFFF))
        out[OFFSET_LOSS_RATE] = octet(loss_rate, "loss_rate")
        out[OFFSET_DISCARD_RATE] = octet(discard_rate, "discard_rate")
        out[OFFSET_BURST_DENSITY] = octet(burst_density, "burst_density")
        out[OFFSET_GAP_DENSITY] = octet(gap_density, "gap_density")
        store_u16(out + OFFSET_BURST_DURATION, half(burst_duration, "burst_duration"))
        store_u16(out + OFFSET_GAP_DURATION, half(gap_duration, "gap_duration"))
        store_u16(out + OFFSET_ROUND_TRIP_DELAY, half(round_trip_delay, "round_trip_delay"))
        store_u16(out + OFFSET_END_SYSTEM_DELAY, half(end_system_delay, "end_system_delay"))
        out[OFFSET_SIGNAL_LEVEL] = level(signal_level, "signal_level")
        out[OFFSET_NOISE_LEVEL] = level(noise_level, "noise_level")
        out[OFFSET_RESIDUAL_ECHO_RETURN_LOSS] = octet(residual_echo_return_loss, "residual_echo_return_loss")
        out[OFFSET_GMIN] = octet(gmin, "gmin")
        out[OFFSET_R_FACTOR] = octet(r_factor, "r_factor")
        out[OFFSET_EXTERNAL_R_FACTOR] = octet(external_r_factor, "external_r_factor")
        out[OFFSET_MOS_LQ] = octet(mos_lq, "mos_lq")
        out[OFFSET_MOS_CQ] = octet(mos_cq, "mos_cq")
        out[OFFSET_RECEIVER_CONFIGURATION] = <uint8_t>(
            argument_unsigned(packet_loss_concealment, "packet_loss_concealment", 3) << 6
            | argument_unsigned(jitter_buffer_adaptive, "jitter_buffer_adaptive", 3) << 4
            | argument_unsigned(jitter_buffer_rate, "jitter_buffer_rate", 0x0F))
        out[OFFSET_RESERVED] = 0
        store_u16(out + OFFSET_JITTER_BUFFER_NOMINAL, half(jitter_buffer_nominal, "jitter_buffer_nominal"))
        store_u16(out + OFFSET_JITTER_BUFFER_MAXIMUM, half(jitter_buffer_maximum, "jitter_buffer_maximum"))
        store_u16(out + OFFSET_JITTER_BUFFER_ABSOLUTE_MAXIMUM,
                  half(jitter_buffer_absolute_maximum, "jitter_buffer_absolute_maximum"))
        xr_block_build(self, XR_VOIP_METRICS, 0, (<char*>out)[XR_BLOCK_HEADER_OCTETS:BLOCK_OCTETS])

    @property
    def ssrc(self):
        """The source that is reported on."""
        return load_u32(rtcp_value_data(self) + OFFSET_SSRC)

    @property
    def loss_rate(self):
        """The fraction of packets lost since the beginning, in 1/256."""
        return rtcp_value_data(self)[OFFSET_LOSS_RATE]

    @property
    def discard_rate(self):
        """The fraction of packets that came too late or too early to be played, in 1/256."""
        return rtcp_value_data(self)[OFFSET_DISCARD_RATE]

    @property
    def burst_density(self):
        """The fraction lost or discarded within bursts, in 1/256."""
        return rtcp_value_data(self)[OFFSET_BURST_DENSITY]

    @property
    def gap_density(self):
        """The fraction lost or discarded within gaps, in 1/256."""
        return rtcp_value_data(self)[OFFSET_GAP_DENSITY]

    @property
    def burst_duration(self):
        """The mean duration of bursts, in ms."""
        return load_u16(rtcp_value_data(self) + OFFSET_BURST_DURATION)

    @property
    def gap_duration(self):
        """The mean duration of gaps, in ms."""
        return load_u16(rtcp_value_data(self) + OFFSET_GAP_DURATION)

    @property
    def round_trip_delay(self):
        """The most recent round-trip time between the RTP interfaces, in ms."""
        return load_u16(rtcp_value_data(self) + OFFSET_ROUND_TRIP_DELAY)

    @property
    def end_system_delay(self):
        """The delay inside the end system, in ms."""
        return load_u16(rtcp_value_data(self) + OFFSET_END_SYSTEM_DELAY)

    @property
    def signal_level(self):
        """The voice signal relative to 0 dBm, in dB; 127 when it is unavailable."""
        return <int8_t>rtcp_value_data(self)[OFFSET_SIGNAL_LEVEL]

    @property
    def noise_level(self):
        """The silent period background noise relative to 0 dBm, in dB; 127 when it is unavailable."""
        return <int8_t>rtcp_value_data(self)[OFFSET_NOISE_LEVEL]

    @property
    def residual_echo_return_loss(self):
        """The residual echo return loss (RERL), in dB; 127 when it is unavailable."""
        return rtcp_value_data(self)[OFFSET_RESIDUAL_ECHO_RETURN_LOSS]

    @property
    def gmin(self):
        """The gap threshold: packets without loss that end a burst."""
        return rtcp_value_data(self)[OFFSET_GMIN]

    @property
    def r_factor(self):
        """The voice quality of this RTP segment, 0 to 100; 127 when it is unavailable."""
        return rtcp_value_data(self)[OFFSET_R_FACTOR]

    @property
    def external_r_factor(self):
        """The voice quality of the segment beyond, 0 to 100; 127 when it is unavailable."""
        return rtcp_value_data(self)[OFFSET_EXTERNAL_R_FACTOR]

    @property
    def mos_lq(self):
        """The estimated listening quality, in 1/10 MOS, 10 to 50; 127 when it is unavailable."""
        return rtcp_value_data(self)[OFFSET_MOS_LQ]

    @property
    def mos_cq(self):
        """The estimated conversational quality, in 1/10 MOS, 10 to 50; 127 when it is unavailable."""
        return rtcp_value_data(self)[OFFSET_MOS_CQ]

    @property
    def packet_loss_concealment(self):
        """Whether lost packets are made up for (PLC): 0 unspecified, 1 disabled, 2 enhanced, 3 standard."""
        return rtcp_value_data(self)[OFFSET_RECEIVER_CONFIGURATION] >> 6

    @property
    def jitter_buffer_adaptive(self):
        """Whether the jitter buffer is adaptive (JBA): 0 unknown, 1 reserved, 2 not, 3 adaptive."""
        return rtcp_value_data(self)[OFFSET_RECEIVER_CONFIGURATION] >> 4 & 3

    @property
    def jitter_buffer_rate(self):
        """How fast it adapts (JB rate), 0 to 15."""
        return rtcp_value_data(self)[OFFSET_RECEIVER_CONFIGURATION] & 0x0F

    @property
    def jitter_buffer_nominal(self):
        """The jitter buffer's nominal delay, in ms."""
        return load_u16(rtcp_value_data(self) + OFFSET_JITTER_BUFFER_NOMINAL)

    @property
    def jitter_buffer_maximum(self):
        """The jitter buffer's maximum delay, in ms."""
        return load_u16(rtcp_value_data(self) + OFFSET_JITTER_BUFFER_MAXIMUM)

    @property
    def jitter_buffer_absolute_maximum(self):
        """The delay that the jitter buffer can reach at the worst, in ms."""
        return load_u16(rtcp_value_data(self) + OFFSET_JITTER_BUFFER_ABSOLUTE_MAXIMUM)

    def __repr__(self):
        return (f"VoipMetricsBlock(ssrc={self.ssrc:#010x}, loss_rate={self.loss_rate}, "
                f"discard_rate={self.discard_rate}, "
                f"burst_density={self.burst_density}, gap_density={self.gap_density}, "
                f"burst_duration={self.burst_duration}, gap_duration={self.gap_duration}, "
                f"round_trip_delay={self.round_trip_delay}, end_system_delay={self.end_system_delay}, "
                f"signal_level={self.signal_level}, noise_level={self.noise_level}, "
                f"residual_echo_return_loss={self.residual_echo_return_loss}, gmin={self.gmin}, "
                f"r_factor={self.r_factor}, external_r_factor={self.external_r_factor}, mos_lq={self.mos_lq}, "
                f"mos_cq={self.mos_cq}, packet_loss_concealment={self.packet_loss_concealment}, "
                f"jitter_buffer_adaptive={self.jitter_buffer_adaptive}, "
                f"jitter_buffer_rate={self.jitter_buffer_rate}, "
                f"jitter_buffer_nominal={self.jitter_buffer_nominal}, "
                f"jitter_buffer_maximum={self.jitter_buffer_maximum}, "
                f"jitter_buffer_absolute_maximum={self.jitter_buffer_absolute_maximum})")
