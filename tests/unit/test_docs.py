"""Docs and code say the same: lists of names, numbers of rows, files and functions, links, and code that runs."""

from __future__ import annotations

import ast
import builtins
import dataclasses
import enum
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import rtpcore
from rtpcore import events

CHECKOUT = Path(__file__).resolve().parents[2]
DOCS = CHECKOUT / "docs"
SOURCES = CHECKOUT / "rtpcore"
PAGES = sorted(DOCS.glob("*.md"))
NOT_OURS = ("build", "dist", "node_modules", "results")
HEADING = re.compile(r"^(#+) +(.+?)\s*$")
LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
NAME = re.compile(r"`([^`]+)`")
SUFFIXES = (".py", ".pyi", ".pyx", ".pxd")


def markdown_files() -> list[Path]:
    files = (path for path in CHECKOUT.rglob("*.md") if not any(part in NOT_OURS for part in path.parts))
    return sorted(path for path in files if not any(part[0] == "." for part in path.relative_to(CHECKOUT).parts[:-1]))


def prose(text: str) -> str:
    """`text` with fenced blocks blanked, so that line numbers stay."""
    return re.sub(r"^```.*?^```", lambda block: "\n" * block.group().count("\n"), text, flags=re.DOTALL | re.MULTILINE)


def section(page: str, title: str) -> str:
    """What stands under the heading `title`, without deeper headings."""
    lines = iter(prose((DOCS / page).read_text(encoding="utf-8")).splitlines())
    for line in lines:
        found = HEADING.match(line)
        if found and found[2] == title:
            break
    else:
        raise AssertionError(f"{page} has no heading {title!r}.")
    taken = []
    for line in lines:
        if HEADING.match(line):
            break
        taken.append(line)
    return "\n".join(taken)


def rows(page: str, title: str, head: str) -> list[list[str]]:
    """The cells of the tables of a section whose first column is headed `head`."""
    found: list[list[str]] = []
    taking = False
    for line in section(page, title).splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|"):
            taking = False
        elif taking and not set(line) <= set("|-: "):
            found.append(cells)
        elif cells[0] == head:
            taking = True
    assert found, f"{page} has no table headed {head!r} under {title!r}."
    return found


def listed(page: str, title: str, head: str) -> list[str]:
    """The names in the first column of such tables."""
    return [name for cells in rows(page, title, head) for name in NAME.findall(cells[0])]


def fields(cls: type) -> list[str]:
    assert dataclasses.is_dataclass(cls)
    return [field.name for field in dataclasses.fields(cls)]


# Lists -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "title", "head", "members"),
    [
        ("statistics.md", "Drop reasons", "reason", rtpcore.Reason),
        ("latching.md", "States", "state", rtpcore.LatchState),
        ("statistics.md", "SourceState", "state", rtpcore.SourceState),
        ("statistics.md", "SourceVerdict", "verdict", rtpcore.SourceVerdict),
    ],
)
def test_every_member_is_listed_once_and_in_order(
    page: str, title: str, head: str, members: type[enum.IntEnum]
) -> None:
    assert listed(page, title, head) == [member.name for member in members]


@pytest.mark.parametrize(
    ("title", "cls"),
    [
        ("LegStats", rtpcore.LegStats),
        ("FlowStats", rtpcore.FlowStats),
        ("Reported", rtpcore.Reported),
        ("SourceStats", rtpcore.SourceStats),
    ],
)
def test_every_field_is_listed_once(title: str, cls: type) -> None:
    assert sorted(listed("statistics.md", title, "field")) == sorted(fields(cls))


def test_every_column_is_listed_once() -> None:
    names = rtpcore.STATS_DTYPE.names or ()
    assert sorted(listed("statistics.md", "STATS_DTYPE", "column")) == sorted(names)


def test_every_method_of_the_table_of_sources_is_listed_once() -> None:
    public = [name for name in vars(rtpcore.SsrcTable) if name[0] != "_"]
    assert sorted(listed("statistics.md", "Sources without a relay", "method")) == sorted(public)


def test_every_event_is_listed_with_its_name() -> None:
    classes = [value for name in events.__all__ if isinstance(value := getattr(events, name), type)]
    expected = {cls.__name__: cls.name for cls in classes if issubclass(cls, events.Event) and cls is not events.Event}
    table = rows("latching.md", "Events", "event")
    assert {NAME.findall(cells[0])[0]: NAME.findall(cells[1])[0] for cells in table} == expected
    assert len(table) == len(expected)


def test_every_detail_of_an_event_is_listed() -> None:
    source = (SOURCES / "track" / "event.pyx").read_text(encoding="utf-8")
    details = set(re.findall(r'DETAIL_\w+: "(\w+)"', source))
    assert details
    last = {name for cells in rows("latching.md", "Events", "event") for name in NAME.findall(cells[-1])}
    assert details == {name for name in last if re.fullmatch("[a-z_]+", name) and name != "rtcp_ineligible"}
    assert "RTCP_INELIGIBLE" in rtpcore.Reason.__members__


# Policy ----------------------------------------------------------------------------------------------------------


def knobs() -> list[str]:
    """The parameters of LatchPolicy, from its stub, which stubtest holds to the compiled class."""
    tree = ast.parse((SOURCES / "track" / "latch" / "policy.pyi").read_text(encoding="utf-8"))
    (init,) = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == "__init__")
    return [argument.arg for argument in (*init.args.args[1:], *init.args.kwonlyargs)]


def test_every_knob_is_listed_with_its_default() -> None:
    policy = rtpcore.LatchPolicy()
    table = {
        NAME.findall(cells[0])[0]: NAME.findall(cells[1])[0]
        for cells in rows("latching.md", "Profiles and knobs", "knob")
    }
    assert table == {name: str(getattr(policy, name)) for name in knobs()}


def test_every_profile_is_listed_with_what_it_sets() -> None:
    table = rows("latching.md", "Profiles and knobs", "profile")
    source = (SOURCES / "track" / "latch" / "policy.pyx").read_text(encoding="utf-8")
    (literal,) = re.findall(r"PROFILES = (\{.*?^\})", source, re.DOTALL | re.MULTILINE)
    assert [NAME.findall(cells[0])[0] for cells in table] == list(ast.literal_eval(literal))
    for name, *said in ([NAME.findall(cell)[0] for cell in cells[:4]] for cells in table):
        policy = rtpcore.LatchPolicy(name)
        assert said == [policy.receive_from, policy.send_to, policy.ssrc_change], name


@pytest.mark.parametrize("knob", ["receive_from", "send_to", "ssrc_change", "pre_answer", "kernel_lock"])
def test_the_values_of_a_knob_are_those_it_takes(knob: str) -> None:
    (said,) = (
        NAME.findall(cells[2]) for cells in rows("latching.md", "Profiles and knobs", "knob") if f"`{knob}`" in cells[0]
    )
    nonsense: dict[str, Any] = {knob: "nonsense"}
    with pytest.raises(rtpcore.ConfigurationError) as refusal:
        rtpcore.LatchPolicy(**nonsense)
    assert sorted(said) == str(refusal.value).rstrip(".").partition("one of ")[2].split(", ")


# Transitions -----------------------------------------------------------------------------------------------------


def rows_in_code() -> set[int]:
    table = (SOURCES / "track" / "latch" / "transition.pyx").read_text(encoding="utf-8")
    numbers = {int(number) for number in re.findall(r"= transition\((\d+),", table)} - {0}
    operations = (SOURCES / "track" / "latch" / "latch.pyx").read_text(encoding="utf-8")
    for comment in re.findall(r"#.*?\b[Rr]ows? (\d+(?:(?:, | and )\d+)*)", operations):
        numbers |= {int(number) for number in re.findall(r"\d+", comment)}
    return numbers


def test_the_rows_are_those_of_the_code() -> None:
    said = {int(cells[0]) for cells in rows("latching.md", "Transitions", "row") if cells[0].isdecimal()}
    assert said == rows_in_code()


def test_the_table_is_in_the_order_in_which_the_code_asks() -> None:
    table = (SOURCES / "track" / "latch" / "transition.pyx").read_text(encoding="utf-8")
    code = re.findall(r"= transition\((\d+),", table)
    said = [cells[0].replace("-", "0") for cells in rows("latching.md", "Transitions", "row")]
    assert said[0] == "8"  # the steady part of row 8, before the table
    assert said[1 : 1 + len(code)] == code


# Names, files, links ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def words() -> set[str]:
    """Every word of the package's sources, every name of a module, and names that only exist when it runs."""
    paths = [path for path in SOURCES.rglob("*") if path.suffix in SUFFIXES]
    found = {word for path in paths for word in re.findall(r"\w+", path.read_text(encoding="utf-8"))}
    found |= {path.stem for path in paths} | {SOURCES.name} | set(dir(builtins))
    return found | set(rtpcore.STATS_DTYPE.names or ()) | {reason.name.lower() for reason in rtpcore.Reason}


def identifiers(text: str) -> Iterator[str]:
    """Names in backquotes that can only be names of code: with an underscore, a dot or a capital inside."""
    for code in NAME.findall(text):
        name = code.split("=")[0].split("(")[0]
        if re.fullmatch(r"[A-Za-z]\w*(\.\w+)*", name) and re.search(r"_|\.|[a-z][A-Z]", name):
            yield name


@pytest.mark.parametrize("page", [path for path in PAGES if path.name != "benchmarks.md"], ids=lambda path: path.name)
def test_every_name_exists(page: Path, words: set[str]) -> None:
    text = prose(page.read_text(encoding="utf-8"))
    names = {name for name in identifiers(text) if not name.endswith(SUFFIXES)}
    assert {name for name in names if not set(name.split(".")) <= words} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_every_file_exists(page: Path) -> None:
    named = [name for name in NAME.findall(prose(page.read_text(encoding="utf-8"))) if name.endswith(SUFFIXES)]
    assert [name for name in named if not any((root / name).is_file() for root in (SOURCES, CHECKOUT))] == []


def anchors(path: Path) -> set[str]:
    """The anchors of a page as GitHub makes them."""
    titles = (HEADING.match(line) for line in prose(path.read_text(encoding="utf-8")).splitlines())
    return {re.sub(r"[^\w\- ]", "", title[2].lower()).replace(" ", "-") for title in titles if title}


def broken_links(path: Path) -> Iterator[str]:
    for target in LINK.findall(prose(path.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, fragment = target.partition("#")
        other = (path.parent / name).resolve() if name else path
        if not other.exists() or (fragment and fragment not in anchors(other)):
            yield target


@pytest.mark.parametrize("path", markdown_files(), ids=lambda path: path.relative_to(CHECKOUT).as_posix())
def test_every_relative_link_resolves(path: Path) -> None:
    assert list(broken_links(path)) == []


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A page, *here*\n[1](page.md#a-page-here) [2](#nowhere) [3](gone.md) [4](https://example.org)\n")
    assert list(broken_links(page)) == ["#nowhere", "gone.md"]


def test_every_page_is_in_the_index() -> None:
    linked = {target.partition("#")[0] for target in LINK.findall((DOCS / "README.md").read_text(encoding="utf-8"))}
    assert {path.name for path in PAGES if path.name != "README.md"} <= linked


# Code ------------------------------------------------------------------------------------------------------------


def python_blocks() -> list[tuple[str, int, str]]:
    """Page, line and text of each block."""
    found: list[tuple[str, int, str]] = []
    for path in [CHECKOUT / "README.md", *PAGES]:
        text = path.read_text(encoding="utf-8")
        blocks = re.finditer(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
        found += [(path.name, text.count("\n", 0, block.start(1)) + 1, block[1]) for block in blocks]
    return found


@pytest.mark.parametrize(
    ("page", "line", "text"), python_blocks(), ids=[f"{page}:{line}" for page, line, _ in python_blocks()]
)
def test_every_python_block_runs(page: str, line: int, text: str) -> None:
    tree = ast.parse(text, filename=page)
    ast.increment_lineno(tree, line - 1)
    exec(compile(tree, page, "exec"), {"__name__": "__main__"})
