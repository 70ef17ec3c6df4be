"""The test vectors of RFC 5769 section 2, and aioice as a second opinion on reading and writing."""

from __future__ import annotations

from typing import Any

import pytest
from aioice import stun as aioice
from hypothesis import assume, given
from hypothesis import strategies as st

from rtpcore import ParseError
from rtpcore.wire.stun.message import StunAttribute, StunClass, StunMessage

PASSWORD = "VOkJxbRl1RmTxUk/WvJxBt"
TRANSACTION = bytes.fromhex("b7e7a701bc34d686fa87dfae")
REQUEST = bytes.fromhex(
    "00010058 2112a442 b7e7a701bc34d686fa87dfae"
    "80220010 5354554e207465737420636c69656e74"
    "00240004 6e0001ff"
    "80290008 932ff9b151263b36"
    "00060009 6576746a3a68367659202020"
    "00080014 9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2"
    "80280004 e57a3bcf"
)
IPV4_RESPONSE = bytes.fromhex(
    "0101003c 2112a442 b7e7a701bc34d686fa87dfae"
    "8022000b 7465737420766563746f7220"
    "00200008 0001a147e112a643"
    "00080014 2b91f599fd9e90c38c7489f92af9ba53f06be7d7"
    "80280004 c07d4c96"
)
IPV6_RESPONSE = bytes.fromhex(
    "01010048 2112a442 b7e7a701bc34d686fa87dfae"
    "8022000b 7465737420766563746f7220"
    "00200014 0002a1470113a9faa5d3f179bc25f4b5bed2b9d9"
    "00080014 a382954e4be67bf11784c97c8292c275bfe3ed41"
    "80280004 c8fb0b4c"
)


def test_the_request_of_section_2_1() -> None:
    message = StunMessage.parse(REQUEST)
    assert message.message_class is StunClass.REQUEST
    assert message.transaction_id == TRANSACTION
    assert message.username == "evtj:h6vY"
    assert message.priority == 0x6E0001FF
    assert (StunAttribute.ICE_CONTROLLED, bytes.fromhex("932ff9b151263b36")) in message.attributes
    assert message.has_fingerprint
    assert message.is_authentic(PASSWORD)
    assert not message.is_authentic(PASSWORD[:-1])


@pytest.mark.parametrize(
    ("octets", "address"),
    [(IPV4_RESPONSE, ("192.0.2.1", 32853)), (IPV6_RESPONSE, ("2001:db8:1234:5678:11:2233:4455:6677", 32853))],
    ids=["2.2", "2.3"],
)
def test_the_responses(octets: bytes, address: tuple[str, int]) -> None:
    message = StunMessage.parse(octets)
    assert message.message_class is StunClass.SUCCESS
    assert message.xor_mapped_address == address
    assert message.has_fingerprint
    assert message.is_authentic(PASSWORD)


@pytest.mark.parametrize("octets", [REQUEST, IPV4_RESPONSE, IPV6_RESPONSE])
@pytest.mark.parametrize("bit", range(8))
def test_no_bit_of_a_vector_may_change(octets: bytes, bit: int) -> None:
    for at in range(len(octets)):
        changed = bytearray(octets)
        changed[at] ^= 1 << bit
        try:
            message = StunMessage.parse(changed)
        except ParseError:
            continue
        # The type of the fingerprint, or of what nobody looks at, may be another attribute's.
        assert not message.is_authentic(PASSWORD) or not message.has_fingerprint


# aioice ------------------------------------------------------------------------------------------------------------

text = st.text(st.sampled_from("abcdefghijABCDEFGHIJ0123456789+/:"), min_size=1, max_size=60)
wide = st.integers(0, 2**64 - 1)
hosts = st.ip_addresses().map(str)
attributes = st.fixed_dictionaries(
    {},
    optional={
        "USERNAME": text,
        "PRIORITY": st.integers(0, 2**32 - 1),
        "USE-CANDIDATE": st.none(),
        "ICE-CONTROLLED": wide,
        "ICE-CONTROLLING": wide,
        "SOFTWARE": text,
        "XOR-MAPPED-ADDRESS": st.tuples(hosts, st.integers(0, 65535)),
        "ERROR-CODE": st.tuples(st.integers(300, 699), text),
    },
)
classes = {
    aioice.Class.REQUEST: StunClass.REQUEST,
    aioice.Class.INDICATION: StunClass.INDICATION,
    aioice.Class.RESPONSE: StunClass.SUCCESS,
    aioice.Class.ERROR: StunClass.ERROR,
}


@given(st.sampled_from(list(classes)), st.binary(min_size=12, max_size=12), attributes, text)
def test_what_aioice_writes_is_read_alike(
    message_class: aioice.Class, transaction: bytes, values: dict[str, Any], password: str
) -> None:
    theirs = aioice.Message(aioice.Method.BINDING, message_class, transaction, dict(values))
    theirs.add_message_integrity(password.encode())
    octets = bytes(theirs)
    ours = StunMessage.parse(octets)
    assert ours.message_class is classes[message_class]
    assert ours.transaction_id == transaction
    assert ours.username == values.get("USERNAME")
    assert ours.priority == values.get("PRIORITY")
    assert ours.use_candidate == ("USE-CANDIDATE" in values)
    assert ours.error_code == values.get("ERROR-CODE", (None,))[0]
    if "XOR-MAPPED-ADDRESS" in values and not values["XOR-MAPPED-ADDRESS"][0].startswith("::ffff:"):
        assert ours.xor_mapped_address == values["XOR-MAPPED-ADDRESS"]
    assert ours.has_fingerprint
    assert ours.is_authentic(password)
    assert not ours.is_authentic(password + "x")
    assert ours.serialize(password) == octets


octet_attributes = st.lists(
    st.tuples(st.sampled_from([0x0006, 0x8022, 0x0024, 0x0025, 0x802A, 0xC057]), st.binary(max_size=30)), max_size=6
)


@given(st.sampled_from(StunClass), st.binary(min_size=12, max_size=12), octet_attributes, st.none() | text)
def test_what_is_written_comes_back_and_aioice_reads_it_too(
    message_class: StunClass, transaction: bytes, values: list[tuple[int, bytes]], password: str | None
) -> None:
    message = StunMessage(message_class, transaction, values)
    octets = message.serialize(password)
    try:
        parsed = StunMessage.parse(octets)
    except ParseError:
        sizes = {0x0024: 4, 0x0025: 0, 0x802A: 8}
        assert any(len(value) != sizes.get(kind, len(value)) for kind, value in values)
        return
    assert parsed == message
    assert parsed.serialize(password) == octets
    try:
        theirs = aioice.parse_message(octets)
    except UnicodeDecodeError:
        assume(False)
    assert theirs.transaction_id == transaction
    assert password is None or theirs.check_message_integrity(password.encode())
