"""One target under atheris: `python -m tests.fuzz.fuzz TARGET COMMAND [libFuzzer's arguments]`; run.py runs them all.

COMMAND is an executable that does the same with a target of its own: libFuzzer starts it where a merge needs processes.
"""

from __future__ import annotations

import sys

import atheris

from tests.fuzz.targets import TARGETS

if __name__ == "__main__":
    atheris.Setup(sys.argv[2:], TARGETS[sys.argv[1]])
    atheris.Fuzz()
