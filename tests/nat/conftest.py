"""Fixtures of the NAT laboratory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.nat.laboratory import Laboratory


@pytest.fixture
def laboratory(program: Callable[[str], str], network_namespaces: None) -> Iterator[Callable[[str], Laboratory]]:
    """Build laboratories, `laboratory(masquerade)`; each is taken down after the test."""
    for name in ("ip", "nft", "sysctl"):
        program(name)
    with ExitStack() as stack:
        yield lambda masquerade: stack.enter_context(Laboratory(masquerade))
