"""What consumers of the public C functions have compiled in does not change unnoticed."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import rtpcore
from tests.api import abi_layout
from tests.api.abi_layout import TABLE, Layout, differences, may_renew, problem

Measured = tuple[Layout, ModuleType]


@pytest.fixture(scope="module")
def entries() -> dict[str, Any]:
    return abi_layout.surface(rtpcore.get_include())


def test_the_layout_is_that_of_the_table(measured: Measured) -> None:
    said = problem(json.loads(TABLE.read_text()), measured[0])
    assert said is None, said


def test_the_version_of_the_table_is_that_of_the_package(measured: Measured) -> None:
    version = json.loads(TABLE.read_text())["constants"]["RTPCORE_ABI_VERSION"]
    assert version == measured[0]["constants"]["RTPCORE_ABI_VERSION"] == rtpcore.ABI_VERSION


def test_every_public_function_is_there(measured: Measured) -> None:
    assert measured[1].missing_functions() == []


def test_the_size_of_every_public_struct_is_compared_at_import(measured: Measured, entries: dict[str, Any]) -> None:
    sizes = {f"struct {name}": struct["size"] for name, struct in measured[0]["structs"].items() if name in entries}
    drops = {"drops[DROP_REASON_COUNT]": 8 * measured[0]["constants"]["DROP_REASON_COUNT"]}
    assert measured[1].compared() == sizes | drops, "abi_list in rtpcore/abi.pxd must have the same"


def test_a_public_enum_is_public_as_a_whole(entries: dict[str, Any]) -> None:
    enums = [entry.type for entry in entries.values() if entry.is_type and entry.type.is_enum]
    assert enums != []
    missing = [value for enum in enums for value in enum.values if value not in entries]
    assert missing == [], "rtpcore/__init__.pxd must name them too"


def test_what_a_public_function_takes_and_returns_is_public(entries: dict[str, Any]) -> None:
    needed = set()
    for entry in abi_layout.functions(entries).values():
        for kind in [entry.type.return_type, *(argument.type for argument in entry.type.args)]:
            target = kind.base_type if kind.is_ptr else kind
            bare = getattr(target, "cv_base_type", target)
            if bare.is_struct or bare.is_enum:
                needed.add(bare.name)
    assert needed >= {"transport_address", "rtp_header", "latch", "drop_reason"}
    assert sorted(needed - entries.keys()) == [], "rtpcore/__init__.pxd must name them too"


def test_every_public_function_says_how_it_fails(entries: dict[str, Any]) -> None:
    # One that returns an object fails with NULL.
    for name, entry in abi_layout.functions(entries).items():
        text = str(entry.type)
        assert entry.type.return_type.is_pyobject or text.endswith(" noexcept nogil") or ") except" in text, name


# The comparison finds what it should -----------------------------------------------------------------------------


def moved(layout: Layout) -> None:
    layout["structs"]["rtp_header"]["members"]["ssrc"][0] += 4


def grown(layout: Layout) -> None:
    layout["structs"]["latch"]["size"] += 8


def renumbered(layout: Layout) -> None:
    layout["constants"]["DROP_LOOP"] += 1


def other_signature(layout: Layout) -> None:
    layout["functions"]["rtp_parse"] = "int ()"


def gone(layout: Layout) -> None:
    del layout["functions"]["latch_close"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (moved, "rtp_header was 32 octets and is 32; these members differ: ssrc."),
        (grown, "latch was {before} octets and is {after}; these members differ: none."),
        (renumbered, "DROP_LOOP was 26 and is 27."),
        (other_signature, "and is int ()."),
        (gone, "latch_close has gone from functions."),
    ],
)
def test_a_change_is_told_and_needs_another_version(measured: Measured, change: Any, sentence: str) -> None:
    table, found = measured[0], copy.deepcopy(measured[0])
    change(found)
    said = str(problem(table, found))
    before = table["structs"]["latch"]["size"]
    assert sentence.format(before=before, after=before + 8) in said
    assert "raise RTPCORE_ABI_VERSION in rtpcore/abi.pxd" in said
    assert "python tests/api/abi_layout.py --write" in said
    assert not may_renew(table, found)
    found["constants"]["RTPCORE_ABI_VERSION"] += 1
    assert may_renew(table, found)


def test_two_members_that_change_places_are_found(altered: Callable[[str, str, str], str], measured: Measured) -> None:
    include = altered("wire/rtp.pxd", r"(    uint8_t marker\n)(    uint8_t csrc_count\n)", r"\2\1")
    changed, added = differences(measured[0], abi_layout.measure(include)[0])
    assert changed == ["rtp_header was 32 octets and is 32; these members differ: csrc_count, marker."]
    assert added == []


def test_an_addition_needs_no_other_version(measured: Measured) -> None:
    table = copy.deepcopy(measured[0])
    del table["functions"]["latch_close"]
    said = str(problem(table, measured[0]))
    assert said.startswith("latch_close is new in functions.\n")
    assert "the version may stay" in said
    assert may_renew(table, measured[0])
    assert differences(table, measured[0])[0] == []


def test_the_script_renews_a_table_where_it_may(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], measured: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(abi_layout, "measure", lambda _: measured)
    table = tmp_path / "table.json"
    old = copy.deepcopy(measured[0])
    moved(old)
    table.write_text(json.dumps(old))
    run = ["--table", str(table)]
    assert abi_layout.main(run) == 1
    assert abi_layout.main([*run, "--write"]) == 1
    assert "Raise RTPCORE_ABI_VERSION in rtpcore/abi.pxd first, or add --unreleased" in capsys.readouterr().out
    assert json.loads(table.read_text()) == old
    assert abi_layout.main([*run, "--write", "--unreleased"]) == 0
    assert json.loads(table.read_text()) == measured[0]
    assert abi_layout.main(run) == 0
