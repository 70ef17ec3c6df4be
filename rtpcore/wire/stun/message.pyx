# The Python face of wire/stun/codec: StunMessage, for tools and tests. The relay answers checks without it.

from __future__ import annotations

from enum import IntEnum

cimport cython
from libc.stdint cimport uint8_t, uint16_t, uint32_t

from cpython.bytes cimport PyBytes_FromStringAndSize

from rtpcore.wire.address cimport address_to_python, transport_address
from rtpcore.wire.argument cimport argument_octets, argument_tuple, argument_unsigned
from rtpcore.wire.octets cimport load_u32
from rtpcore.wire.stun.codec cimport (
    STUN_BAD_ATTRIBUTE, STUN_BAD_FINGERPRINT, STUN_BINDING, STUN_ERROR, STUN_ERROR_CODE, STUN_FINGERPRINT,
    STUN_HEADER_OCTETS, STUN_ICE_CONTROLLED, STUN_ICE_CONTROLLING, STUN_INDICATION, STUN_INTEGRITY_SHA256,
    STUN_MAPPED_ADDRESS, STUN_MESSAGE_INTEGRITY, STUN_NONCE, STUN_OK, STUN_OFFSET_TRANSACTION, STUN_PASSWORD_ALGORITHM,
    STUN_PRIORITY, STUN_REALM, STUN_REQUEST, STUN_SUCCESS, STUN_TOO_SHORT, STUN_TRANSACTION_OCTETS,
    STUN_UNKNOWN_ATTRIBUTES, STUN_USERHASH, STUN_USERNAME, STUN_USE_CANDIDATE, STUN_XOR_MAPPED_ADDRESS, stun_begin,
    stun_class, stun_is_authentic, stun_mapped_address, stun_message, stun_next, stun_parse, stun_put,
    stun_put_fingerprint, stun_put_integrity, stun_status, stun_writer,
)
from rtpcore.wire.stun.hmac_sha1 cimport hmac_sha1_key, hmac_sha1_prepare
from rtpcore.wire.validity cimport PART_STUN_MALFORMED, validity_refuse

from rtpcore.errors import ConfigurationError

cdef enum:
    MAX_OCTETS = 20 + 0xFFFC
    MAX_ATTRIBUTES = 16384
    MAX_METHOD = 0xFFF

BINDING = STUN_BINDING


class StunClass(IntEnum):
    """What a message is for (RFC 8489 section 5)."""

    REQUEST = STUN_REQUEST
    INDICATION = STUN_INDICATION
    SUCCESS = STUN_SUCCESS
    ERROR = STUN_ERROR


class StunAttribute(IntEnum):
    """Types of attributes (RFC 8489 section 14, RFC 8445 section 16)."""

    MAPPED_ADDRESS = STUN_MAPPED_ADDRESS
    USERNAME = STUN_USERNAME
    MESSAGE_INTEGRITY = STUN_MESSAGE_INTEGRITY
    ERROR_CODE = STUN_ERROR_CODE
    UNKNOWN_ATTRIBUTES = STUN_UNKNOWN_ATTRIBUTES
    REALM = STUN_REALM
    NONCE = STUN_NONCE
    MESSAGE_INTEGRITY_SHA256 = STUN_INTEGRITY_SHA256
    PASSWORD_ALGORITHM = STUN_PASSWORD_ALGORITHM
    USERHASH = STUN_USERHASH
    XOR_MAPPED_ADDRESS = STUN_XOR_MAPPED_ADDRESS
    PRIORITY = STUN_PRIORITY
    USE_CANDIDATE = STUN_USE_CANDIDATE
    FINGERPRINT = STUN_FINGERPRINT
    ICE_CONTROLLED = STUN_ICE_CONTROLLED
    ICE_CONTROLLING = STUN_ICE_CONTROLLING


cdef int refuse(stun_status status, const stun_message* m, size_t size) except -1:
    if status == STUN_TOO_SHORT:
        return validity_refuse(PART_STUN_MALFORMED, f"A STUN message has at least 20 octets, and this one has {size}.",
                               m.fault)
    if status == STUN_BAD_ATTRIBUTE:
        return validity_refuse(PART_STUN_MALFORMED,
                               f"The STUN attribute at octet {m.fault} is not of its type's form, or out of place.",
                               m.fault)
    if status == STUN_BAD_FINGERPRINT:
        return validity_refuse(PART_STUN_MALFORMED, "The FINGERPRINT is not that of this message.", m.fault)
    return validity_refuse(PART_STUN_MALFORMED,
                           f"The header of {size} octets is none of STUN: octet {m.fault} is wrong.", m.fault)


cdef int prepare(str password, hmac_sha1_key* key) except -1:
    cdef bytes secret = password.encode("utf-8")
    hmac_sha1_prepare(key, secret, len(secret))
    return 0


cdef tuple attribute_of(object entry):
    cdef object kind, value
    try:
        kind, value = entry
    except (TypeError, ValueError):
        raise TypeError(f"A member of attributes is a tuple of type and value, not {entry!r}.") from None
    kind = argument_unsigned(kind, "The type of an attribute", 0xFFFF)
    if kind == STUN_MESSAGE_INTEGRITY or kind == STUN_FINGERPRINT:
        raise ConfigurationError(f"attributes has type {kind:#06x}, which serialize makes.")
    value = argument_octets(value, "The value of an attribute")
    if len(value) > 0xFFFF:
        raise ConfigurationError(f"An attribute has {len(value)} octets, and at most 65535 fit.")
    return kind, value


cdef bytes first(StunMessage message, uint16_t wanted):
    for kind, value in message.attributes:
        if kind == wanted:
            return value
    return None


@cython.final
cdef class StunMessage:
    """A STUN message. MESSAGE-INTEGRITY and FINGERPRINT are no members of `attributes`: serialize adds them.

    Args: message_class, a StunClass; transaction_id, 12 octets; attributes, tuples of (type, octets); method, 1 is
    Binding. Raises: TypeError or ConfigurationError, naming the value at fault. Thread-safe. RFC 8489 section 5.
    """

    def __init__(self, message_class, transaction_id, attributes=(), *, method=1):
        self.message_class = StunClass(message_class)
        self.method = <uint16_t>argument_unsigned(method, "method", MAX_METHOD)
        self.transaction_id = argument_octets(transaction_id, "transaction_id")
        if len(self.transaction_id) != STUN_TRANSACTION_OCTETS:
            raise ConfigurationError(f"transaction_id has {len(self.transaction_id)} octets, not 12.")
        self.attributes = tuple([attribute_of(entry)
                                 for entry in argument_tuple(attributes, "attributes", MAX_ATTRIBUTES)])

    @classmethod
    def parse(cls, data):
        """A message that fills the buffer.

        Args: data, bytes or any other contiguous buffer. Returns: a StunMessage.
        Raises: ParseError, also for a FINGERPRINT that is not the message's; TypeError. Thread-safe. RFC 8489 6.3.
        """
        cdef bytes octets = argument_octets(data, "data")
        cdef stun_message m
        cdef StunMessage made
        cdef uint32_t offset = STUN_HEADER_OCTETS, value
        cdef uint16_t kind, size
        cdef stun_status status = stun_parse(octets, len(octets), &m)
        cdef list found = []
        if status != STUN_OK:
            refuse(status, &m, len(octets))
        while stun_next(&m, &offset, &kind, &size):
            value = offset - ((size + 3) & ~3)
            if kind != STUN_FINGERPRINT and kind != STUN_MESSAGE_INTEGRITY:
                found.append((kind, octets[value:value + size]))
        made = StunMessage.__new__(StunMessage)
        made.message_class = StunClass(m.message_class)
        made.method = m.method
        made.transaction_id = octets[STUN_OFFSET_TRANSACTION:STUN_HEADER_OCTETS]
        made.attributes = tuple(found)
        made.has_fingerprint = m.fingerprint != 0
        made.octets = octets
        return made

    def serialize(self, password=None, *, fingerprint=True):
        """The octets, with MESSAGE-INTEGRITY where there is a password, and FINGERPRINT unless told otherwise.

        Args: password, of short-term credentials (RFC 8489 9.1). Raises: ConfigurationError when it does not fit a
        datagram. Thread-safe. RFC 8489 section 5, 14.5 and 14.7.
        """
        cdef bytes out = PyBytes_FromStringAndSize(NULL, MAX_OCTETS)
        cdef uint8_t* octets = <uint8_t*>out
        cdef bytes value
        cdef hmac_sha1_key key
        cdef stun_writer w
        cdef bint fits = stun_begin(&w, octets, MAX_OCTETS, <stun_class><int>self.message_class, self.method,
                                    self.transaction_id)
        for kind, value in self.attributes:
            fits = fits and stun_put(&w, kind, value, <uint16_t>len(value))
        if password is not None:
            prepare(password, &key)
            fits = fits and stun_put_integrity(&w, &key)
        if fingerprint:
            fits = fits and stun_put_fingerprint(&w)
        if not fits:
            raise ConfigurationError(f"the attributes do not fit {MAX_OCTETS} octets.")
        return out[:w.size]

    def is_authentic(self, password):
        """Whether what was parsed has a MESSAGE-INTEGRITY made with this password (RFC 8489 9.1.3)."""
        cdef stun_message m
        cdef hmac_sha1_key key
        if self.octets is None:
            return False
        prepare(password, &key)
        stun_parse(self.octets, len(self.octets), &m)
        return stun_is_authentic(&m, &key)

    @property
    def username(self):
        """USERNAME as text, or None; octets that are no UTF-8 are replaced."""
        cdef bytes value = first(self, STUN_USERNAME)
        return None if value is None else value.decode("utf-8", "replace")

    @property
    def priority(self):
        """PRIORITY (RFC 8445 16.1), or None."""
        cdef bytes value = first(self, STUN_PRIORITY)
        return None if value is None or len(value) != 4 else load_u32(value)

    @property
    def use_candidate(self):
        """Whether the pair is nominated (RFC 8445 16.1)."""
        return first(self, STUN_USE_CANDIDATE) is not None

    @property
    def error_code(self):
        """300 to 699, or None (RFC 8489 14.8)."""
        cdef bytes value = first(self, STUN_ERROR_CODE)
        return None if value is None or len(value) < 4 else 100 * (value[2] & 7) + value[3]

    @property
    def xor_mapped_address(self):
        """`(host, port)` of XOR-MAPPED-ADDRESS, or None (RFC 8489 14.2)."""
        cdef stun_message m
        cdef transport_address address
        cdef bytes octets = self.octets if self.octets is not None else self.serialize(fingerprint=False)
        if stun_parse(octets, len(octets), &m) != STUN_OK or not stun_mapped_address(&m, &address):
            return None
        return address_to_python(&address)

    def __eq__(self, other):
        if not isinstance(other, StunMessage):
            return NotImplemented
        return ((self.message_class, self.method, self.transaction_id, self.attributes)
                == (other.message_class, other.method, other.transaction_id, other.attributes))

    def __hash__(self):
        return hash((self.message_class, self.method, self.transaction_id, self.attributes))

    def __repr__(self):
        return (f"StunMessage({self.message_class.name}, transaction_id={self.transaction_id.hex()}, "
                f"attributes={self.attributes})")
