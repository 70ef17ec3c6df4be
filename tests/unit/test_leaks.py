"""Objects, memory, descriptors and references that stay behind, in a process of their own."""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest

from tests.fuzz.targets import TARGETS
from tests.process import Process

pytestmark = pytest.mark.skipif(
    bool(sysconfig.get_config_var("Py_GIL_DISABLED")), reason="an interpreter without a lock does not count its blocks"
)
PROGRAM = Path(__file__).with_name("programs") / "leak_of_packets.py"
# What tables of the interpreter may grow by at an odd moment.
SLACK_BLOCKS = 20
SLACK_OCTETS = 2048


@pytest.fixture(scope="module")
def grown() -> Any:
    with Process(sys.executable, "-P", PROGRAM) as running:
        return running.report(120)


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_stays_behind(grown: Any, name: str) -> None:
    growth = grown[name]
    assert growth["blocks"] < max(SLACK_BLOCKS, growth["rounds"]), "less than an object a round, of all inputs together"
    assert growth["octets"] < SLACK_OCTETS
    assert (growth["files"], growth["references"]) == (0, 0)


def test_what_stays_behind_is_seen(grown: Any) -> None:
    growth = grown["leaky"]
    assert growth["blocks"] > growth["rounds"]
    assert growth["octets"] > SLACK_OCTETS
    assert growth["references"] > growth["rounds"]
