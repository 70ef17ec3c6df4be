"""The same rows on rtpcore and on a real rtpengine: the attack finds a relay that does not look at the source."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parents[2] / "bench"
NOTHING = {"inj": 0, "bleed_ms": 0, "lost": 0}

pytestmark = [pytest.mark.interop, pytest.mark.slow]


def test_a_sprayer_is_forwarded_by_rtpengine_and_not_by_rtpcore(
    program: Callable[[str], str], network_namespaces: None, tmp_path: Path
) -> None:
    for name in ("rtpengine", "setpriv", "unshare"):
        program(name)
    found = tmp_path / "found.json"
    words = ["--relays", "rtpcore-guarded,rtpengine-delayed", "--rows", "A04", "--rounds", "1", "--json", str(found)]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    run = subprocess.run(
        [sys.executable, BENCH / "run_security.py", *words],
        env=environment,
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    relays = json.loads(found.read_text())["relays"]
    rows = {name: rounds[0]["rows"] for name, rounds in relays.items()}
    for name in ("rtpcore-guarded", "rtpengine-delayed"):
        for call in ("N01", "N02"):
            assert NOTHING.items() <= rows[name][call].items(), run.stdout
            assert rows[name][call]["dead_ms"] <= 100, run.stdout
    assert NOTHING.items() <= rows["rtpcore-guarded"]["A04"].items(), run.stdout
    assert rows["rtpcore-guarded"]["A04"]["dead_ms"] <= 100, run.stdout
    attacked = rows["rtpengine-delayed"]["A04"]
    assert attacked["inj"] > 0, run.stdout
    assert (attacked["bleed_ms"], attacked["lost"]) == (0, 0), run.stdout
