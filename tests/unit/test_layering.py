"""A module imports only from its own layer and from those above it, and no two modules of a layer import each other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]

# From the top, which imports nothing, to the bottom. Modules of one line may import each other without going round.
LAYERS = (
    ("rtpcore.errors", "rtpcore.events", "rtpcore.atomics"),
    ("rtpcore.wire",),
    ("rtpcore.track",),
    ("rtpcore.abi",),
    ("rtpcore.net",),
    ("rtpcore.forward",),
    ("rtpcore.diagnose",),
    ("rtpcore.interface", "rtpcore.ports", "rtpcore.reaper", "rtpcore.relay", "rtpcore.session"),
    ("rtpcore.aio",),
    ("rtpcore.ng",),
    ("rtpcore.cli",),
    ("rtpcore",),  # the public names
)
# These may name the types of the layers below them, for a type checker only.
NAMES_TYPES_BELOW = ("rtpcore.errors", "rtpcore.events")

CYTHON_IMPORT = re.compile(
    r"""^[ \t]*(?:
        from GAP (?P<source>[.\w]+) GAP c?import GAP (?P<names>\([^)]*\)|REST)
        |c?import GAP (?P<modules>REST)
    )""".replace("GAP", r"(?:[ \t]|\\\n)+").replace("REST", r"(?:\\\n|[^\n])*"),
    re.MULTILINE | re.VERBOSE,
)
CYTHON_TEXT = re.compile(r'"""(?:\\.|[^\\])*?"""|#[^\n]*', re.DOTALL)


@dataclass(frozen=True)
class Import:
    line: int
    target: str  # a module of the package, fully named
    for_types_only: bool


def layer_of(module: str) -> int:
    """The index of the layer `module` belongs to; a module that no layer lists is an error."""
    if module == "rtpcore":
        return len(LAYERS) - 1
    for index, names in enumerate(LAYERS[:-1]):
        if any(module == name or module.startswith(f"{name}.") for name in names):
            return index
    raise ValueError(f"{module} stands in no layer: add it to LAYERS, where the data path says.")


def absolute(source: str, module: str, is_package: bool) -> str:
    """The full name of what `module` calls `source`, which may begin with dots."""
    dots = len(source) - len(source.lstrip("."))
    if dots == 0:
        return source
    parts = module.split(".")[: None if is_package and dots == 1 else (1 if is_package else 0) - dots]
    return ".".join([*parts, *filter(None, [source[dots:]])])


def targets(source: str, names: Iterable[str], modules: Iterable[str]) -> list[str]:
    """The modules that `from source import names` reads: submodules by their own name, the rest by `source`."""
    known = set(modules)
    return sorted({f"{source}.{name}" if f"{source}.{name}" in known else source for name in names})


def python_imports(text: str, module: str, is_package: bool, modules: Iterable[str]) -> Iterator[Import]:
    tree = ast.parse(text)
    guarded = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and ast.unparse(block.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")
        for statement in block.body
        for node in ast.walk(statement)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            source = absolute("." * node.level + (node.module or ""), module, is_package)
            found = targets(source, [alias.name for alias in node.names], modules)
        else:
            continue
        yield from (Import(node.lineno, target, id(node) in guarded) for target in found)


def cython_imports(text: str, module: str, is_package: bool, modules: Iterable[str]) -> Iterator[Import]:
    blank = CYTHON_TEXT.sub(lambda match: "\n" * match.group().count("\n"), text)
    for match in CYTHON_IMPORT.finditer(blank):
        line = blank.count("\n", 0, match.start()) + 1
        if match["source"]:
            source = absolute(match["source"], module, is_package)
            names = re.findall(r"(\w+)(?:\s+as\s+\w+)?", match["names"])
            found = targets(source, names, modules)
        else:
            found = [part.split()[0] for part in match["modules"].split(",") if part.strip()]
        yield from (Import(line, target, False) for target in found)


def module_of(path: Path, root: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def read_imports(root: Path) -> dict[Path, list[Import]]:
    """Every import of the package by itself, file by file."""
    paths = sorted(path for path in (root / "rtpcore").rglob("*") if path.suffix in (".py", ".pyi", ".pyx", ".pxd"))
    modules = {module_of(path, root) for path in paths}
    found: dict[Path, list[Import]] = {}
    for path in paths:
        read = python_imports if path.suffix in (".py", ".pyi") else cython_imports
        imports = read(path.read_text(encoding="utf-8"), module_of(path, root), path.stem == "__init__", modules)
        found[path] = [entry for entry in imports if entry.target.split(".")[0] == "rtpcore"]
    return found


def upward(found: Mapping[Path, list[Import]], root: Path) -> list[str]:
    """One sentence for each import that goes against the order of the layers."""
    sentences = []
    for path, imports in found.items():
        module = module_of(path, root)
        for entry in imports:
            if entry.for_types_only and module in NAMES_TYPES_BELOW:
                continue
            if layer_of(entry.target) > layer_of(module):
                place = f"{path.relative_to(root)}:{entry.line}"
                sentences.append(f"{place}: {module} imports {entry.target}, which stands below it.")
    return sentences


def circles(found: Mapping[Path, list[Import]], root: Path) -> list[str]:
    """The first circle of imports inside a layer, if there is one; an `__init__` re-exports and is left out."""
    graph: dict[str, set[str]] = {}
    for path, imports in found.items():
        module = module_of(path, root)
        if path.stem != "__init__":
            same = {entry.target for entry in imports if not entry.for_types_only and entry.target != module}
            graph.setdefault(module, set()).update(
                name for name in same if layer_of(name) == layer_of(module) and not module.startswith(f"{name}.")
            )
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return [f"These import each other: {', '.join(error.args[1])}."]
    return []


def test_no_module_imports_from_below() -> None:
    assert upward(read_imports(CHECKOUT), CHECKOUT) == []


def test_no_modules_of_one_layer_import_each_other() -> None:
    assert circles(read_imports(CHECKOUT), CHECKOUT) == []


def test_the_check_reads_the_package() -> None:
    found = read_imports(CHECKOUT)
    assert {path.suffix for path, imports in found.items() if imports} >= {".py", ".pyx", ".pxd"}


def plant(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("rtpcore/wire/rtp.py", "from rtpcore.track.latch import Latch"),
        ("rtpcore/wire/rtp.py", "def f():\n    import rtpcore.track.latch"),
        ("rtpcore/wire/rtp.py", "from ..track import latch"),
        ("rtpcore/wire/__init__.py", "from ..track import latch"),
        ("rtpcore/wire/rtp.pyi", "from rtpcore.track.latch import Latch"),
        ("rtpcore/wire/rtp.pyx", "# reason\nfrom rtpcore.track.latch cimport (\n    latch_judge,\n)"),
        ("rtpcore/wire/rtp.pyx", "from rtpcore.track cimport latch"),
        ("rtpcore/wire/rtp.pyx", "from libc.string cimport memcpy\nfrom rtpcore.track \\\n    cimport latch"),
        ("rtpcore/wire/rtp.pxd", "cimport rtpcore.track.latch as latch"),
        ("rtpcore/wire/rtp.py", "from rtpcore import Latch"),
        ("rtpcore/errors.py", "from rtpcore.track.latch import Latch"),
        (
            "rtpcore/wire/rtp.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from rtpcore.track.latch import Latch",
        ),
    ],
)
def test_a_planted_upward_import_is_found(tmp_path: Path, name: str, text: str) -> None:
    plant(tmp_path, "rtpcore/track/latch.py", "")
    plant(tmp_path, name, text)
    sentences = upward(read_imports(tmp_path), tmp_path)
    assert len(sentences) == 1
    assert sentences[0].startswith(f"{name}:")
    assert sentences[0].endswith("which stands below it.")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("rtpcore/track/latch.pyx", "from rtpcore.wire.rtp cimport rtp_parse\nfrom rtpcore.errors import ParseError"),
        ("rtpcore/track/latch.pyx", '"""\nfrom rtpcore.relay import Relay\n"""\n# import rtpcore.relay'),
        ("rtpcore/track/latch.py", "from . import policy"),
        ("rtpcore/cli/main.py", "from rtpcore.relay import Relay\nimport rtpcore.session"),
        (
            "rtpcore/events.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from rtpcore.track.latch import Latch",
        ),
    ],
)
def test_an_import_from_above_is_allowed(tmp_path: Path, name: str, text: str) -> None:
    for module in ("wire/rtp", "errors", "relay", "session", "track/policy"):
        plant(tmp_path, f"rtpcore/{module}.py", "")
    plant(tmp_path, name, text)
    assert upward(read_imports(tmp_path), tmp_path) == []


def test_a_planted_circle_is_found(tmp_path: Path) -> None:
    plant(tmp_path, "rtpcore/wire/rtp.pyx", "from rtpcore.wire.rtcp cimport rtcp_parse")
    plant(tmp_path, "rtpcore/wire/rtcp.py", "from rtpcore.wire.rtp import RtpPacket")
    (sentence,) = circles(read_imports(tmp_path), tmp_path)
    assert "rtpcore.wire.rtp" in sentence
    assert "rtpcore.wire.rtcp" in sentence


def test_a_module_that_no_layer_lists_is_an_error(tmp_path: Path) -> None:
    plant(tmp_path, "rtpcore/utils.py", "import rtpcore.errors")
    with pytest.raises(ValueError, match=r"rtpcore\.utils stands in no layer"):
        upward(read_imports(tmp_path), tmp_path)
