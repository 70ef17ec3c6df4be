# Feedback on pictures as Python values: PLI (RFC 4585 6.3.1), SLI (6.3.2), RPSI (6.3.3) and FIR (RFC 5104 4.3.1).
# What an encoder makes of it is for others.

from __future__ import annotations

cimport cython
from libc.stdint cimport uint8_t

from rtpcore.errors import ConfigurationError
from rtpcore.wire.argument cimport argument_octets, argument_tuple, argument_unsigned
from rtpcore.wire.octets cimport load_u32
from rtpcore.wire.rtcp.value cimport rtcp_value_build, rtcp_value_data, rtcp_value_show, rtcp_value_slice
from rtpcore.wire.validity cimport PART_RTCP_BAD_FEEDBACK, validity_refuse


cdef enum:
    SLICE_OCTETS = 4
    INTRA_OCTETS = 8
    BIT_STRING_OFFSET = 2
    MAX_ENTRIES = 0xFFFF        # more than any packet holds


cdef int check_entries(str name, uint32_t entry, uint32_t offset, uint32_t size) except -1:
    if size == 0 or size % entry:
        validity_refuse(PART_RTCP_BAD_FEEDBACK, f"A {name} has entries of {entry} octets, and this one has {size}.",
                        offset)
    return 0


cdef PictureLossIndication picture_loss_read(RtcpPacket packet, uint32_t offset, uint32_t size):
    if size != 0:
        validity_refuse(PART_RTCP_BAD_FEEDBACK, f"A picture loss indication has no octets, and this one has {size}.",
                        offset)
    cdef PictureLossIndication indication = PictureLossIndication.__new__(PictureLossIndication)
    rtcp_value_show(indication, packet.octets, packet.start + offset, size)
    return indication


cdef SliceLossIndication slice_loss_read(RtcpPacket packet, uint32_t offset, uint32_t size):
    check_entries("slice loss indication", SLICE_OCTETS, offset, size)
    cdef SliceLossIndication indication = SliceLossIndication.__new__(SliceLossIndication)
    rtcp_value_show(indication, packet.octets, packet.start + offset, size)
    return indication


cdef ReferencePictureSelection reference_picture_read(RtcpPacket packet, uint32_t offset, uint32_t size):
    if size < BIT_STRING_OFFSET:
        validity_refuse(PART_RTCP_BAD_FEEDBACK, "A reference picture selection has at least 4 octets, this one none.",
                        offset)
    cdef uint8_t unused = packet.start[offset]
    if unused > 8 * (size - BIT_STRING_OFFSET):
        validity_refuse(PART_RTCP_BAD_FEEDBACK, f"The padding of a reference picture selection is {unused} bits, and "
                        f"{8 * (size - BIT_STRING_OFFSET)} follow.", offset)
    cdef ReferencePictureSelection selection = ReferencePictureSelection.__new__(ReferencePictureSelection)
    rtcp_value_show(selection, packet.octets, packet.start + offset, size)
    return selection


cdef FullIntraRequest full_intra_read(RtcpPacket packet, uint32_t offset, uint32_t size):
    check_entries("full intra request", INTRA_OCTETS, offset, size)
    cdef FullIntraRequest request = FullIntraRequest.__new__(FullIntraRequest)
    rtcp_value_show(request, packet.octets, packet.start + offset, size)
    return request


@cython.final
cdef class PictureLossIndication(RtcpValue):
    """The feedback (PSFB, message type 1, PLI) that coded video has been lost. Thread-safe. RFC 4585 6.3.1."""

    def __init__(self):
        rtcp_value_build(self, b"")

    def __repr__(self):
        rtcp_value_data(self)
        return "PictureLossIndication()"


cdef bytes slice_octets(object entry):
    cdef object first, number, picture_id
    try:
        first, number, picture_id = entry
    except (TypeError, ValueError):
        raise TypeError(f"A member of slices is a tuple of first, number and picture, not {entry!r}.") from None
    cdef uint32_t word = <uint32_t>argument_unsigned(first, "The first macroblock of a slice", 0x1FFF) << 19
    word |= <uint32_t>argument_unsigned(number, "The number of macroblocks of a slice", 0x1FFF) << 6
    word |= <uint32_t>argument_unsigned(picture_id, "The picture identifier of a slice", 0x3F)
    return int(word).to_bytes(SLICE_OCTETS, "big")


@cython.final
cdef class SliceLossIndication(RtcpValue):
    """The feedback (PSFB, message type 2, SLI) that macroblocks have been lost.

    Args (keywords only): slices, tuples of the first macroblock and the number of them, 13 bits each, and the low 6
    bits of the picture identifier; at least one.
    Raises: TypeError or ConfigurationError, naming the value at fault. Thread-safe. RFC 4585 6.3.2.
    """

    def __init__(self, *, slices):
        cdef tuple members = argument_tuple(slices, "slices", MAX_ENTRIES)
        if not members:
            raise ConfigurationError("slices has no members, and an indication names at least one.")
        rtcp_value_build(self, b"".join([slice_octets(member) for member in members]))

    @property
    def slices(self):
        """What is lost, a tuple of (first, number, picture identifier)."""
        cdef const uint8_t* data = rtcp_value_data(self)
        cdef list slices = []
        cdef uint32_t offset
        cdef uint32_t word
        for offset in range(0, self.size, SLICE_OCTETS):
            word = load_u32(data + offset)
            slices.append((word >> 19, word >> 6 & 0x1FFF, word & 0x3F))
        return tuple(slices)

    def __repr__(self):
        return f"SliceLossIndication(slices={self.slices})"


@cython.final
cdef class ReferencePictureSelection(RtcpValue):
    """The feedback (PSFB, message type 3, RPSI) that names a reference picture.

    Args (keywords only): payload_type 0 to 127; bit_string, any buffer, as the codec defines it; unused_bits 0 to 7, at
    the end of its last octet.
    Raises: TypeError or ConfigurationError, naming the value at fault. Thread-safe. RFC 4585 6.3.3.
    """

    def __init__(self, *, payload_type, bit_string, unused_bits=0):
        cdef bytes octets = argument_octets(bit_string, "bit_string")
        cdef uint8_t kind = <uint8_t>argument_unsigned(payload_type, "payload_type", 0x7F)
        cdef uint8_t unused = <uint8_t>argument_unsigned(unused_bits, "unused_bits", 7)
        if unused and not octets:
            raise ConfigurationError(f"unused_bits is {unused}, and bit_string has no octets.")
        cdef Py_ssize_t padding = -(BIT_STRING_OFFSET + len(octets)) & 3
        rtcp_value_build(self, bytes((8 * padding + unused, kind)) + octets + bytes(padding))

    @property
    def payload_type(self):
        """The RTP payload type that the bit string belongs to."""
        return rtcp_value_data(self)[1] & 0x7F

    @property
    def bit_string(self):
        """The codec's bits, up to the last octet that has any."""
        cdef uint32_t padding = rtcp_value_data(self)[0] >> 3
        return rtcp_value_slice(self, BIT_STRING_OFFSET, self.size - padding)

    @property
    def unused_bits(self):
        """The low bits of the bit string's last octet that do not belong to it, 0 to 7."""
        return rtcp_value_data(self)[0] & 7

    def __repr__(self):
        return (f"ReferencePictureSelection(payload_type={self.payload_type}, bit_string={self.bit_string!r}, "
                f"unused_bits={self.unused_bits})")


cdef bytes intra_octets(object entry):
    cdef object ssrc, number
    try:
        ssrc, number = entry
    except (TypeError, ValueError):
        raise TypeError(f"A member of entries is a tuple of SSRC and sequence number, not {entry!r}.") from None
    cdef object word = argument_unsigned(ssrc, "The SSRC of an entry", 0xFFFFFFFF)
    return (word << 32 | argument_unsigned(number, "The sequence number of an entry", 0xFF) << 24).to_bytes(8, "big")


@cython.final
cdef class FullIntraRequest(RtcpValue):
    """The feedback (PSFB, message type 4, FIR) that media senders are to send a decoder refresh point.

    Args (keywords only): entries, tuples of the media sender's SSRC and the command's sequence number, 8 bits; at least
    one.
    Raises: TypeError or ConfigurationError, naming the value at fault. Thread-safe. RFC 5104 4.3.1.
    """

    def __init__(self, *, entries):
        cdef tuple members = argument_tuple(entries, "entries", MAX_ENTRIES)
        if not members:
            raise ConfigurationError("entries has no members, and a request names at least one media sender.")
        rtcp_value_build(self, b"".join([intra_octets(member) for member in members]))

    @property
    def entries(self):
        """The entries, a tuple of (SSRC, sequence number)."""
        cdef const uint8_t* data = rtcp_value_data(self)
        cdef uint32_t offset
        return tuple([(load_u32(data + offset), data[offset + 4]) for offset in range(0, self.size, INTRA_OCTETS)])

    def __repr__(self):
        return f"FullIntraRequest(entries={self.entries})"
