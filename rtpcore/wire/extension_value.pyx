# What header extension elements hold, for callers who have negotiated which identifier means what (RFC 8285 5):
# absolute send time, audio level (RFC 6464), MID (RFC 9143), RID (RFC 8852), transport-wide sequence number.
# Pure functions of one element's octets; identifiers and SDP are not known here.

from __future__ import annotations

from typing import NamedTuple

from libc.stdint cimport uint8_t, uint16_t, uint32_t

from rtpcore.errors import ConfigurationError
from rtpcore.wire.argument cimport argument_flag, argument_octets, argument_unsigned
from rtpcore.wire.octets cimport load_u16, load_u24, store_u16, store_u24
from rtpcore.wire.validity cimport PART_EXTENSION_BAD_VALUE, validity_refuse


cdef enum:
    MAX_TEXT_OCTETS = 255       # what the two-byte form holds; the one-byte form has 16


class AudioLevel(NamedTuple):
    """How loud a packet's audio is (RFC 6464): -level dBov, 0 to 127, and whether it is thought to hold voice."""

    level: int
    voice: bool


cdef bytes sized(object element, str name, Py_ssize_t size):
    cdef bytes octets = argument_octets(element, "element")
    if len(octets) != size:
        validity_refuse(PART_EXTENSION_BAD_VALUE, f"{name} has {size} octets, and this one has {len(octets)}.",
                        min(len(octets), size))
    return octets


def decode_absolute_send_time(element, /):
    """Return when a packet was sent, modulo 64 s, in 1/2**18 s.

    Args: element, the 3 octets of the element, any buffer. Returns: an integer of 24 bits.
    Raises: ParseError, EXTENSION_BAD_VALUE, when there are not 3; TypeError when element is no buffer. Thread-safe.
    http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time.
    """
    cdef bytes octets = sized(element, "An absolute send time", 3)
    return load_u24(<const uint8_t*><const char*>octets)


def encode_absolute_send_time(send_time, /):
    """Return the element of a packet that is sent at a time.

    Args: send_time, 24 bits, in 1/2**18 s, modulo 64 s; absolute_send_time gives it. Returns: 3 octets.
    Raises: TypeError or ConfigurationError, naming the value. Thread-safe.
    """
    cdef uint8_t out[3]
    store_u24(out, <uint32_t>argument_unsigned(send_time, "send_time", 0xFFFFFF))
    return (<char*>out)[:3]


def absolute_send_time(ntp_timestamp, /):
    """Return an NTP time as an absolute send time.

    Args: ntp_timestamp, 64 bits, in 1/2**32 s since 1900. Returns: an integer of 24 bits, in 1/2**18 s, modulo 64 s.
    Raises: TypeError or ConfigurationError, naming the value. Thread-safe.
    """
    return <uint32_t>(argument_unsigned(ntp_timestamp, "ntp_timestamp", 0xFFFFFFFFFFFFFFFF) >> 14 & 0xFFFFFF)


def decode_audio_level(element, /):
    """Return how loud a packet is.

    Args: element, the octet of the element, any buffer. Returns: an AudioLevel.
    Raises: ParseError, EXTENSION_BAD_VALUE, when there is not one; TypeError when element is no buffer. Thread-safe.
    RFC 6464 3.
    """
    cdef bytes octets = sized(element, "An audio level", 1)
    cdef uint8_t octet = <uint8_t>(<const char*>octets)[0]
    return AudioLevel(octet & 0x7F, octet >> 7 == 1)


def encode_audio_level(level, voice=False):
    """Return the element of a packet that is so loud.

    Args: level 0 to 127, in -dBov; voice, whether it is thought to hold voice. Returns: one octet.
    Raises: TypeError or ConfigurationError, naming the value. Thread-safe. RFC 6464 3.
    """
    cdef bint flag = argument_flag(voice, "voice")
    return bytes((argument_unsigned(level, "level", 0x7F) | flag << 7,))


def decode_transport_sequence_number(element, /):
    """Return the transport-wide sequence number of a packet.

    Args: element, the 2 octets of the element, any buffer. Returns: an integer of 16 bits.
    Raises: ParseError, EXTENSION_BAD_VALUE, when there are not 2; TypeError when element is no buffer. Thread-safe.
    draft-holmer-rmcat-transport-wide-cc-extensions-01 2.
    """
    cdef bytes octets = sized(element, "A transport-wide sequence number", 2)
    return load_u16(<const uint8_t*><const char*>octets)


def encode_transport_sequence_number(sequence_number, /):
    """Return the element of a packet of that transport-wide sequence number.

    Args: sequence_number, 16 bits. Returns: 2 octets.
    Raises: TypeError or ConfigurationError, naming the value. Thread-safe.
    """
    cdef uint8_t out[2]
    store_u16(out, <uint16_t>argument_unsigned(sequence_number, "sequence_number", 0xFFFF))
    return (<char*>out)[:2]


cdef Py_ssize_t bad_text(bytes octets, bint stream):
    # The first octet that an RFC 4566 token may not have (MID), or that is not alphanumeric, "-" or "_" (RID); else -1.
    cdef Py_ssize_t index
    cdef uint8_t octet
    cdef bytes others = b"-_" if stream else b"!#$%&'*+-.^_`{|}~"
    for index in range(len(octets)):
        octet = octets[index]
        if not (48 <= octet <= 57 or 65 <= octet <= 90 or 97 <= octet <= 122) and others.find(octet) < 0:
            return index
    return -1


cdef str decoded(object element, str name, bint stream):
    cdef bytes octets = argument_octets(element, "element")
    if not 1 <= len(octets) <= MAX_TEXT_OCTETS:
        validity_refuse(PART_EXTENSION_BAD_VALUE, f"{name} has 1 to 255 octets, and this one has {len(octets)}.", 0)
    cdef Py_ssize_t index = bad_text(octets, stream)
    if index >= 0:
        validity_refuse(PART_EXTENSION_BAD_VALUE, f"{name} is {octets!r}, and octet {index} is not allowed.", index)
    return octets.decode("ascii")


cdef bytes encoded(object text, str name, bint stream):
    if not isinstance(text, str):
        raise TypeError(f"{name} is a str, not {text!r}.")
    cdef bytes octets = text.encode("utf-8", "backslashreplace")
    if not 1 <= len(octets) <= MAX_TEXT_OCTETS or bad_text(octets, stream) >= 0:
        raise ConfigurationError(f"{name} is {text!r}, which is not 1 to 255 of the characters allowed there.")
    return octets


def decode_media_identification(element, /):
    """Return the MID of a packet.

    Args: element, the octets of the element, any buffer. Returns: a str, a token of RFC 4566.
    Raises: ParseError, EXTENSION_BAD_VALUE, when it is none; TypeError when element is no buffer. Thread-safe.
    RFC 9143 15, RFC 7941.
    """
    return decoded(element, "A MID", False)


def encode_media_identification(mid, /):
    """Return the element of a packet of that MID.

    Args: mid, a str, a token of RFC 4566; the one-byte form holds 16 characters. Returns: octets.
    Raises: TypeError or ConfigurationError, naming the value. Thread-safe.
    """
    return encoded(mid, "A MID", False)


def decode_stream_identification(element, /):
    """Return the RtpStreamId (RID) or RepairedRtpStreamId of a packet.

    Args: element, the octets of the element, any buffer. Returns: a str of letters, digits, "-" and "_".
    Raises: ParseError, EXTENSION_BAD_VALUE, when it is none; TypeError when element is no buffer. Thread-safe.
    RFC 8852 3, RFC 8851 10.
    """
    return decoded(element, "A stream identification", True)


def encode_stream_identification(rid, /):
    """Return the element of a packet of that RtpStreamId (RID) or RepairedRtpStreamId.

    Args: rid, a str of letters, digits, "-" and "_"; the one-byte form holds 16 of them. Returns: octets.
    Raises: TypeError or ConfigurationError, naming the value. Thread-safe.
    """
    return encoded(rid, "A stream identification", True)
