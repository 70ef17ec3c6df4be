"""The asyncio face: the same objects, with waiting that can be cancelled and takes no thread."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest

import rtpcore
from rtpcore import aio
from tests.party import PORTS, Party, descriptors, own_host


def run(main: Callable[[aio.Relay], Awaitable[None]], **settings: Any) -> None:
    """Runs `main` with a relay, and sees that nothing is left of either."""

    async def with_relay() -> None:
        async with aio.Relay([aio.Interface(own_host())], PORTS, quarantine_s=0, **settings) as relay:
            await main(relay)

    before = descriptors(), threading.active_count()
    asyncio.run(asyncio.wait_for(with_relay(), 20))
    assert (descriptors(), threading.active_count()) == before


async def receive(party: Party) -> bytes:
    return await asyncio.to_thread(lambda: party.receive()[0])


async def close_soon(relay: aio.Relay) -> None:
    await asyncio.sleep(0.02)
    await relay.close()


async def told_by(relay: aio.Relay, timeout: float | None = None) -> list[str | None]:
    return [event.session async for event in relay.events(timeout)]


def test_a_call() -> None:
    async def main(relay: aio.Relay) -> None:
        with Party() as caller, Party() as callee:
            session = await relay.create_session("call")
            assert session.id == "call"
            legs = []
            for name, party in (("caller", caller), ("callee", callee)):
                leg = await session.add_leg(name)
                await leg.publish()
                leg.signal("answer", declared=party.address, rtcp_mux=True)
                assert leg.name == name
                assert leg.rtcp_address == leg.address
                legs.append(leg)
            (sent,) = caller.send(legs[0].address)
            assert await receive(callee) == sent
            stats = await session.stats()
            assert stats.legs["caller"] == await legs[0].stats()
            assert stats.legs["caller"].forwarded == 1
            assert "is accepted" in await legs[0].explain()
            assert len(await relay.stats_array()) == 2
            event = await anext(relay.events(5))
            assert (event.name, event.session, event.leg) == ("latched", "call", "caller")
            last = await session.close()
            assert last is not None
            assert last.legs["caller"].forwarded == 1
            assert await session.close() is None

    run(main)


def test_given_ports_and_policy() -> None:
    async def main(relay: aio.Relay) -> None:
        async with await relay.create_session("call") as session:
            leg = await session.add_leg("caller", policy=rtpcore.LatchPolicy("strict"), port=4000, rtcp_port=5001)
            assert (leg.address[1], leg.rtcp_address[1]) == (4000, 5001)
        with pytest.raises(rtpcore.Closed):
            await session.add_leg("again")

    run(main)


def test_errors_are_those_of_the_relay() -> None:
    async def main(relay: aio.Relay) -> None:
        session = await relay.create_session("call")
        with pytest.raises(rtpcore.SessionExists):
            await relay.create_session("call")
        with pytest.raises(rtpcore.UnknownInterface):
            await session.add_leg("caller", interface="none")
        leg = await session.add_leg("caller")
        with pytest.raises(rtpcore.ConfigurationError, match="'ring'"):
            leg.signal("ring")
        with pytest.raises(TypeError, match="timeout"):
            relay.events("1")  # type: ignore[arg-type]
        await relay.close()
        await relay.close()
        with pytest.raises(rtpcore.Closed):
            await relay.create_session("again")
        with pytest.raises(rtpcore.Closed):
            await leg.publish()

    run(main)


def test_events_end_after_the_timeout() -> None:
    async def main(relay: aio.Relay) -> None:
        loop = asyncio.get_running_loop()
        start = loop.time()
        assert await told_by(relay, 0.05) == []
        assert 0.049 <= loop.time() - start < 5
        assert await told_by(relay, 0) == []

    run(main)


def test_close_ends_events_after_the_last_of_them() -> None:
    async def main(relay: aio.Relay) -> None:
        await (await relay.create_session("call")).add_leg("leg")
        told, _ = await asyncio.gather(told_by(relay), close_soon(relay))
        assert told == ["call"]
        assert await told_by(relay) == []

    run(main)


def test_tasks_share_the_events() -> None:
    async def main(relay: aio.Relay) -> None:
        consumers = [asyncio.create_task(told_by(relay)) for _ in range(3)]
        await asyncio.sleep(0)
        for number in range(60):
            session = await relay.create_session(str(number))
            await session.add_leg("leg")
            await session.close()
        await relay.close()
        told = [name for consumer in consumers for name in await consumer]
        assert sorted(map(str, told)) == sorted(str(number) for number in range(60))

    run(main)


def test_waiting_for_events_may_be_cancelled_any_number_of_times() -> None:
    """It takes no thread, so that the calls that do take one still find one."""

    async def main(relay: aio.Relay) -> None:
        threads = threading.active_count()
        for _ in range(50):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(anext(relay.events()), 0.001)
        assert threading.active_count() == threads
        session = await relay.create_session("call")
        await session.add_leg("leg")
        await session.close()
        assert (await anext(relay.events(5))).session == "call"

    run(main)


def test_a_cancelled_consumer_does_not_take_the_wake_up_of_another() -> None:
    async def main(relay: aio.Relay) -> None:
        for number in range(20):
            cancelled = asyncio.create_task(told_by(relay))
            waiting = asyncio.ensure_future(anext(relay.events(5)))
            await asyncio.sleep(0)
            session = await relay.create_session(str(number))
            await session.add_leg("leg")
            closing = asyncio.create_task(session.close())
            cancelled.cancel()
            await closing
            assert (await waiting).session == str(number)
            with contextlib.suppress(asyncio.CancelledError):
                await cancelled

    run(main)


def test_leaving_the_loop_early_leaves_nothing_behind() -> None:
    async def main(relay: aio.Relay) -> None:
        for number in range(5):
            session = await relay.create_session(str(number))
            await session.add_leg("leg")
            await session.close()
        async for event in relay.events():
            assert event.session == "0"
            break
        assert (await anext(relay.events(5))).session == "1"

    run(main)


def test_the_relay_closes_while_tasks_wait_and_are_cancelled() -> None:
    async def consume_with_limit(relay: aio.Relay, limit_s: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(told_by(relay), limit_s)

    async def main(relay: aio.Relay) -> None:
        work: list[Coroutine[Any, Any, None]] = [consume_with_limit(relay, 0.001 * turn) for turn in range(40)]
        await asyncio.gather(*work, close_soon(relay))

    run(main)


def test_the_loop_is_not_blocked_while_it_waits() -> None:
    async def main(relay: aio.Relay) -> None:
        waiting = asyncio.create_task(told_by(relay))
        for _ in range(20):
            await asyncio.sleep(0.001)
        assert not waiting.done()
        await relay.close()
        assert await waiting == []

    run(main, workers=2)
