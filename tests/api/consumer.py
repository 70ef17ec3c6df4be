"""What a user writes, with public names only: a call through a relay, asked about in every way. Usage: consumer.py HOST

mypy --strict must pass on it: the types are as said, and each ignored line is indeed an error.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Callable
from typing import assert_type

import rtpcore
import rtpcore.aio

PAYLOAD = b"\xff" * 160


def packet(number: int) -> bytes:
    return rtpcore.RtpPacket(
        payload_type=0, sequence_number=number, timestamp=160 * number, ssrc=7, payload=PAYLOAD
    ).serialize()


def relay_a_call(host: str) -> None:
    interface = rtpcore.Interface(host, advertise=host, name="public")
    with (
        socket.socket(type=socket.SOCK_DGRAM) as caller,
        socket.socket(type=socket.SOCK_DGRAM) as callee,
        rtpcore.Relay([interface], ports=range(40000, 40100), workers=2, quarantine_s=0) as relay,
    ):
        assert_type(relay, rtpcore.Relay)
        with relay.create_session("call") as session:
            assert_type(session, rtpcore.Session)
            for name, party in (("caller", caller), ("callee", callee)):
                party.bind((host, 0))
                party.settimeout(10)
                leg = session.add_leg(name, interface="public", policy=rtpcore.LatchPolicy("strict"))
                assert_type(leg, rtpcore.Leg)
                assert leg.address[0] == leg.rtcp_address[0] == host
                leg.publish()
                leg.signal("answer", declared=party.getsockname(), signalling=[host], payload_types={0: 8000})
            for number in range(1, 4):
                caller.sendto(packet(number), session.legs["caller"].address)
                heard = rtpcore.RtpPacket.parse(callee.recv(2000))
                assert (heard.sequence_number, bytes(heard.payload)) == (number, PAYLOAD)
            stats = session.stats().legs["caller"]
            assert_type(stats, rtpcore.LegStats)
            assert_type(stats.rtp, rtpcore.FlowStats)
            assert_type(stats.forwarded, int)
            assert_type(stats.dropped, dict[rtpcore.Reason, int])
            assert stats.forwarded == stats.rtp.forwarded == 3
            assert stats.state is rtpcore.LatchState.PROVISIONAL
            assert "is accepted" in session.legs["caller"].explain()
            rows = relay.stats_array()
            assert rows.dtype == rtpcore.STATS_DTYPE
            assert rows["rtp_forwarded"].sum() == 3
            last = session.close()
            assert_type(last, rtpcore.SessionStats | None)
        for event in relay.events(timeout=0):
            assert_type(event, rtpcore.events.Event)
            assert event.session == "call"
            assert event.name in ("latched", "expired")


def errors(host: str) -> None:
    with rtpcore.Relay([rtpcore.Interface(host)], range(40000, 40002)) as relay:
        session = relay.create_session("call")
        session.add_leg("caller")
        for wrong, kind in (
            (lambda: relay.create_session("call"), rtpcore.SessionExists),
            (lambda: session.add_leg("caller"), rtpcore.LegExists),
            (lambda: session.add_leg("callee"), rtpcore.PortsExhausted),
            (lambda: session.add_leg("callee", port=40000), rtpcore.AddressInUse),
            (lambda: session.add_leg("callee", interface="none"), rtpcore.UnknownInterface),
            (lambda: session.add_leg("callee", port=-1), rtpcore.ConfigurationError),
        ):
            said = sentence(wrong, kind)
            assert said.endswith("."), said
    assert sentence(lambda: relay.create_session("call"), rtpcore.RelayError) == "the relay is closed."


def sentence(wrong: Callable[[], object], kind: type[rtpcore.RtpcoreError]) -> str:
    try:
        wrong()
    except kind as error:
        return str(error)
    raise AssertionError(kind)


def without_sockets() -> None:
    latch = rtpcore.Latch(rtpcore.LatchPolicy())
    latch.publish(0)
    latch.signal(0, "answer", declared=("203.0.113.9", 5004))
    verdict = latch.receive(1, ("203.0.113.9", 5004), packet(1))
    assert_type(verdict, rtpcore.LatchVerdict)
    assert verdict.action is rtpcore.Action.FORWARD
    assert latch.accepted_source == ("203.0.113.9", 5004)
    assert rtpcore.classify(packet(1)) is rtpcore.PacketKind.RTP
    try:
        rtpcore.RtpPacket.parse(b"short")
    except rtpcore.ParseError as error:
        assert_type(error.reason, rtpcore.ParseReason)
        assert_type(error.offset, int)


async def with_asyncio(host: str) -> None:
    async with rtpcore.aio.Relay([rtpcore.Interface(host)], range(40000, 40100)) as relay:
        async with await relay.create_session("call") as session:
            leg = await session.add_leg("caller")
            await leg.publish()
            assert_type(await leg.stats(), rtpcore.LegStats)
        async for event in relay.events(timeout=0):
            assert_type(event, rtpcore.events.Event)


def what_a_type_checker_refuses(relay: rtpcore.Relay, session: rtpcore.Session, leg: rtpcore.Leg) -> None:
    rtpcore.Relay("127.0.0.1")  # type: ignore[arg-type]
    rtpcore.Relay([], ports=[4000])  # type: ignore[arg-type]
    relay.create_session(5)  # type: ignore[arg-type]
    session.add_leg("caller", policy="strict")  # type: ignore[arg-type]
    session.add_leg("caller", None, None, 4000)  # type: ignore[call-arg]
    leg.signal("answer", declare=("192.0.2.1", 5004))  # type: ignore[call-arg]
    leg.signal("answer", declared="192.0.2.1:5004")  # type: ignore[arg-type]
    leg.stats().forwarded = 5  # type: ignore[misc]
    relay.events("1")  # type: ignore[arg-type]


if __name__ == "__main__":
    relay_a_call(sys.argv[1])
    errors(sys.argv[1])
    without_sockets()
    asyncio.run(with_asyncio(sys.argv[1]))
    print("over")
