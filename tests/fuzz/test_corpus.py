"""What fuzzing has found worth keeping, run once more against the package as it is installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS

CORPUS = Path(__file__).with_name("corpus")


def test_every_target_has_a_corpus() -> None:
    assert {path.stem for path in CORPUS.glob("*.txt")} == set(TARGETS)


@pytest.mark.parametrize("name", TARGETS)
def test_the_corpus_of_a_target(name: str) -> None:
    lines = (CORPUS / f"{name}.txt").read_text(encoding="ascii").split()
    assert len(set(lines)) == len(lines) > 5
    for line in lines:
        try:
            TARGETS[name](bytes.fromhex(line))
        except Exception as error:
            raise AssertionError(f"{name} fails on {line}") from error
    TARGETS[name](b"")
