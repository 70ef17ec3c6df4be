"""Fixtures of the NAT laboratory: one network for all tests, and the programs on its hosts."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.nat.laboratory import RELAY, RELAY6, Laboratory
from tests.nat.play import Stage


@pytest.fixture(scope="session")
def laboratory(program: Callable[[str], str], network_namespaces: None) -> Iterator[Laboratory]:
    """The network; it is taken down after the last test, whatever came before."""
    for name in ("ip", "nft", "sysctl", "conntrack"):
        program(name)
    with Laboratory() as laboratory:
        yield laboratory


@pytest.fixture(scope="session")
def stage(laboratory: Laboratory) -> Stage:
    """A program on each host, and a Relay named "relay" on both families."""
    stage = Stage(laboratory)
    stage.open("relay", RELAY, RELAY6, quarantine_s=0)
    return stage
