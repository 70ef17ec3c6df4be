# Stage 2 of the path: the RTP header (RFC 3550 5.1 and 5.3.1), where it does not have the plain form.
# Judges validity (R1 to R5) and bounds only; says nothing about who sent the packet.
# RtpPacket is the Python face of the same view.

from __future__ import annotations

cimport cython
from cpython.buffer cimport PyBuffer_Release
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_CheckExact, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.string cimport memcpy, memset

from rtpcore.errors import ConfigurationError
from rtpcore.wire.argument cimport (argument_flag, argument_octets, argument_tuple, argument_unsigned,
                                    argument_writable)
from rtpcore.wire.extension cimport extension_from_python, extension_to_python
from rtpcore.wire.octets cimport store_u16, store_u32
from rtpcore.wire.validity cimport (PARSE_RTP_BAD_PADDING, PARSE_RTP_BAD_VERSION, PARSE_RTP_CSRC_OVERRUN,
                                    PARSE_RTP_EXTENSION_OVERRUN, PARSE_RTP_TOO_SHORT, validity_raise)


cdef enum:
    RTP_MAX_CSRCS = 15


cdef parse_reason refuse(rtp_header* header, parse_reason reason, size_t offset) noexcept nogil:
    memset(header, 0, sizeof(rtp_header))
    header.status = <uint8_t>reason
    header.payload_offset = <uint32_t>offset
    return reason


cdef parse_reason rtp_parse_rest(const uint8_t* data, size_t size, bint encrypted, rtp_header* header) noexcept nogil:
    if size < RTP_HEADER_OCTETS:
        return refuse(header, PARSE_RTP_TOO_SHORT, size)
    cdef uint8_t first = data[0]
    if first >> 6 != RTP_VERSION:
        return refuse(header, PARSE_RTP_BAD_VERSION, 0)
    rtp_load_fixed(data, size, header)

    cdef size_t offset = RTP_HEADER_OCTETS + 4 * <size_t>(first & 0x0F)
    if offset > size:
        return refuse(header, PARSE_RTP_CSRC_OVERRUN, 0)
    header.csrc_count = first & 0x0F

    cdef uint16_t words
    if first & 0x10:
        if size - offset < RTP_EXTENSION_HEADER_OCTETS:
            return refuse(header, PARSE_RTP_EXTENSION_OVERRUN, offset)
        words = load_u16(data + offset + 2)
        if words > RTP_EXTENSION_MAX_WORDS or size - offset - RTP_EXTENSION_HEADER_OCTETS < 4 * <size_t>words:
            return refuse(header, PARSE_RTP_EXTENSION_OVERRUN, offset + 2)
        header.extension = 1
        header.extension_profile = load_u16(data + offset)
        offset += RTP_EXTENSION_HEADER_OCTETS
        header.extension_offset = <uint32_t>offset
        header.extension_size = <uint16_t>(4 * words)
        offset += 4 * <size_t>words

    cdef uint8_t padding = 0
    if first & 0x20 and not encrypted:
        # With nothing left the last octet belongs to the header, and is no count.
        padding = data[size - 1]
        if padding == 0 or padding > size - offset:
            return refuse(header, PARSE_RTP_BAD_PADDING, size - 1)
        header.padding_size = padding
    header.payload_offset = <uint32_t>offset
    header.payload_size = <uint32_t>(size - offset) - padding
    return PARSE_OK


def header_fields():
    """The numpy fields of a header in memory order: list of (name, format, octet offset), and the size of one."""
    cdef rtp_header h
    cdef size_t base = <size_t>&h
    fields = [
        ("ssrc", "u4", <size_t>&h.ssrc - base),
        ("timestamp", "u4", <size_t>&h.timestamp - base),
        ("sequence_number", "u2", <size_t>&h.sequence_number - base),
        ("payload_type", "u1", <size_t>&h.payload_type - base),
        ("marker", "?", <size_t>&h.marker - base),
        ("csrc_count", "u1", <size_t>&h.csrc_count - base),
        ("extension", "?", <size_t>&h.extension - base),
        ("padding_size", "u1", <size_t>&h.padding_size - base),
        ("status", "u1", <size_t>&h.status - base),
        ("extension_profile", "u2", <size_t>&h.extension_profile - base),
        ("extension_size", "u2", <size_t>&h.extension_size - base),
        ("extension_offset", "u4", <size_t>&h.extension_offset - base),
        ("payload_offset", "u4", <size_t>&h.payload_offset - base),
        ("payload_size", "u4", <size_t>&h.payload_size - base),
    ]
    return fields, sizeof(rtp_header)


cdef tuple extension_fields(object profile, object data, object elements):
    # (profile or None, octets) from the three arguments of RtpPacket that describe the extension.
    cdef bytes octets = argument_octets(data, "extension_data")
    if elements is not None:
        if octets:
            raise ConfigurationError("extension_data and extension_elements are given, and one excludes the other.")
        profile, octets = extension_from_python(elements, profile)
    if profile is None:
        if octets:
            raise ConfigurationError(f"extension_data has {len(octets)} octets, and there is no extension_profile.")
        return None, octets
    profile = argument_unsigned(profile, "extension_profile", 0xFFFF)
    if len(octets) % 4 or len(octets) > 4 * RTP_EXTENSION_MAX_WORDS:
        raise ConfigurationError(f"The extension has {len(octets)} octets, which is not a multiple of 4 up to 65532.")
    return profile, octets


cdef bytes build(tuple csrcs, object profile, bytes extension, bytes payload, uint8_t padding):
    # A packet whose first word has neither marker nor numbers yet, and whose next two words are not yet written.
    cdef Py_ssize_t size = RTP_HEADER_OCTETS + 4 * len(csrcs) + len(payload) + padding
    if profile is not None:
        size += RTP_EXTENSION_HEADER_OCTETS + len(extension)
    cdef bytes octets = PyBytes_FromStringAndSize(NULL, size)
    cdef uint8_t* out = <uint8_t*>PyBytes_AS_STRING(octets)
    memset(out, 0, RTP_HEADER_OCTETS)
    out[0] = <uint8_t>(RTP_VERSION << 6 | (padding != 0) << 5 | (profile is not None) << 4 | len(csrcs))
    out += RTP_HEADER_OCTETS
    for csrc in csrcs:
        store_u32(out, <uint32_t>argument_unsigned(csrc, "A member of csrcs", 0xFFFFFFFF))
        out += 4
    if profile is not None:
        store_u16(out, <uint16_t>profile)
        store_u16(out + 2, <uint16_t>(len(extension) // 4))
        memcpy(out + RTP_EXTENSION_HEADER_OCTETS, <const char*>extension, len(extension))
        out += RTP_EXTENSION_HEADER_OCTETS + len(extension)
    memcpy(out, <const char*>payload, len(payload))
    if padding:
        memset(out + len(payload), 0, padding)
        out[len(payload) + padding - 1] = padding
    return octets


@cython.final
@cython.freelist(64)
cdef class RtpPacket:
    """An immutable RTP packet (RFC 3550 5.1): its octets, and a view of them in the words of the RFC.

    Args (keywords only): payload_type 0 to 127; sequence_number, 16 bits; timestamp and ssrc, 32 bits; marker; csrcs,
    at most 15 integers of 32 bits; extension_profile, 16 bits, with extension_data, a multiple of 4 octets; or instead
    of the data extension_elements, (identifier, octets) tuples, written in the RFC 8285 form of extension_profile or,
    without one, in the shortest that holds them; payload, any buffer; padding_size 0 to 255, the count octet included.
    Raises: TypeError or ConfigurationError, naming the value at fault.
    Thread-safe, because nothing changes after construction. Packets are equal when their octets are.
    """

    cdef rtp_header header
    cdef bytes octets

    def __init__(self, *, payload_type, sequence_number, timestamp, ssrc, marker=False, csrcs=(),
                 extension_profile=None, extension_data=b"", extension_elements=None, payload=b"", padding_size=0):
        if self.octets is not None:
            raise TypeError("An RtpPacket cannot be initialised twice.")
        cdef tuple sources = argument_tuple(csrcs, "csrcs", RTP_MAX_CSRCS)
        cdef uint8_t padding = <uint8_t>argument_unsigned(padding_size, "padding_size", 0xFF)
        cdef tuple extension = extension_fields(extension_profile, extension_data, extension_elements)
        cdef bytes octets = build(sources, extension[0], extension[1], argument_octets(payload, "payload"), padding)
        cdef uint8_t* out = <uint8_t*>PyBytes_AS_STRING(octets)
        out[1] = <uint8_t>(argument_flag(marker, "marker") << 7 | argument_unsigned(payload_type, "payload_type", 0x7F))
        store_u16(out + RTP_OFFSET_SEQUENCE_NUMBER,
                  <uint16_t>argument_unsigned(sequence_number, "sequence_number", 0xFFFF))
        store_u32(out + RTP_OFFSET_TIMESTAMP, <uint32_t>argument_unsigned(timestamp, "timestamp", 0xFFFFFFFF))
        store_u32(out + RTP_OFFSET_SSRC, <uint32_t>argument_unsigned(ssrc, "ssrc", 0xFFFFFFFF))
        rtp_parse(out, <size_t>PyBytes_GET_SIZE(octets), False, &self.header)
        self.octets = octets

    @staticmethod
    def parse(datagram, /):
        """Read a packet.

        Args: datagram, any contiguous buffer; bytes are kept by reference, other buffers copied.
        Returns: an RtpPacket. Raises: ParseError with reason and offset; TypeError when datagram is not a buffer.
        Thread-safe. RFC 3550 5.1 and A.1; what extension elements hold is not judged.
        """
        cdef RtpPacket packet = RtpPacket.__new__(RtpPacket)
        packet.octets = <bytes>datagram if PyBytes_CheckExact(datagram) else argument_octets(datagram, "datagram")
        cdef const uint8_t* data = <const uint8_t*>PyBytes_AS_STRING(packet.octets)
        cdef size_t size = <size_t>PyBytes_GET_SIZE(packet.octets)
        cdef parse_reason reason = rtp_parse(data, size, False, &packet.header)
        if reason != PARSE_OK:
            validity_raise(reason, data, size, packet.header.payload_offset)
        return packet

    @property
    def version(self):
        """Always 2."""
        return RTP_VERSION

    @property
    def padding(self):
        """The P bit."""
        return self.header.padding_size != 0

    @property
    def extension(self):
        """The X bit."""
        return self.header.extension != 0

    @property
    def marker(self):
        """The M bit."""
        return self.header.marker != 0

    @property
    def payload_type(self):
        """The payload type, 7 bits."""
        return self.header.payload_type

    @property
    def sequence_number(self):
        """The sequence number, 16 bits."""
        return self.header.sequence_number

    @property
    def timestamp(self):
        """The timestamp, 32 bits, in units of the payload type's clock."""
        return self.header.timestamp

    @property
    def ssrc(self):
        """The synchronisation source, 32 bits."""
        return self.header.ssrc

    @property
    def csrcs(self):
        """The contributing sources, a tuple of at most 15."""
        cdef const uint8_t* data = <const uint8_t*>PyBytes_AS_STRING(wire_octets(self)) + RTP_HEADER_OCTETS
        cdef int index
        return tuple([load_u32(data + 4 * index) for index in range(self.header.csrc_count)])

    @property
    def extension_profile(self):
        """The 16 bits "defined by profile" of the header extension, or None without one."""
        return self.header.extension_profile if self.header.extension else None

    @property
    def extension_data(self):
        """The octets of the header extension after its own header; empty without one."""
        cdef uint32_t start = self.header.extension_offset
        return wire_octets(self)[start:start + self.header.extension_size]

    @property
    def extension_elements(self):
        """The RFC 8285 elements as (identifier, octets) tuples, up to the first bad one; empty for other profiles."""
        cdef const uint8_t* data = <const uint8_t*>PyBytes_AS_STRING(wire_octets(self)) + self.header.extension_offset
        return extension_to_python(self.header.extension_profile, data, self.header.extension_size)

    @property
    def payload(self):
        """The payload without padding, a read-only memoryview of the octets that were parsed."""
        cdef bytes octets = wire_octets(self)
        return memoryview(octets)[self.header.payload_offset:len(octets) - self.header.padding_size]

    @property
    def padding_size(self):
        """The octets of padding, the count octet included; 0 without the P bit."""
        return self.header.padding_size

    def serialize(self):
        """Return the packet as it stands on the wire."""
        return wire_octets(self)

    def serialize_into(self, buffer, /):
        """Write the packet to the start of a buffer.

        Args: buffer, writable and contiguous. Returns: the number of octets written.
        Raises: ConfigurationError when the buffer is too small, TypeError when it cannot be written to.
        """
        cdef bytes octets = wire_octets(self)
        cdef Py_buffer view
        argument_writable(buffer, "buffer", &view)
        cdef Py_ssize_t room = view.len
        if room >= len(octets):
            memcpy(view.buf, <const char*>octets, len(octets))
        PyBuffer_Release(&view)
        if room < len(octets):
            raise ConfigurationError(f"The buffer has {room} octets, and the packet has {len(octets)}.")
        return len(octets)

    def replace(self, **changes):
        """Return a packet with some fields changed.

        Args: changes, keywords of the constructor. Unchanged ones are taken from this packet, except that new
        extension_elements choose their form anew and extension_profile=None takes the extension data with it.
        Returns: an RtpPacket. Raises: as the constructor.
        """
        cdef dict fields = {
            "payload_type": self.payload_type, "sequence_number": self.sequence_number, "timestamp": self.timestamp,
            "ssrc": self.ssrc, "marker": self.marker, "csrcs": self.csrcs, "payload": self.payload,
            "padding_size": self.padding_size,
        }
        cdef bint dropped = "extension_profile" in changes and changes["extension_profile"] is None
        if not dropped and changes.get("extension_elements") is None:
            fields["extension_profile"] = self.extension_profile
            fields["extension_data"] = self.extension_data
        fields.update(changes)
        return RtpPacket(**fields)

    def __eq__(self, other):
        if not isinstance(other, RtpPacket):
            return NotImplemented
        return wire_octets(self) == wire_octets(<RtpPacket>other)

    def __hash__(self):
        return hash(wire_octets(self))

    def __repr__(self):
        cdef list parts = [f"payload_type={self.payload_type}", f"sequence_number={self.sequence_number}",
                           f"timestamp={self.timestamp}", f"ssrc={self.ssrc:#010x}"]
        if self.marker:
            parts.append("marker=True")
        if self.header.csrc_count:
            parts.append(f"csrcs={self.csrcs}")
        if self.header.extension:
            parts.append(f"extension_profile={self.header.extension_profile:#06x}")
            parts.append(f"extension_data=<{self.header.extension_size} octets>")
        parts.append(f"payload=<{len(self.payload)} octets>")
        if self.header.padding_size:
            parts.append(f"padding_size={self.header.padding_size}")
        return f"RtpPacket({', '.join(parts)})"


cdef inline bytes wire_octets(RtpPacket packet):
    # None only after RtpPacket.__new__(RtpPacket), which skips both ways of construction.
    if packet.octets is None:
        raise TypeError("The RtpPacket has not been initialised.")
    return packet.octets
