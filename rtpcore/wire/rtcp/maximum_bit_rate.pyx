# Temporary maximum bit rates (RFC 5104 4.2.1 TMMBR, 4.2.2 TMMBN) as Python values.
#
#     |                              SSRC                             |
#     | MxTBR Exp |  MxTBR Mantissa                 |Measured Overhead|
#
# Who may send what, and which request bounds the set, is for others.

from __future__ import annotations

cimport cython

from operator import index

from rtpcore.errors import ConfigurationError
from rtpcore.wire.argument cimport argument_tuple, argument_unsigned
from rtpcore.wire.octets cimport load_u32
from rtpcore.wire.rtcp.value cimport rtcp_value_build, rtcp_value_data, rtcp_value_show
from rtpcore.wire.validity cimport PART_RTCP_BAD_FEEDBACK, validity_refuse


cdef enum:
    ENTRY_OCTETS = 8
    MANTISSA_BITS = 17
    MAX_EXPONENT = 63
    MAX_ENTRIES = 0xFFFF        # more than any packet holds
    MAX_OVERHEAD = 0x1FF


cdef int bit_rate_split(object value, int mantissa_bits, uint32_t* mantissa, uint8_t* exponent) except -1:
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"A bit rate is an integer of bits/s, not {value!r}.")
    cdef object rate = index(value)
    cdef int bits = rate.bit_length()
    cdef int shift = max(bits - mantissa_bits, 0)
    if rate < 0 or shift > MAX_EXPONENT:
        raise ConfigurationError(f"A bit rate is {rate}, which is not between 0 and (2**{mantissa_bits} - 1) * 2**63.")
    mantissa[0] = rate >> shift
    exponent[0] = <uint8_t>shift
    return 0


cdef bytes entry_octets(object entry):
    cdef object ssrc, bit_rate, overhead
    cdef uint32_t mantissa
    cdef uint8_t exponent
    try:
        ssrc, bit_rate, overhead = entry
    except (TypeError, ValueError):
        raise TypeError(f"A member of entries is a tuple of SSRC, bit rate and overhead, not {entry!r}.") from None
    bit_rate_split(bit_rate, MANTISSA_BITS, &mantissa, &exponent)
    cdef object word = argument_unsigned(ssrc, "The SSRC of an entry", 0xFFFFFFFF)
    cdef uint32_t rest = <uint32_t>exponent << 26 | mantissa << 9
    rest |= <uint32_t>argument_unsigned(overhead, "The overhead of an entry", MAX_OVERHEAD)
    return (word << 32 | rest).to_bytes(ENTRY_OCTETS, "big")


cdef bytes entries_octets(object entries):
    return b"".join([entry_octets(entry) for entry in argument_tuple(entries, "entries", MAX_ENTRIES)])


cdef tuple entries_in(RtcpValue value):
    cdef const uint8_t* data = rtcp_value_data(value)
    cdef list entries = []
    cdef uint32_t offset
    cdef uint32_t rest
    cdef object mantissa
    for offset in range(0, value.size, ENTRY_OCTETS):
        rest = load_u32(data + offset + 4)
        mantissa = rest >> 9 & 0x1FFFF
        entries.append((load_u32(data + offset), mantissa << (rest >> 26), rest & MAX_OVERHEAD))
    return tuple(entries)


cdef int check(uint32_t size, uint32_t offset) except -1:
    if size % ENTRY_OCTETS:
        validity_refuse(PART_RTCP_BAD_FEEDBACK, "A temporary maximum bit rate has entries of 8 octets, and this one "
                        f"has {size}.", offset)
    return 0


cdef TemporaryMaximumBitRateRequest bit_rate_request_read(RtcpPacket packet, uint32_t offset, uint32_t size):
    check(size, offset)
    if size == 0:
        validity_refuse(PART_RTCP_BAD_FEEDBACK, "A temporary maximum bit rate request has no entry.", offset)
    cdef TemporaryMaximumBitRateRequest request = TemporaryMaximumBitRateRequest.__new__(TemporaryMaximumBitRateRequest)
    rtcp_value_show(request, packet.octets, packet.start + offset, size)
    return request


cdef TemporaryMaximumBitRateNotification bit_rate_notification_read(RtcpPacket packet, uint32_t offset, uint32_t size):
    check(size, offset)
    cdef TemporaryMaximumBitRateNotification notification = (
        TemporaryMaximumBitRateNotification.__new__(TemporaryMaximumBitRateNotification))
    rtcp_value_show(notification, packet.octets, packet.start + offset, size)
    return notification


@cython.final
cdef class TemporaryMaximumBitRateRequest(RtcpValue):
    """The feedback (RTPFB, message type 3, TMMBR) that media senders are not to exceed a bit rate for the time being.

    Args (keywords only): entries, tuples of the media sender's SSRC, a bit rate in bits/s, of which the highest 17 bits
    are kept, and the measured overhead, 0 to 511 octets a packet; at least one.
    Raises: TypeError or ConfigurationError, naming the value at fault. Thread-safe. RFC 5104 4.2.1.
    """

    def __init__(self, *, entries):
        cdef bytes octets = entries_octets(entries)
        if not octets:
            raise ConfigurationError("entries has no members, and a request names at least one media sender.")
        rtcp_value_build(self, octets)

    @property
    def entries(self):
        """The entries, a tuple of (SSRC, bits/s, octets of overhead a packet)."""
        return entries_in(self)

    def __repr__(self):
        return f"TemporaryMaximumBitRateRequest(entries={self.entries})"


@cython.final
cdef class TemporaryMaximumBitRateNotification(RtcpValue):
    """The feedback (RTPFB, message type 4, TMMBN) which requests bound a media sender now.

    Args (keywords only): entries as TemporaryMaximumBitRateRequest has them, each with the SSRC of the requester; none
    where nothing is bounded.
    Raises: TypeError or ConfigurationError, naming the value at fault. Thread-safe. RFC 5104 4.2.2.
    """

    def __init__(self, *, entries=()):
        rtcp_value_build(self, entries_octets(entries))

    @property
    def entries(self):
        """The entries, a tuple of (SSRC, bits/s, octets of overhead a packet)."""
        return entries_in(self)

    def __repr__(self):
        return f"TemporaryMaximumBitRateNotification(entries={self.entries})"
