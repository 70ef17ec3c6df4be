"""The asyncio face of Relay, Session and Leg: the same objects, with the calls that wait as coroutines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any, Self

from rtpcore import relay as blocking
from rtpcore.forward.event_queue import check_timeout
from rtpcore.interface import Interface

if TYPE_CHECKING:
    import numpy.typing as npt

    from rtpcore.events import Address, Event
    from rtpcore.session import Leg as BlockingLeg
    from rtpcore.session import Session as BlockingSession
    from rtpcore.session import SessionStats
    from rtpcore.track.latch.policy import LatchPolicy
    from rtpcore.track.leg_stats import LegStats

__all__ = ["Interface", "Leg", "Relay", "Session"]


class Leg:
    """As rtpcore.Leg; publish and stats are coroutines."""

    def __init__(self, leg: BlockingLeg) -> None:
        self._leg = leg

    @property
    def name(self) -> str:
        return self._leg.name

    @property
    def address(self) -> Address:
        """`(host, port)` that goes into the SDP sent to this party."""
        return self._leg.address

    @property
    def rtcp_address(self) -> Address:
        """`(host, port)` for a=rtcp."""
        return self._leg.rtcp_address

    async def publish(self) -> None:
        """As rtpcore.Leg.publish."""
        await asyncio.to_thread(self._leg.publish)

    def signal(self, event: str, declared: Address | None = None, **said: Any) -> None:
        """As rtpcore.Leg.signal; it does not wait."""
        self._leg.signal(event, declared, **said)

    async def stats(self) -> LegStats:
        """As rtpcore.Leg.stats."""
        return await asyncio.to_thread(self._leg.stats)

    async def explain(self) -> str:
        """As rtpcore.Leg.explain."""
        return await asyncio.to_thread(self._leg.explain)


class Session:
    """As rtpcore.Session; an asynchronous context manager."""

    def __init__(self, session: BlockingSession) -> None:
        self._session = session

    @property
    def id(self) -> str:
        return self._session.id

    async def add_leg(
        self, name: str, interface: str | None = None, policy: LatchPolicy | None = None, **ports: int | None
    ) -> Leg:
        """As rtpcore.Session.add_leg."""
        return Leg(await asyncio.to_thread(self._session.add_leg, name, interface, policy, **ports))

    async def stats(self) -> SessionStats:
        """As rtpcore.Session.stats."""
        return await asyncio.to_thread(self._session.stats)

    async def close(self) -> SessionStats | None:
        """As rtpcore.Session.close."""
        return await asyncio.to_thread(self._session.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()


class Relay:
    """As rtpcore.Relay, with the same arguments; an asynchronous context manager."""

    def __init__(self, interfaces: Sequence[Interface], *arguments: Any, **settings: Any) -> None:
        self._relay = blocking.Relay(interfaces, *arguments, **settings)
        self._waiting: set[asyncio.Future[None]] = set()

    async def create_session(self, identifier: str) -> Session:
        """As rtpcore.Relay.create_session."""
        return Session(self._relay.create_session(identifier))

    def events(self, timeout: float | None = None) -> AsyncIterator[Event]:
        """As rtpcore.Relay.events. Waits without a thread, so it may be cancelled; in one event loop at a time."""
        return self._take_events(check_timeout(timeout))

    async def _take_events(self, timeout: float | None) -> AsyncIterator[Event]:
        queue = self._relay._events
        while True:
            event = queue.take()
            if event is not None:
                yield event
            elif queue.closed or not await self._wait_event(timeout):
                return

    async def _wait_event(self, timeout: float | None) -> bool:
        loop = asyncio.get_running_loop()
        with self._relay._events.waiting() as descriptor:
            if descriptor is None:
                return True
            woken: asyncio.Future[None] = loop.create_future()
            if not self._waiting:
                loop.add_reader(descriptor, self._wake)  # one reader for all tasks: a loop has one a descriptor
            self._waiting.add(woken)
            try:
                async with asyncio.timeout(timeout):
                    await woken
            except TimeoutError:
                return False
            finally:
                self._waiting.discard(woken)
                if not self._waiting:
                    loop.remove_reader(descriptor)
            return True

    def _wake(self) -> None:
        self._relay._events.acknowledge()
        for woken in self._waiting:
            if not woken.done():
                woken.set_result(None)

    async def stats_array(self) -> npt.NDArray[Any]:
        """As rtpcore.Relay.stats_array."""
        return await asyncio.to_thread(self._relay.stats_array)

    async def close(self) -> None:
        """As rtpcore.Relay.close."""
        await asyncio.to_thread(self._relay.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()
