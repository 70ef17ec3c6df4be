"""Runs on an installed wheel without extras: parses a packet, latches, and relays a packet over loopback."""

from __future__ import annotations

import socket
import sys

import rtpcore

FIRST_PORT, PORT_COUNT = 43000, 64
PAYLOAD = bytes(range(160))


def packet(sequence_number: int) -> bytes:
    return rtpcore.RtpPacket(
        payload_type=0, sequence_number=sequence_number, timestamp=160 * sequence_number, ssrc=0x1234, payload=PAYLOAD
    ).serialize()


def check_parsing() -> None:
    datagram = packet(7)
    parsed = rtpcore.RtpPacket.parse(datagram)
    assert (parsed.sequence_number, parsed.ssrc, bytes(parsed.payload)) == (7, 0x1234, PAYLOAD)
    assert parsed.serialize() == datagram
    try:
        rtpcore.RtpPacket.parse(datagram[:11])
    except rtpcore.ParseError as error:
        assert error.reason
    else:
        raise AssertionError("a packet of 11 octets was parsed")


def check_latching() -> None:
    declared, stranger = ("127.0.1.10", 40000), ("127.0.2.66", 7777)
    latch = rtpcore.Latch(rtpcore.LatchPolicy(profile="guarded"))
    latch.publish(0)
    latch.signal(1_000_000, event="answer", declared=declared, signalling=[declared[0]], payload_types={0: 8000})
    assert latch.receive(2_000_000, stranger, packet(1)).action is not rtpcore.Action.FORWARD
    assert latch.receive(22_000_000, declared, packet(2)).action is rtpcore.Action.FORWARD
    assert latch.accepted_source == declared


def check_relaying() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as caller_end,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as callee_end,
        rtpcore.Relay(
            [rtpcore.Interface("127.0.0.1", name="loopback")], ports=range(FIRST_PORT, FIRST_PORT + PORT_COUNT)
        ) as relay,
    ):
        for end in (caller_end, callee_end):
            end.bind(("127.0.0.1", 0))
            end.settimeout(5.0)
        session = relay.create_session("smoke")
        caller = session.add_leg("caller", interface="loopback")
        callee = session.add_leg("callee", interface="loopback")
        for leg, end in ((caller, caller_end), (callee, callee_end)):
            leg.publish()
            leg.signal(event="answer", declared=end.getsockname(), signalling=["127.0.0.1"], payload_types={0: 8000})
        caller_end.sendto(packet(1), caller.address)
        datagram, source = callee_end.recvfrom(2048)
        assert datagram == packet(1)
        assert source == callee.address
        session.close()


def main() -> int:
    for check in (check_parsing, check_latching, check_relaying):
        check()
    print(f"rtpcore runs on Python {sys.version.split()[0]}: parsed, latched, relayed.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
