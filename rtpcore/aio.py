"""The asyncio face of Relay, Session and Leg: the same objects, with the calls that wait as coroutines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any, Self

from rtpcore import relay as blocking
from rtpcore.relay import Interface

if TYPE_CHECKING:
    import numpy.typing as npt

    from rtpcore.events import Address, Event
    from rtpcore.session import Leg as BlockingLeg
    from rtpcore.session import Session as BlockingSession
    from rtpcore.session import SessionStats
    from rtpcore.track.leg_stats import LegStats
    from rtpcore.track.policy import LatchPolicy

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

    async def create_session(self, identifier: str) -> Session:
        """As rtpcore.Relay.create_session."""
        return Session(self._relay.create_session(identifier))

    async def events(self, timeout: float | None = None) -> AsyncIterator[Event]:
        """As rtpcore.Relay.events. Waits without a thread."""
        while True:
            event = self._relay._next_event()
            if event is not None:
                yield event
            elif self._relay.closed or not await self._wait_event(timeout):
                return

    async def _wait_event(self, timeout: float | None) -> bool:
        loop = asyncio.get_running_loop()
        waiting = loop.run_in_executor(None, self._relay._wait_event, timeout)
        return await waiting

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
