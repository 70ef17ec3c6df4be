# Application-defined packets (RFC 3550 6.7) as Python values. What the data means is the application's business.

from __future__ import annotations

cimport cython
from libc.stdint cimport uint8_t, uint32_t

from rtpcore.errors import ConfigurationError
from rtpcore.wire.argument cimport argument_octets, argument_unsigned
from rtpcore.wire.octets cimport load_u32, store_u32
from rtpcore.wire.rtcp.compound cimport RTCP_APP, RTCP_OFFSET_SSRC
from rtpcore.wire.rtcp.packet cimport rtcp_packet_build, rtcp_packet_size
from rtpcore.wire.rtcp.value cimport rtcp_value_data, rtcp_value_slice


cdef enum:
    APP_OFFSET_NAME = 8
    APP_OFFSET_DATA = 12


@cython.final
cdef class ApplicationDefined(RtcpPacket):
    """An application-defined packet (APP, 204).

    Args (keywords only): ssrc, 32 bits; name, 4 octets; subtype 0 to 31; data, any buffer with a multiple of 4 octets;
    padding_size 0 to 252, a multiple of 4.
    Raises: TypeError or ConfigurationError, naming the value at fault. Thread-safe. RFC 3550 6.7.
    """

    def __init__(self, *, ssrc, name, subtype=0, data=b"", padding_size=0):
        cdef bytes label = argument_octets(name, "name")
        cdef bytes octets = argument_octets(data, "data")
        cdef uint8_t source[4]
        store_u32(source, <uint32_t>argument_unsigned(ssrc, "ssrc", 0xFFFFFFFF))
        if len(label) != 4:
            raise ConfigurationError(f"name is {label!r}, which has {len(label)} octets instead of 4.")
        if len(octets) & 3:
            raise ConfigurationError(f"data has {len(octets)} octets, which is not a multiple of 4.")
        rtcp_packet_build(self, RTCP_APP, <uint8_t>argument_unsigned(subtype, "subtype", 0x1F),
                          (<char*>source)[:4] + label + octets, padding_size)

    @property
    def subtype(self):
        """The five bits that tell packets of one name apart."""
        return rtcp_value_data(self)[0] & 0x1F

    @property
    def ssrc(self):
        """The source that sends the packet."""
        return load_u32(rtcp_value_data(self) + RTCP_OFFSET_SSRC)

    @property
    def name(self):
        """The four octets that name the application, ASCII by the RFC."""
        return rtcp_value_slice(self, APP_OFFSET_NAME, APP_OFFSET_DATA)

    @property
    def data(self):
        """What the application has to say, without padding."""
        return rtcp_value_slice(self, APP_OFFSET_DATA, <uint32_t>rtcp_packet_size(self))

    def __repr__(self):
        return (f"ApplicationDefined(ssrc={self.ssrc:#010x}, name={self.name!r}, subtype={self.subtype}, "
                f"data={self.data!r}, padding_size={self.padding_size})")
