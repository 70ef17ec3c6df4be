"""Relays attacked side by side, by the scenarios of tests/behaviour, which stand beside and not in the package."""

import sys
from pathlib import Path

# Last, so that the installed rtpcore comes before the checkout's.
sys.path.append(str(Path(__file__).resolve().parents[2]))
