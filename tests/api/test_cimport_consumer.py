"""The public C functions, called from a package that is not rtpcore, say what the Python API says of the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import rtpcore
from rtpcore import Action, ParseError, Reason, RtpPacket
from tests.checks import CREDENTIALS, check, read

MS = 1_000_000
OWN = ("203.0.113.7", 30000)
PHONE = ("198.51.100.9", 40512)
PHONE_RTCP = ("198.51.100.9", 40513)
OTHER = ("203.0.113.66", 30000)
SSRC = 0x5EED5EED

ADDRESSES = [
    ("192.0.2.1", 5004), ("10.1.2.3", 1), ("100.64.0.1", 9), ("169.254.1.1", 9), ("127.0.0.1", 65535), ("224.0.0.1", 9),
    ("0.0.0.0", 0), ("2001:db8::1", 5004), ("fc00::1", 9), ("::1", 9), ("::ffff:192.0.2.1", 7), ("fe80::1%lo", 9),
]  # fmt: skip


def rtp(number: int, ssrc: int = SSRC, payload_type: int = 0, octets: int = 160, **fields: Any) -> bytes:
    """The packet of that number of a stream of 20 ms each."""
    return RtpPacket(
        payload_type=payload_type,
        sequence_number=number & 0xFFFF,
        timestamp=number * 160 & 0xFFFFFFFF,
        ssrc=ssrc,
        payload=bytes([number & 0xFF]) * octets,
        **fields,
    ).serialize()


def compound(ssrc: int, *, goodbye: bool = False) -> bytes:
    """A receiver report with a description, and with a goodbye where asked for."""
    description = rtpcore.SourceDescription(chunks=[(ssrc, [(1, b"phone@example.net")])])
    packets = [rtpcore.ReceiverReport(ssrc=ssrc), description]
    return b"".join([packet.serialize() for packet in packets] + [rtpcore.Goodbye(ssrcs=[ssrc]).serialize()] * goodbye)


def attempt(parse: Callable[[bytes], Any], octets: bytes) -> tuple[Any, ParseError | None]:
    """What `parse` returns, or what it raises."""
    try:
        return parse(octets), None
    except ParseError as error:
        return None, error


PACKETS = [
    rtp(1),
    rtp(65535, ssrc=0, payload_type=127, marker=True),
    rtp(2, csrcs=[1, 0xFFFFFFFF]),
    rtp(3, octets=0),
    rtp(4, padding_size=4),
    rtp(5, extension_elements=[(1, b"a"), (14, b"0123456789abcdef")]),
    rtp(6, extension_elements=[(15, b""), (255, bytes(255))]),
    rtp(7, extension_profile=0xABCD, extension_data=bytes(8)),
    rtp(8, csrcs=range(15), extension_elements=[(3, b"xyz")], padding_size=255),
]


# Addresses -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pair", ADDRESSES)
def test_an_address_comes_back_as_it_went_in(consumer: Any, pair: tuple[str, int]) -> None:
    returned, host, _, is_ipv4, port = consumer.address(pair)
    assert returned == (host, port) == (pair[0].removeprefix("::ffff:"), pair[1])
    assert is_ipv4 == (":" not in host)


def test_classes_of_addresses(consumer: Any) -> None:
    classes = [consumer.address(pair)[2] for pair in ADDRESSES]
    assert classes == [0, 1, 2, 3, 5, 6, 6, 0, 4, 5, 0, 3]


def test_addresses_are_compared_by_host_port_and_prefix(consumer: Any) -> None:
    assert consumer.compare(("192.0.2.1", 5004), "192.0.2.1", 24, 64) == (False, True, True, False)
    assert consumer.compare(("192.0.2.1", 0), "192.0.2.1", 32, 64) == (True, True, True, False)
    assert consumer.compare(("192.0.2.1", 0), "192.0.2.9", 24, 64) == (False, False, True, False)
    assert consumer.compare(("192.0.2.1", 0), "192.0.2.9", 32, 64) == (False, False, False, False)
    assert consumer.compare(("::1", 0), "::", 32, 64)[3] is True


@pytest.mark.parametrize("pair", [("localhost", 1), ("192.0.2.1", 65536), "192.0.2.1"])
def test_a_bad_address_raises_as_the_python_api_does(consumer: Any, pair: Any) -> None:
    with pytest.raises((rtpcore.ConfigurationError, TypeError)) as theirs:
        rtpcore.Latch(rtpcore.LatchPolicy()).add_own_address(pair)
    with pytest.raises(theirs.type) as ours:
        consumer.address(pair)
    assert str(ours.value) == str(theirs.value)


# What is on the wire ---------------------------------------------------------------------------------------------


def test_every_first_and_second_octet_is_classified_alike(consumer: Any) -> None:
    for size in (1, 2, 20):
        for first in range(256):
            for second in (0, 96, 191, 192, 200, 223, 224):
                octets = bytes([first, second, 0, 0, 0x21, 0x12, 0xA4, 0x42, *bytes(12)])[:size]
                assert consumer.classify(octets) == rtpcore.classify(octets), octets.hex()


@pytest.mark.parametrize("number", range(len(PACKETS)))
def test_a_packet_is_parsed_alike_at_every_length(consumer: Any, number: int) -> None:
    valid = 0
    for size in range(len(PACKETS[number]) + 1):
        octets = PACKETS[number][:size]
        reason, header, elements = consumer.parse(octets)
        packet, error = attempt(RtpPacket.parse, octets)
        if error:
            assert (reason, header["payload_offset"]) == (error.reason, error.offset)
            continue
        valid += 1
        assert reason == 0
        for name in ("ssrc", "timestamp", "sequence_number", "payload_type", "marker", "extension", "padding_size"):
            assert header[name] == getattr(packet, name), name
        assert header["csrc_count"] == len(packet.csrcs)
        start = header["payload_offset"]
        assert octets[start : start + header["payload_size"]] == packet.payload
        assert elements == packet.extension_elements
        if packet.extension:
            start = header["extension_offset"]
            assert octets[start : start + header["extension_size"]] == packet.extension_data
            assert header["extension_profile"] == packet.extension_profile
    assert valid >= 1


def test_a_compound_is_walked_alike_at_every_length(consumer: Any) -> None:
    whole = compound(SSRC, goodbye=True)
    valid = 0
    for size in range(len(whole) + 1):
        octets = whole[:size]
        reason, offset, found, sender, said_goodbye = consumer.parse_rtcp(octets, SSRC)
        packets, error = attempt(rtpcore.parse_rtcp, octets)
        if error:
            assert (reason, offset) == (error.reason, error.offset)
            continue
        valid += 1
        assert [entry[1] for entry in found] == [packet.serialize() for packet in packets]
        assert [entry[0] for entry in found] == [201, 202, 203][: len(packets)]
        assert sender == SSRC
        assert said_goodbye is any(isinstance(packet, rtpcore.Goodbye) for packet in packets)
    assert valid == 3
    assert consumer.parse_rtcp(whole, SSRC + 1)[4] is False


def test_of_an_encrypted_compound_the_first_header_is_judged(consumer: Any) -> None:
    assert consumer.validate_encrypted(compound(SSRC)[:8] + b"\xff" * 5, False) == 0
    assert consumer.validate_encrypted(compound(SSRC)[:7], False) == rtpcore.ParseReason.RTCP_TOO_SHORT
    feedback = bytes.fromhex("81ce000200000001") + bytes(4)
    assert consumer.validate_encrypted(feedback, False) == rtpcore.ParseReason.RTCP_BAD_FIRST_TYPE
    assert consumer.validate_encrypted(feedback, True) == 0


# Who is talking --------------------------------------------------------------------------------------------------


def test_sources_are_tracked_alike(consumer: Any) -> None:
    theirs, ours = rtpcore.SsrcTable(max_sources=2), consumer.Table(2)
    numbers = [65533, 65534, 65535, 0, 1, 3, 2, 2, 5, 9000, 9001, 9003, 9002, 20000, 9004]
    steps = [(number, SSRC) for number in numbers] + [(number, 0) for number in (1, 2, 3)]
    verdicts = set()
    for index, (number, ssrc) in enumerate(steps):
        packet, now_ns = rtp(number, ssrc), index * 20 * MS + (index % 3) * 5 * MS
        verdict = theirs.update(packet, now_ns, clock_rate=8000)
        assert ours.update(packet, now_ns, 8000) == verdict
        verdicts.add(verdict.name)
    assert verdicts == {"PROBATION", "IN_ORDER", "REORDERED", "DUPLICATE", "BAD_SEQUENCE", "RESTARTED"}
    stats = {source.ssrc: source for source in theirs.sources()}
    assert stats.keys() == {SSRC, 0}
    for ssrc, source in stats.items():
        assert ours.stats(ssrc) == source
        highest, expected, lost, fraction, taken, fresh = ours.figures(ssrc)
        assert (highest, lost) == (source.extended_highest_sequence_number, source.cumulative_lost)
        assert expected == source.packets_received + source.cumulative_lost
        assert fraction == taken == source.fraction_lost
        assert fresh == 0
    assert stats[SSRC].interarrival_jitter > 0
    assert ours.update(rtp(1, ssrc=7), 400 * MS, 8000) is None
    assert theirs.update(rtp(1, ssrc=7), 400 * MS) is rtpcore.SourceVerdict.REFUSED
    assert ours.counts() == (theirs.evicted, theirs.refused) == (0, 1)
    assert ours.stats(7) is None
    assert ours.replace(7, 400 * MS) == 7, "it takes the place of the one heard least recently"
    assert (ours.stats(SSRC), ours.stats(0)) == (None, stats[0])
    assert ours.counts() == (1, 1)


def test_the_halves_of_an_update_make_the_whole(consumer: Any) -> None:
    table = rtpcore.SsrcTable(max_sources=1)
    steps = [(number, number * 160, number * 20 * MS + number % 4 * MS) for number in range(20)]
    verdicts = [table.update(rtp(number), time_ns) for number, _, time_ns in steps]
    (source,) = table.sources()
    assert consumer.one_source(steps, 8000) == (verdicts, source.interarrival_jitter)


def test_what_is_freed_may_be_freed_again(consumer: Any) -> None:
    assert consumer.free_often()


# Whose media is accepted -----------------------------------------------------------------------------------------


class Both:
    """The same call judged by rtpcore.Latch and by the consumer's latch; after each step both must agree."""

    def __init__(self, consumer: Any, policy: rtpcore.LatchPolicy) -> None:
        self.theirs = rtpcore.Latch(policy, OWN)
        self.ours = consumer.Party(policy, OWN)
        self.received = self.held = self.released = 0
        self.actions: list[tuple[Action, Reason]] = []

    def agree(self) -> None:
        latch = self.theirs
        expected = (latch.state, latch.accepted_source, latch.destination, latch.ssrc)
        assert self.ours.state() == (*expected, latch.rtcp_accepted_source, latch.rtcp_destination)
        assert self.ours.explain() == latch.explain()
        assert self.ours.take_events() == latch.events()

    def signal(self, now_ms: int, event: str, declared: Any, hosts: list[str]) -> None:
        types = {0: 8000, 101: 8000}
        self.theirs.signal(now_ms * MS, event, declared, signalling=hosts, payload_types=types)
        self.ours.signal(now_ms * MS, event, declared, hosts, types)
        self.agree()

    def publish(self, now_ms: int) -> None:
        self.theirs.publish(now_ms * MS)
        self.ours.publish(now_ms * MS)
        self.agree()

    def receive(self, now_ms: int, sender: tuple[str, int], octets: bytes, *, rtcp: bool = False) -> Action:
        judge = self.theirs.receive_rtcp if rtcp else self.theirs.receive
        verdict = judge(now_ms * MS, sender, octets)
        expected = (verdict.action, verdict.reason, verdict.row, verdict.released)
        assert self.ours.receive(now_ms * MS, sender, octets, rtcp) == expected
        self.agree()
        assert self.ours.may_send(now_ms * MS) == self.theirs.may_send(now_ms * MS)
        self.actions.append((verdict.action, verdict.reason))
        self.held += verdict.action is Action.HOLD
        self.released += len(verdict.released)
        return verdict.action


def play(call: Both) -> None:
    """A call with a stranger from before it to its end, a private SDP, RTCP, junk, a loop and a change of SSRC."""
    call.receive(0, OTHER, b"junk")
    call.receive(0, OTHER, rtp(1, 7))
    call.publish(1)
    call.receive(2, PHONE, rtp(0))
    call.signal(5, "answer", ("192.168.1.10", 5004), ["198.51.100.9"])
    call.ours.add_sent_ssrc(9)
    call.theirs.add_sent_ssrc(9)
    for number in range(1, 400):
        now = number * 20
        call.receive(now, OTHER, rtp(number, 7))
        call.receive(now, PHONE, rtp(number))
        if number % 50 == 0:
            call.receive(now + 1, PHONE_RTCP, compound(SSRC), rtcp=True)
            call.receive(now + 1, OTHER, compound(7), rtcp=True)
            call.receive(now + 2, PHONE, compound(SSRC))
            call.receive(now + 3, PHONE, rtp(number + 1, 9))
            call.receive(now + 4, PHONE, b"\x80\x00")
            call.receive(now + 5, PHONE, b"")
    call.signal(8000, "hold", None, [])
    call.signal(8010, "resume", None, [])
    call.receive(8020, PHONE_RTCP, compound(SSRC, goodbye=True), rtcp=True)
    for number in range(1, 10):
        call.receive(8100 + number * 20, PHONE, rtp(number, 0xCAFE))
    call.receive(8400, OTHER, rtp(1, 0xCAFE))
    call.receive(8401, PHONE, rtp(9000, 0xCAFE))


@pytest.mark.parametrize("profile", ["guarded", "strict", "open", "declared"])
def test_a_call_is_judged_alike(consumer: Any, profile: str) -> None:
    call = Both(consumer, rtpcore.LatchPolicy(profile))
    play(call)
    forwarded = {action for action, _ in call.actions}
    assert Action.DROP in forwarded
    assert (Action.FORWARD in forwarded) is (profile != "declared")
    call.theirs.signal(9000 * MS, "close")
    call.ours.close(9000 * MS)
    call.agree()
    assert call.ours.dropped() == call.held - call.released, "what was held was let through or counted"


def test_sending_waits_for_a_destination(consumer: Any) -> None:
    party = consumer.Party(rtpcore.LatchPolicy(), OWN)
    assert party.may_send(0) == Reason.NO_DESTINATION
    party.publish(MS)
    party.signal(MS, "answer", PHONE, ["203.0.113.5"], {0: 8000})
    assert party.may_send(MS) == Reason.NONE
    assert party.may_send(10_000 * MS) == Reason.NONE
    assert party.may_send(10_001 * MS) == Reason.EARLY_BUDGET
    assert party.receive(10_002 * MS, PHONE, rtp(1), False)[0] == Action.FORWARD
    assert party.may_send(10_002 * MS) == Reason.NONE


# What vouches for packets ------------------------------------------------------------------------------------------


def tagged(number: int, tag: int) -> bytes:
    return rtp(number)[:-1] + bytes([tag])


def test_a_verify_function_in_c_decides_before_the_latch(consumer: Any) -> None:
    party = consumer.Party(rtpcore.LatchPolicy(), OWN)
    party.publish(0)
    party.authenticate(0, tag=0x5A)
    party.signal(0, "answer", PHONE, [], {0: 8000})
    assert party.receive(MS, OTHER, tagged(1, 0x5B), False)[:2] == (Action.DROP, Reason.NOT_VERIFIED)
    assert party.receive(2 * MS, OTHER, tagged(2, 0x5A), False)[0] == Action.FORWARD
    assert party.receive(3 * MS, PHONE, tagged(3, 0x5A), False)[0] == Action.FORWARD
    assert party.receive(4 * MS, OTHER, tagged(4, 0x5B), False)[:2] == (Action.DROP, Reason.NOT_VERIFIED)
    assert party.state()[1:3] == (PHONE, PHONE)
    assert party.asked() == 4


def test_checks_are_answered_for_a_consumer_with_sockets_of_its_own(consumer: Any) -> None:
    password = CREDENTIALS.local[1]
    party = consumer.Party(rtpcore.LatchPolicy(), OWN)
    party.publish(0)
    party.authenticate(0, fragment=CREDENTIALS.local[0].encode(), password=password.encode())
    party.signal(0, "answer", PHONE, [], {0: 8000})
    assert party.receive(MS, PHONE, rtp(1), False)[:2] == (Action.DROP, Reason.NOT_VALIDATED)
    reason, answer = party.check(2 * MS, OTHER, check())
    assert (reason, read(answer).mapped) == (Reason.STUN_ANSWERED, OTHER)
    assert party.receive(3 * MS, OTHER, rtp(1), False)[0] == Action.FORWARD
    assert party.state()[1:3] == (OTHER, OTHER)
