# Generic NACKs (RFC 4585 6.2.1) as Python values: entries of a packet identifier and a mask of 16 packets after it.
#
#     |            PID                |             BLP               |
#
# Which packets are worth sending again is for others.

from __future__ import annotations

cimport cython
from libc.stdint cimport uint8_t, uint16_t

from rtpcore.errors import ConfigurationError
from rtpcore.wire.argument cimport argument_tuple, argument_unsigned
from rtpcore.wire.octets cimport load_u16
from rtpcore.wire.rtcp.value cimport rtcp_value_build, rtcp_value_data, rtcp_value_show
from rtpcore.wire.validity cimport PART_RTCP_BAD_FEEDBACK, validity_refuse


cdef enum:
    ENTRY_OCTETS = 4
    MASKED_PACKETS = 16
    MAX_SEQUENCE_NUMBERS = 0x10000


cdef GenericNack nack_read(RtcpPacket packet, uint32_t offset, uint32_t size):
    if size == 0 or size % ENTRY_OCTETS:
        validity_refuse(PART_RTCP_BAD_FEEDBACK, "A generic NACK has at least one entry of 4 octets, and this one has "
                        f"{size} octets.", offset)
    cdef GenericNack nack = GenericNack.__new__(GenericNack)
    rtcp_value_show(nack, packet.octets, packet.start + offset, size)
    return nack


cdef list entries_of(tuple lost):
    # In the order given: a packet that the mask of the entry before it does not reach starts another.
    cdef list entries = []
    cdef uint16_t first = 0
    cdef uint16_t number
    cdef uint16_t ahead
    cdef int mask = -1
    for member in lost:
        number = <uint16_t>argument_unsigned(member, "A member of lost", 0xFFFF)
        ahead = <uint16_t>(number - first - 1)
        if mask >= 0 and ahead < MASKED_PACKETS:
            mask |= 1 << ahead
            continue
        if mask >= 0:
            entries.append((first, mask))
        first = number
        mask = 0
    entries.append((first, mask))
    return entries


cdef bytes entry_octets(object entry):
    cdef object packet_id, bitmask
    try:
        packet_id, bitmask = entry
    except (TypeError, ValueError):
        raise TypeError(f"A member of entries is a tuple of packet identifier and bitmask, not {entry!r}.") from None
    cdef uint32_t word = <uint32_t>argument_unsigned(packet_id, "The packet identifier of an entry", 0xFFFF) << 16
    word |= <uint32_t>argument_unsigned(bitmask, "The bitmask of an entry", 0xFFFF)
    return int(word).to_bytes(ENTRY_OCTETS, "big")


@cython.final
cdef class GenericNack(RtcpValue):
    """The feedback (RTPFB, message type 1) that packets are missing.

    Args (keywords only): lost, sequence numbers of 16 bits in the order in which they were sent; or entries, tuples of
    a packet identifier and the bitmask of the 16 packets after it, lowest bit first. At least one of either.
    Raises: TypeError or ConfigurationError, naming the value at fault. Thread-safe. RFC 4585 6.2.1.
    """

    def __init__(self, *, lost=(), entries=()):
        cdef tuple numbers = argument_tuple(lost, "lost", MAX_SEQUENCE_NUMBERS)
        cdef tuple pairs = argument_tuple(entries, "entries", MAX_SEQUENCE_NUMBERS)
        if bool(numbers) == bool(pairs):
            raise ConfigurationError(f"lost has {len(numbers)} members and entries has {len(pairs)}, and one of them "
                                     "has some.")
        rtcp_value_build(self, b"".join([entry_octets(entry) for entry in (pairs or entries_of(numbers))]))

    @property
    def entries(self):
        """The entries, a tuple of (packet identifier, bitmask)."""
        cdef const uint8_t* data = rtcp_value_data(self)
        cdef uint32_t offset
        return tuple([(load_u16(data + offset), load_u16(data + offset + 2))
                      for offset in range(0, self.size, ENTRY_OCTETS)])

    @property
    def lost(self):
        """The sequence numbers that are missing, a tuple, in the order of the entries."""
        cdef const uint8_t* data = rtcp_value_data(self)
        cdef list lost = []
        cdef uint32_t offset
        cdef uint16_t first
        cdef uint16_t mask
        cdef int bit
        for offset in range(0, self.size, ENTRY_OCTETS):
            first = load_u16(data + offset)
            mask = load_u16(data + offset + 2)
            lost.append(first)
            for bit in range(MASKED_PACKETS):
                if mask >> bit & 1:
                    lost.append(<uint16_t>(first + bit + 1))
        return tuple(lost)

    def __repr__(self):
        return f"GenericNack(lost={self.lost})"
